// schema.test.mjs -- every answer that the OpenAPI documents promise, asked for
// and held against its schema, and every request's example.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import {
  answers, call, freePort, skipGenome, SMALL_NETWORKS, start, tempDir, tinyDataset, tinyGenome, until, up,
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
  if (process.env.NEVOD_PRISM) await Promise.all(documents().map((d, i) => proxy(d, ['broker', 'genome', 'evolutioner'][i])));
});
// A proxy of Prism's between us and a service, where `make check-api` asks for it.
async function proxy(document, name) {
  const file = join(tempDir(context), `${name}.json`), port = await freePort();
  writeFileSync(file, JSON.stringify(document.document));
  const child = spawn(process.execPath, [process.env.NEVOD_PRISM, 'proxy', file, document.url, '--port', String(port), '--cors', 'false'],
    { stdio: 'ignore' });
  cleanup.push(() => child.kill());
  const via = `http://127.0.0.1:${port}`;
  await until('the proxy', () => answers(`${via}/healthz`), 120);
  document.via = via;
}

// `make examples`: what was answered first becomes the example of each answer.
function record(file) {
  const said = documents().map(({ document, examples }) => [document.info.title.replace('nevod ', ''), examples]);
  const text = JSON.stringify(Object.fromEntries(said.map(([name, all]) =>
    [name, Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)).filter(([what]) => what !== 'GET /openapi.json 200'))])), null, 1);
  // Nothing of the machine that it was recorded on.
  writeFileSync(file, `${text.replace(new RegExp(`${tmpdir()}/nevod-test-\\w+`, 'g'), '/data').replaceAll(hostname(), 'a-host')}\n`);
}

after(async () => {
  if (process.env.NEVOD_RECORD_EXAMPLES) record(process.env.NEVOD_RECORD_EXAMPLES);
  for (const f of cleanup.reverse()) await f();
});

const settings = (over = {}) => ({
  dataset, population: 4, generations: 2, epochs: 1, train_limit: 0, final_epochs: 1, seed: 3,
  ...SMALL_NETWORKS, ...over,
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

test('every body and every answer that is JSON has an example that is one by its schema', () => {
  for (const document of documents()) {
    for (const { method, path, operation } of document.operations()) {
      const contents = [['the body', operation.requestBody?.content], ...Object.entries(operation.responses).map(([s, r]) => [s, r.content])];
      for (const [of, content] of contents) {
        for (const [type, { schema, example }] of Object.entries(content ?? {})) {
          const what = `the example of ${method} ${path} ${of}`;
          for (const one of schema.examples ?? []) document.check(schema, one, what);
          if (of === 'the body' || !/json$/.test(type) || path === '/openapi.json') continue;
          assert.ok(example !== undefined, `${what} is missing`);
          document.check(schema, example, what);
        }
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
  ({ uuid: NOBODY, id: path.startsWith('/v1/jobs') ? `${NOBODY}/0/0/0/0` : '0', file: 'none.js',
    hash: '0'.repeat(64), sha256: '0'.repeat(64), job: 'none' });

test('without the token each route that asks for it answers 401', async () => {
  for (const { document, method, path } of hasStatus(401)) {
    await expect(document, method, path, 401, { at: somewhere(path), token: null });
  }
});

test('a page of another origin is answered 403 by each route', async () => {
  for (const { document, method, path } of hasStatus(403)) {
    await expect(document, method, path, 403, { at: somewhere(path), headers: { Origin: 'http://elsewhere.example' } });
  }
});

test('a body over the limit is a 413', async () => {
  const limit = {
    '/v1/next_generation': 256 << 20, '/v1/blobs/{sha256}': 256 << 20, '/v1/runs': 2 << 20, '/v1/exchange': 8 << 20,
    '/v1/runs/{uuid}/champion/classify': 16 << 20,
    '/v1/workers/{id}/exchange': 16 << 20, '/v1/workers/{id}/weights/{job}': 256 << 20,
    '/v1/datasets/{hash}/bytes': 8 << 20,
  };
  for (const { document, method, path } of hasStatus(413)) {
    const body = ' '.repeat((limit[path] ?? 1 << 20) + 1);
    // A proxy would refuse it itself.
    await expect(document, method, path, 413, { at: somewhere(path), body, url: document.url });
  }
});

test('a body that is not JSON is a 415 by its type, a 400 by its text', async () => {
  for (const { document, method, path } of hasStatus(415)) {
    const headers = { 'Content-Type': 'text/plain' };
    const bytes = /blobs|weights|classify|bytes/.test(path);
    const at = { ...somewhere(path), ...(bytes && { id: 'a b' }) };
    const { url } = document; // a proxy would refuse it itself
    await expect(document, method, path, 415, { at, body: 'hello', headers, url });
    await expect(document, method, path, 400,
      { url, at: { ...at, uuid: 'x', ...(bytes && { hash: 'x' }) }, body: '{"', headers: bytes ? { 'Content-Type': 'application/octet-stream' } : {} });
  }
});

test('what is not written as it must be is a 400', async () => {
  for (const { document, method, path, operation } of hasStatus(400)) {
    if (operation.requestBody) continue;
    const number = operation.parameters.find((p) => p.in === 'query' && p.schema.type === 'integer');
    const at = { ...somewhere(path), uuid: 'x', hash: 'x', sha256: 'x', ...(path.startsWith('/v1/workers') && { id: 'a b' }) };
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

// Each is awaited: what still trained would hold the slots that jobs ask for.
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
    await expect(broker, 'GET', `${RUN}/genes`, 422, { at, query: { after: -2 } });
    for (const path of ['genes', 'pareto', 'points', 'genomes/{id}', 'genomes/{id}/layers', 'genomes/{id}.svg', 'champion', 'champion.safetensors']) {
      await expect(broker, 'GET', `${RUN}/${path}`, 200, { at });
    }
    const { json: { final } } = await expect(broker, 'GET', `${RUN}/champion`, 200, { at });
    await expect(broker, 'GET', `${RUN}/champion/mistakes.png`, final.mistakes.length ? 200 : 404, { at });
    for (const path of ['pause', 'resume', 'cancel']) {
      await expect(broker, 'POST', `${RUN}/${path}`, 409, { at });
    }
  }
  await expect(broker, 'GET', '/v1/runs', 200, { query: { limit: 1, state: 'finished' } });
  await expect(broker, 'GET', '/v1/runs', 422, { query: { limit: 0 } });
});

test('the job of a training is as the document has it, while it can be trained again', async () => {
  const path = `${RUN}/genomes/{id}/job`, uuid = await create({ inherit: true });
  const { settings: { population } } = await finished(uuid);
  await expect(broker, 'GET', path, 200, { at: { uuid, id: 0 }, query: { rung: 0 } });
  await expect(broker, 'GET', path, 404, { at: { uuid, id: 0 }, query: { rung: 1 } });
  await expect(broker, 'GET', path, 422, { at: { uuid, id: 0 }, query: { rung: 1000 } });
  await expect(broker, 'GET', path, 409, { at: { uuid, id: population } });
});

// The events of a stream's text, as {id, event, data}; a trouble has no id.
const eventsOf = (text) =>
  text.split('\n\n').map((e) => /^(?:id: (\d+)\n)?event: (\w+)\ndata: (.*)$/.exec(e)).filter(Boolean)
    .map(([, id, event, data]) => ({ id, event, data: JSON.parse(data) }));

// Those of a run that waits, while another has all slots, and is cancelled once the
// stream has told so: asked without a proxy, which would hold the stream back.
async function eventsOfOneThatWaits() {
  const before = await create({ epochs: 1000 }), uuid = await create();
  const answer = await fetch(`${broker.url}/v1/runs/${uuid}/events`, authorized);
  let text = '', waits = false;
  for await (const bytes of answer.body) {
    text += Buffer.from(bytes).toString();
    if (waits || !/^event: trouble$/m.test(text)) continue;
    waits = true;
    for (const run of [uuid, before]) await expect(broker, 'POST', `${RUN}/cancel`, 200, { at: { uuid: run } });
  }
  return eventsOf(text);
}

test('the events of a run are as the document has them, and end with a 204', async () => {
  const at = { uuid: await create({ rungs: 2 }) };
  await finished(at.uuid);
  const { text } = await expect(broker, 'GET', `${RUN}/events`, 200, { at });
  const events = eventsOf(text), last = events.at(-1).id;
  const { get } = broker.document.paths[`${RUN}/events`];
  const schemas = get.responses[200].content['text/event-stream']['x-event-data'];
  events.push(...await eventsOfOneThatWaits());
  for (const { event, data } of events) {
    assert.ok(schemas[event], `the event ${event} is not in the document`);
    broker.check(schemas[event], data, `the event ${event}`);
  }
  assert.deepEqual([...new Set(events.map((e) => e.event))].sort(), Object.keys(schemas).sort());
  await expect(broker, 'GET', `${RUN}/events`, 204, { at, headers: { 'Last-Event-ID': last } });
});

test('what a champion holds of a picture is as the document has it', async () => {
  const path = `${RUN}/champion/classify`, uuid = await create({ generations: 1 });
  const { settings: { dataset_hash: hash } } = await finished(uuid);
  const sheet = await fetch(`${broker.url}/v1/datasets/${hash}/samples.png`, authorized);
  const png = await sheet.arrayBuffer();
  const send = async (run, body, status) => {
    const answer = await fetch(`${broker.url}/v1/runs/${run}/champion/classify`,
      { method: 'POST', body, headers: { ...authorized.headers, 'Content-Type': 'application/octet-stream' } });
    const text = await answer.text();
    broker.judge('POST', path, undefined, { status: answer.status, headers: answer.headers, text, json: JSON.parse(text) });
    assert.equal(answer.status, status, text);
    return JSON.parse(text);
  };
  const { classes, resized } = await send(uuid, png, 200);
  assert.equal(classes.length, 4);
  assert.ok(Math.abs(classes.reduce((a, c) => a + c.probability, 0) - 1) < 1e-6 && resized);
  await send(uuid, png.slice(0, 100), 400);
  await send(NOBODY, png, 404);
  const going = await create({ generations: 5000 });
  await send(going, png, 409);
  await expect(broker, 'POST', `${RUN}/cancel`, 200, { at: { uuid: going } });
});

test('a run that is under way is paused, resumed and cancelled', async () => {
  const at = { uuid: await create({ generations: 5000 }) };
  await until('a score', async () =>
    (await broker.ask('GET', RUN, { at })).json.evaluations > 0);
  await expect(broker, 'GET', `${RUN}/champion.safetensors`, 409, { at });
  await expect(broker, 'GET', `${RUN}/champion/mistakes.png`, 409, { at });
  for (const path of ['pause', 'resume', 'cancel']) {
    await expect(broker, 'POST', `${RUN}/${path}`, 200, { at });
  }
});

test('lists are had as rows of text, sorted and filtered', async () => {
  const at = { uuid: await create() };
  await finished(at.uuid);
  const query = { sort: 'fitness', order: 'desc', filter: 'state:scored', offset: 1, limit: 2 };
  const { json } = await expect(broker, 'GET', `${RUN}/genomes`, 200, { at, query });
  const { text } = await expect(broker, 'GET', `${RUN}/genomes`, 200, { at, query, headers: { Accept: 'text/csv' } });
  const [head, ...rows] = text.trimEnd().split('\r\n');
  assert.deepEqual(head.split(',').slice(0, 2), ['id', 'born']);
  assert.deepEqual(rows.map((r) => Number(r.split(',')[0])), json.items.map((g) => g.id));
  assert.ok(json.items[0].fitness >= json.items[1].fitness);
  assert.ok(json.total >= 3);
  for (const path of ['generations', 'species', 'lineage/{id}']) {
    await expect(broker, 'GET', `${RUN}/${path}`, 200, { at: { ...at, id: 0 }, headers: { Accept: 'text/csv' } });
  }
});

test('a run is named anew, put away and deleted', async () => {
  const at = { uuid: await create({ generations: 5000 }) };
  await expect(broker, 'PATCH', RUN, 200, { at, body: { name: 'another' } });
  await expect(broker, 'PATCH', RUN, 409, { at, body: { archived: true } });
  await expect(broker, 'PATCH', RUN, 422, { at, body: { name: 'x'.repeat(128) } });
  await expect(broker, 'DELETE', RUN, 409, { at });
  await expect(broker, 'POST', `${RUN}/cancel`, 200, { at });
  await expect(broker, 'PATCH', RUN, 200, { at, body: { archived: true } });
  const { json } = await expect(broker, 'GET', '/v1/runs', 200, { query: { archived: 'true' } });
  assert.equal(json.items.find((r) => r.uuid === at.uuid).name, 'another');
  await expect(broker, 'DELETE', RUN, 204, { at });
  await expect(broker, 'PATCH', RUN, 404, { at, body: { name: 'nobody' } });
  await expect(broker, 'GET', RUN, 404, { at });
});

test('a fork of a run is as the document has it', async () => {
  const run = await create({ population: 4 });
  await finished(run);
  for (const fork of [{ run }, { run, generation: 0 }, { run, generation: null }]) {
    const { json } = await expect(broker, 'POST', '/v1/runs', 202, { body: { fork, generations: 1 } });
    await finished(json.uuid);
  }
  await expect(broker, 'POST', '/v1/runs', 422, { body: { fork: { run: NOBODY } } });
});

test('a run that cannot be is refused', async () => {
  const headers = { 'Idempotency-Key': 'one-run' };
  const { json } = await expect(broker, 'POST', '/v1/runs', 202, { headers, body: settings({ generations: 1 }) });
  await finished(json.uuid);
  await expect(broker, 'POST', '/v1/runs', 409, { headers, body: settings({ seed: 4 }) });
  await expect(broker, 'POST', '/v1/runs', 422, { body: settings({ population: 1 }) });
});

test('what the broker works with is as the document has it', async () => {
  const at = { id: 'w-1' };
  await expect(broker, 'PUT', '/v1/workers/{id}', 200, { at, body: { url: 'http://127.0.0.1:1', draining: true } });
  await expect(broker, 'PUT', '/v1/workers/{id}', 422, { at, body: { port: 0 } });
  await expect(broker, 'GET', '/v1/workers', 200);
  await expect(broker, 'DELETE', '/v1/workers/{id}', 200, { at });
  await expect(broker, 'GET', '/v1/datasets', 200);
  const { settings: { dataset_hash: hash } } = await finished(await create());
  const { text: sheet } = await expect(broker, 'GET', '/v1/datasets/{hash}/samples.png', 200, { at: { hash } });
  assert.match(sheet, /PNG/);
  const shards = '/v1/datasets/{hash}/shards/{sha256}';
  const { json: { shards: [{ sha256 }] } } = await expect(
    broker, 'GET', '/v1/datasets/{hash}/manifest', 200, { at: { hash } });
  const naming = '/v1/datasets/{hash}';
  await expect(broker, 'PUT', naming, 200, { at: { hash }, body: { name: 'tiny' } });
  await expect(broker, 'PUT', naming, 422, { at: { hash }, body: { name: 'Tiny/1' } });
  await expect(broker, 'PUT', naming, 422, { at: { hash }, body: { name: 'tiny', class_names: ['a', 'b'] } });
  await expect(broker, 'PUT', naming, 404, { at: { hash: 'e'.repeat(64) }, body: { name: 'none' } });
  const sent = 'f'.repeat(64);
  const parts = { hash: sent, bytes: 3, shards: [{ sha256, bytes: 3 }] };
  const { json: begun } = await expect(broker, 'PUT', '/v1/datasets/{hash}/manifest', 200, { at: { hash: sent }, body: parts });
  assert.equal(begun.received, 0);
  const bytes = { at: { hash: sent }, headers: { 'Content-Type': 'application/octet-stream' } };
  await expect(broker, 'PUT', '/v1/datasets/{hash}/manifest', 422, { at: { hash: sent }, body: { ...parts, hash: 'x' } });
  await expect(broker, 'PUT', '/v1/datasets/{hash}/bytes', 200, { ...bytes, body: 'a' });
  await expect(broker, 'PUT', '/v1/datasets/{hash}/bytes', 409, { ...bytes, body: 'a', query: { at: 0 } });
  await expect(broker, 'PUT', '/v1/datasets/{hash}/bytes', 404,
    { ...bytes, at: { hash: 'e'.repeat(64) }, body: 'a' });
  await expect(broker, 'PUT', naming, 409, { at: { hash: sent }, body: { name: 'none' } });
  for (const [range, status] of [[undefined, 200], ['bytes=0-9', 206], ['bytes=999999999-', 416]]) {
    await expect(broker, 'GET', shards, status, { at: { hash, sha256 }, headers: range ? { Range: range } : {} });
  }
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

test('a worker that pulls reports and is given orders as the document has it', async () => {
  const at = { id: 'a-puller' }, blob = { sha256: '0'.repeat(64) };
  const pull = (status, body) => expect(broker, 'POST', '/v1/workers/{id}/exchange', status, { at, body });
  const { json: info } = await expect(evolutioner, 'GET', '/v1/info', 200);
  const report = { number: 1, seen: 0, slots: 1, free: 1, jobs: [] };
  await pull(404, report);
  await pull(409, { ...report, info: { ...info, version: '99.0.0' } });
  await pull(422, { ...report, wait_ms: 30001 });
  // What its slots run nobody has: it is given nothing.
  await pull(200, { ...report, number: 2, info: { ...info, kernels: ['none'] }, draining: true });
  const bytes = { method: 'PUT', body: 'weights', headers: { ...authorized.headers, 'Content-Type': 'application/octet-stream' } };
  const weights = '/v1/workers/{id}/weights/{job}';
  const answer = await fetch(`${broker.url}/v1/workers/a-puller/weights/none`, bytes), text = await answer.text();
  broker.judge('PUT', weights, undefined, { status: answer.status, headers: answer.headers, text, json: JSON.parse(text) });
  assert.equal(answer.status, 404);
  await expect(broker, 'GET', '/v1/blobs/{sha256}', 404, { at: blob });
  const named = createHash('sha256').update('weights').digest('hex');
  for (const [status, sha256] of [[200, named], [400, blob.sha256]]) {
    const put = await fetch(`${broker.url}/v1/blobs/${sha256}`, bytes), said = await put.text();
    broker.judge('PUT', '/v1/blobs/{sha256}', undefined, { status: put.status, headers: put.headers, text: said, json: JSON.parse(said) });
    assert.equal(put.status, status);
  }
  await expect(broker, 'GET', '/v1/blobs/{sha256}', 200, { at: { sha256: named } });
  await expect(broker, 'DELETE', '/v1/workers/{id}', 200, { at });
  await expect(broker, 'PUT', '/v1/workers/{id}', 409, { at, body: { port: 5, version: '99.0.0' } });
});

test('orders and their report are as the document has them', async () => {
  const exchange = (status, body) => expect(evolutioner, 'POST', '/v1/exchange', status, { body });
  const job = await aJob({ id: `${NOBODY}/0/20/0/0` }), nobody = `${NOBODY}/0/21/0/0`;
  const foreign = { ...job, id: `${NOBODY}/0/22/0/0`, dataset: { ...job.dataset, name: 'none-such', hash: '0'.repeat(64) } };
  const { json: first } = await exchange(200, { number: 1, wait_ms: 1000, watch: [nobody], take: [job, foreign] });
  const state = (report) => Object.fromEntries(report.jobs.map(({ id, state }) => [id, state]));
  assert.equal(state(first)[nobody], 'unknown');
  assert.equal(state(first)[foreign.id], 'refused');
  assert.equal(first.jobs.find(({ id }) => id === foreign.id).failure.code, 'missing');
  const report = await until('the job to end', async () => {
    const { json } = await exchange(200, { wait_ms: 5000, watch: [job.id] });
    return json.jobs[0].state === 'done' && json;
  });
  assert.equal(report.jobs[0].result.id, job.id);
  await exchange(200, { forget: [job.id], cancel: [nobody] });
  assert.equal(state((await exchange(200, { watch: [job.id] })).json)[job.id], 'unknown');
  await exchange(422, { wait_ms: 30001 });
  await exchange(400, { watch: [5] });
  await exchange(400, { take: ['a'] });
});

test('a job starts from weights that were brought', async () => {
  const job = await aJob({ version: 4, id: `${NOBODY}/0/7/0/0`, keep_weights: true });
  await submit(202, job);
  const { sha256 } = (await ended(job.id)).weights;
  const child = { ...job, id: `${NOBODY}/1/8/0/0`, parents: [sha256], inherit_keep: 0.5 };
  await submit(404, child);
  const { headers } = authorized;
  const answer = await fetch(`${evolutioner.url}/v1/jobs/${encodeURIComponent(job.id)}/weights`, { headers });
  const type = { 'Content-Type': 'application/octet-stream' };
  const put = await fetch(`${evolutioner.url}/v1/blobs/${sha256}`,
    { method: 'PUT', body: await answer.arrayBuffer(), headers: { ...headers, ...type } });
  const text = await put.text();
  evolutioner.judge('PUT', '/v1/blobs/{sha256}', undefined,
    { status: put.status, headers: put.headers, text, json: JSON.parse(text) });
  assert.equal(put.status, 200);
  await submit(202, child);
  assert.equal((await ended(child.id)).failure, null);
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
  await legacy(broker, '/create_initial_poblation', 404, { ...POPULATION, dataset: 'none-such' });
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
    for (const path of ['/', '/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']) {
      await expect(document, 'GET', path, 200);
    }
    await expect(document, 'GET', '/docs/{file}', 200, { at: { file: 'swagger-ui.css' } });
  }
  const { text: home } = await broker.ask('GET', '/');
  const [, file] = /assets\/([\w.-]+\.js)/.exec(home);
  const { headers } = await expect(broker, 'GET', '/assets/{file}', 200, { at: { file } });
  assert.match(headers.get('cache-control'), /immutable/);
});

test('a broker whose other services are away says 503, and takes runs that wait', async (t) => {
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
  await expect(alone, 'GET', '/readyz', 503);
  await expect(alone, 'GET', '/metrics', 200);
  await legacy(alone, '/create_initial_poblation', 503, POPULATION);
  const { json: waits } = await expect(alone, 'POST', '/v1/runs', 202, { body: settings() });
  assert.equal(waits.state, 'created');
  await until('it to say why', async () =>
    /waits to begin/.test((await expect(alone, 'GET', RUN, 200, { at: { uuid: waits.uuid } })).json.trouble));
  await expect(alone, 'POST', '/v1/runs/{uuid}/cancel', 200, { at: { uuid: waits.uuid } });
  for (const what of alone.seen) broker.seen.add(what);
  broker.examples = { ...alone.examples, ...broker.examples };
});

// -- the sum --

test('no answer that the documents promise was left out', () => {
  // What only a service says that is about to stop or has no room, or whose
  // database is away; what bounds.test.mjs has; and what only those who pull bring and fetch, which pull.test.mjs has.
  const late = / (429|503)$|\/weights\/\{job\} 200$|^GET \/v1\/blobs\/\{sha256\} 200$/;
  for (const document of documents()) {
    assert.deepEqual(document.unseen().filter((what) => !late.test(what)), [], document.document.info.title);
  }
  for (const what of ['GET /readyz 503', 'POST /create_initial_poblation 503']) {
    assert.ok(broker.seen.has(what), what);
  }
});
