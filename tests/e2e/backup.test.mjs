// backup.test.mjs -- a copy of what a broker keeps, made while it works, and
// what becomes of it; and what `doctor` says of a machine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { call, createRun, lookAtRun, run, SMALL_NETWORKS, tempDir, tinyDataset, until, up } from './harness.mjs';

const settings = (dataset) => ({
  dataset, population: 4, generations: 6, epochs: 6, final_epochs: 1, train_limit: 0, seed: 7, inherit: true, ...SMALL_NETWORKS,
});
const over = (services, uuid) => until('the run to end', async () => {
  const json = await lookAtRun(services, uuid);
  return json.state === 'finished' && json;
}, 120);

test('a backup made under way goes on elsewhere, to the same digest', async (t) => {
  const dir = tempDir(t), dataset = tinyDataset(join(dir, 'tiny')), file = join(dir, 'all.tar');
  const first = await up(t);
  const uuid = await createRun(first, settings(dataset));
  await until('a generation', async () => (await lookAtRun(first, uuid)).generation >= 1);
  const saved = await run(t, ['backup', file, '--data-dir', first.dataDir]);
  assert.equal(saved.code, 0, saved.err);
  assert.match(saved.out, /^Saved in .*all\.tar: \d+ files, /);
  assert.ok(!readdirSync(first.dataDir).some((n) => n.startsWith('.backup')), 'nothing is left behind');
  const digest = (await over(first, uuid)).digest;

  // Sums that anybody can check.
  const unpacked = join(dir, 'unpacked');
  mkdirSync(unpacked);
  execFileSync('tar', ['-xf', file, '-C', unpacked]);
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: unpacked });

  const dataDir = join(dir, 'elsewhere', 'data');
  const restored = await run(t, ['restore', file, '--data-dir', dataDir]);
  assert.equal(restored.code, 0, restored.err);
  const second = await up(t, { dataDir });
  assert.equal((await over(second, uuid)).digest, digest);
  assert.equal((await call(`${second.broker}/v1/runs/${uuid}/champion`)).status, 200);
});

test('what is no whole backup makes no folder, and what is there is left alone', async (t) => {
  const dir = tempDir(t), file = join(dir, 'all.tar'), to = join(dir, 'to');
  const services = await up(t);
  assert.equal((await run(t, ['backup', file, '--data-dir', services.dataDir])).code, 0);
  const refused = async (bytes, words) => {
    const bad = join(dir, 'bad.tar');
    writeFileSync(bad, bytes);
    const p = await run(t, ['restore', bad, '--data-dir', to]);
    assert.notEqual(p.code, 0);
    assert.match(p.err, words);
    assert.ok(!existsSync(to));
    assert.deepEqual(readdirSync(dir).filter((n) => n.includes('restore')), []);
  };
  const whole = readFileSync(file), turned = Buffer.from(whole);
  turned[512 + 2048] ^= 1; // in the store
  await refused(turned, /damaged/);
  await refused(whole.subarray(0, 4096), /cut short/);
  const tar = (...names) => execFileSync('tar', ['-C', dir, '-cf', '-', ...names]);
  writeFileSync(join(dir, 'stranger'), 'x');
  await refused(tar('stranger'), /this is no backup of nevod: it holds stranger/);
  mkdirSync(join(dir, 'blobs'));
  writeFileSync(join(dir, 'blobs', '.x'), 'x');
  await refused(tar('--transform', 's,blobs,blobs/..,', 'blobs/.x'), /it holds blobs\/\.\./);

  const occupied = await run(t, ['restore', file, '--data-dir', services.dataDir]);
  assert.equal(occupied.code, 1);
  assert.match(occupied.err, /is there and not empty/);
  const nothing = await run(t, ['backup', file, '--data-dir', join(dir, 'blobs')]);
  assert.equal(nothing.code, 4);
  assert.match(nothing.err, /there is no store in/);
});

test('the doctor says what is wrong and what to do', async (t) => {
  const services = await up(t);
  const well = await run(t, ['doctor', '--broker', services.broker, '--data-dir', services.dataDir]);
  assert.equal(well.code, 0, well.out);
  for (const what of ['CPU', 'speed', 'memory', 'limits', 'clock', 'disk', 'store', 'broker', 'worker']) {
    assert.match(well.out, new RegExp(`^(ok|odd) +${what} `, 'm'));
  }
  const ill = await run(t, ['doctor', '--json', '--broker', services.genome, '--data-dir', services.dataDir]);
  assert.equal(ill.code, 1);
  const found = JSON.parse(ill.out).findings.find((f) => f.verdict === 'wrong');
  assert.match(found.finding, /is none: choose another port/);
  const small = await run(t, ['doctor', '--broker', services.broker], {
    through: ['sh', '-c', 'ulimit -d 600000; exec "$0" "$@"'],
  });
  assert.equal(small.code, 1);
  assert.match(small.out, /^wrong +memory +585 MB by ulimit: less than a job may take/m);
});
