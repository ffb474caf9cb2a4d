// chaos.mjs [FAULTS] [SEED] [KIND,...] -- one fault after another while runs go on: every
// run must end with its twin's digest, and results must come again soon.
//
// Each fault is a line: its number, when it began, what it was and whom it hit,
// and how long after it (or after its end, of one that lasts) the next result
// was committed.
import assert from 'node:assert/strict';
import { call, createRun, finishedRun, lookAtRun, sleep, SMALL_NETWORKS, until } from '../e2e/harness.mjs';
import { Cluster, KERNELS } from './cluster.mjs';

const faults = Number(process.argv[2] ?? 24), seed = Number(process.argv[3] ?? 1);
const only = process.argv[4]?.split(',');
const MOST_S = 30;
const SETTINGS = {
  population: 8, generations: 6, epochs: 4, train_limit: 0, final_epochs: 1, seed: 7, rungs: 2, kernels: KERNELS,
  ...SMALL_NETWORKS,
};

// mulberry32: the same seed, the same faults.
let state = seed;
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};
const below = (n) => Math.floor(random() * n);
const one = (list) => list[below(list.length)];

const signal = (pid, name) => {
  try {
    process.kill(pid, name);
  } catch { /* it has just ended */ }
};

// Stopped for a while; a service that a supervisor watches would be killed.
async function stopped(pid, seconds) {
  signal(pid, 'SIGSTOP');
  await sleep(1000 * seconds);
  signal(pid, 'SIGCONT');
}

// Each gives the name of its victim, after the fault has ended.
const KINDS = {
  'kill broker': (c) => c.services.broker.signal('SIGKILL'),
  'kill genome': (c) => c.services.genome.signal('SIGKILL'),
  'kill worker': (c) => one(c.workers).kept.signal('SIGKILL'),
  'kill training': (c) => c.trainings().slice(0, 1).forEach((pid) => signal(pid, 'SIGKILL')),
  'stop broker': (c) => stopped(c.services.broker.child.pid, 3),
  'stop genome': (c) => stopped(c.services.genome.child.pid, 3),
  'stop worker': (c) => stopped(one(c.workers).kept.child.pid, 5),
  'stop training': (c) => c.trainings().slice(0, 1).forEach((pid) => signal(pid, 'SIGSTOP')),
  'cut link': async (c) => {
    const { link } = one(c.workers);
    link.cut(true);
    await sleep(4000);
    link.cut(false);
  },
  'slow training': async (c) => {
    const pids = c.trainings();
    for (let i = 0; i < 10; i++) {
      await Promise.all(pids.map((pid) => stopped(pid, 0.45)));
      await sleep(50);
    }
  },
  'drain and join': async (c) => {
    const [worker] = c.workers.splice(below(c.workers.length), 1);
    await c.join();
    assert.equal(await worker.kept.leave(), 0, 'a worker that drains ends well');
    worker.link.close();
  },
};

// -- runs, one after another --

class Runs {
  constructor(cluster) {
    Object.assign(this, { cluster, ended: 0, wanted: true, results: 0 });
  }

  async digest() {
    return (await finishedRun(this.cluster, await this.create())).digest;
  }

  create() {
    return until('a run to be created', async () => {
      try {
        return await createRun(this.cluster, { ...SETTINGS, dataset: this.cluster.dataset });
      } catch {
        return null; // the broker is away
      }
    });
  }

  // Until nobody wants more; each is compared with its twin.
  async go(expected) {
    while (this.wanted) {
      const uuid = await this.create(), before = this.results;
      for (;;) {
        const run = await lookAtRun(this.cluster, uuid);
        if (run?.evaluations !== undefined) this.results = before + run.evaluations;
        assert.notEqual(run?.state, 'failed', run?.error);
        if (run?.state === 'finished') {
          assert.equal(run.digest, expected, 'a run has ended with another digest');
          break;
        }
        await sleep(50);
      }
      this.ended += 1;
    }
  }
}

// -- the loop --

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function strike(cluster, runs, number) {
  const kind = one(only ?? Object.keys(KINDS)), at = new Date().toISOString();
  await KINDS[kind](cluster);
  const before = runs.results, began = performance.now();
  await until(`a result after "${kind}"`, () => runs.results > before, MOST_S);
  const seconds = (performance.now() - began) / 1000;
  console.log(`${String(number).padStart(4)}  ${at}  ${kind.padEnd(15)}  ${seconds.toFixed(1)} s`);
  return seconds;
}

const cluster = await new Cluster().open(3);
let rc = 0;
try {
  const calm = new Runs(cluster), runs = new Runs(cluster), times = [];
  const expected = await calm.digest();
  console.log(`seed ${seed}, ${faults} faults, the twin's digest ${expected}`);
  const going = runs.go(expected).catch((e) => {
    runs.error = e;
  });
  await until('a first result', () => runs.results > 0);
  for (let i = 1; i <= faults && !runs.error; i++) {
    await sleep(200 + below(1000));
    times.push(await strike(cluster, runs, i));
  }
  runs.wanted = false;
  await Promise.race([going, sleep(120000).then(() => assert.fail('the last run does not end'))]);
  if (runs.error) throw runs.error;
  const { json } = await call(`${cluster.broker}/v1/workers`);
  console.log(json.items.map((w) => `${w.id} ${w.state}`).join(', '));
  console.log(`${faults} faults, ${runs.ended} runs, each with its twin's digest; to the next result: median ` +
    `${median(times).toFixed(1)} s, at most ${Math.max(...times).toFixed(1)} s`);
} catch (e) {
  console.error(e);
  rc = 1;
} finally {
  await cluster.close(rc !== 0);
}
process.exit(rc);
