// cache.test.mjs -- equal networks that share a seed are trained once: the same
// outcome on one slot and two, through kill -9, and told in full.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  call, createRun, finishedRun, killInGenerations, LONG, run, skipGenome, tempDir, tinyDataset, up,
} from './harness.mjs';

// A space with one choice for nearly everything, so that networks repeat.
const SETTINGS = {
  population: 8, generations: 3, final_epochs: 1, seed: 7, train_limit: 40, seed_policy: 'network', batch_size: 16,
  activations: ['relu'], optimizers: ['adam'],
  space: {
    filters: [8, 8], units: [16, 16], kernel: [3, 3], learning_rate: [0.001, 0.001], batch_size: [16, 16],
    dropout: [0, 0],
  },
};
// What inherits is the same only of genomes that are: five of the first are.
const clones = (n) => ({ seed_genomes: Array(n).fill(skipGenome()) });
const WAYS = {
  plain: {}, 'rungs, inheritance and finalists': { rungs: 2, inherit: true, finalists: 2, ...clones(5) },
};

const tiny = (t, size) => tinyDataset(join(tempDir(t), 'tiny'), size);
const runOn = async (t, slots, settings) => {
  const services = await up(t, { slots });
  return finishedRun(services, await createRun(services, settings));
};
const evaluationsOf = async (url) => {
  const text = await (await fetch(`${url}/events`)).text();
  return [...text.matchAll(/^event: evaluation\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data));
};
// Of the search: a finalist is trained whatever was trained before.
const search = (evaluations) => evaluations.filter((e) => e.rung < 6);

for (const [name, way] of Object.entries(WAYS)) {
  test(`${name}: the digest is the same on one slot and two`, async (t) => {
    const settings = { ...SETTINGS, ...way, dataset: tiny(t) };
    const [one, two] = [await runOn(t, 1, settings), await runOn(t, 2, settings)];
    assert.ok(one.cached > 0 && one.cached < one.evaluations, `${one.cached} of ${one.evaluations}`);
    assert.equal(one.digest, two.digest);
    // Weights that nobody needs any more may go before or after another could have taken them over.
    if (!way.inherit) assert.equal(one.cached, two.cached);
    const alone = await runOn(t, 2, { ...settings, seed_policy: 'genome' });
    assert.equal(alone.cached, 0);
    assert.notEqual(alone.digest, one.digest);
  });

  test(`${name}: kill -9 of up in the middle of a generation leaves the digest alone`, async (t) => {
    // What is cached takes no time, so what is not must take the more.
    const settings = { ...SETTINGS, ...way, ...LONG, generations: 6, epochs: 3 * LONG.epochs, dataset: tiny(t, { train: 3000 }) };
    const calm = await runOn(t, 2, settings);
    const first = await up(t);
    const uuid = await createRun(first, settings);
    const services = await killInGenerations(t, first, uuid, 1);
    const done = await finishedRun(services, uuid);
    assert.equal(done.digest, calm.digest);
    const cached = search(await evaluationsOf(`${services.broker}/v1/runs/${uuid}`)).filter((e) => 'cached_from' in e);
    assert.equal(cached.length, done.cached);
    if (way.inherit) assert.ok(done.cached > 0);
    else assert.equal(done.cached, calm.cached);
  });

  test(`${name}: a genome whose network was trained takes that score, and trains nothing`, async (t) => {
    const services = await up(t);
    const uuid = await createRun(services, { ...SETTINGS, ...way, dataset: tiny(t) });
    const done = await finishedRun(services, uuid);
    const url = `${services.broker}/v1/runs/${uuid}`;
    const genomes = new Map();
    const evaluations = await evaluationsOf(url);
    for (const { genome } of evaluations) genomes.set(genome, (await call(`${url}/genomes/${genome}`)).json);
    const result = (id, rung) => genomes.get(id).rungs[rung] ?? genomes.get(id).result;
    let images = 0;
    for (const e of evaluations) {
      const own = result(e.genome, e.rung);
      if (e.rung >= 6) images += e.images;
      if (e.rung >= 6) continue;
      assert.equal(own.id, `${uuid}/${e.born}/${e.genome}/${e.rung}/0`);
      assert.equal(own.cached_from, e.cached_from);
      if (e.cached_from === undefined) {
        images += e.images;
        continue;
      }
      const theirs = result(e.cached_from, e.rung);
      assert.equal(theirs.cached_from, undefined);
      assert.deepEqual([own.correct, own.loss, own.images, own.weights],
        [theirs.correct, theirs.loss, theirs.images, theirs.weights]);
      assert.deepEqual([own.cpu_s, e.cpu_s], [0, 0]);
    }
    assert.equal(evaluations.filter((e) => 'cached_from' in e).length, done.cached);
    // All but those of the champion's final training, of training and validation images.
    assert.equal(done.images, images + 240);
  });
}

test('a budget is charged for what is taken over, as if it had been trained', async (t) => {
  const settings = { ...SETTINGS, ...clones(8), generations: 1, finalists: 0, budget_pflop: 1e-5, dataset: tiny(t) };
  const shared = await runOn(t, 2, settings);
  const alone = await runOn(t, 2, { ...settings, seed_policy: 'genome' });
  assert.equal(shared.evaluations, alone.evaluations);
  assert.ok(shared.cached >= 7);
  assert.ok(shared.images < alone.images);
  assert.equal(shared.budget.spent_pflop, alone.budget.spent_pflop);
});

test('people are told', async (t) => {
  const services = await up(t);
  await finishedRun(services, await createRun(services, { ...SETTINGS, dataset: tiny(t) }));
  const { out } = await run(t, ['champion', '--broker', services.broker]);
  assert.match(out, /\d+ evaluations, 0 failures, \d+ cached\n/);
  assert.match(out, /seed_policy network/);
});
