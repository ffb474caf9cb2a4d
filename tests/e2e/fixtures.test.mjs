// fixtures.test.mjs -- what earlier programs left in their stores goes on, to
// the digests that they would have reached (tests/fixtures/README.md).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expected, openFixture } from '../fixtures/store.mjs';
import { call, tempDir, until, up } from './harness.mjs';

const { runs, population } = expected();
let services;
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };

before(async () => {
  services = await up(context, { dataDir: openFixture(tempDir(context)) });
});
after(async () => {
  for (const f of cleanup.reverse()) await f();
});

const ask = async (path, body) => {
  const answer = await call(`${services.broker}${path}`, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const of = (state) => Object.entries(runs).filter(([, run]) => run.state === state);

async function pagesAnswer(uuid, evaluations) {
  const { items } = await ask(`/v1/runs/${uuid}/genomes?limit=500`);
  assert.equal(items.length, evaluations);
  for (const { id } of items) assert.ok((await ask(`/v1/runs/${uuid}/genomes/${id}`)).genome.px_h === 12);
  const { items: generations } = await ask(`/v1/runs/${uuid}/generations`);
  assert.ok(generations.length > 1 && generations.every((g) => g.best >= g.mean));
  await ask(`/v1/runs/${uuid}/lineage/${items.at(-1).id}`);
}

async function reaches(name, { uuid, digest, evaluations, champion }) {
  const run = await until(`"${name}" to finish`, async () => {
    const seen = await ask(`/v1/runs/${uuid}`);
    assert.notEqual(seen.state, 'failed', seen.error);
    return seen.state === 'finished' && seen;
  }, 120);
  assert.equal(run.evaluations, evaluations);
  const { id, genome, weights } = await ask(`/v1/runs/${uuid}/champion`);
  assert.deepEqual({ id, genome }, champion);
  const file = await fetch(`${services.broker}/v1/runs/${uuid}/champion.safetensors`);
  assert.equal((await file.arrayBuffer()).byteLength, weights.bytes);
  await pagesAnswer(uuid, evaluations);
  assert.equal(run.digest, digest);
}

test('the store has the six runs', async () => {
  const { items } = await ask('/v1/runs');
  assert.deepEqual(items.map((run) => run.uuid).sort(), Object.values(runs).map((run) => run.uuid).sort());
});

for (const [name, run] of of('finished')) {
  test(`${name}: the run can be looked at as before`, () => reaches(name, run));
}

for (const [name, run] of of('paused')) {
  test(`${name}: the run rests until it is resumed, then ends as it would have`, async () => {
    assert.equal((await ask(`/v1/runs/${run.uuid}`)).state, 'paused');
    await ask(`/v1/runs/${run.uuid}/resume`, {});
    await reaches(name, run);
  });
}

for (const [name, run] of of('running')) {
  test(`${name}: the run goes on by itself and ends as it would have`, () => reaches(name, run));
}

test('a saved population has the child that it would have had', async () => {
  const { uuid, ask: parents, child, models } = population;
  assert.deepEqual((await ask('/create_child', { uuid, ...parents })).message, child);
  assert.deepEqual(JSON.parse(readFileSync(join(services.dataDir, 'models', `${uuid}.json`), 'utf8')), models);
});

test('a model of a saved population can be trained', async () => {
  const { message } = await ask('/create_cnn_model', { uuid: population.uuid, model_id: '2', epochs: 1, seed: 2 });
  assert.ok(message.message.score >= 0 && message.message.score <= 100);
});
