// chaos.mjs [FAULTS] [SEED] [KIND,...] [ENGINE,...]... -- one fault after another while runs go on, as many
// of each kind: every run must end with its twin's digest, and results must come again
// soon.  Of 500 faults each of 16 kinds has at least 31.  Without kinds ("") all that are
// possible; engines that the cluster stands on are http, queue, queue3 (of three servers)
// and postgres.  Clusters on several lists of engines have the faults one after another, in
// shares, and between them as many of each kind as can be.
//
// Each fault is a line: its number, when it began, what it was, and how long
// after it (or after its end, of one that lasts) the next result was committed.
// With NEVOD_OWN_MOUNTS the process may mount what it likes (unshare -m).
import assert from 'node:assert/strict';
import { call, createRun, lookAtRun, sleep, SMALL_NETWORKS, until } from '../e2e/harness.mjs';
import { Cluster, KERNELS } from './cluster.mjs';
import { KINDS, possible } from './kinds.mjs';

const faults = Number(process.argv[2] ?? 24), seed = Number(process.argv[3] ?? 1);
const only = process.argv[4] ? process.argv[4].split(',') : null;
const lists = process.argv.length > 5 ? process.argv.slice(5) : ['http'];
const WIDTH = 28; // of the longest name of a kind
// To the next result: after each, and, of so many that it says something, in the middle.
const MOST_S = 30, MEDIAN_MOST_S = 3, MANY = 100;
// Where one may lie, two must agree.
const SETTINGS = {
  population: 8, generations: 6, epochs: 4, train_limit: 0, final_epochs: 1, seed: 7, rungs: 2, kernels: KERNELS,
  verify_share: 1, ...SMALL_NETWORKS,
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

// -- runs, one after another --

class Runs {
  constructor(cluster) {
    Object.assign(this, { cluster, ended: 0, wanted: true, results: 0, before: 0 });
  }

  async digest() {
    const uuid = await this.create();
    return (await until('the calm run to finish', async () => {
      const run = await lookAtRun(this.cluster, uuid);
      assert.notEqual(run?.state, 'failed', run?.error);
      return run?.state === 'finished' && run;
    }, 600)).digest;
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

  // How many results there are by now, if the broker says; else by the last look.
  async count() {
    const run = this.uuid && await lookAtRun(this.cluster, this.uuid);
    return Math.max(this.results, this.before + (run?.evaluations ?? 0));
  }

  // Until nobody wants more; each is compared with its twin.
  async go(expected) {
    while (this.wanted) {
      Object.assign(this, { before: this.results, uuid: await this.create() });
      for (;;) {
        const run = await lookAtRun(this.cluster, this.uuid);
        if (run?.evaluations !== undefined) this.results = this.before + run.evaluations;
        assert.notEqual(run?.state, 'failed', run?.error);
        assert.notEqual(run?.state, 'paused', run?.error);
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

// One of those that came least, whatever the cluster stood on.
function next(kinds) {
  const times = (kind) => struck.filter((s) => s.kind === kind).length;
  const least = Math.min(...kinds.map(times));
  return one(kinds.filter((kind) => times(kind) === least));
}

async function strike(cluster, runs, number, kind) {
  const at = new Date().toISOString();
  await KINDS[kind](cluster, one);
  const began = performance.now(), before = await runs.count();
  await until(`a result after fault ${number}, "${kind}"`, () => runs.error || runs.results > before, MOST_S);
  const seconds = (performance.now() - began) / 1000;
  console.log(`${String(number).padStart(4)}  ${at}  ${kind.padEnd(WIDTH)}  ${seconds.toFixed(1)} s`);
  return { kind, seconds, on: cluster.on };
}

const timesOf = (struck) => struck.map(({ seconds }) => seconds).sort((a, b) => a - b);
const median = (times) => times[Math.floor(times.length / 2)];

function figures(struck) {
  const times = timesOf(struck);
  return `median ${median(times).toFixed(1)} s, at most ${times.at(-1).toFixed(1)} s`;
}

function report(list) {
  const those = struck.filter(({ on }) => on === list);
  if (!those.length) return;
  for (const kind of [...new Set(those.map(({ kind: k }) => k))].sort()) {
    const ofKind = those.filter(({ kind: k }) => k === kind);
    console.log(`${kind.padEnd(WIDTH)}  ${String(ofKind.length).padStart(3)}  ${figures(ofKind)}`);
  }
  console.log(`on ${list}: ${those.length} faults, ${ended[list]} runs, each with its twin's digest; to the next result: ${figures(those)}`);
  if (those.length < MANY) return;
  assert.ok(median(timesOf(those)) < MEDIAN_MOST_S, `half of all faults cost more than ${MEDIAN_MOST_S} s`);
}

// Whoever has no more time is told of the faults so far.
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { stopped = true; });

async function loop(cluster, n) {
  const runs = new Runs(cluster), kinds = only ?? possible(cluster);
  expected ??= await new Runs(cluster).digest(); // of a run that nothing befalls, on whatever came first
  console.log(`on ${cluster.on}: seed ${seed}, ${n} faults, the twin's digest ${expected}`);
  const going = runs.go(expected).catch((e) => {
    runs.error = e;
  });
  await until('a first result', () => runs.error || runs.results > 0);
  for (let i = 1; i <= n && !runs.error && !stopped; i++) {
    await sleep(200 + below(1000));
    struck.push(await strike(cluster, runs, i, next(kinds)));
  }
  runs.wanted = false;
  await Promise.race([going, sleep(120000).then(() => assert.fail('the last run does not end'))]);
  if (runs.error) throw runs.error;
  ended[cluster.on] = runs.ended;
  const { json } = await call(`${cluster.broker}/v1/workers`);
  console.log(json.items.map((w) => `${w.id} ${w.state}`).join(', '));
}

// Its log stays where it did not go well.
async function put(list, n) {
  const cluster = new Cluster();
  let well = false;
  try {
    await cluster.open(3, random, { mounts: Boolean(process.env.NEVOD_OWN_MOUNTS), on: list });
    await loop(cluster, n);
    well = true;
  } finally {
    await cluster.close(!well);
  }
  report(list);
}

const struck = [], ended = {};
let expected;
try {
  for (const [i, list] of lists.entries()) {
    const share = Math.floor(faults * (i + 1) / lists.length) - Math.floor(faults * i / lists.length);
    if (!stopped) await put(list, share);
  }
  console.log(`${struck.length} faults of ${new Set(struck.map(({ kind }) => kind)).size} kinds`);
  if (stopped) console.log(`stopped before fault ${struck.length + 1} of ${faults}`);
} catch (e) {
  console.error(e);
  stopped = true;
}
process.exit(stopped ? 1 : 0);
