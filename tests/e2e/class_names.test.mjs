// class_names.test.mjs -- what classes are called belongs to a run, and to no
// folder that others write to or prepare.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call, createRun, finishedRun, tempDir, tinyDataset, up } from './harness.mjs';

const SETTINGS = { population: 4, generations: 1, final_epochs: 1, train_limit: 0, seed: 1 };
const ENGLISH = ['cat', 'dog', 'bird', 'fish'];
const FRENCH = ['un', 'deux', 'trois', 'quatre'];

function named(dir, names) {
  mkdirSync(dir, { recursive: true });
  tinyDataset(dir);
  writeFileSync(join(dir, 'classes.txt'), `${names.join('\n')}\n`);
  return dir;
}

async function notes(url) {
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  const n = Number(bytes.readBigUInt64LE(0));
  return JSON.parse(bytes.subarray(8, 8 + n)).__metadata__;
}

test('a run keeps the names that its own folder had when it was made', async (t) => {
  const dir = tempDir(t);
  const a = named(join(dir, 'a'), ENGLISH);
  const b = named(join(dir, 'b'), FRENCH);
  const services = await up(t);
  // Both are made before either trains, and the last one prepared is b's.
  const runs = [];
  for (const dataset of [a, b, a]) runs.push(await createRun(services, { ...SETTINGS, dataset }));
  const done = [];
  for (const uuid of runs) done.push(await finishedRun(services, uuid));
  assert.deepEqual(done.map((x) => x.settings.class_names), [ENGLISH, FRENCH, ENGLISH]);
  assert.equal(done[0].settings.dataset_hash, done[1].settings.dataset_hash);
  assert.equal(done[0].digest, done[2].digest);
  assert.notEqual(done[0].digest, done[1].digest);
  for (const [i, names] of [ENGLISH, FRENCH, ENGLISH].entries()) {
    const of = `${services.broker}/v1/runs/${runs[i]}`;
    const { json } = await call(`${of}/champion`);
    assert.deepEqual(json.classes, names);
    const kept = await notes(`${of}/champion.safetensors`);
    assert.deepEqual(JSON.parse(kept.class_names), names);
  }
});

test('weights that children inherit have the run\'s names too', async (t) => {
  const dir = tempDir(t);
  const a = named(join(dir, 'a'), ENGLISH);
  const b = named(join(dir, 'b'), FRENCH);
  const settings = { ...SETTINGS, generations: 2, inherit: true };
  const one = await up(t);
  const alone = await finishedRun(one, await createRun(one, { ...settings, dataset: a }));
  const other = await up(t);
  await createRun(other, { ...SETTINGS, dataset: b });
  const after = await finishedRun(other, await createRun(other, { ...settings, dataset: a }));
  assert.equal(after.digest, alone.digest);
});

test('a classes.txt that leads elsewhere, or never ends, is refused at once', async (t) => {
  const dir = tempDir(t);
  const secret = join(dir, 'secret');
  writeFileSync(secret, 'a\nb\nc\nd\n');
  const services = await up(t);
  const link = join(dir, 'link');
  const pipe = join(dir, 'pipe');
  for (const set of [link, pipe]) {
    mkdirSync(set);
    tinyDataset(set);
  }
  symlinkSync(secret, join(link, 'classes.txt'));
  execFileSync('mkfifo', [join(pipe, 'classes.txt')]);
  for (const dataset of [link, pipe]) {
    const answer = await call(`${services.broker}/v1/runs`, { ...SETTINGS, dataset });
    assert.equal(answer.status, 422, answer.text);
    assert.match(answer.text, /classes\.txt is no regular file of its folder/);
  }
  const worse = named(join(dir, 'c1'), ['a', 'b', '\u009b31mc', 'd']);
  const answer = await call(`${services.broker}/v1/runs`, { ...SETTINGS, dataset: worse });
  assert.equal(answer.status, 422, answer.text);
  assert.match(answer.text, /line 3: a name is .* without control characters/);
});
