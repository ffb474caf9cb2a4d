// postgres.test.mjs -- a broker whose rows PostgreSQL keeps: killed, followed by
// another, stopped and woken again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  answers, call, createRun, finishedRun, freePort, lookAtRun, sleep, SMALL_NETWORKS, start, tempDir, tinyDataset, until, up,
} from './harness.mjs';
import { postgres } from './postgres_server.mjs';

const SETTINGS = {
  population: 6, generations: 4, epochs: 20, train_limit: 0, final_epochs: 1, seed: 7, kernels: 'simd128-2', ...SMALL_NETWORKS,
};

// What brokers share, and a way to start one.
async function place(t, store) {
  const [genome, evolutioner] = [await freePort(), await freePort()];
  const dataDir = tempDir(t);
  start(t, ['genome', '--port', String(genome)]);
  start(t, ['evolutioner', '--port', String(evolutioner), '--data-dir', tempDir(t), '--slots', '2']);
  return async () => {
    const port = await freePort();
    const process = start(t, ['broker', '--data-dir', dataDir, '--store', store, '--port', String(port),
      '--genome', `http://127.0.0.1:${genome}`, '--evolutioner', `http://127.0.0.1:${evolutioner}`]);
    return { broker: `http://127.0.0.1:${port}`, process };
  };
}

const serves = (one) => until('the broker to be there', () => answers(`${one.broker}/healthz`));
const leads = (one) => until('it to lead', async () => (await call(`${one.broker}/readyz`)).status === 200);
const scores = (one, uuid, n) => until(`${n} scores`, async () => (await lookAtRun(one, uuid))?.evaluations >= n, 120);

test('a run on PostgreSQL goes on under another broker, by the digest of one on SQLite', async (t) => {
  const store = await postgres(t);
  if (!store) return t.skip('no PostgreSQL here');
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await up(t);
  const expected = (await finishedRun(services, await createRun(services, { ...SETTINGS, dataset }))).digest;

  const begin = await place(t, store);
  const first = await begin();
  await serves(first);
  const uuid = await createRun(first, { ...SETTINGS, dataset });
  await scores(first, uuid, 2);

  // Once it is killed, another leads at once.
  first.process.child.kill('SIGKILL');
  await first.process.ended;
  const second = await begin();
  await serves(second);
  await leads(second);
  await scores(second, uuid, 8);

  // One that hangs is followed when it has been silent, and wakes to nothing:
  // it ends.
  const third = await begin();
  await serves(third);
  second.process.child.kill('SIGSTOP');
  await leads(third);
  second.process.child.kill('SIGCONT');
  await second.process.ended;
  assert.equal(second.process.code, 1);
  assert.match(second.process.err, /deposed.*another broker has taken the lead/);
  const run = await finishedRun(third, uuid);
  assert.equal(run.digest, expected);
});
