// prepare.test.mjs -- a run whose data set takes long to be ready is there at
// once, says how far it is, can be cancelled, outlives the broker, and then goes
// as any other.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  atEnd, call, createRun, finishedRun, killAll, lookAtRun, run, skipGenome, SMALL_NETWORKS,
  tempDir, tinyDataset, until, up,
} from './harness.mjs';

const SETTINGS = {
  population: 2, generations: 1, final_epochs: 1, train_limit: 60, seed: 1, kernels: 'simd128-2', ...SMALL_NETWORKS,
};
const FILES = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'].map((f) => `${f}-ubyte`);
const BRACES = '{train,t10k}-{images-idx3,labels-idx1}-ubyte';
const FIRST = 1 << 20;

// Serves a folder's IDX files below any path; of each no more than the first bytes
// while it is shut.
async function gate(t, folder) {
  const held = new Set(), g = { shut: true, from: [] };
  const server = createServer((req, res) => {
    const name = req.url.split('/').at(-1), m = /^bytes=(\d+)-(\d*)$/.exec(req.headers.range ?? '');
    if (!FILES.includes(name)) return res.writeHead(404).end();
    const file = readFileSync(join(folder, name)), from = m ? Number(m[1]) : 0;
    const some = file.subarray(from, m?.[2] ? Number(m[2]) + 1 : file.length);
    if (some.length > 1) g.from.push(from);
    res.writeHead(m ? 206 : 200, { ETag: '"v1"', 'Content-Length': some.length,
      ...(m ? { 'Content-Range': `bytes ${from}-${from + some.length - 1}/${file.length}` } : {}) });
    const passes = g.shut ? Math.max(0, FIRST - from) : some.length;
    if (some.length <= passes || some.length === 1) return res.end(some);
    res.flushHeaders();
    res.write(some.subarray(0, passes));
    return held.add(() => res.end(some.subarray(passes)));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  atEnd(t, () => {
    server.closeAllConnections();
    server.close();
  });
  g.open = () => {
    g.shut = false;
    for (const go of held) go();
    held.clear();
  };
  return Object.assign(g, { host: `127.0.0.1:${server.address().port}`,
    url: (path) => `http://127.0.0.1:${server.address().port}/${path}/${BRACES}` });
}

const folderOf = (t) => tinyDataset(join(tempDir(t), 'large'), { train: 4000, test: 200, side: 28 });
const withHost = (g) => ({ extra: ['--allow-host', g.host] });
const prepares = (services, uuid, what) => until('it to say what it waits for', async () =>
  what.test((await lookAtRun(services, uuid))?.waiting));
async function failedRun(services, uuid) {
  return until('the run to fail', async () => {
    const json = await lookAtRun(services, uuid);
    return json?.state === 'failed' && json;
  });
}

test('a run is created before its data set is there, outlives a kill, and ends with the usual digest', async (t) => {
  const folder = folderOf(t), g = await gate(t, folder);
  let services = await up(t, withHost(g));
  const expected = (await finishedRun(services, await createRun(services, { ...SETTINGS, dataset: folder }))).digest;
  const settings = { ...SETTINGS, dataset: g.url('a') }, headers = { 'Idempotency-Key': 'one' };
  const made = await call(`${services.broker}/v1/runs`, settings, { headers });
  assert.equal(made.status, 202, made.text);
  assert.equal(made.json.state, 'created');
  assert.equal(made.json.trouble, null);
  for (const key of ['dataset_hash', 'num_channels', 'px_h', 'px_w', 'num_classes', 'class_names']) {
    assert.equal(made.json.settings[key], undefined);
  }
  const { uuid } = made.json;
  await prepares(services, uuid, /^the data set is being prepared: \d of 3 MB$/);
  assert.equal((await call(`${services.broker}/v1/runs`, settings, { headers })).json.uuid, uuid);
  const status = await run(t, ['status', uuid, '--broker', services.broker]);
  assert.match(status.out, /created[^]*waits: the data set is being prepared/);

  // Who waits for the same set can be called off, and whoever has it, too.
  const [second, third] = [await createRun(services, settings), await createRun(services, settings)];
  await prepares(services, third, /being prepared/);
  assert.equal((await call(`${services.broker}/v1/runs/${third}/pause`, {})).status, 409);
  assert.equal((await call(`${services.broker}/v1/runs/${third}/cancel`, {})).json.state, 'cancelled');

  await killAll(services);
  services = await up(t, { ...withHost(g), dataDir: services.dataDir });
  await prepares(services, uuid, /being prepared/);
  g.from.length = 0;
  await killAll(services);
  g.open();
  services = await up(t, { ...withHost(g), dataDir: services.dataDir });
  for (const one of [uuid, second]) assert.equal((await finishedRun(services, one)).digest, expected);
  assert.ok(g.from.some((at) => at >= FIRST), `it was fetched from ${g.from}`);
  assert.equal((await lookAtRun(services, third)).state, 'cancelled');
});

// On a machine that is busy even a small one may take long.
async function refusal(services, settings) {
  const { status, json, text } = await call(`${services.broker}/v1/runs`, settings);
  if (status === 202) return (await failedRun(services, json.uuid)).error;
  assert.equal(status, 422, text);
  return json.error;
}

test('what is wrong with a set that takes long fails the run, with the sentence that a small one is refused by', async (t) => {
  const folder = folderOf(t), cut = folderOf(t), labels = join(cut, FILES[1]);
  writeFileSync(labels, readFileSync(labels).subarray(0, 2000));
  for (const [files, over, why] of [[cut, {}, /train-labels-idx1-ubyte/], [folder, { seed_genomes: [skipGenome()] }, /images of 1x12x12 in 4 classes, but these are 1x28x28/]]) {
    const g = await gate(t, files), services = await up(t, withHost(g));
    const settings = { ...SETTINGS, ...over, dataset: g.url('late') };
    const late = await createRun(services, settings);
    await prepares(services, late, /being prepared/);
    g.open();
    const { error } = await failedRun(services, late);
    assert.match(error, why);
    assert.equal(await refusal(services, settings), error);
  }
});

test('what needs no look at the data is refused at once', async (t) => {
  const g = await gate(t, folderOf(t)), services = await up(t, withHost(g));
  for (const [wrong, why] of [[{ dataset: 'nothing' }, /no data set/], [{ dataset: tempDir(t) }, /data set/],
    [{ dataset: 'http://127.0.0.2:1/x.npz' }, /not fetched/], [{ dataset: g.url('a'), kernels: 'abacus-1' }, /abacus/]]) {
    const { status, json, text } = await call(`${services.broker}/v1/runs`, { ...SETTINGS, ...wrong });
    assert.equal(status, 422, text);
    assert.match(json.error, why);
  }
});

test('a budget is planned when the data are there, as it would have been at once', async (t) => {
  const g = await gate(t, folderOf(t));
  let services = await up(t, withHost(g));
  const settings = { budget_pflop: 0.002, seed: 3, kernels: 'simd128-2', dataset: g.url('a') };
  const late = await createRun(services, settings);
  const { settings: open, budget } = await lookAtRun(services, late);
  assert.equal(budget, null);
  assert.ok(open.unplanned.includes('population'), `${open.unplanned}`);
  await killAll(services);
  services = await up(t, { ...withHost(g), dataDir: services.dataDir });
  g.open();
  const begun = async (uuid) => {
    const json = await until('it to begin', async () => {
      const now = await lookAtRun(services, uuid);
      return ['running', 'finished'].includes(now?.state) && now;
    });
    await call(`${services.broker}/v1/runs/${uuid}/cancel`, {});
    return json;
  };
  const first = await begun(late), again = await begun(await createRun(services, settings));
  assert.deepEqual(first.settings, again.settings);
  assert.equal(first.settings.unplanned, undefined);
});

const MODELS = { num_channels: 1, px_h: 28, px_w: 28, num_classes: 4, batch_size: 32, num_poblation: 1, seed: 1 };

test('an existing client has its population before its data set is there, and its score after', async (t) => {
  const g = await gate(t, folderOf(t)), services = await up(t, withHost(g));
  const made = await call(`${services.broker}/create_initial_poblation`, { ...MODELS, dataset: g.url('a') });
  assert.equal(made.status, 200, made.text);
  const { uuid } = made.json.message;
  let ended = false;
  const train = () => call(`${services.broker}/create_cnn_model`, { uuid, model_id: 0, epochs: 1, seed: 1, train_limit: 60 });
  const score = train().finally(() => { ended = true; });
  await new Promise((go) => setTimeout(go, 3000));
  assert.ok(!ended, 'it waits for the data');
  g.open();
  const { status, json, text } = await score;
  assert.equal(status, 200, text);
  assert.ok(json.message.message.score >= 0);
});

test('a broker that is to stop does not wait for the data set of an existing client', async (t) => {
  const g = await gate(t, folderOf(t)), services = await up(t, withHost(g));
  const { json: { message: { uuid } } } = await call(`${services.broker}/create_initial_poblation`,
    { ...MODELS, dataset: g.url('a') });
  const score = call(`${services.broker}/create_cnn_model`, { uuid, model_id: 0 });
  await new Promise((go) => setTimeout(go, 500));
  services.proc.child.kill('SIGTERM');
  const { status, text } = await score; // not cut off: it is answered
  assert.equal(status, 503, text);
  assert.match(text, /about to stop/);
  await services.proc.ended;
});
