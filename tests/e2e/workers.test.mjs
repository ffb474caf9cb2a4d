// workers.test.mjs -- evolutioners that join a broker by themselves, drain and
// leave while runs go on.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  answers, call, createRun, finishedRun, freePort, lookAtRun, run, sleep, SMALL_NETWORKS, start, tempDir, tinyDataset, until,
  up,
} from './harness.mjs';

const SETTINGS = {
  population: 6, generations: 4, epochs: 30, train_limit: 0, final_epochs: 1, seed: 7, kernels: 'simd128-2',
  ...SMALL_NETWORKS,
};

// A broker and a genome service that know of no evolutioner but one that is
// not there.
async function broker(t, extra = []) {
  const [port, genome, nobody] = [await freePort(), await freePort(), await freePort()];
  start(t, ['genome', '--port', String(genome)]);
  start(t, ['broker', '--data-dir', tempDir(t), '--port', String(port),
    '--genome', `http://127.0.0.1:${genome}`, '--evolutioner', `http://127.0.0.1:${nobody}`, ...extra]);
  const url = `http://127.0.0.1:${port}`;
  await until('the broker to be there', () => answers(`${url}/healthz`));
  await until('the genome service to be there', () => answers(`http://127.0.0.1:${genome}/healthz`));
  return { broker: url };
}

async function evolutioner(t, services, extra = []) {
  const port = await freePort();
  const process = start(t, ['evolutioner', '--broker', services.broker, '--port', String(port),
    '--data-dir', tempDir(t), '--slots', '1', ...extra]);
  return { process, url: `http://127.0.0.1:${port}` };
}

const workers = async (services) => (await call(`${services.broker}/v1/workers`)).json.items;
const worker = async (services, { url }) => (await workers(services)).find((w) => w.url === url);
const ready = (services, one) => until('the worker to be ready', async () =>
  (await worker(services, one))?.state === 'ready');
const digestOfOneMachine = async (t, dataset) => {
  const services = await up(t);
  return (await finishedRun(services, await createRun(services, { ...SETTINGS, dataset }))).digest;
};

test('a worker that joins a broker gets work, others join, and one is told to stop: the same digest', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const expected = await digestOfOneMachine(t, dataset);
  const services = await broker(t);
  const first = await evolutioner(t, services);
  await ready(services, first);
  const uuid = await createRun(services, { ...SETTINGS, dataset });
  await until('a first score', async () => (await lookAtRun(services, uuid))?.evaluations > 0);
  const second = await evolutioner(t, services);
  await until('the second to work', async () => (await worker(services, second))?.jobs > 0);
  first.process.child.kill('SIGTERM');
  await first.process.ended;
  assert.equal(first.process.code, 0, first.process.err);
  assert.equal(await worker(services, first), undefined);
  const run = await finishedRun(services, uuid);
  assert.equal(run.digest, expected);
  assert.doesNotMatch(first.process.err, /job-failed/);
});

test('a run that is created when no worker is there waits, says why, and begins when one comes', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const settings = { ...SETTINGS, dataset, kernels: undefined, generations: 2, epochs: 3 };
  const services = await broker(t);
  const uuid = await createRun(services, settings), dropped = await createRun(services, settings);
  await until('it to say why', async () =>
    /waits to begin: no evolutioner answers/.test((await lookAtRun(services, uuid)).trouble));
  assert.equal((await lookAtRun(services, uuid)).state, 'created');
  await call(`${services.broker}/v1/runs/${dropped}/cancel`, {});
  assert.equal((await lookAtRun(services, dropped)).state, 'cancelled');
  const one = await evolutioner(t, services);
  await ready(services, one);
  const run = await finishedRun(services, uuid);
  assert.match(run.settings.kernels, /^[a-z0-9]+-[0-9]+$/);
  const again = await finishedRun(services, await createRun(services, settings));
  assert.equal(run.digest, again.digest);
});

test('a worker of another version is told which two do not fit', async (t) => {
  const services = await broker(t);
  const { status, json } = await call(`${services.broker}/v1/workers/old`, { port: 5, version: '99.1.2' }, { method: 'PUT' });
  assert.equal(status, 409);
  assert.match(json.error, /99\.1\.2.*does not fit nevod \d+\.\d+\.\d+/);
});

test('a worker that may not wait hands back what it trains', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await broker(t);
  const hasty = await evolutioner(t, services, ['--drain-s', '0']);
  await ready(services, hasty);
  const uuid = await createRun(services, { ...SETTINGS, dataset, population: 2, generations: 1, epochs: 100 });
  await until('it to work', async () => (await worker(services, hasty)).jobs > 0);
  hasty.process.child.kill('SIGTERM');
  await hasty.process.ended;
  const other = await evolutioner(t, services);
  await ready(services, other);
  await finishedRun(services, uuid);
});

test('a worker that drains says so, trains to the end and takes nothing new', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await broker(t);
  const only = await evolutioner(t, services);
  await ready(services, only);
  const uuid = await createRun(services, { ...SETTINGS, dataset, population: 2, generations: 1, epochs: 100 });
  await until('it to train', async () => (await call(`${only.url}/v1/info`)).json.free === 0);
  const { evaluations: before } = await lookAtRun(services, uuid);
  only.process.child.kill('SIGTERM');
  await until('the broker to know', async () => (await worker(services, only))?.state !== 'ready');
  await only.process.ended;
  assert.equal(only.process.code, 0);
  // What it had begun counts; there was one slot.
  const { evaluations } = await lookAtRun(services, uuid);
  assert.ok(evaluations > before && evaluations <= before + 2, `${before}, then ${evaluations}`);
});

test('a worker without the data gets them from the broker: the same digest', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const expected = await digestOfOneMachine(t, dataset);
  const services = await broker(t);
  const first = await evolutioner(t, services);
  await ready(services, first);
  const uuid = await createRun(services, { ...SETTINGS, dataset });
  await until('a first score', async () => (await lookAtRun(services, uuid))?.evaluations > 0);
  // From now on only the broker has them, and a worker that has begun.
  renameSync(dataset, `${dataset}-elsewhere`);
  const second = await evolutioner(t, services);
  await until('it to bring them', () => /data-fetched/.test(second.process.err));
  await until('it to work', async () => (await worker(services, second))?.jobs > 0);
  assert.equal((await finishedRun(services, uuid)).digest, expected);
});

test('a worker that knows a broker and nothing else trains in a moment', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const file = join(tempDir(t), 'token'), token = ['--token-file', file];
  writeFileSync(file, 'a-token-of-thirty-two-characters\n', { mode: 0o600 });
  const headers = { Authorization: 'Bearer a-token-of-thirty-two-characters' };
  const services = await broker(t, token);
  const settings = { ...SETTINGS, dataset, population: 200, generations: 1, epochs: 300 };
  const { json: { uuid } } = await call(`${services.broker}/v1/runs`, settings, { headers });
  const times = [];
  for (let i = 0; i < 5; i++) {
    const began = performance.now(), { process, url } = await evolutioner(t, services, token);
    await until('it to train', async () => {
      try {
        return (await call(`${url}/v1/info`, undefined, { headers })).json.free === 0;
      } catch {
        return false;
      }
    }, 15);
    times.push(performance.now() - began);
    // From the first on only the broker has the data.
    if (i === 0) renameSync(dataset, `${dataset}-elsewhere`);
    else assert.match(process.err, /data-fetched/);
    process.child.kill('SIGKILL');
    await process.ended;
  }
  t.diagnostic(`from start to training: ${times.map((ms) => (ms / 1000).toFixed(2)).join(', ')} s, median ` +
    `${(times.sort((a, b) => a - b)[2] / 1000).toFixed(2)} s`);
  await call(`${services.broker}/v1/runs/${uuid}/cancel`, {}, { headers });
});

test('a broker that is started again has its workers in a moment', async (t) => {
  const services = await broker(t);
  const one = await evolutioner(t, services);
  await ready(services, one);
  const { id } = await worker(services, one);
  assert.match(id, /^[0-9a-f]{16}$/);
  await call(`${services.broker}/v1/workers/${id}`, undefined, { method: 'DELETE' });
  assert.equal(await worker(services, one), undefined);
  await ready(services, one);
});

test('a worker without the token is told why, again and again is not', async (t) => {
  const file = join(tempDir(t), 'token');
  writeFileSync(file, 'a-token-of-thirty-two-characters\n', { mode: 0o600 });
  const services = await broker(t, ['--token-file', file]);
  const stranger = await evolutioner(t, services);
  await until('it to say so', () => /not-joined/.test(stranger.process.err));
  await sleep(2000);
  assert.equal(stranger.process.err.match(/not-joined/g).length, 1);
  const friend = await evolutioner(t, services, ['--token-file', file]);
  await until('it to join', () => / joined /.test(friend.process.err));
});

test('what joins must say where it is', async (t) => {
  const services = await broker(t);
  const put = (id, body) => call(`${services.broker}/v1/workers/${encodeURIComponent(id)}`, body, { method: 'PUT' });
  for (const [id, body, status] of [
    ['a', {}, 400], ['a', { url: 'http://127.0.0.1:1', port: 1 }, 400], ['a', { url: 'ftp://a' }, 400],
    ['a', { url: 'http://user@host:1' }, 400], ['a', { url: 'http://a:1/path' }, 400], ['a', { port: 65536 }, 422],
    ['a', { port: 5, more: 1 }, 400], ['a b', { port: 5 }, 400], ['x'.repeat(65), { port: 5 }, 400],
  ]) {
    const answer = await put(id, body);
    assert.equal(answer.status, status, `${id} ${JSON.stringify(body)}: ${answer.text}`);
  }
  const { json } = await put('a', { port: 5 });
  assert.deepEqual(json, { id: 'a', url: 'http://127.0.0.1:5', draining: false });
  const { out } = await run(t, ['workers', '--broker', services.broker]);
  assert.match(out, /^worker +state/);
  assert.match(out, /http:\/\/127\.0\.0\.1:5 +unknown/);
});
