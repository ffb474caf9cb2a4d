// bench.test.mjs -- `nevod bench` says what it measured, or what is wrong.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { join } from 'node:path';
import { run, skipGenome, tempDir, tinyGenome } from './harness.mjs';

const cleanup = [];
const dataDir = tempDir({ after: (f) => cleanup.push(f) });
after(() => cleanup.forEach((f) => f()));

const bench = (t, ...args) => run(t, ['bench', ...args, '--data-dir', dataDir]);

test('train prints the figures of a training on Fashion-MNIST', async (t) => {
  const p = await bench(t, 'train', '--net', 'net2', '--steps', '20', '--json');
  assert.equal(p.code, 0, p.err);
  const f = JSON.parse(p.out);
  assert.equal(f.net, 'net2');
  assert.equal(f.batch, 16);
  assert.ok(f.steps >= 20);
  assert.equal(f.images, f.steps * f.batch);
  assert.match(f.kernels, /^(avx512|avx2|simd128)-\d+$/);
  for (const key of ['images_per_s', 'gflop_per_s', 'fma_peak_gflop_per_s', 'peak_rss_bytes', 'wall_s']) {
    assert.ok(f[key] > 0, key);
  }
  assert.ok(f.share_of_peak > 0 && f.share_of_peak < 1.1, `share ${f.share_of_peak}`);
  assert.equal(f.test_accuracy, undefined);
});

test('a genome in a file is trained for whole epochs on random images of its shape', async (t) => {
  const file = join(dataDir, 'genome.json');
  writeFileSync(file, JSON.stringify(tinyGenome({ 'Batch Size': 64 })));
  const p = await bench(t, 'train', '--net', file, '--epochs', '1', '--json');
  assert.equal(p.code, 0, p.err);
  const f = JSON.parse(p.out);
  assert.equal(f.images, 6400);
  assert.ok(f.test_accuracy >= 0 && f.test_accuracy <= 1);
});

test('a graph of layers is trained like a flat genome', async (t) => {
  const file = join(dataDir, 'graph.json');
  writeFileSync(file, JSON.stringify(skipGenome()));
  const p = await bench(t, 'train', '--net', file, '--steps', '5', '--json');
  assert.equal(p.code, 0, p.err);
  const f = JSON.parse(p.out);
  assert.equal(f.batch, 16);
  assert.ok(f.steps >= 5);
});

test('peak lists the kernel classes of this CPU', async (t) => {
  const p = await bench(t, 'peak', '--json');
  assert.equal(p.code, 0, p.err);
  const { peaks } = JSON.parse(p.out);
  assert.ok(peaks.length >= 1);
  for (const k of peaks) assert.ok(k.fma_peak_gflop_per_s > 0, k.kernels);
});

test('what cannot be measured is said in a sentence', async (t) => {
  const wrong = [
    [['train', '--net', 'net4'], 2, /net1, net2 and net3/],
    [['train', '--net', './none.json'], 4, /none\.json/],
    [['train', '--steps', '0'], 2, /--steps must be 1 to/],
    [['train', '--steps', '5', '--epochs', '1'], 2, /--steps or --epochs/],
    [['train', '--kernels', 'mmx-1'], 2, /mmx-1/],
    [['fly'], 2, /train or peak/],
    [[], 2, /train or peak/],
  ];
  for (const [args, code, sentence] of wrong) {
    const p = await bench(t, ...args);
    assert.equal(p.code, code, args.join(' '));
    assert.match(p.err, sentence);
    assert.equal(p.out, '');
  }
});
