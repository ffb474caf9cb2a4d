// links.test.mjs -- workers on machines of their own, in network namespaces: one
// whose wire is cut without a word, wires that lose packets, and data that go
// over them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  answers, call, createRun, finishedRun, freePort, lookAtRun, patience, start, SMALL_NETWORKS, tempDir, tinyDataset, until, up,
} from './harness.mjs';
import { impossible, inOwnNetwork, machine, wire } from './netns.mjs';

const SETTINGS = {
  population: 6, generations: 2, epochs: 10, train_limit: 0, final_epochs: 1, seed: 7, kernels: 'simd128-2', ...SMALL_NETWORKS,
};

// A broker and a genome service here, for machines that come.
async function broker(t) {
  const [port, genome, nobody] = [await freePort(), await freePort(), await freePort()], dataDir = tempDir(t);
  start(t, ['genome', '--port', `${genome}`]);
  const proc = start(t, ['broker', '--data-dir', dataDir, '--port', `${port}`, '--bind', '0.0.0.0', '--no-token',
    '--genome', `http://127.0.0.1:${genome}`, '--evolutioner', `http://127.0.0.1:${nobody}`]);
  const url = `http://127.0.0.1:${port}`;
  await until('the broker to be there', () => answers(`${url}/healthz`));
  await until('the genome service to be there', () => answers(`http://127.0.0.1:${genome}/healthz`));
  return { broker: url, port, proc, dataDir };
}

// Machine number n with an evolutioner, and the wire to it.
async function far(t, services, n, { pulls = false, extra = [] } = {}) {
  const [here, there] = [`10.77.${n}.1`, `10.77.${n}.2`], m = await machine(t), dataDir = tempDir(t);
  const say = await wire(t, m, here, there, n);
  const proc = start(t, ['evolutioner', '--broker', `http://${here}:${services.port}`, '--slots', '1', '--data-dir', dataDir,
    ...(pulls ? ['--pull'] : ['--bind', '0.0.0.0', '--no-token']), ...extra], { through: m.through });
  return { proc, say, dataDir, address: there };
}

const workers = async (services) => (await call(`${services.broker}/v1/workers`)).json.items;
const worker = async (services, { address }) => (await workers(services)).find(({ url }) => url.includes(address));
const inState = (services, one, state, seconds) => until(`the worker to be ${state}`, async () =>
  (await worker(services, one))?.state === state, seconds);
const working = (services, one) => until('it to work', async () => (await worker(services, one))?.jobs > 0);
async function digestOfOneMachine(t, settings) {
  const services = await up(t);
  const { digest } = await finishedRun(services, await createRun(services, settings));
  services.proc.child.kill('SIGTERM');
  await services.proc.ended;
  return digest;
}

async function cutWithoutAWord(t) {
  const dataset = tinyDataset(join(tempDir(t), 'tiny')), settings = { ...SETTINGS, dataset };
  const expected = await digestOfOneMachine(t, settings);
  const services = await broker(t);
  const hit = await far(t, services, 1, { pulls: true }), other = await far(t, services, 2);
  await inState(services, hit, 'ready');
  await inState(services, other, 'ready');
  const uuid = await createRun(services, settings);
  await working(services, hit);
  const cutMs = performance.now();
  const noted = until('the worker to say that nobody is there', () => /not-joined/.test(hit.proc.err), 15)
    .then(() => performance.now());
  hit.say('cut');
  await inState(services, hit, 'lost', 15);
  t.diagnostic(`the broker knew after ${((performance.now() - cutMs) / 1000).toFixed(1)} s`);
  t.diagnostic(`the worker knew after ${((await noted - cutMs) / 1000).toFixed(1)} s`);
  hit.say('whole');
  await inState(services, hit, 'ready');
  assert.equal((await finishedRun(services, uuid)).digest, expected);
}

// The system says so for it, and the broker listens.
async function killed(t) {
  const services = await broker(t);
  const hit = await far(t, services, 1, { pulls: true });
  await inState(services, hit, 'ready');
  hit.proc.child.kill('SIGKILL');
  const began = performance.now();
  await inState(services, hit, 'lost', 8);
  t.diagnostic(`the broker knew after ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

async function lossy(t) {
  const dataset = tinyDataset(join(tempDir(t), 'tiny')), settings = { ...SETTINGS, epochs: 4, dataset, verify_share: 0.5 };
  const expected = await digestOfOneMachine(t, { ...settings, verify_share: 0 });
  const services = await broker(t);
  const all = [await far(t, services, 1, { pulls: true }), await far(t, services, 2), await far(t, services, 3, { pulls: true })];
  for (const one of all) await inState(services, one, 'ready');
  [0.3, 0.2, 0.1].forEach((share, i) => all[i].say(`loss ${share} 20`));
  const uuid = await createRun(services, settings);
  assert.equal((await finishedRun(services, uuid)).digest, expected);
  t.diagnostic(`jobs ended: ${all.map(({ proc }) => proc.err.split('job-ended').length - 1)}`);
}

const SHARD = 65536;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// Brings the only prepared set of a data folder to a broker, in shards of SHARD.
async function pushInShards(services, dataDir, name) {
  const folder = join(dataDir, 'datasets'), file = readdirSync(folder).find((f) => f.endsWith('.nds'));
  const bytes = readFileSync(join(folder, file)), base = `${services.broker}/v1/datasets/${file.slice(0, 64)}`;
  const shards = [];
  for (let at = 0; at < bytes.length; at += SHARD) shards.push(bytes.subarray(at, at + SHARD));
  const manifest = { hash: file.slice(0, 64), bytes: bytes.length,
    shards: shards.map((s) => ({ sha256: sha256(s), bytes: s.length })) };
  const put = async (url, body, type) => {
    const r = await fetch(url, { method: 'PUT', body, headers: { 'Content-Type': type } });
    assert.equal(r.status, 200, await r.text());
  };
  await put(`${base}/manifest`, JSON.stringify(manifest), 'application/json');
  for (const [k, shard] of shards.entries()) await put(`${base}/bytes?at=${k * SHARD}`, shard, 'application/octet-stream');
  await put(base, JSON.stringify({ name }), 'application/json');
  return { manifest, bytes };
}

// What each worker's folder has of the set, joined.
const shardsOf = ({ dataDir }, { hash, shards }) => shards.map((_, k) =>
  readFileSync(join(dataDir, 'datasets', k ? `${hash}.nds.${k}` : `${hash}.nds`)));

async function manyShards(t) {
  const dataset = tinyDataset(join(tempDir(t), 'many'), { train: 5000, test: 500 });
  const settings = { ...SETTINGS, generations: 2, epochs: 2, train_limit: 600, dataset };
  const alone = await up(t);
  const expected = (await finishedRun(alone, await createRun(alone, settings))).digest;
  const services = await broker(t);
  const { manifest } = await pushInShards(services, alone.dataDir, 'many');
  assert.ok(manifest.shards.length > 8, `${manifest.shards.length} shards`);
  alone.proc.child.kill('SIGTERM');
  await alone.proc.ended;
  renameSync(dataset, `${dataset}-elsewhere`);
  const two = [await far(t, services, 1, { pulls: true }), await far(t, services, 2)];
  for (const one of two) await inState(services, one, 'ready');
  const { digest } = await finishedRun(services, await createRun(services, { ...settings, dataset: 'many' }));
  assert.equal(digest, expected);
  for (const one of two) {
    assert.equal(one.proc.err.match(/data-fetched/g)?.length, 1, one.proc.err);
    assert.match(one.proc.err, /job-ended/);
    assert.deepEqual(shardsOf(one, manifest).map(sha256), manifest.shards.map((s) => s.sha256));
  }
}

const why = impossible();
if (why) {
  test('machines in network namespaces', { skip: why }, () => {});
} else if (!process.env.NEVOD_OWN_NETWORK) {
  test('machines in network namespaces', () => inOwnNetwork(fileURLToPath(import.meta.url)));
} else {
  test('a link that is cut without a word is noticed at both ends, and the digest is the usual one', cutWithoutAWord);
  test('a worker that pulls and is killed is soon known to be lost', killed);
  test('over wires that lose 10 to 30 % of all packets a run ends with the usual digest', lossy);
  test('two machines without the data fetch a set of many shards once each, verified', manyShards);
}
