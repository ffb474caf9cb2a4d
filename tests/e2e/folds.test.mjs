// folds.test.mjs -- cross-validation: the mean of trainings that are each judged
// on another part, the same however they are shared out and through a kill.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { readIdx, writeNpy } from './dataset_files.mjs';
import {
  call, createRun, finishedRun, run, tempDir, tinyDataset, until, up,
} from './harness.mjs';

const FOLDS = 3;

function settings(dataset, over = {}) {
  return { dataset, population: 4, generations: 2, final_epochs: 1, train_limit: 0, seed: 1,
    folds: FOLDS, algorithm: 'truncation', ...over };
}

async function genomes(services, uuid) {
  const { json } = await call(`${services.broker}/v1/runs/${uuid}/genomes?limit=100`);
  return Promise.all(json.items.map(async ({ id }) =>
    (await call(`${services.broker}/v1/runs/${uuid}/genomes/${id}`)).json));
}

test('a genome\'s fitness is the mean over its folds, which verify trains again', async (t) => {
  const dir = tempDir(t);
  const services = await up(t, { slots: 2 });
  const uuid = await createRun(services, settings(tinyDataset(join(dir, 'set'))));
  await finishedRun(services, uuid);
  const all = await genomes(services, uuid);
  assert.ok(all.length >= 4);
  for (const g of all) {
    const folds = g.rungs.filter((r) => /\/0\/[1-3]$/.test(r.id));
    assert.deepEqual(folds.map((r) => Number(r.id.split('/').at(-1))), [1, 2, 3]);
    assert.deepEqual(folds.map((r) => r.total), [80, 80, 80]); // of 240
    const sum = folds.reduce((a, r) => a + r.fitness, 0);
    assert.equal(g.fitness, sum / FOLDS);
  }
  const again = await run(t, ['verify', uuid, '--broker', services.broker,
    '--evolutioner', services.evolutioner, '--sample', '0', '--json']);
  assert.equal(again.code, 0, `${again.err}${again.out}`);
  const found = JSON.parse(again.out);
  assert.equal(found.agree, found.scored);
  assert.equal(found.trainings.length, FOLDS * found.scored);
});

test('the digest is that of one slot, of two, and after kill -9', async (t) => {
  const dir = tempDir(t);
  const set = tinyDataset(join(dir, 'set'));
  const digests = [];
  for (const slots of [1, 2]) {
    const services = await up(t, { slots });
    digests.push((await finishedRun(services, await createRun(services, settings(set)))).digest);
  }
  // Killed when some folds of a genome are in and others are not.
  const first = await up(t, { slots: 1 });
  const uuid = await createRun(first, settings(set));
  await until('a fold or two', async () => {
    const { json } = await call(`${first.broker}/v1/runs/${uuid}/genomes?limit=4`);
    if (json.items.some((g) => g.state === 'scored')) return true;
    const seen = await Promise.all(json.items.map(async ({ id }) =>
      (await call(`${first.broker}/v1/runs/${uuid}/genomes/${id}`)).json));
    return seen.some((g) => g.rungs.length > 0);
  });
  first.proc.child.kill('SIGKILL');
  await first.proc.ended;
  const second = await up(t, { dataDir: first.dataDir, slots: 1 });
  digests.push((await finishedRun(second, uuid)).digest);
  assert.equal(new Set(digests).size, 1, digests.join(' '));
  const plain = await finishedRun(second, await createRun(second, settings(set, { folds: 0 })));
  assert.notEqual(plain.digest, digests[0]);
});

test('folds with a budget are paid for, and what does not go with them is refused', async (t) => {
  const dir = tempDir(t);
  const set = tinyDataset(join(dir, 'set'));
  const services = await up(t);
  const paid = await finishedRun(services, await createRun(services, { dataset: set, seed: 1, folds: 2,
    budget_pflop: 0.002 }));
  assert.equal(paid.settings.rungs, 1);
  assert.equal(paid.settings.folds, 2);
  const refused = [
    [{ rungs: 2 }, /train every network as often/],
    [{ inherit: true }, /children cannot .*inherit/],
    [{ folds: 1 }, /must be 0, for none, or 2 to 10/],
  ];
  for (const [over, why] of refused) {
    const a = await call(`${services.broker}/v1/runs`, settings(set, over));
    assert.equal(a.status, 422, a.text);
    assert.match(a.text, why);
  }
  const parts = readIdx(set);
  const own = writeNpy(join(dir, 'own'), [...parts, { ...parts[1], part: 'val' }]);
  const a = await call(`${services.broker}/v1/runs`, settings(own));
  assert.equal(a.status, 422, a.text);
  assert.match(a.text, /says itself what to validate on/);
});
