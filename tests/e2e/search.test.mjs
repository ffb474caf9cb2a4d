// search.test.mjs -- bench/search.py: runs side by side, each of them once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NEVOD, run, tempDir, tinyDataset } from './harness.mjs';

const BENCH = fileURLToPath(new URL('../../bench', import.meta.url));
const SIZE = 'budget=null,population=2,generations=2,train_limit=100,final_epochs=1';

function place(t) {
  const dir = tempDir(t);
  const dataset = tinyDataset(join(dir, 'tiny'));
  const results = join(dir, 'search.jsonl');
  const env = { ...process.env, NEVOD_DATA_DIR: join(dir, 'data') };
  return {
    dir,
    dataset,
    search: (...more) => execFileSync('python3', [join(BENCH, 'search.py'), NEVOD, '--dataset',
      dataset, '--set', SIZE, '--results', results, ...more], { encoding: 'utf8', env }),
    rows: () => readFileSync(results, 'utf8').trim().split('\n').map((line) => JSON.parse(line)),
  };
}

test('a run leaves a line with its curve, and is not run again', (t) => {
  const p = place(t);
  const contenders = ['--contenders', 'nevod', 'random', 'net2'];
  const given = [...contenders, '--hand', 'epochs=[1,2]'];
  assert.match(p.search(...given), /\| random \| 1 \| [01]\.\d{4} \|/);
  const rows = p.rows();
  assert.deepEqual(rows.filter((r) => r.key.contender).map((r) => r.key.contender), contenders.slice(1));
  assert.equal(rows.filter((r) => r.key.train).length, 3);
  for (const r of rows.filter((x) => x.curve)) {
    assert.equal(r.curve.at(-1)[1], r.validation);
    assert.ok(r.curve.at(-1)[0] <= r.cpu_s);
    assert.ok(r.curve.every(([t0, a], i) => i === 0 ||
      (t0 >= r.curve[i - 1][0] && a > r.curve[i - 1][1])));
    assert.ok(r.test >= 0 && r.test <= 1);
  }
  const drawing = join(p.dir, 'curves.svg');
  p.search(...given, '--draw', drawing);
  assert.equal(readFileSync(drawing, 'utf8').match(/<path /g).length, 3);
  p.search(...given);
  assert.equal(p.rows().length, rows.length);
});

test('a variation is nevod with one setting otherwise', (t) => {
  const p = place(t);
  assert.match(p.search('--vary', 'label_smoothing=0,neat.survival=0.4'),
    /\| label_smoothing=0,neat\.survival=0\.4 \| 1 \|/);
  const [base, varied] = p.rows();
  assert.deepEqual(varied.key.settings,
    { ...base.key.settings, label_smoothing: 0, neat: { survival: 0.4 } });
  assert.notEqual(varied.digest, base.digest);
});

test('others are judged on the images that nevod validates on', async (t) => {
  const { dir, dataset } = place(t);
  const p = await run(t, ['train', '--net', 'net2', '--dataset', dataset,
    '--data-dir', join(dir, 'data'), '--epochs', '1', '--json']);
  const doc = JSON.parse(p.out);
  const order = JSON.parse(execFileSync('python3', ['-c',
    `import nevod_split; print(nevod_split.shuffled("${doc.dataset_hash}", 240))`],
  { cwd: BENCH, encoding: 'utf8' }));
  const counts = [0, 0, 0, 0];
  order.slice(0, doc.total).forEach((i) => { counts[i % 4] += 1; });
  assert.deepEqual(doc.confusion.map((row) => row.reduce((a, b) => a + b)), counts);
});
