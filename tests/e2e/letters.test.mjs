// letters.test.mjs -- the colour data set that a tool makes, and that the
// networks of the benchmarks fit it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, tempDir } from './harness.mjs';

const TOOL = fileURLToPath(new URL('../../tools/make-letters', import.meta.url));
const FILES = ['classes.txt', 't10k-images-idx4-ubyte', 't10k-labels-idx1-ubyte',
  'train-images-idx4-ubyte', 'train-labels-idx1-ubyte'];
const HEADER = 20; // of the images: magic and four sizes

const make = (folder, ...more) => {
  execFileSync(TOOL, [folder, '--train', '130', '--test', '26', ...more]);
  return Object.fromEntries(readdirSync(folder).map((f) => [f, readFileSync(join(folder, f))]));
};

test('the same seed makes the same files, and another one others', (t) => {
  const dir = tempDir(t);
  const first = make(join(dir, 'a'), '--seed', '3');
  assert.deepEqual(Object.keys(first).sort(), FILES);
  assert.deepEqual(make(join(dir, 'b'), '--seed', '3'), first);
  const other = make(join(dir, 'c'), '--seed', '4');
  assert.notDeepEqual(other[FILES[3]], first[FILES[3]]);
  assert.deepEqual(other[FILES[4]], first[FILES[4]]);
});

test('the first images are the same, however many there are', (t) => {
  const dir = tempDir(t);
  const few = make(join(dir, 'few'))[FILES[3]];
  const more = make(join(dir, 'more'), '--train', '150')[FILES[3]];
  assert.equal(few.length, HEADER + 130 * 3 * 32 * 32);
  assert.deepEqual(more.subarray(HEADER, few.length), few.subarray(HEADER));
});

test('every network of the benchmarks trains on it', async (t) => {
  const dir = tempDir(t);
  make(join(dir, 'letters'));
  for (const net of ['net1', 'net2', 'net3', 'net4']) {
    const p = await run(t, ['train', '--net', net, '--dataset', join(dir, 'letters'),
      '--data-dir', join(dir, 'data'), '--epochs', '1', '--seed', '1', '--json']);
    assert.equal(p.code, 0, p.err);
    const doc = JSON.parse(p.out);
    assert.equal(doc.total, 13);
    assert.equal(doc.classes.length, 26);
    assert.equal(doc.classes[1], 'b');
  }
});

test('too few images are refused', (t) => {
  assert.throws(() => execFileSync(TOOL, [join(tempDir(t), 'x'), '--train', '25'],
    { stdio: 'pipe' }), /26 images or more/);
});
