// wires.test.mjs -- workers on machines of their own, in network namespaces: over
// wires that lose packets, and without the data.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createRun, finishedRun, SMALL_NETWORKS, tempDir, tinyDataset, up } from './harness.mjs';
import { between, broker, digestOfOneMachine, far, inState } from './netns.mjs';

const SETTINGS = {
  population: 6, generations: 2, epochs: 4, train_limit: 0, final_epochs: 1, seed: 7, kernels: 'simd128-2', ...SMALL_NETWORKS,
};

async function lossy(t) {
  const dataset = tinyDataset(join(tempDir(t), 'tiny')), settings = { ...SETTINGS, dataset, verify_share: 0.5 };
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
  const settings = { ...SETTINGS, epochs: 2, train_limit: 600, dataset };
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

between(import.meta.url, {
  'over wires that lose 10 to 30 % of all packets a run ends with the usual digest': lossy,
  'two machines without the data fetch a set of many shards once each, verified': manyShards,
});
