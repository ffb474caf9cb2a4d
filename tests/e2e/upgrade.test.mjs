// upgrade.test.mjs -- releases side by side: those that fit make the same digest,
// those that do not are refused by a sentence, and no run mixes their arithmetic.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  answers, call, createRun, finishedRun, freePort, lookAtRun, NEVOD, run, SMALL_NETWORKS, start, tempDir, tinyDataset, until, up,
} from './harness.mjs';
import { installed, natsServer } from './nats.mjs';

const KERNELS = 'simd128-2', LATER_KERNELS = 'simd128-3';
const SETTINGS = {
  population: 6, generations: 4, epochs: 20, train_limit: 0, final_epochs: 1, seed: 7, kernels: KERNELS, ...SMALL_NETWORKS,
};

// Of those bytes, where no digit and no dot stands beside them.
function replaceAll(bytes, from, to) {
  const beside = (at) => /[0-9.]/.test(String.fromCharCode(bytes[at]));
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) {
    if (!beside(at - 1) && !beside(at + from.length)) bytes.write(to, at, 'latin1');
  }
}

// The executable as a later release might have it: its words say another version,
// or arithmetic that makes other bits.
async function release(t, { version, kernels } = {}) {
  const now = /nevod (\d+\.\d+\.\d+)/.exec((await run(t, ['--version'])).out)[1];
  const [major, minor, patch] = now.split('.').map(Number);
  const next = version === 'patch' ? `${major}.${minor}.${patch + 1}` : version === 'minor' ? `${major}.${minor + 1}.${patch}` : now;
  const bytes = readFileSync(NEVOD);
  assert.equal(next.length, now.length);
  replaceAll(bytes, now, next);
  if (kernels) for (const name of ['reference', 'simd128', 'avx2', 'avx512']) replaceAll(bytes, `${name}-2`, `${name}-3`);
  const exe = join(tempDir(t), 'nevod');
  writeFileSync(exe, bytes);
  chmodSync(exe, 0o755);
  assert.match((await run(t, ['--version'], { exe })).out, new RegExp(`nevod ${next.replaceAll('.', '\\.')}`));
  return { exe, version: next };
}

// A broker and a genome service that can be started anew from another executable,
// and workers that join them: directly, or by the queue.
async function cluster(t, queue) {
  const [port, genomePort, nobody] = [await freePort(), await freePort(), await freePort()];
  const dataDir = tempDir(t), broker = `http://127.0.0.1:${port}`, genome = `http://127.0.0.1:${genomePort}`;
  const services = { broker };
  services.startGenome = async (exe) => {
    services.genome = start(t, ['genome', '--port', String(genomePort)], { exe });
    await until('the genome service to be there', () => answers(`${genome}/healthz`));
  };
  services.startBroker = async (exe) => {
    services.process = start(t, ['broker', '--data-dir', dataDir, '--port', String(port), '--genome', genome,
      ...(queue ? ['--queue', queue.url, '--ack-wait-ms', '3000'] : ['--evolutioner', `http://127.0.0.1:${nobody}`])], { exe });
    await until('the broker to be there', () => answers(`${broker}/healthz`));
  };
  services.startWorker = async (exe) => start(t, ['evolutioner', '--broker', broker, '--port', String(await freePort()),
    '--data-dir', tempDir(t), '--slots', '1', '--drain-s', '30', ...(queue ? ['--queue', queue.url] : [])], { exe });
  await services.startGenome();
  await services.startBroker();
  return services;
}

const workers = async ({ broker }) => (await call(`${broker}/v1/workers`)).json?.items ?? [];
const ready = (services, version) => until(`a worker of ${version} to be ready`, async () =>
  (await workers(services)).some((w) => w.state === 'ready' && w.version === version));
const scores = (services, uuid, n) => until(`${n} scores`, async () => (await lookAtRun(services, uuid))?.evaluations >= n, 120);
async function stop(process) {
  process.child.kill('SIGTERM');
  await process.ended;
  assert.equal(process.code, 0, process.err);
}

async function twin(t, dataset) {
  const services = await up(t);
  return (await finishedRun(services, await createRun(services, { ...SETTINGS, dataset }))).digest;
}

// Workers first, then the genome service, then the broker.
async function upgradeInSteps(t, queue) {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const digest = await twin(t, dataset);
  const next = await release(t, { version: 'patch' });
  const services = await cluster(t, queue);
  const old = await services.startWorker();
  const uuid = await createRun(services, { ...SETTINGS, dataset });
  await scores(services, uuid, 3);
  const later = await services.startWorker(next.exe);
  await ready(services, next.version);
  await scores(services, uuid, 7); // of both
  await stop(old);
  await stop(services.genome);
  await services.startGenome(next.exe);
  await stop(services.process);
  await services.startBroker(next.exe);
  const finished = await finishedRun(services, uuid);
  assert.equal(finished.digest, digest);
  assert.equal(later.code, null, later.err);
}

test('an upgrade one process after another keeps the digest', (t) => upgradeInSteps(t));
test('an upgrade one process after another keeps the digest, by a queue', { skip: installed() ? false : 'no nats-server here' },
  async (t) => upgradeInSteps(t, await natsServer(t)));

test('a worker of a release that does not fit is refused by a sentence, and trains nothing', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const next = await release(t, { version: 'minor' });
  const services = await cluster(t);
  const uuid = await createRun(services, { ...SETTINGS, dataset, generations: 1 });
  const stranger = await services.startWorker(next.exe);
  await until('it to be told', () => stranger.err.includes(`nevod ${next.version} there does not fit nevod`));
  assert.equal((await workers(services)).some((w) => w.version === next.version), false);
  assert.match((await lookAtRun(services, uuid)).trouble, /no evolutioner/);
  await services.startWorker();
  const { digest } = await finishedRun(services, uuid);
  const again = await finishedRun(services, await createRun(services, { ...SETTINGS, dataset, generations: 1 }));
  assert.equal(digest, again.digest);
});

test('a run keeps to the arithmetic that it began with, and waits where nobody has it', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const digest = await twin(t, dataset);
  const next = await release(t, { version: 'patch', kernels: true });
  const services = await cluster(t);
  const old = await services.startWorker();
  const uuid = await createRun(services, { ...SETTINGS, dataset });
  await scores(services, uuid, 3);
  const later = await services.startWorker(next.exe);
  await ready(services, next.version);
  assert.match((await workers(services)).find((w) => w.version === next.version).kernels.join(' '), new RegExp(LATER_KERNELS));
  await stop(old);
  await until('the run to say why it waits', async () => (await lookAtRun(services, uuid))?.trouble?.includes(KERNELS));
  const { evaluations } = await lookAtRun(services, uuid);
  await services.startWorker();
  assert.equal((await finishedRun(services, uuid)).digest, digest);
  assert.ok(evaluations < 24, 'it had not finished before');
  assert.equal((await workers(services)).find((w) => w.version === next.version)?.jobs, 0);
  assert.equal(later.code, null, later.err);
});
