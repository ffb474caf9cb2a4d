// lib.test.mjs -- what the dashboard's views share and no browser is needed for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

// -- numbers and times as people read them --

test('numbers are short and times are in the two largest units', async () => {
  const { bytes, duration, percent, points, setting, short } = await load('format.ts');
  assert.deepEqual([0, 7, 0.0157, 999, 1000, 3362058, 1.42e9].map(short), ['0', '7', '0.0157', '999', '1.00 k', '3.36 M', '1.42 G']);
  assert.deepEqual([0.4, 12, 75, 3700, 90061].map(duration), ['0.4 s', '12 s', '1 min 15 s', '1 h 1 min', '1 d 1 h']);
  assert.equal(duration(59.7), '1 min 0 s');
  assert.deepEqual([percent(0.9166), percent(null), percent(1, 0)], ['91.66%', '–', '100%']);
  assert.deepEqual([points(0.0068), points(-0.0048), points(null)], ['+0.68', '−0.48', '–']);
  assert.equal(bytes(139000), '139 kB');
  assert.deepEqual([setting([8, 32]), setting(['relu', 'gelu']), setting(null), setting(false)], ['8 to 32', 'relu, gelu', '–', 'false']);
});

// -- species --

const generation = (number, species) => ({ generation: number, species, members: species.map((_, i) => i) });

test('a species is a band from the generation that it appears in to its last', async () => {
  const { bands } = await load('species.ts');
  const found = bands([generation(0, [0, 0, 1]), generation(1, [0, 2, 2]), generation(2, [2, 2, 2])]);
  assert.deepEqual(found, [
    { id: 0, born: 0, last: 1, sizes: [2, 1, 0] },
    { id: 1, born: 0, last: 0, sizes: [1, 0, 0] },
    { id: 2, born: 1, last: 2, sizes: [0, 2, 3] },
  ]);
});

test('of too many generations every so many is drawn, and it is said which', async () => {
  const { thinned } = await load('species.ts');
  const all = Array.from({ length: 1001 }, (_, i) => generation(i, [0]));
  assert.equal(thinned(all.slice(0, 400), 400).step, 1);
  const { shown, step } = thinned(all, 400);
  assert.deepEqual([step, shown.length, shown[1].generation], [3, 334, 3]);
});

// -- runs that differ in their seed --

const finished = (seed, score, over = {}) => ({
  uuid: `${seed}`, number: seed, name: `run ${seed}`, cpu_s: 10 * seed, champion: { test_accuracy: score },
  settings: { seed, name: `run ${seed}`, population: 20, ...over },
});

test('runs that differ in seed and name alone are one result, with its spread', async () => {
  const { groups } = await load('seeds.ts');
  const other = finished(4, 0.5, { population: 40 }), open = { ...finished(5, null) };
  const [g, ...none] = groups([finished(1, 0.9), finished(2, 0.92), finished(3, 0.94), other, open]);
  assert.equal(none.length, 0);
  assert.deepEqual(g.runs.map((r) => r.number), [1, 2, 3]);
  assert.ok(Math.abs(g.mean - 0.92) < 1e-12 && Math.abs(g.deviation - 0.02) < 1e-12 && g.cpu === 20);
});

// -- genomes gene by gene --

test('genes are compared by their numbers', async () => {
  const { differences } = await load('genes.ts');
  const parent = {
    nodes: [{ number: 0, kind: 'input' }, { number: 2, kind: 'conv', filters: 8, kernel: 3 }, { number: 3, kind: 'dense', units: 16 }],
    edges: [{ number: 1, from: 0, to: 2, enabled: true }], training: { learning_rate: 0.01 },
  };
  const child = {
    nodes: [{ number: 0, kind: 'input' }, { number: 2, kind: 'conv', filters: 16, kernel: 3 }, { number: 9, kind: 'conv', filters: 4 }],
    edges: [{ number: 1, from: 0, to: 2, enabled: false }], training: { learning_rate: 0.02 },
  };
  assert.deepEqual(differences(parent, child).map((d) => `${d.kind} ${d.text}`), [
    'other conv 2 of 16: filters 8 → 16', 'more conv 9 of 4', 'less dense 3 of 16',
    'other edge 1 from 0 to 2: no longer enabled', 'other training: learning rate 0.01 → 0.02',
  ]);
  assert.deepEqual(differences(parent, parent), []);
});

// -- which genes matter --

async function made(rows, outcome) {
  const { importance, numbers } = await load('forest.ts');
  const random = numbers(7);
  const columns = Array.from({ length: 6 }, (_, k) => ({
    choice: k === 2, values: Float64Array.from({ length: rows }, () => (k === 2 ? Math.floor(4 * random()) : random())),
  }));
  const of = (i) => outcome((k) => columns[k].values[i], random);
  return { columns, importance, outcome: Float64Array.from({ length: rows }, (_, i) => of(i)) };
}

test('what an outcome hangs on is clear of chance, and nothing else is', async () => {
  const { columns, importance, outcome } = await made(300, (x, random) => x(0) + (x(2) === 1 ? 0.6 : 0) + 0.2 * random());
  columns[5].values.fill(NaN, 0, 150); // half of the genomes have no such layer
  const verdict = importance(columns, outcome);
  assert.deepEqual(verdict.columns.map((c) => c.low > 0.02), [true, false, true, false, false, false]);
  for (const c of verdict.columns) assert.ok(c.low <= c.mean && c.mean <= c.high);
  assert.ok(verdict.explained.mean > 0.6 && verdict.explained.high <= 1, String(verdict.explained.mean));
  assert.deepEqual(importance(columns, outcome), verdict);
});

test('of noise nothing is explained', async () => {
  const { columns, importance, outcome } = await made(200, (_, random) => random());
  const { explained, columns: found } = importance(columns, outcome);
  assert.ok(explained.mean < 0.1, String(explained.mean));
  assert.ok(found.every((c) => c.mean < 0.1));
});

// -- the form --

const DOCUMENT = { paths: { '/v1/runs': { post: { requestBody: { content: { 'application/json': { schema: { properties: {
  name: { type: ['string', 'null'], default: '' },
  population: { type: ['integer', 'null'], minimum: 2, maximum: 10000, default: 20, description: 'networks' },
  inherit: { type: ['boolean', 'null'], default: false },
  schedule: { type: ['string', 'null'], enum: ['cosine', null], default: 'cosine' },
  optimizers: { type: ['array', 'null'], items: { type: 'string', enum: ['adam', 'sgd'] }, default: ['adam'] },
  space: { type: 'object', properties: { filters: { type: ['array', 'string'], items: { type: 'integer', minimum: 1 }, default: [16, 128] } } },
  seed_genomes: { type: 'array', items: {} },
  fork: { type: 'object', properties: { run: { type: 'string' } } },
} } } } } } } } };

async function form() {
  globalThis.sessionStorage = { getItem: () => null, setItem: () => undefined };
  globalThis.fetch = async () => new Response(JSON.stringify(DOCUMENT));
  const schema = await load('schema.ts');
  return { ...schema, fields: await schema.settingFields(new AbortController().signal) };
}

test('a field is made of each setting that a form can show', async () => {
  const { fields } = await form();
  assert.deepEqual(fields.map((f) => `${f.path.join('.')} ${f.kind} ${f.standard}`), [
    'name text ', 'population whole 20', 'inherit yes no', 'schedule choice cosine', 'optimizers several adam', 'space.filters range 16 to 128',
  ]);
  assert.deepEqual([fields[1].lo, fields[1].hi, fields[3].choices], [2, 10000, ['cosine']]);
});

test('only what was given is asked for, as its type is', async () => {
  const { fields, settingsOf } = await form();
  assert.deepEqual(settingsOf(fields, { name: '', optimizers: [] }), {});
  assert.deepEqual(settingsOf(fields, { population: '12', inherit: 'yes', optimizers: ['sgd'], 'space.filters': '8..32' }),
    { population: 12, inherit: true, optimizers: ['sgd'], space: { filters: [8, 32] } });
});

// -- events --

test('events go on after the last one, whatever breaks, until there are no more', async () => {
  globalThis.sessionStorage = { getItem: () => null, setItem: () => undefined };
  const { follow } = await load('stream.ts');
  const asked = [], told = [], broken = [];
  const answers = [
    () => new Response('id: 1\nevent: run\ndata: {"state":"created"}\n\n: alive\n\nid: 2\nevent: gener'),
    () => { throw new TypeError('fetch failed'); },
    () => new Response('event: trouble\ndata: {"trouble":"x"}\n\nid: 2\nevent: generation\ndata: {"generation":0}\n\n'),
    () => new Response(null, { status: 204 }),
  ];
  globalThis.fetch = async (_, { headers }) => {
    asked.push(headers['Last-Event-ID']);
    return answers[asked.length - 1]();
  };
  await follow('u', 0, (e) => told.push(e), (e) => broken.push(e && e.message), new AbortController().signal);
  assert.deepEqual(asked, [undefined, '1', '1', '2']);
  assert.deepEqual(told.map((e) => [e.id, e.type]), [[1, 'run'], [null, 'trouble'], [2, 'generation']]);
  assert.deepEqual(broken, [null, 'fetch failed', null]);
});

test('a refusal ends the events, for it would be one again', async () => {
  globalThis.sessionStorage = { getItem: () => null, setItem: () => undefined };
  const { follow } = await load('stream.ts');
  let asked = 0;
  globalThis.fetch = async () => { asked++; return new Response('{"error":"there is no run"}', { status: 404 }); };
  await follow('u', 0, () => undefined, () => undefined, new AbortController().signal);
  assert.equal(asked, 1);
});

// -- how far a run is --

test('the final training counts as part of a run', async () => {
  const { share } = await load('progress.ts');
  const run = (over) => ({ state: 'running', phase: 'scoring', budget: null, settings: { generations: 10 }, generation: 5,
    progress: { scored: 10, members: 20 }, ...over });
  assert.ok(Math.abs(share(run({})) - 0.97 * 0.55) < 1e-12);
  assert.equal(share(run({ phase: 'final' })), 0.97);
  assert.equal(share(run({ state: 'finished' })), 1);
  assert.equal(share(run({ budget: { spent_pflop: 1, pflop: 4 } })), 0.25);
});
