// show.test.mjs -- a genome as a table and as a picture, from both its forms.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, skipGenome, tempDir, tinyGenome } from './harness.mjs';

const show = async (t, genome, ...options) => {
  const dir = tempDir(t), file = join(dir, 'g.json');
  writeFileSync(file, typeof genome === 'string' ? genome : JSON.stringify(genome));
  const p = await run(t, ['show', file, ...options.map((o) => o.replace('DIR', dir))]);
  if (!p.child.stdout.closed) await once(p.child.stdout, 'close');
  return { code: p.code, stdout: p.out, stderr: p.err, dir };
};

test('a graph is a table of layers with their shapes', async (t) => {
  const p = await show(t, skipGenome());
  assert.equal(p.code, 0, p.stderr);
  assert.match(p.stdout, /^ +2 +0 +8 x 6 x 6 +conv 8, 3x3, batch norm, relu, max pool$/m);
  assert.match(p.stdout, /^ +9 +2 +16 +dense 16, tanh, dropout 0\.25$/m);
  assert.match(p.stdout, /^ +1 +9, 2 +4 +output, concat of 2$/m);
  assert.match(p.stdout, /Not expressed: 1 disabled edge, 0 layers/);
  assert.match(p.stdout, /Training: sgd, learning rate 0\.01, batches of 16/);
});

test('a flat genome is shown as its chain', async (t) => {
  const p = await show(t, tinyGenome());
  assert.equal(p.code, 0, p.stderr);
  assert.match(p.stdout, /^ +2 +0 +8 x 6 x 6 +conv 8, 3x3, batch norm, relu, max pool$/m);
  assert.doesNotMatch(p.stdout, /Not expressed/);
});

test('the JSON counts what by hand comes out', async (t) => {
  const p = await show(t, skipGenome(), '--json');
  const doc = JSON.parse(p.stdout);
  assert.deepEqual(doc.layers.map((l) => [l.number, l.inputs, l.shape]),
    [[0, [], [1, 12, 12]], [2, [0], [8, 6, 6]], [9, [2], [16, 1, 1]], [1, [9, 2], [4, 1, 1]]]);
  assert.equal(doc.parameters, (8 * 9 + 8) + 2 * 8 + (16 * 8 * 6 * 6 + 16) + (4 * (16 + 8) + 4));
});

test('pictures are written, or printed alone', async (t) => {
  const p = await show(t, skipGenome(), '--svg', 'DIR/g.svg', '--dot', 'DIR/g.dot');
  assert.equal(p.code, 0, p.stderr);
  assert.match(readFileSync(join(p.dir, 'g.svg'), 'utf8'), /^<svg [^]*>conv 8, 3x3<[^]*<\/svg>\n$/);
  assert.match(readFileSync(join(p.dir, 'g.dot'), 'utf8'), /^digraph genome \{[^]*n2 -> n9[^]*\}\n$/);
  const printed = await show(t, skipGenome(), '--svg', '-');
  assert.equal(printed.stdout, readFileSync(join(p.dir, 'g.svg'), 'utf8'));
});

test('a genome that cannot be built is drawn, and the reason is said', async (t) => {
  const p = await show(t, skipGenome({ px_h: 1024, px_w: 1024, nodes: skipGenome().nodes.map((n) =>
    n.kind === 'conv' ? { ...n, filters: 512 } : n) }), '--svg', 'DIR/g.svg');
  assert.equal(p.code, 1);
  assert.match(p.stderr, /layer 2: .*512x1024x1024/);
  assert.ok(existsSync(join(p.dir, 'g.svg')));
});

test('what is no genome is refused with file, place and reason', async (t) => {
  for (const [text, reason] of [['{"nodes":', /not JSON/], [skipGenome({ nodes: 7 }), /at \/nodes: .*a list/],
    [{ ...skipGenome(), color: 'red' }, /color/], [tinyGenome({ filters: [0] }), /from 1 to 512/]]) {
    const p = await show(t, text, '--svg', 'DIR/g.svg');
    assert.equal(p.code, 2);
    assert.match(p.stderr, /g\.json(: |, at )/);
    assert.match(p.stderr, reason);
    assert.equal(p.stdout, '');
    assert.ok(!existsSync(join(p.dir, 'g.svg')));
  }
  const p = await run(t, ['show', '/nowhere/g.json']);
  assert.equal(p.code, 4);
});
