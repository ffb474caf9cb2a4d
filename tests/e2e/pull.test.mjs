// pull.test.mjs -- evolutioners that call their broker and are never called.
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  answers, call, createRun, finishedRun, freePort, lookAtRun, start, SMALL_NETWORKS, tempDir, tinyDataset, until, up,
} from './harness.mjs';

const SETTINGS = {
  population: 6, generations: 4, epochs: 30, train_limit: 0, final_epochs: 1, seed: 7, kernels: 'simd128-2',
  ...SMALL_NETWORKS,
};

// A broker and a genome service that know of no evolutioner but one that is
// not there.
async function broker(t) {
  const [port, genome, nobody] = [await freePort(), await freePort(), await freePort()];
  start(t, ['genome', '--port', String(genome)]);
  start(t, ['broker', '--data-dir', tempDir(t), '--port', String(port),
    '--genome', `http://127.0.0.1:${genome}`, '--evolutioner', `http://127.0.0.1:${nobody}`]);
  const url = `http://127.0.0.1:${port}`;
  await until('the broker to be there', () => answers(`${url}/healthz`));
  await until('the genome service to be there', () => answers(`http://127.0.0.1:${genome}/healthz`));
  return { broker: url };
}

async function puller(t, services, extra = []) {
  return start(t, ['evolutioner', '--pull', '--broker', services.broker, '--port', String(await freePort()),
    '--data-dir', tempDir(t), '--slots', '1', ...extra]);
}

const workers = async (services) =>
  (await call(`${services.broker}/v1/workers`)).json.items.filter(({ url }) => url.startsWith('pull://'));
const ready = (services, n) => until(`${n} workers to be ready`, async () =>
  (await workers(services)).filter(({ state }) => state === 'ready').length === n);
const digestOfOneMachine = async (t, settings) => {
  const services = await up(t);
  return (await finishedRun(services, await createRun(services, settings))).digest;
};

test('workers that pull come and go, one without the data: the same digest', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const expected = await digestOfOneMachine(t, { ...SETTINGS, dataset });
  const services = await broker(t);
  const first = await puller(t, services);
  await ready(services, 1);
  const uuid = await createRun(services, { ...SETTINGS, dataset });
  await until('a first score', async () => (await lookAtRun(services, uuid))?.evaluations > 0);
  // From now on only the broker has them, and a worker that has begun.
  renameSync(dataset, `${dataset}-elsewhere`);
  const second = await puller(t, services);
  await until('it to bring them', () => /data-fetched/.test(second.err));
  await until('it to work', async () => (await workers(services)).every(({ jobs }) => jobs > 0));
  first.child.kill('SIGTERM');
  await first.ended;
  assert.equal(first.code, 0, first.err);
  assert.equal((await workers(services)).length, 1);
  assert.equal((await finishedRun(services, uuid)).digest, expected);
  assert.doesNotMatch(first.err, /job-failed/);
});

test('weights go to the broker and come from it', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const settings = { ...SETTINGS, dataset, epochs: 2, inherit: true };
  const expected = await digestOfOneMachine(t, settings);
  const services = await broker(t);
  await puller(t, services);
  await puller(t, services);
  await ready(services, 2);
  const run = await finishedRun(services, await createRun(services, settings));
  assert.equal(run.digest, expected);
});

test('what a worker was training when it was killed is trained elsewhere', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await broker(t);
  const hit = await puller(t, services);
  await ready(services, 1);
  const uuid = await createRun(services, { ...SETTINGS, dataset, population: 2, generations: 1, epochs: 60 });
  await until('it to work', async () => (await workers(services))[0].jobs > 0);
  hit.child.kill('SIGKILL');
  await hit.ended;
  await puller(t, services);
  await finishedRun(services, uuid);
  await until('the first to be lost', async () => (await workers(services)).some(({ state }) => state === 'lost'));
});

test('to pull one must say from whom, and alone', async (t) => {
  for (const [extra, why] of [[[], /--pull needs a broker/],
    [['--broker', 'http://127.0.0.1:1', '--advertise', 'http://127.0.0.1:2'], /exclude each other/]]) {
    const one = start(t, ['evolutioner', '--pull', '--data-dir', tempDir(t), ...extra]);
    await one.ended;
    assert.equal(one.code, 2);
    assert.match(one.err, why);
  }
});
