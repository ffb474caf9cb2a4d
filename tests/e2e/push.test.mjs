// push.test.mjs -- a data set that is on this machine alone is brought to a
// broker, which checks it, and runs use it by name.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { npy } from './dataset_files.mjs';
import {
  call, createRun, finishedRun, run, start, tempDir, tinyDataset, until, up,
} from './harness.mjs';

const SETTINGS = { population: 4, generations: 1, final_epochs: 1, train_limit: 0, seed: 1 };
const NAMES = ['cat', 'dog', 'bird', 'fish'];

function named(dir) {
  mkdirSync(dir, { recursive: true });
  tinyDataset(dir);
  writeFileSync(join(dir, 'classes.txt'), NAMES.join('\n'));
  return dir;
}

const put = (url, body, headers = {}) => fetch(url, { method: 'PUT', body, headers })
  .then(async (r) => ({ status: r.status, text: await r.text() }));
const putJson = (url, v) => put(url, JSON.stringify(v), { 'Content-Type': 'application/json' });
const putBytes = (url, b) => put(url, b, { 'Content-Type': 'application/octet-stream' });

test('a pushed set is there by its name, for runs of other machines too', async (t) => {
  const dir = tempDir(t);
  const pets = named(join(dir, 'pets'));
  const services = await up(t);
  const nevod = (...args) => run(t, [...args, '--broker', services.broker], { cwd: dir,
    env: { ...process.env, NEVOD_DATA_DIR: join(dir, 'data') } });
  const pushed = await nevod('dataset', 'push', pets, '--json');
  assert.equal(pushed.code, 0, pushed.err);
  assert.deepEqual(JSON.parse(pushed.out).classes, NAMES);
  assert.equal((await nevod('dataset', 'push', pets)).code, 0);
  rmSync(pets, { recursive: true });

  const evolved = await nevod('evolve', '--dataset', 'pets', '--population', '4', '--generations',
    '1', '--final-epochs', '1', '--train-limit', '0', '--seed', '1', '--json');
  assert.equal(evolved.code, 0, evolved.err);
  const folder = named(join(dir, 'again'));
  const other = await finishedRun(services, await createRun(services, { ...SETTINGS, dataset: folder }));
  assert.equal(JSON.parse(evolved.out).digest, other.digest);

  // Folders and names are listed alike.
  const { json } = await call(`${services.broker}/v1/datasets`);
  const [byName, byPath] = ['pets', folder].map((n) => json.items.find((x) => x.name === n));
  assert.equal(byName.hash, byPath.hash);
  assert.deepEqual(byPath.classes, NAMES);

  const none = await nevod('evolve', '--dataset', 'nothing');
  assert.notEqual(none.code, 0);
  assert.match(none.err, /there is no data set .*nothing/);
});

test('what arrives is checked, bounded and gone on with', async (t) => {
  const dir = tempDir(t);
  const pets = named(join(dir, 'pets'));
  const here = await up(t);
  const there = await up(t);
  const { settings: { dataset_hash: hash } } = await finishedRun(here,
    await createRun(here, { ...SETTINGS, dataset: pets }));
  const { json: manifest } = await call(`${here.broker}/v1/datasets/${hash}/manifest`);
  const bytes = readFileSync(join(here.dataDir, 'datasets', `${hash}.nds`));
  const base = `${there.broker}/v1/datasets/${hash}`;

  const large = { ...manifest, bytes: 2 ** 50 + 65536,
    shards: [...Array.from({ length: 2 }, () => ({ sha256: hash, bytes: 2 ** 49 })), { sha256: hash, bytes: 65536 }] };
  const refused = await putJson(`${base}/manifest`, large);
  assert.equal(refused.status, 413, refused.text);
  assert.match(refused.text, /the broker has room for \d+ MB/);

  const received = (a) => JSON.parse(a.text).received;
  assert.equal(received(await putJson(`${base}/manifest`, manifest)), 0);
  assert.equal(received(await putBytes(`${base}/bytes?at=0`, bytes.subarray(0, 1000))), 1000);
  const gap = await putBytes(`${base}/bytes?at=2000`, bytes.subarray(2000));
  assert.equal(gap.status, 409);
  assert.match(gap.text, /1000 bytes are here: go on from there/);
  const early = await putJson(base, { name: 'pets' });
  assert.equal(early.status, 409, early.text);

  // A changed byte: the shard is sent again.
  const changed = Buffer.from(bytes.subarray(1000));
  changed[500] ^= 1;
  const bad = await putBytes(`${base}/bytes?at=1000`, changed);
  assert.equal(bad.status, 409);
  assert.match(bad.text, /shard 0 did not arrive as the manifest has it/);
  assert.equal(received(await putJson(`${base}/manifest`, manifest)), 0);

  // Bytes that are right by a manifest that lies are no set of that hash.
  const forged = Buffer.from(bytes);
  forged[forged.length >> 1] ^= 1;
  const sha256 = createHash('sha256').update(forged).digest('hex');
  await putJson(`${base}/manifest`, { ...manifest, shards: [{ sha256, bytes: forged.length }] });
  assert.equal((await putBytes(`${base}/bytes?at=0`, forged)).status, 200);
  const lie = await putJson(base, { name: 'pets' });
  assert.equal(lie.status, 409, lie.text);
  assert.match(lie.text, /the samples of a prepared data set are not those of its hash/);
  assert.deepEqual(readdirSync(join(there.dataDir, 'datasets')).filter((f) => f.startsWith('put-')), []);

  const all = await run(t, ['dataset', 'push', pets, '--broker', there.broker, '--data-dir', join(dir, 'data')]);
  assert.equal(all.code, 0, all.err);
  const other = tinyDataset(join(dir, 'other'), { train: 200 });
  const taken = await run(t, ['dataset', 'push', other, 'pets', '--broker', there.broker, '--data-dir', join(dir, 'data')]);
  assert.notEqual(taken.code, 0);
  assert.match(taken.err, /"pets" is another data set here/);
});

test('a push that was killed goes on where it was', async (t) => {
  const dir = tempDir(t);
  const large = join(dir, 'large');
  mkdirSync(large);
  const [n, side] = [4000, 128];
  const px = Buffer.alloc(n * side * side);
  for (let i = 0; i < px.length; i += 97) px[i] = i % 251;
  writeFileSync(join(large, 'train-images.npy'), npy('|u1', [n, side, side], px));
  writeFileSync(join(large, 'train-labels.npy'),
    npy('|u1', [n], Buffer.from(Array.from({ length: n }, (_, i) => i % 3))));
  const services = await up(t);
  const args = ['dataset', 'push', large, '--broker', services.broker, '--data-dir', join(dir, 'data')];
  assert.equal((await run(t, ['dataset', 'info', large, '--data-dir', join(dir, 'data')])).code, 0);
  const first = start(t, args);
  const datasets = join(services.dataDir, 'datasets');
  const sent = () => readdirSync(datasets).filter((f) => /^put-.*nds$/.test(f))
    .map((f) => readFileSync(join(datasets, f)).length)[0] ?? 0;
  await until('some of it to arrive', () => sent() > 0 || first.code !== null);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await run(t, args);
  assert.equal(second.code, 0, second.err);
  const { json } = await call(`${services.broker}/v1/datasets`);
  assert.equal(json.items.find((x) => x.name === 'large').train, 3600);
});
