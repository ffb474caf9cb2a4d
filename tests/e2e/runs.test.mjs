// runs.test.mjs -- /v1/runs: create, look, pause, resume, cancel, events.
import assert from 'node:assert/strict';
import { before, after, test } from 'node:test';
import { join } from 'node:path';
import { call, sleep, tempDir, tinyDataset, until, up } from './harness.mjs';

let services, dataset;
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };

before(async () => {
  dataset = tinyDataset(join(tempDir(context), 'tiny'));
  services = await up(context);
});
after(async () => {
  for (const f of cleanup.reverse()) await f();
});

const settings = (over = {}) => ({
  dataset, population: 4, generations: 2, epochs: 1, train_limit: 0, final_epochs: 1, seed: 3, ...over,
});
const runs = () => `${services.broker}/v1/runs`;
const create = async (over) => {
  const made = await call(runs(), settings(over));
  assert.equal(made.status, 202, made.text);
  return made;
};
const finished = (uuid) => until('the run to end', async () => {
  const { json } = await call(`${runs()}/${uuid}`);
  return ['finished', 'failed', 'cancelled'].includes(json.state) && json;
}, 120);

test('a run is accepted with its Location and finishes', async () => {
  const made = await create();
  assert.equal(made.headers.get('location'), `/v1/runs/${made.json.uuid}`);
  assert.equal(made.json.settings.seed, 3);
  const run = await finished(made.json.uuid);
  assert.equal(run.state, 'finished', run.error);
  assert.equal(run.stop_reason, 'generations');
  assert.equal(run.evaluations, 7);
  assert.ok(run.champion.test_accuracy > 0);
});

test('generations and genomes come in pages that join without gap or overlap', async () => {
  const { uuid } = (await create()).json;
  await finished(uuid);
  const seen = [];
  for (let after = -1; after !== null;) {
    const { json } = await call(`${runs()}/${uuid}/genomes?limit=2&after=${after}`);
    seen.push(...json.items.map((g) => g.id));
    after = json.next;
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6]);
  const { json: one } = await call(`${runs()}/${uuid}/genomes/5`);
  assert.equal(one.genome.px_h, 12);
  assert.equal(one.result.kind, 'fitness');
  assert.equal(one.born, 1);
  const { json: generations } = await call(`${runs()}/${uuid}/generations`);
  assert.deepEqual(generations.items.map((g) => g.generation), [0, 1]);
  assert.equal(generations.items[1].members.length, 4);
});

test('a lineage goes from a genome down to those without parents, in pages', async () => {
  // No champion lives on, so that every generation is a step of the line.
  const { uuid } = (await create({ generations: 4, neat: { champion_size: 100 } })).json;
  await finished(uuid);
  const { json: { items } } = await call(`${runs()}/${uuid}/genomes`);
  const url = `${runs()}/${uuid}/lineage`;
  const { json: { items: line, next } } = await call(`${url}/${items.at(-1).id}`);
  assert.equal(next, null);
  // The list of genomes has their costs, too.
  const like = (item) => Object.fromEntries(Object.keys(line[0]).map((key) => [key, item[key]]));
  assert.deepEqual(line[0], like(items.at(-1)));
  assert.ok(line.length > 3 && line.at(-1).parents.length === 0);
  const seen = [];
  for (let after = -1; after !== null;) {
    const { json } = await call(`${url}/${line[0].id}?limit=2&after=${after}`);
    seen.push(...json.items);
    after = json.next;
  }
  assert.deepEqual(seen, line);
  assert.deepEqual((await call(`${url}/0`)).json.items, [like(items[0])]);
});

test('what names no lineage is refused with a sentence', async () => {
  const { uuid } = (await create()).json;
  await finished(uuid);
  const nobody = '00000000-0000-4000-8000-000000000000';
  for (const [path, status, sentence] of [
    [`${uuid}/lineage/7`, 404, /no genome 7/],
    [`${uuid}/lineage/7?after=3`, 404, /no genome 7/],
    [`${uuid}/lineage/999999999999999999`, 404, /no genome 999999999999999999/],
    [`${uuid}/lineage/9999999999999999999`, 400, /number of 1 to 18 digits/],
    [`${uuid}/lineage/-1`, 400, /number of 1 to 18 digits/],
    [`${uuid}/lineage/1%20OR%201`, 400, /number of 1 to 18 digits/],
    [`${uuid}/lineage/..%2f0`, 400, /number of 1 to 18 digits/],
    [`${nobody}/lineage/0`, 404, /no run/],
    ['x/lineage/0', 400, /uuid/i],
    [`${uuid}/lineage/0?limit=0`, 422, /limit.* 1 to 1000/],
    [`${uuid}/lineage/0?limit=1001`, 422, /limit.* 1 to 1000/],
    [`${uuid}/lineage/0?limit=many`, 400, /limit/],
    [`${uuid}/lineage/0?after=-2`, 422, /after/],
    [`${uuid}/lineage/0?after=99999999999999999999`, 422, /after/],
  ]) {
    const answer = await call(`${runs()}/${path}`);
    assert.equal(answer.status, status, `${path}: ${answer.text}`);
    assert.match(answer.json.error, sentence, path);
  }
});

test('the champion comes with its weights and their metadata', async () => {
  const { uuid } = (await create()).json;
  const early = await call(`${runs()}/${uuid}/champion.safetensors`);
  assert.ok([409, 200].includes(early.status));
  await finished(uuid);
  const { json: champion } = await call(`${runs()}/${uuid}/champion`);
  const answer = await fetch(`${runs()}/${uuid}/champion.safetensors`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(bytes.length, champion.weights.bytes);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
  const meta = header.__metadata__;
  assert.deepEqual(JSON.parse(meta.genome), champion.genome);
  assert.equal(JSON.parse(meta.normalization).mean.length, 1);
  assert.equal(JSON.parse(meta.class_names).length, 4);
  assert.match(meta.dataset_hash, /^[0-9a-f]{64}$/);
  const floats = Object.entries(header).filter(([name]) => name !== '__metadata__')
    .map(([, tensor]) => tensor.shape.reduce((a, b) => a * b, 1));
  assert.ok(floats.reduce((a, b) => a + b, 0) >= champion.parameters);
});

test('a paused run starts nothing until it is resumed', async () => {
  const { uuid } = (await create({ generations: 30 })).json;
  await until('a score', async () => (await call(`${runs()}/${uuid}`)).json.evaluations > 0);
  const paused = await call(`${runs()}/${uuid}/pause`, {});
  assert.equal(paused.status, 200, paused.text);
  assert.equal(paused.json.state, 'paused');
  assert.equal((await call(`${runs()}/${uuid}/pause`, {})).status, 409);
  let evaluations = -1; // a result is on its way for a moment after its job has ended
  await until('running jobs to end', async () => {
    const run = (await call(`${runs()}/${uuid}`)).json;
    const quiet = run.progress.running === 0 && run.evaluations === evaluations;
    evaluations = run.evaluations;
    if (!quiet) await sleep(500);
    return quiet;
  });
  await sleep(1000);
  assert.equal((await call(`${runs()}/${uuid}`)).json.evaluations, evaluations);
  assert.equal((await call(`${runs()}/${uuid}/resume`, {})).json.state, 'running');
  await until('more scores', async () => (await call(`${runs()}/${uuid}`)).json.evaluations > evaluations);
  const cancelled = await call(`${runs()}/${uuid}/cancel`, {});
  assert.equal(cancelled.json.state, 'cancelled');
  assert.equal(cancelled.json.stop_reason, 'cancelled');
  assert.equal((await call(`${runs()}/${uuid}/resume`, {})).status, 409);
});

test('an Idempotency-Key makes one run, and refuses another body', async () => {
  const headers = { 'Idempotency-Key': 'again-and-again' };
  const first = await call(runs(), settings(), { headers });
  const second = await call(runs(), settings(), { headers });
  const other = await call(runs(), settings({ seed: 4 }), { headers });
  assert.equal(first.status, 202);
  assert.equal(second.json.uuid, first.json.uuid);
  assert.equal(other.status, 409);
});

test('events resume after Last-Event-ID and end with the run', async () => {
  const { uuid } = (await create()).json;
  const text = await (await fetch(`${runs()}/${uuid}/events`)).text();
  const events = text.split('\n\n').filter((e) => e.startsWith('id:'))
    .map((e) => Object.fromEntries(e.split('\n').map((l) => [l.slice(0, l.indexOf(':')), l.slice(l.indexOf(':') + 2)])));
  assert.deepEqual(events.map((e) => Number(e.id)), events.map((_, i) => i + 1));
  assert.equal(events.filter((e) => e.event === 'evaluation').length, 7);
  assert.equal(events.filter((e) => e.event === 'generation').length, 2);
  assert.equal(JSON.parse(events.at(-1).data).state, 'finished');
  const rest = await (await fetch(`${runs()}/${uuid}/events`, { headers: { 'Last-Event-ID': '3' } })).text();
  assert.match(rest, /^id: 4\n/);
  const nothing = await fetch(`${runs()}/${uuid}/events`, { headers: { 'Last-Event-ID': events.at(-1).id } });
  assert.equal(nothing.status, 204);
});

test('runs are listed newest first in pages', async () => {
  const made = (await create()).json.uuid;
  const page = (await call(`${runs()}?limit=1`)).json;
  assert.equal(page.items[0].uuid, made);
  const older = (await call(`${runs()}?limit=1&after=${page.next}`)).json;
  assert.notEqual(older.items[0].uuid, made);
});

test('an unknown query parameter is refused, with those known', async () => {
  for (const [query, known] of [['limt=1', /"limt" here; known: limit after state/], ['before=3', /known: limit after/]]) {
    const { status, json, headers } = await call(`${runs()}?${query}`);
    assert.equal(status, 400, query);
    assert.match(json.error, known);
    assert.match(headers.get('content-type'), /application\/problem\+json/);
  }
  assert.equal((await call(`${services.broker}/v1/workers?limit=1`)).status, 400);
});

test('workers and data sets are shown', async () => {
  const { json: workers } = await call(`${services.broker}/v1/workers`);
  assert.equal(workers.items.length, 1);
  assert.equal(workers.items[0].state, 'ready');
  assert.equal(workers.items[0].slots, 2);
  assert.ok(workers.items[0].kernels.length > 0);
  const { json: datasets } = await call(`${services.broker}/v1/datasets`);
  assert.equal(datasets.items[0].name, 'fashion-mnist');
});

test('a run that cannot be is refused with the field', async () => {
  for (const [over, field] of [[{ population: 1 }, 'population'], [{ generations: 0 }, 'generations'],
    [{ dataset: 'no-such-set' }, 'dataset'], [{ fitness_threshold: 2 }, 'fitness_threshold'],
    [{ algorithm: 'magic' }, 'algorithm'], [{ elite: 4 }, 'elite'], [{ kernels: 'abacus-1' }, 'kernels'],
    [{ seed: -1 }, 'seed']]) {
    const answer = await call(runs(), settings(over));
    assert.equal(answer.status, 422, `${field}: ${answer.text}`);
    assert.match(answer.headers.get('content-type'), /application\/problem\+json/);
    assert.match(answer.json.error, new RegExp(field === 'dataset' ? 'data set' : field));
  }
});

test('a champion is known to another run, which finds its own way from there', async () => {
  const first = (await create()).json.uuid;
  await finished(first);
  const { json: champion } = await call(`${runs()}/${first}/champion`);
  const known = { seed: 4, seed_genomes: [champion.genome] };
  const second = (await create(known)).json;
  assert.deepEqual(second.settings.seed_genomes, known.seed_genomes);
  const run = await finished(second.uuid);
  assert.equal(run.state, 'finished', run.error);
  const { json: one } = await call(`${runs()}/${second.uuid}/genomes/0`);
  assert.deepEqual(one.genome, champion.genome);
  assert.equal((await finished((await create(known)).json.uuid)).digest, run.digest);
  assert.notEqual((await finished((await create({ seed: 4 })).json.uuid)).digest, run.digest);
});

test('a known genome for other data is refused with its place', async () => {
  const { uuid } = (await create()).json;
  const { json: { genome } } = await until('a genome', async () => {
    const answer = await call(`${runs()}/${uuid}/genomes/0`);
    return answer.status === 200 && answer;
  });
  const { status, json } = await call(runs(), settings({ seed_genomes: [genome, { ...genome, px_h: 13 }] }));
  assert.equal(status, 422);
  assert.equal(json.pointer, '/seed_genomes/1');
  assert.match(json.detail, /1x13x12 in 4 classes/);
});

for (const algorithm of ['neat', 'random', 'truncation']) {
  test(`${algorithm}: no genome of a run has more parameters than it may, or filters beyond its space`, async () => {
    const { uuid } = (await create({
      algorithm, generations: 3, max_parameters: 6000, space: { filters: [4, 8], units: [16, 20] },
    })).json;
    const run = await finished(uuid);
    assert.equal(run.state, 'finished', run.error);
    const { json: { items } } = await call(`${runs()}/${uuid}/genomes?limit=100`);
    for (const { id } of items) {
      const { json: { genome } } = await call(`${runs()}/${uuid}/genomes/${id}`);
      const { json: verdict } = await call(`${services.genome}/v1/validate`, { genome });
      assert.ok(verdict.parameters <= 6000, `${id}: ${verdict.parameters}`);
      const filters = genome.filters ?? genome.nodes.flatMap((n) => n.filters ?? []);
      assert.ok(filters.every((n) => n === 4 || n === 8), `${id}: ${filters}`);
    }
  });
}
