// store.test.mjs -- a store moved from SQLite to PostgreSQL and back: its runs
// are the same, and go on.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  answers, call, createRun, finishedRun, freePort, lookAtRun, run, SMALL_NETWORKS, start, tempDir, tinyDataset, until, up,
} from './harness.mjs';
import { postgres } from './postgres_server.mjs';

const SETTINGS = {
  population: 6, generations: 3, epochs: 20, train_limit: 0, final_epochs: 1, seed: 7, inherit: true, kernels: 'simd128-2',
  ...SMALL_NETWORKS,
};

async function place(t) {
  const [genome, evolutioner] = [await freePort(), await freePort()];
  start(t, ['genome', '--port', String(genome)]);
  start(t, ['evolutioner', '--port', String(evolutioner), '--data-dir', tempDir(t), '--slots', '2']);
  return async (args) => {
    const port = await freePort();
    const process = start(t, ['broker', '--port', String(port), '--genome', `http://127.0.0.1:${genome}`,
      '--evolutioner', `http://127.0.0.1:${evolutioner}`, ...args]);
    const one = { broker: `http://127.0.0.1:${port}`, process };
    await until('the broker to be there', () => answers(`${one.broker}/healthz`));
    return one;
  };
}

async function end(one, signal) {
  one.process.child.kill(signal);
  await one.process.ended;
}

async function copy(t, from, to) {
  const done = await run(t, ['store', 'copy', from, to, '--json']);
  assert.equal(done.code, 0, done.err);
  return JSON.parse(done.out);
}

// Runs and what they came to, the champions' bytes included.
async function content(one, uuids) {
  const all = [];
  for (const uuid of uuids) {
    const { json } = await call(`${one.broker}/v1/runs/${uuid}`);
    const bytes = Buffer.from(await (await fetch(`${one.broker}/v1/runs/${uuid}/champion.safetensors`)).arrayBuffer());
    const { json: events } = await call(`${one.broker}/v1/runs/${uuid}/genomes?limit=1000`);
    all.push({ digest: json.digest, state: json.state, genomes: events,
      weights: json.state === 'finished' && createHash('sha256').update(bytes).digest('hex') });
  }
  return all;
}

test('runs go from SQLite to PostgreSQL and back, and on where they were', async (t) => {
  const store = await postgres(t);
  if (!store) return t.skip('no PostgreSQL here');
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await up(t);
  const twin = (await finishedRun(services, await createRun(services, { ...SETTINGS, dataset, generations: 4 }))).digest;

  const begin = await place(t);
  const [first, last] = [tempDir(t), join(tempDir(t), 'new')];
  let broker = await begin(['--data-dir', first]);
  const done = await createRun(broker, { ...SETTINGS, dataset });
  await finishedRun(broker, done);
  const before = await content(broker, [done]);
  const middle = await createRun(broker, { ...SETTINGS, dataset, generations: 4 });
  await until('scores', async () => (await lookAtRun(broker, middle))?.evaluations >= 8, 120);

  // Not while it is in use.
  const early = await run(t, ['store', 'copy', first, store]);
  assert.equal(early.code, 1);
  assert.match(early.err, /FROM: another broker uses this data directory/);
  await end(broker, 'SIGKILL');

  const there = await copy(t, first, store);
  assert.deepEqual([there.runs, there.digests, there.missing], [2, 1, 0]);
  assert.ok(there.blobs >= 2 && there.bytes > 0);
  broker = await begin(['--store', store, '--data-dir', tempDir(t)]);
  assert.deepEqual(await content(broker, [done]), before);
  assert.equal((await finishedRun(broker, middle)).digest, twin);
  const both = await content(broker, [done, middle]);
  await end(broker, 'SIGTERM');

  mkdirSync(last);
  const back = await copy(t, store, last);
  assert.deepEqual([back.runs, back.digests, back.missing], [2, 2, 0]);
  broker = await begin(['--data-dir', last]);
  assert.deepEqual(await content(broker, [done, middle]), both);

  // What has runs is not written to.
  const again = await run(t, ['store', 'copy', first, store]);
  assert.equal(again.code, 1);
  assert.match(again.err, /TO: it has \d+ rows already/);
});

test('a copy that is killed leaves nothing, and one that names no store says so', async (t) => {
  const from = tempDir(t);
  const made = spawnSync(process.env.NEVOD_BIG_RUN, [`sqlite:${from}/nevod.db`, '6000']);
  assert.equal(made.status, 0, String(made.stderr));
  const to = join(tempDir(t), 'to.db');
  const killed = start(t, ['store', 'copy', from, to]);
  killed.child.stderr.on('data', () => killed.child.kill('SIGKILL')); // at its first line of rows
  await killed.ended;
  assert.equal(killed.code, null);
  assert.match(killed.err, /^rows: 100 of \d+/);
  const whole = await copy(t, from, to);
  assert.deepEqual([whole.runs, whole.digests], [1, 1]);
  assert.ok(whole.rows > 12000);
  assert.equal(whole.missing, 1, 'its weights were made up');

  const none = await run(t, ['store', 'copy', join(from, 'none.db'), join(from, 'x.db')]);
  assert.match(none.err, /there is no store .*none\.db/);
  const same = await run(t, ['store', 'copy', from, join(from, 'nevod.db')]);
  assert.match(same.err, /FROM and TO are the same store/);
  const odd = await run(t, ['store', 'move', from]);
  assert.match(odd.err, /it is: nevod store copy FROM TO/);
});
