// fork.test.mjs -- a run that goes on from a generation of another one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { expected, openFixture } from '../fixtures/store.mjs';
import { call, run, SMALL_NETWORKS, tempDir, tinyDataset, until, up } from './harness.mjs';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const BASE = {
  population: 4, generations: 3, epochs: 1, train_limit: 0, final_epochs: 1, seed: 3, ...SMALL_NETWORKS,
};

let services, dataset, base;
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };
const runs = () => `${services.broker}/v1/runs`;

const create = async (settings) => {
  const { status, json, text } = await call(runs(), settings);
  assert.equal(status, 202, text);
  return json;
};
const finished = async ({ uuid }) => {
  const done = await until('the run to end', async () => {
    const { json } = await call(`${runs()}/${uuid}`);
    return ['finished', 'failed', 'cancelled'].includes(json.state) && json;
  }, 120);
  assert.equal(done.state, 'finished', done.error);
  return done;
};
const forked = (over = {}, generation = undefined) =>
  create({ fork: { run: base.uuid, generation }, seed: 5, ...over });
const genomeOf = async ({ uuid }, id) => (await call(`${runs()}/${uuid}/genomes/${id}`)).json;
const members = async ({ uuid }, generation) => {
  const { json: { items } } = await call(`${runs()}/${uuid}/generations?after=${generation - 1}`);
  return Promise.all(items[0].members.map((id) => genomeOf({ uuid }, id)));
};
// By rung, fitness and id, as a run ranks those of a generation.
const best = async (of, generation) => (await members(of, generation))
  .filter((g) => !g.failure)
  .sort((a, b) => b.rungs.length - a.rungs.length || b.fitness - a.fitness || a.id - b.id);
// Settings but for those that belong to one run.
const common = ({ name, seed, seed_genomes, fork, ...rest }) => rest;

before(async () => {
  dataset = tinyDataset(join(tempDir(context), 'tiny'));
  services = await up(context);
  base = await finished(await create({ ...BASE, dataset, name: 'the first', rungs: 2, label_smoothing: 0.1,
    neat: { survival: 0.5 }, space: { filters: [4, 8] }, augment: { crop: 1 } }));
});
after(async () => {
  for (const f of cleanup.reverse()) await f();
});

test('a fork of a finished run goes on from the best of its last generation, by its settings', async () => {
  const made = await forked();
  assert.deepEqual(common(made.settings), common(base.settings));
  assert.equal(made.settings.name, '');
  assert.equal(made.settings.seed, 5);
  assert.deepEqual(made.settings.fork, { run: base.uuid, generation: 2 });
  assert.equal(base.settings.fork, null);
  const done = await finished(made);
  const from = await best(base, 2);
  for (const [id, { genome }] of from.entries()) {
    const entered = (await genomeOf(done, id)).genome;
    const sizes = (g) => g.nodes.map(({ number, ...node }) => node);
    assert.deepEqual(sizes(entered), sizes(genome));
    assert.deepEqual(entered.training, genome.training);
  }
  assert.deepEqual(done.settings.seed_genomes, from.map((g) => g.genome));
  assert.equal(done.generation, 2);
});

test('the same fork has the same digest, which covers its genomes and not where they are from', async () => {
  const first = await finished(await forked());
  const again = await finished(await forked({}, 2));
  assert.equal(again.digest, first.digest);
  const { fork, ...settings } = first.settings;
  const given = await finished(await create({ dataset, ...BASE, seed: 5, rungs: 2, label_smoothing: 0.1,
    neat: { survival: 0.5 }, space: { filters: [4, 8] }, augment: { crop: 1 }, seed_genomes: settings.seed_genomes }));
  assert.equal(given.digest, first.digest);
  assert.notEqual((await finished(await forked({}, 0))).digest, first.digest);
});

test('what a fork is given stands in place of what the run has', async () => {
  const { settings } = await forked({ population: 2, rungs: 1, name: 'on', neat: { survival: 0.3 },
    space: { units: [16, 32] }, augment: { erase: 0.5 } }, 0);
  const { settings: old } = base;
  assert.deepEqual(common(settings), { ...common(old), population: 2, rungs: 1,
    neat: { ...old.neat, survival: 0.3 }, space: { ...old.space, units: [16, 32] },
    augment: { ...old.augment, erase: 0.5 } });
  const from = await best(base, 0);
  assert.deepEqual(settings.seed_genomes, from.slice(0, 2).map((g) => g.genome));
  const { settings: preset } = await forked({ neat: { preset: 'cnn' } });
  assert.notDeepEqual(preset.neat, old.neat);
});

test('a fork has another algorithm and what that has in common with the run\'s', async () => {
  const { settings, ...random } = await forked({ algorithm: 'random', population: 6 });
  assert.equal(settings.algorithm, 'random');
  assert.equal(settings.neat, undefined);
  assert.equal(settings.first_convolutions, base.settings.first_convolutions);
  await finished(random);
  const flat = await finished(await create({ ...BASE, dataset, algorithm: 'truncation', elite: 2, epochs: 2 }));
  const neat = await finished(await create({ fork: { run: flat.uuid }, algorithm: 'neat', seed: 5 }));
  assert.equal(neat.settings.epochs, 2);
  assert.equal(neat.settings.elite, undefined);
  assert.equal(neat.settings.seed_genomes.length, 4);
  const again = await create({ fork: { run: flat.uuid }, seed: 5 });
  assert.deepEqual(common(again.settings), common(flat.settings));
  await finished(again);
});

test('genomes beyond the limits of a fork are left out', async () => {
  const cost = async (genome) => (await call(`${services.genome}/v1/validate`, { genome })).json.parameters;
  const from = await best(base, 2);
  const costs = await Promise.all(from.map((g) => cost(g.genome)));
  const max_parameters = Math.min(...costs);
  const { settings } = await forked({ max_parameters });
  assert.deepEqual(settings.seed_genomes,
    from.filter((_, i) => costs[i] <= max_parameters).map((g) => g.genome));
  const { status, json } = await call(runs(), { fork: { run: base.uuid }, max_parameters: 1 });
  assert.equal(status, 422);
  assert.equal(json.pointer, '/fork');
  assert.match(json.error, /no genome of generation 2 of run .* keeps to the limits/);
});

test('a fork of a budget has a budget as large, or what it is given in its place', async () => {
  const rich = await create({ dataset, budget_pflop: 0.0001, seed: 7, train_limit: 60, max_mflop: 5 });
  const of = { fork: { run: rich.uuid }, seed: 8 };
  await until('a generation', async () => (await call(`${runs()}/${rich.uuid}`)).json.generation > 0);
  const same = (await create(of)).settings;
  assert.deepEqual(common(same), common(rich.settings));
  const more = (await create({ ...of, budget_pflop: 0.01 })).settings;
  assert.ok(more.population > rich.settings.population && more.max_work > rich.settings.max_work);
  assert.equal(more.max_mflop, 5);
  assert.ok(more.finalists >= rich.settings.finalists);
  const short = (await create({ ...of, generations: 2 })).settings;
  assert.equal(short.budget_pflop, null);
  assert.equal(short.generations, 2);
  assert.equal(short.population, rich.settings.population);
  const budgeted = (await forked({ budget_pflop: 0.001 })).settings;
  assert.equal(budgeted.budget_pflop, 0.001);
  assert.equal(budgeted.population, BASE.population);
  assert.ok(budgeted.generations > BASE.generations);
  const timed = (await create({ dataset, budget: 20, label_smoothing: 0 })).uuid;
  await until('a generation', async () => (await call(`${runs()}/${timed}`)).json.generation > 0);
  const again = (await create({ fork: { run: timed } })).settings;
  assert.equal(again.budget, 20);
  assert.equal(again.label_smoothing, 0);
  assert.ok(again.budget_pflop > 0);
  for (const { uuid } of (await call(runs())).json.items) await call(`${runs()}/${uuid}/cancel`, {});
});

test('a fork that cannot be is refused with its place', async () => {
  const other = tinyDataset(join(tempDir(context), 'other'), { side: 16 });
  const run = base.uuid, [{ genome }] = await members(base, 0);
  for (const [body, status, pointer, sentence] of [
    [{ fork: { run: NOBODY } }, 422, '/fork/run', /no run 0+-/],
    [{ fork: { run: 'x' } }, 422, '/fork/run', /UUID/],
    [{ fork: {} }, 400, '/fork/run', /missing|required|must/],
    [{ fork: run }, 400, '/fork', /object/],
    [{ fork: { run, generation: 3 } }, 422, '/fork/generation', /no generation 3 that is complete/],
    [{ fork: { run, generation: -1 } }, 422, '/fork/generation', /generation/],
    [{ fork: { run, id: 7 } }, 400, '/fork/id', /not known/],
    [{ fork: { run }, seed_genomes: [genome] }, 400, '/seed_genomes', /not both/],
    [{ fork: { run }, dataset: other }, 422, '/fork', /1x16x16/],
    [{ fork: { run }, population: 1 }, 422, '/population', /population/],
    [{ fork: { run }, elite: 1 }, 422, '/elite', /neat/],
    [{ fork: { run, generation: 0 }, algorithm: 'truncation' }, 422, '/fork', /flat form cannot hold/],
  ]) {
    const answer = await call(runs(), body);
    assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
    assert.equal(answer.json.pointer, pointer);
    assert.match(answer.json.error, sentence);
  }
});

test('runs of earlier programs are forked as they were', async (t) => {
  const old = await up(t, { dataDir: openFixture(tempDir(t)) });
  const url = `${old.broker}/v1/runs`;
  for (const [name, { uuid }] of Object.entries(expected().runs)) {
    const { json: { settings } } = await call(`${url}/${uuid}`);
    const { status, json, text } = await call(url, { fork: { run: uuid }, seed: 5 });
    assert.equal(status, 202, `${name}: ${text}`);
    // A new run names its classes, which theirs had from the workers.
    const { class_names: classes, ...rest } = json.settings;
    assert.deepEqual(common(rest), common(settings), name);
    assert.equal(classes.length, settings.num_classes);
    assert.ok(json.settings.seed_genomes.length > 1);
    await until('a score', async () => (await call(`${url}/${json.uuid}`)).json.evaluations > 0);
    await call(`${url}/${json.uuid}/cancel`, {});
  }
});

test('nevod evolve --fork goes on from a run in a data folder', async (t) => {
  const own = ['--data-dir', tempDir(t), '--broker-port', '0', '--genome-port', '0', '--evolutioner-port', '0'];
  const evolve = async (...args) => {
    const p = await run(t, ['evolve', '--json', ...own, ...args]);
    assert.equal(p.code, 0, p.err);
    return { ...JSON.parse(p.out), err: p.err };
  };
  const first = await evolve('--dataset', dataset, '--population', '4', '--generations', '2',
    '--train-limit', '0', '--seed', '3');
  const second = await evolve('--fork', `${first.uuid}:0`, '--generations', '1', '--seed', '4');
  assert.match(second.err, new RegExp(`from generation 0 of run ${first.uuid}`));
  const third = await evolve('--fork', first.uuid, '--seed', '4', '--generations', '1', '--inherit');
  assert.notEqual(third.digest, second.digest);
  for (const [args, sentence] of [
    [['--fork', 'x'], /no run has the number, the name or a uuid that begins with 'x'/], [['--fork', `${first.uuid}:`], /--fork takes/],
    [['--fork', NOBODY], /no run 0+-/],
  ]) {
    const p = await run(t, ['evolve', ...own, ...args]);
    assert.notEqual(p.code, 0);
    assert.match(p.err, sentence);
  }
});
