// takeover.mjs [KILLS] [STOPS] -- two brokers on one PostgreSQL: the one that
// leads is killed, or stopped and woken later, again and again, while runs go
// on. Each must end with its twin's digest. Prints how long it took until the
// other led, and until it had committed a result: median and maximum.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import {
  answers, call, createRun, finishedRun, freePort, lookAtRun, NEVOD, sleep, SMALL_NETWORKS, start, tempDir, tinyDataset, until, up,
} from '../e2e/harness.mjs';
import { postgres } from '../e2e/postgres_server.mjs';

const kills = Number(process.argv[2] ?? 30), stops = Number(process.argv[3] ?? 0);
const MOST_S = 15;
const SETTINGS = {
  population: 8, generations: 6, epochs: 4, train_limit: 0, final_epochs: 1, seed: 7, inherit: true, kernels: 'simd128-2',
  ...SMALL_NETWORKS,
};

// What a test would have: what is to be ended at the end, the last first.
const ends = [];
const t = { after: (end) => ends.unshift(end) };

const store = await postgres(t);
assert.ok(store, 'there is no PostgreSQL here');
const dataset = tinyDataset(join(tempDir(t), 'tiny'), { train: 600 });
const calm = await up(t);
const twin = (await finishedRun(calm, await createRun(calm, { ...SETTINGS, dataset }))).digest;
calm.proc.child.kill('SIGTERM');
await calm.proc.ended;

const genome = await freePort(), nobody = await freePort();
start(t, ['genome', '--port', `${genome}`]);
const brokers = [];
for (let i = 0; i < 2; i++) {
  const port = await freePort();
  brokers.push({ port, broker: `http://127.0.0.1:${port}`, dataDir: tempDir(t) });
}
const both = brokers.flatMap((b) => ['--broker', b.broker]);
start(t, ['evolutioner', '--port', '0', '--data-dir', tempDir(t), '--slots', '1', ...both]);
start(t, ['evolutioner', '--port', '0', '--data-dir', tempDir(t), '--slots', '1', '--pull', ...both]);

function begin(one) {
  const child = spawn(NEVOD, ['broker', '--quiet', '--data-dir', one.dataDir, '--store', store, '--port', `${one.port}`,
    '--genome', `http://127.0.0.1:${genome}`, '--evolutioner', `http://127.0.0.1:${nobody}`], { stdio: 'ignore' });
  one.child = child;
  one.ended = new Promise((done) => child.once('exit', done));
  return until('a broker to be there', () => answers(`${one.broker}/healthz`));
}
t.after(() => Promise.all(brokers.map((b) => { b.child?.kill('SIGKILL'); return b.ended; })));

const leads = async (one) => {
  const answer = await fetch(`${one.broker}/metrics`).catch(() => null);
  return /^nevod_leads 1$/m.test(await answer?.text() ?? '');
};
const evaluations = async (one, uuid) => (await lookAtRun(one, uuid).catch(() => null))?.evaluations ?? -1;

let [leader, other] = brokers, uuid = null, runs = 0;

// A run that goes on, with some results since whatever was before.
async function going() {
  for (;;) {
    const run = uuid && await lookAtRun(leader, uuid).catch(() => null);
    if (run?.state === 'finished') {
      assert.equal(run.digest, twin);
      runs++;
      uuid = null;
    }
    uuid ??= await until('a run to be created', () => createRun(leader, { ...SETTINGS, dataset }).catch(() => null));
    const before = await evaluations(leader, uuid);
    await until('a result', async () =>
      await evaluations(leader, uuid) > before || (await lookAtRun(leader, uuid))?.state === 'finished', 120);
    // Enough is left of it that somebody has to go on.
    if (before >= 0 && before < 30) return;
    await sleep(20);
  }
}

async function fault(signal) {
  await until('the other to stand by', () => answers(`${other.broker}/healthz`));
  await going();
  await sleep(Math.random() * 500);
  const since = Date.now();
  leader.child.kill(signal);
  if (signal === 'SIGKILL') await leader.ended;
  const before = await evaluations(other, uuid);
  await until('the other to lead', () => leads(other), 60);
  const led = (Date.now() - since) / 1000;
  // The last thing that a run does, its champion's training, is no evaluation.
  let run;
  await until('a result', async () => {
    run = await lookAtRun(other, uuid).catch(() => null);
    return run?.evaluations > before || run?.state === 'finished';
  }, 60).catch((e) => assert.fail(`${e.message} after ${before}: ${JSON.stringify(run)}`));
  const saved = (Date.now() - since) / 1000;
  if (signal === 'SIGSTOP') {
    leader.child.kill('SIGCONT');
    assert.equal(await leader.ended, 1, 'one that wakes to another ends');
  }
  [leader, other] = [other, leader];
  await begin(other);
  console.log(`${signal} led ${led.toFixed(2)} s, result ${saved.toFixed(2)} s`);
  return { led, saved };
}

const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function report(what, all) {
  if (!all.length) return;
  for (const [name, key] of [['the other leads', 'led'], ['a result is committed', 'saved']]) {
    const list = all.map((x) => x[key]);
    console.log(`${what} x${all.length}, ${name}: median ${middle(list).toFixed(1)} s, at most ${Math.max(...list).toFixed(1)} s`);
  }
  assert.ok(Math.max(...all.map((x) => x.led)) <= MOST_S, `followed within ${MOST_S} s`);
}

let status = 0;
try {
  await begin(leader);
  await begin(other);
  await until('the workers', async () =>
    (await call(`${leader.broker}/v1/workers`)).json.items.filter((w) => w.state === 'ready').length === 2);
  const killed = [], stopped = [];
  for (let i = 0; i < kills; i++) killed.push(await fault('SIGKILL'));
  for (let i = 0; i < stops; i++) stopped.push(await fault('SIGSTOP'));
  assert.equal((await until('the last run to end', async () => {
    const run = await lookAtRun(leader, uuid);
    return run?.state === 'finished' && run;
  }, 300)).digest, twin);
  console.log(`${runs + 1} runs, each with its twin's digest (${cpus()[0].model}, ${cpus().length} cores)`);
  report('killed', killed);
  report('stopped', stopped);
} catch (e) {
  console.error(e);
  status = 1;
}
for (const end of ends) await end();
process.exit(status);
