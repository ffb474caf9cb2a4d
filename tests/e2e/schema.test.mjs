// schema.test.mjs -- every answer that the OpenAPI documents promise, asked for
// and held against its schema, and every request's example.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import {
  call, freePort, skipGenome, start, tempDir, tinyDataset, tinyGenome, until, up,
} from './harness.mjs';
import { OpenApi } from './openapi.mjs';

const TOKEN = 'a-token-of-thirty-two-characters';
const NOBODY = '00000000-0000-4000-8000-000000000000';
const SHAPE = { num_channels: 1, px_h: 12, px_w: 12, num_classes: 4 };

let services, dataset, broker, genome, evolutioner;
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };
const documents = () => [broker, genome, evolutioner];
const authorized = { headers: { Authorization: `Bearer ${TOKEN}` } };

const read = async (url) =>
  new OpenApi(url, (await call(`${url}/openapi.json`)).json, TOKEN);

before(async () => {
  const dir = tempDir(context);
  const file = join(dir, 'token');
  writeFileSync(file, `${TOKEN}\n`, { mode: 0o600 });
  dataset = tinyDataset(join(dir, 'tiny'));
  services = await up(context, { extra: ['--token-file', file] });
  [broker, genome, evolutioner] = await Promise.all(
    [services.broker, services.genome, services.evolutioner].map(read));
});
after(async () => {
  for (const f of cleanup.reverse()) await f();
});

const settings = (over = {}) => ({
  dataset, population: 4, generations: 2, epochs: 1, train_limit: 0, final_epochs: 1, seed: 3, ...over,
});
const RUN = '/v1/runs/{uuid}';
const create = async (over) =>
  (await broker.ask('POST', '/v1/runs', { body: settings(over) })).json.uuid;
const finished = (uuid) => until('the run to end', async () => {
  const { json } = await broker.ask('GET', RUN, { at: { uuid } });
  assert.notEqual(json.state, 'failed', json.error);
  return json.state === 'finished' && json;
}, 120);
const expect = async (document, method, path, status, asked) => {
  const answer = await document.ask(method, path, asked);
  assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
  return answer;
};

// -- schemas and examples --

test('every schema of the documents is one to a strict reader', () => {
  for (const { ajv, document } of documents()) {
    for (const name of Object.keys(document.components.schemas)) {
      ajv.compile({ $ref: `components#/$defs/${name}` });
    }
  }
});

test('every example is one by its schema', () => {
  for (const document of documents()) {
    for (const [name, schema] of Object.entries(document.document.components.schemas)) {
      for (const example of schema.examples ?? []) {
        document.check({ $ref: `#/components/schemas/${name}` }, example, `the example of ${name}`);
      }
    }
  }
});

// -- what every route refuses alike --

const hasStatus = (status) => documents().flatMap((document) =>
  document.operations().filter(({ operation }) => operation.responses[status])
    .map((o) => ({ document, ...o })));

// A place that is written as it must be, where nothing is.
const somewhere = (path) =>
  ({ uuid: NOBODY, id: path.startsWith('/v1/jobs') ? `${NOBODY}/0/0/0/0` : '0', file: 'none.js' });

test('without the token each route that asks for it answers 401', async () => {
  for (const { document, method, path } of hasStatus(401)) {
    await expect(document, method, path, 401, { at: somewhere(path), token: null });
  }
});

test('a body over the limit is a 413', async () => {
  const limit = { '/v1/next_generation': 256 << 20 };
  for (const { document, method, path } of hasStatus(413)) {
    const body = ' '.repeat((limit[path] ?? 1 << 20) + 1);
    await expect(document, method, path, 413, { body });
  }
});

test('a body that is not JSON is a 415 by its type, a 400 by its text', async () => {
  for (const { document, method, path } of hasStatus(415)) {
    const headers = { 'Content-Type': 'text/plain' };
    await expect(document, method, path, 415, { body: 'hello', headers });
    await expect(document, method, path, 400, { body: '{"' });
  }
});

test('what is not written as it must be is a 400', async () => {
  for (const { document, method, path, operation } of hasStatus(400)) {
    if (operation.requestBody) continue;
    const number = operation.parameters.find((p) => p.in === 'query' && p.schema.type === 'integer');
    const at = path.includes('{uuid}') ? { ...somewhere(path), uuid: 'x' } : somewhere(path);
    const query = number ? { [number.name]: 'many' } : {};
    await expect(document, method, path, 400, { at, query });
  }
});

test('what nobody has is a 404', async () => {
  for (const { document, method, path, operation } of hasStatus(404)) {
    if (operation.requestBody) continue;
    await expect(document, method, path, 404, { at: somewhere(path) });
  }
});

// -- runs --

test('a run, its history and its champion are as the document has them', async () => {
  const neat = await create({ algorithm: 'neat', rungs: 2 });
  const flat = await create({ algorithm: 'truncation', name: 'flat', fitness_threshold: 1 });
  for (const [uuid, id] of [[neat, 0], [flat, 1]]) {
    const at = { uuid, id };
    await finished(uuid);
    for (const path of ['generations', 'species', 'genomes', 'lineage/{id}']) {
      await expect(broker, 'GET', `${RUN}/${path}`, 200, { at, query: { limit: 2 } });
      await expect(broker, 'GET', `${RUN}/${path}`, 422, { at, query: { limit: 0 } });
    }
    for (const path of ['genomes/{id}', 'genomes/{id}.svg', 'champion', 'champion.safetensors']) {
      await expect(broker, 'GET', `${RUN}/${path}`, 200, { at });
    }
    for (const path of ['pause', 'resume', 'cancel']) {
      await expect(broker, 'POST', `${RUN}/${path}`, 409, { at });
    }
  }
  await expect(broker, 'GET', '/v1/runs', 200, { query: { limit: 1, state: 'finished' } });
  await expect(broker, 'GET', '/v1/runs', 422, { query: { limit: 0 } });
});

test('the events of a run are as the document has them, and end with a 204', async () => {
  const at = { uuid: await create({ rungs: 2 }) };
  await finished(at.uuid);
  const { text } = await expect(broker, 'GET', `${RUN}/events`, 200, { at });
  const events = text.split('\n\n').filter((e) => e.startsWith('id:'))
    .map((e) => /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(e));
  const { get } = broker.document.paths[`${RUN}/events`];
  const schemas = get.responses[200].content['text/event-stream']['x-event-data'];
  for (const [, , event, data] of events) {
    assert.ok(schemas[event], `the event ${event} is not in the document`);
    broker.check(schemas[event], JSON.parse(data), `the event ${event}`);
  }
  assert.deepEqual([...new Set(events.map((e) => e[2]))].sort(), Object.keys(schemas).sort());
  await expect(broker, 'GET', `${RUN}/events`, 204, { at, headers: { 'Last-Event-ID': events.at(-1)[1] } });
});

test('a run that is under way is paused, resumed and cancelled', async () => {
  const at = { uuid: await create({ generations: 50 }) };
  await until('a score', async () =>
    (await broker.ask('GET', RUN, { at })).json.evaluations > 0);
  await expect(broker, 'GET', `${RUN}/champion.safetensors`, 409, { at });
  for (const path of ['pause', 'resume', 'cancel']) {
    await expect(broker, 'POST', `${RUN}/${path}`, 200, { at });
  }
});

test('a run that cannot be is refused', async () => {
  const headers = { 'Idempotency-Key': 'one-run' };
  await expect(broker, 'POST', '/v1/runs', 202, { headers, body: settings({ generations: 1 }) });
  await expect(broker, 'POST', '/v1/runs', 409, { headers, body: settings({ seed: 4 }) });
  await expect(broker, 'POST', '/v1/runs', 422, { body: settings({ population: 1 }) });
});

test('what the broker works with is as the document has it', async () => {
  await expect(broker, 'GET', '/v1/workers', 200);
  await expect(broker, 'GET', '/v1/datasets', 200);
});

// -- jobs --

async function aJob(over = {}) {
  const { json: info } = await evolutioner.ask('GET', '/v1/info');
  const uuid = await create({ generations: 1, population: 2 });
  const { settings: run } = await finished(uuid);
  return {
    version: 1, id: `${NOBODY}/0/1/0/0`, kind: 'fitness', genome: tinyGenome(), kernels: info.kernels[0],
    dataset: { name: dataset, hash: run.dataset_hash }, seed: 1,
    settings: { epochs: 1, train_limit: 0, validation_fraction: 0.1, max_job_mb: 256 }, ...over,
  };
}

const submit = (status, body) => expect(evolutioner, 'POST', '/v1/jobs', status, { body });
const ended = (id) => until('the job to end', async () => {
  const { json } = await expect(evolutioner, 'GET', '/v1/jobs/{id}', 200, { at: { id }, query: { wait_s: 5 } });
  return ['done', 'failed'].includes(json.state) && json.result;
});

test('a job and its result are as the document has them', async () => {
  const job = await aJob();
  const final = { ...job, id: `${NOBODY}/final/1/0/0`, kind: 'final', version: 2, genome: skipGenome() };
  await submit(202, job);
  await submit(409, { ...job, seed: 2 });
  await submit(422, { ...job, version: 99 });
  assert.equal((await ended(job.id)).failure, null);
  await expect(evolutioner, 'GET', '/v1/jobs/{id}/weights', 409, { at: { id: job.id } });
  await expect(evolutioner, 'GET', '/v1/jobs/{id}', 422, { at: { id: job.id }, query: { wait_s: 31 } });
  await submit(202, final);
  await ended(final.id);
  await expect(evolutioner, 'GET', '/v1/jobs/{id}/weights', 200, { at: { id: final.id } });
  await expect(evolutioner, 'DELETE', '/v1/jobs/{id}', 200, { at: { id: final.id } });
});

test('jobs that fill the slots are told of, a genome\'s failure is a result', async () => {
  const job = await aJob({ settings: { epochs: 1000, train_limit: 0, validation_fraction: 0.1, max_job_mb: 256 } });
  const ids = [2, 3, 4].map((n) => `${NOBODY}/0/${n}/0/0`);
  await submit(202, { ...job, id: ids[0] });
  await submit(202, { ...job, id: ids[1] });
  await submit(503, { ...job, id: ids[2] });
  for (const id of ids.slice(0, 2)) {
    await expect(evolutioner, 'DELETE', '/v1/jobs/{id}', 200, { at: { id } });
  }
  const tight = { ...job.settings, epochs: 1, max_job_mb: 16 };
  const wide = tinyGenome({ 'Number of Nodes in Each Layer': [4096], filters: [512], 'Batch Size': 4096 });
  const id = `${NOBODY}/0/5/0/0`;
  await until('a slot', async () =>
    (await evolutioner.ask('POST', '/v1/jobs', { body: { ...job, id, settings: tight, genome: wide } })).status === 202);
  assert.equal((await ended(id)).failure.whose, 'genome');
});

// -- the genome service --

const NEAT = { preset: 'cnn', add_node_rate: 0, add_edge_rate: 0.5, toggle_rate: 0.1, remove_rate: 0.1 };
const FIRST = { ...SHAPE, seed: 1, generation: 0, size: 4, next_id: 0, batch_size: 16 };

test('generations of each algorithm are as the document has them', async () => {
  const next = (status, body) => expect(genome, 'POST', '/v1/next_generation', status, { body });
  for (const algorithm of ['neat', 'truncation', 'random']) {
    const asked = { ...FIRST, algorithm, ...(algorithm === 'neat' && { neat: NEAT }) };
    const { json: first } = await next(200, asked);
    const population = first.population.map(({ id, species, genome: g }, i) => ({
      id, fitness: i / 4, genome: g, ...(species !== undefined && { species }),
    }));
    await next(200, {
      ...asked, generation: 1, next_id: first.next_id, population, ...(first.state && { state: first.state }),
    });
    await next(422, { ...asked, size: 0 });
  }
});

test('questions about single genomes are answered as the document has it', async () => {
  const a = skipGenome(), b = tinyGenome();
  for (const [path, body, wrong] of [
    ['/v1/crossover', { fitter: a, other: a, neat: NEAT, seed: 1 }, { seed: -1 }],
    ['/v1/mutate', { genome: a, neat: NEAT, seed: 1 }, { seed: -1 }],
    ['/v1/mutate', { genome: b, neat: NEAT, seed: 1, innovations: { node: 99, edge: 99 } }, { seed: -1 }],
    ['/v1/distance', { a, b, neat: NEAT }, { neat: { preset: 'cnn', c1: -1 } }],
    ['/v1/validate', { genome: a, max_job_mb: 64 }, { max_job_mb: 1 }],
    ['/v1/validate', { genome: { ...b, filters: [0] } }, { max_job_mb: 1 }],
  ]) {
    await expect(genome, 'POST', path, 200, { body });
    await expect(genome, 'POST', path, 422, { body: { ...body, ...wrong } });
  }
});

// -- existing clients --

const POPULATION = { ...SHAPE, batch_size: 16, num_poblation: 2 };
const legacy = (document, path, status, body) => expect(document, 'POST', path, status, { body });

test("an existing client's calls of the genome service and the evolutioner", async () => {
  await legacy(genome, '/create_initial_poblation', 200, { ...POPULATION, seed: 1 });
  await legacy(genome, '/create_initial_poblation', 422, { ...POPULATION, num_poblation: 0 });
  const parents = { 1: tinyGenome(), 2: tinyGenome({ Optimizer: 'sgd' }) };
  await legacy(genome, '/create_child', 200, parents);
  await legacy(genome, '/create_child', 422, { ...parents, mutation_rate: 2 });
  const training = { ...tinyGenome(), dataset, epochs: 1, seed: 1 };
  await legacy(evolutioner, '/create_cnn_model', 200, training);
  await legacy(evolutioner, '/create_cnn_model', 404, { ...training, dataset: 'none-such' });
  await legacy(evolutioner, '/create_cnn_model', 422, { ...training, epochs: 0 });
});

test("an existing client's calls of the broker", async () => {
  const { json } = await legacy(broker, '/create_initial_poblation', 200, { ...POPULATION, dataset, seed: 1 });
  const { uuid } = json.message;
  await legacy(broker, '/create_initial_poblation', 422, { ...POPULATION, num_poblation: 0 });
  const train = { uuid, model_id: '1', epochs: 1 }, breed = { uuid, model_id: 0, second_model_id: '1' };
  await legacy(broker, '/create_cnn_model', 200, train);
  await legacy(broker, '/create_cnn_model', 404, { ...train, uuid: NOBODY });
  await legacy(broker, '/create_cnn_model', 422, { ...train, epochs: 0 });
  await legacy(broker, '/create_child', 200, breed);
  await legacy(broker, '/create_child', 404, { ...breed, model_id: 99 });
  await legacy(broker, '/create_child', 422, { ...breed, model_id: -1 });
});

// -- services --

test('health and pages are as the documents have them', async () => {
  for (const document of documents()) {
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs']) {
      await expect(document, 'GET', path, 200);
    }
    await expect(document, 'GET', '/docs/{file}', 200, { at: { file: 'swagger-ui.css' } });
  }
});

test('a broker whose other services are away says 503', async (t) => {
  const port = await freePort(), away = `http://127.0.0.1:${await freePort()}`;
  start(t, ['broker', '--data-dir', tempDir(t), '--port', String(port), '--genome', away, '--evolutioner', away]);
  const alone = new OpenApi(`http://127.0.0.1:${port}`, broker.document);
  await until('the broker to be there', async () => {
    try {
      return (await fetch(`${alone.url}/healthz`)).ok;
    } catch {
      return false;
    }
  });
  await legacy(alone, '/create_initial_poblation', 503, POPULATION);
  await expect(alone, 'POST', '/v1/runs', 503, { body: settings() });
  for (const what of alone.seen) broker.seen.add(what);
});

// -- the sum --

test('no answer that the documents promise was left out', () => {
  // What only a service says that is about to stop, or whose database is away.
  const late = / 503$/;
  for (const document of documents()) {
    assert.deepEqual(document.unseen().filter((what) => !late.test(what)), [], document.document.info.title);
  }
  for (const what of ['POST /create_initial_poblation 503', 'POST /v1/runs 503']) {
    assert.ok(broker.seen.has(what), what);
  }
});
