// standby.test.mjs -- two brokers on one PostgreSQL: one leads, the other reads,
// sends whoever wants more to the first, and takes over when it is gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  answers, call, createRun, finishedRun, freePort, lookAtRun, run, SMALL_NETWORKS, start, tempDir, tinyDataset, until, up,
} from './harness.mjs';
import { postgres } from './postgres_server.mjs';

const SETTINGS = {
  population: 6, generations: 4, epochs: 20, train_limit: 0, final_epochs: 1, seed: 7, kernels: 'simd128-2', ...SMALL_NETWORKS,
};

// A genome service and ports of two brokers, each with a data folder of its own.
async function place(t, store) {
  const genome = await freePort();
  start(t, ['genome', '--port', String(genome)]);
  const brokers = [];
  for (let i = 0; i < 2; i++) {
    const port = await freePort();
    brokers.push({ port, broker: `http://127.0.0.1:${port}`, dataDir: tempDir(t) });
  }
  brokers[0].advertised = `http://localhost:${brokers[0].port}`;
  const begin = async (one) => {
    const advertise = one.advertised ? ['--advertise', `${one.advertised}/`] : [];
    one.process = start(t, ['broker', '--data-dir', one.dataDir, '--store', store, '--port', String(one.port), ...advertise,
      '--genome', `http://127.0.0.1:${genome}`, '--evolutioner', 'http://127.0.0.1:9']);
    await until('the broker to be there', () => answers(`${one.broker}/healthz`));
  };
  return { brokers, begin };
}

const worker = (t, args) => start(t, ['evolutioner', '--port', '0', '--data-dir', tempDir(t), '--slots', '1', ...args]);
const leads = (one) => until('it to lead', async () => (await call(`${one.broker}/readyz`)).status === 200, 90);
const scores = (one, uuid, n) => until(`${n} scores`, async () => (await lookAtRun(one, uuid))?.evaluations >= n, 120);
const plain = (url, options = {}) => fetch(url, { redirect: 'manual', ...options });

test('a standby reads, sends to who leads, and takes over by itself; the digest is that of one broker', async (t) => {
  const store = await postgres(t);
  if (!store) return t.skip('no PostgreSQL here');
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await up(t);
  const expected = (await finishedRun(services, await createRun(services, { ...SETTINGS, dataset }))).digest;

  const { brokers: [first, second], begin } = await place(t, store);
  await begin(first);
  await begin(second);
  // One that knows both, and two that know one alone, one of which calls.
  worker(t, ['--broker', first.broker, '--broker', second.broker]);
  worker(t, ['--broker', second.broker]);
  worker(t, ['--pull', '--broker', second.broker]);
  await leads(first);

  const ready = await call(`${second.broker}/readyz`);
  assert.equal(ready.status, 503);
  assert.equal(ready.json.detail, `standby: ${first.advertised} leads`);

  // What changes something is the leader's.
  const sent = await plain(`${second.broker}/v1/runs?x=1`, { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } });
  assert.equal(sent.status, 400, 'a query that nobody knows is refused here');
  const asked = await plain(`${second.broker}/v1/workers`);
  assert.equal(asked.status, 307);
  assert.equal(asked.headers.get('location'), `${first.advertised}/v1/workers`);
  assert.match((await asked.json()).detail, /this broker stands by/);
  await until('all workers to have joined the one that leads', async () =>
    (await call(`${first.broker}/v1/workers`)).json.items.filter((w) => w.state === 'ready').length === 3);
  const uuid = await createRun(second, { ...SETTINGS, dataset }); // fetch follows
  await scores(first, uuid, 2);
  const events = await plain(`${second.broker}/v1/runs/${uuid}/events`);
  assert.equal(events.status, 307);
  assert.equal(events.headers.get('location'), `${first.advertised}/v1/runs/${uuid}/events`);
  const paused = await run(t, ['pause', uuid, '--broker', second.broker]);
  assert.equal(paused.code, 0, paused.err);
  assert.equal((await lookAtRun(first, uuid)).state, 'paused');

  // What is in the store is read from it.
  const [here, there] = [await lookAtRun(second, uuid), await lookAtRun(first, uuid)];
  assert.deepEqual([here.state, here.evaluations, here.generation], [there.state, there.evaluations, there.generation]);
  assert.equal(here.trouble, null);
  const genomes = async (one) => (await call(`${one.broker}/v1/runs/${uuid}/genomes?limit=1000`)).json;
  assert.deepEqual(await genomes(second), await genomes(first));
  const metrics = await (await fetch(`${second.broker}/metrics`)).text();
  assert.match(metrics, /^nevod_leads 0$/m);
  const resumed = await run(t, ['resume', uuid, '--broker', second.broker]);
  assert.equal(resumed.code, 0, resumed.err);
  await scores(second, uuid, 4);

  first.process.child.kill('SIGKILL');
  await leads(second);
  assert.match(await (await fetch(`${second.broker}/metrics`)).text(), /^nevod_leads 1$/m);
  await scores(second, uuid, 10);

  // The first comes back, and the other way round.
  await begin(first);
  assert.equal((await call(`${first.broker}/readyz`)).json.detail, `standby: ${second.broker} leads`);
  second.process.child.kill('SIGTERM');
  await second.process.ended;
  assert.equal(second.process.code, 0);
  await leads(first);
  assert.equal((await finishedRun(first, uuid)).digest, expected);
});
