// evolve.test.mjs -- the main job: one document, one digest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { document, evolve } from './evolving.mjs';
import { call, tempDir, tinyDataset, until, up } from './harness.mjs';

test('evolve --json prints one document with everything a script needs', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const doc = document(await evolve(t, dataset, ['--algorithm', 'truncation']));
  assert.equal(doc.state, 'finished');
  assert.equal(doc.stop_reason, 'generations');
  assert.equal(doc.generations, 3);
  assert.equal(doc.failures, 0);
  assert.ok(doc.evaluations >= 6 && doc.evaluations <= 18);
  assert.deepEqual(doc.history.map((h) => h.generation), [0, 1, 2]);
  for (const h of doc.history) assert.ok(h.best >= h.mean && h.mean >= 0 && h.best <= 1);
  assert.match(doc.uuid, /^[0-9a-f-]{36}$/);
  assert.match(doc.digest, /^[0-9a-f]{64}$/);
  assert.ok(doc.wall_s > 0 && doc.cpu_s > 0);
  assert.ok(doc.champion.test_accuracy > 0.5, `test accuracy ${doc.champion.test_accuracy}`);
  assert.ok(doc.champion.val_accuracy > 0.5);
  assert.ok(doc.champion.parameters > 0);
  assert.equal(doc.champion.genome.num_classes, 4);
  assert.equal(doc.champion.genome['Activation Functions'].length,
    doc.champion.genome['Number of Fully Connected Layers']);
});

// With all that is judged otherwise than as the last step left it.
const JUDGED = ['--ema', '0.9', '--augment-flip', '--flip-test'];

for (const [algorithm, ...recipe] of [['neat', ...JUDGED], ['truncation']]) {
  test(`${algorithm}: the digest is the same on one slot and two, and another for another seed`, async (t) => {
    const dataset = tinyDataset(join(tempDir(t), 'tiny'));
    const go = async (...options) => document(await evolve(t, dataset, ['--algorithm', algorithm, ...recipe, ...options]));
    const one = await go('--slots', '1');
    const two = await go('--slots', '2');
    const other = await go('--slots', '2', '--seed', '8');
    assert.equal(one.digest, two.digest);
    assert.deepEqual(one.champion, two.champion);
    assert.notEqual(one.digest, other.digest);
  });
}

test('NEAT is the default: graphs of layers in species, each genome with its history', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await up(t);
  const neat = { threshold: 0.2, add_node_rate: 0.6, add_edge_rate: 0.3 };
  const { json: made } = await call(`${services.broker}/v1/runs`,
    { dataset, population: 6, generations: 3, final_epochs: 1, seed: 7, neat });
  assert.equal(made.settings.algorithm, 'neat');
  assert.equal(made.settings.neat.threshold, 0.2);
  assert.equal(made.settings.neat.disabled_rate, 0.75);
  const url = `${services.broker}/v1/runs/${made.uuid}`;
  const done = await until('the run to finish', async () => {
    const { json } = await call(url);
    return json.state === 'finished' && json;
  });
  assert.ok(done.species >= 2, `${done.species} species`);
  assert.ok(done.champion.nodes >= 3 && done.champion.edges >= 2);

  const { json: { items } } = await call(`${url}/genomes?limit=500`);
  const children = items.filter((g) => g.born > 0);
  assert.ok(items.filter((g) => g.born === 0).every((g) => g.parents.length === 0 && g.mutations.length === 0));
  assert.ok(children.length > 0 && children.every((g) => g.parents.length > 0));
  assert.ok(children.some((g) => g.mutations.includes('split')));
  assert.ok(items.every((g) => Number.isInteger(g.species)));

  for (const generation of [0, 1, 2]) {
    const { json: { items: species } } = await call(`${url}/species?generation=${generation}`);
    assert.equal(species.reduce((n, s) => n + s.size, 0), 6);
    for (const s of species) assert.ok(s.born <= generation && s.best >= s.mean && s.improved <= generation);
  }
  const { json: latest } = await call(`${url}/species`);
  assert.equal(latest.items[0].generation, 2);

  const byId = new Map(items.map((g) => [g.id, g]));
  for (const { id } of children) {
    const line = new Set();
    for (const todo = [id]; todo.length > 0;) {
      const next = todo.pop();
      if (!line.has(next)) todo.push(...byId.get(next).parents);
      line.add(next);
    }
    const { json } = await call(`${url}/lineage/${id}`);
    // The list of genomes has their costs, too.
    const like = (item) => Object.fromEntries(Object.keys(json.items[0]).map((key) => [key, item[key]]));
    assert.deepEqual(json.items, [...line].sort((a, b) => b - a).map((i) => like(byId.get(i))));
    assert.equal(json.next, null);
  }

  const svg = await fetch(`${url}/genomes/${done.champion.id}.svg`);
  assert.equal(svg.headers.get('content-type'), 'image/svg+xml');
  assert.match(await svg.text(), /^<svg[^]*conv[^]*<\/svg>\s*$/);
  assert.equal((await fetch(`${url}/genomes/999.svg`)).status, 404);
});
