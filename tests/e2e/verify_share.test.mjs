// verify_share.test.mjs -- a worker that lies: no run ends under a false digest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  answers, atEnd, call, createRun, finishedRun, freePort, lookAtRun, SMALL_NETWORKS, start,
  tempDir, tinyDataset, until,
} from './harness.mjs';
import { liar as makeUpLiar } from './made_up_workers.mjs';

const SETTINGS = {
  population: 6, generations: 3, epochs: 2, train_limit: 0, final_epochs: 1, seed: 7, kernels: 'simd128-2', ...SMALL_NETWORKS,
};

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

async function worker(t, services, extra = ['--broker', services.broker]) {
  const port = await freePort();
  start(t, ['evolutioner', '--port', String(port), '--data-dir', tempDir(t), '--slots', '1', ...extra]);
  return `http://127.0.0.1:${port}`;
}

// A worker whose reports say what is not so.
async function liar(t, services) {
  const honest = await worker(t, services, []);
  await until('the worker to be there', () => answers(`${honest}/healthz`));
  const { url, close } = await makeUpLiar(services.broker, honest);
  atEnd(t, close);
  return url;
}

const workers = async (services) => (await call(`${services.broker}/v1/workers`)).json.items;
const ready = (services, n) => until(`${n} workers to be ready`, async () =>
  (await workers(services)).filter(({ state }) => state === 'ready').length >= n);

test('where all jobs are checked a liar is found, named and changes nothing', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await broker(t);
  await worker(t, services);
  await worker(t, services);
  await ready(services, 2);
  const expected = (await finishedRun(services, await createRun(services, { ...SETTINGS, dataset }))).digest;
  const url = await liar(t, services);
  await ready(services, 3);
  const run = await finishedRun(services, await createRun(services, { ...SETTINGS, dataset, verify_share: 1 }));
  assert.equal(run.digest, expected);
  const it = (await workers(services)).find((w) => w.url === url);
  assert.equal(it.state, 'aside');
  assert.match(it.error, /not that of two others/);
});

test('where a share is checked a lie pauses the run, which says whose it was', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await broker(t);
  const url = await liar(t, services);
  await worker(t, services);
  await worker(t, services);
  await ready(services, 3);
  const uuid = await createRun(services, { ...SETTINGS, dataset, generations: 50, verify_share: 0.7 });
  const run = await until('the run to pause', async () => {
    const json = await lookAtRun(services, uuid);
    return json.state === 'paused' && json;
  });
  assert.ok(run.error.includes(url), run.error);
  assert.match(run.error, /genome \d+ in generation \d+/);
  await call(`${services.broker}/v1/runs/${uuid}/cancel`, {});
});

test('one worker alone cannot confirm itself, and the run says so', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await broker(t);
  await worker(t, services);
  await ready(services, 1);
  const uuid = await createRun(services, { ...SETTINGS, dataset, verify_share: 1 });
  await until('it to say why', async () => /wait for a second worker/.test((await lookAtRun(services, uuid)).trouble));
  await worker(t, services);
  await finishedRun(services, uuid);
});
