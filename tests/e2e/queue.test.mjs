// queue.test.mjs -- jobs by NATS JetStream: the digest is that of the run without
// it, whatever is killed, stopped or lost.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { authority } from './certificates.mjs';
import { call, createRun, finishedRun, lookAtRun, run, tempDir, tinyDataset, until } from './harness.mjs';
import { installed, natsServer } from './nats.mjs';
import { place, scores, SETTINGS, twin, workersAre } from './on_queue.mjs';

const skip = installed() ? false : 'no nats-server here';

test('a run by the queue has the digest of one without, through kills of all three', { skip }, async (t) => {
  const settings = { ...SETTINGS, dataset: tinyDataset(join(tempDir(t), 'tiny')) };
  const digest = await twin(t, settings);
  const queue = await natsServer(t);
  const at = await place(t, queue);
  const broker = await at.startBroker();
  const workers = [await at.startWorker(), await at.startWorker()];
  await workersAre(at, 2);
  const uuid = await createRun(at, settings);
  await scores(at, uuid, 3);

  // A worker: its job is had by another.
  workers[0].child.kill('SIGKILL');
  await scores(at, uuid, 7);
  // The broker: workers go on, and the next one has what they published.
  broker.child.kill('SIGKILL');
  await broker.ended;
  await at.startBroker();
  await scores(at, uuid, 11);
  // The queue, with everything in it.
  await queue.kill();
  queue.forget();
  await queue.start();
  await at.startWorker();
  assert.equal((await finishedRun(at, uuid)).digest, digest);

  await until('the queue to be empty', async () =>
    /^nevod_queue_jobs\{state="waiting"\} 0$/m.test((await call(`${at.broker}/metrics`)).text));
});

test('inherited weights and the final ones travel beside the queue', { skip }, async (t) => {
  const settings = { ...SETTINGS, generations: 2, inherit: true, rungs: 1, dataset: tinyDataset(join(tempDir(t), 'tiny')) };
  const digest = await twin(t, settings);
  const at = await place(t, await natsServer(t));
  await at.startBroker();
  await at.startWorker(2);
  const uuid = await createRun(at, settings);
  assert.equal((await finishedRun(at, uuid)).digest, digest);
});

test('a queue that is away is said to be, and a run goes on when it is back', { skip }, async (t) => {
  const queue = await natsServer(t);
  const at = await place(t, queue);
  await at.startBroker();
  await at.startWorker(2);
  await workersAre(at, 1);
  const uuid = await createRun(at, { ...SETTINGS, generations: 2, dataset: tinyDataset(join(tempDir(t), 'tiny')) });
  await scores(at, uuid, 2);
  await queue.kill();
  await until('the trouble to be said', async () => /queue does not answer/.test((await lookAtRun(at, uuid)).trouble), 30);
  const ready = await call(`${at.broker}/readyz`);
  assert.equal(ready.status, 503);
  await queue.start();
  await finishedRun(at, uuid);
});

test('a cancelled run leaves nothing in the queue, and a drained worker nothing undone', { skip }, async (t) => {
  const at = await place(t, await natsServer(t));
  await at.startBroker();
  const worker = await at.startWorker();
  await workersAre(at, 1);
  const settings = { ...SETTINGS, population: 40, dataset: tinyDataset(join(tempDir(t), 'tiny')) };
  const uuid = await createRun(at, settings);
  await scores(at, uuid, 1);
  assert.equal((await call(`${at.broker}/v1/runs/${uuid}/cancel`, {})).status, 200);
  await until('the queue to be empty', async () =>
    /^nevod_queue_jobs\{state="waiting"\} 0$[^]*^nevod_queue_jobs\{state="delivered"\} 0$/m.test(
      (await call(`${at.broker}/metrics`)).text), 30);

  const second = await createRun(at, { ...settings, population: 4, generations: 1 });
  await scores(at, second, 1);
  worker.child.kill('SIGTERM');
  await worker.ended;
  assert.equal(worker.code, 0);
  const before = (await lookAtRun(at, second)).evaluations;
  assert.ok(before >= 2, `${before} scores: what it had begun is there`);
  await at.startWorker();
  await finishedRun(at, second);
});

test('a second broker takes the queue over, and the first says so', { skip }, async (t) => {
  const queue = await natsServer(t);
  const [one, two] = [await place(t, queue), await place(t, queue)];
  await one.startBroker();
  await until('the first to lead', async () => /no evolutioner answers/.test((await call(`${one.broker}/readyz`)).text));
  // At once: between two requests of the first for results, too.
  await two.startBroker();
  await until('the first to say so', async () =>
    /another broker has taken the queue over/.test((await call(`${one.broker}/readyz`)).text));
});

// The permissions are those of docs/cluster.md.
test('over TLS a worker may do no more than it must', { skip }, async (t) => {
  const { ca, cert, key } = authority(tempDir(t), 'queue');
  const config = join(tempDir(t), 'nats.conf');
  writeFileSync(config, `tls { cert_file: "${cert}", key_file: "${key}" }
authorization {
  users = [
    { user: broker, password: b-secret }
    { user: worker, password: w-secret, permissions: {
        publish: ["$JS.API.CONSUMER.MSG.NEXT.JOBS.*", "$JS.API.CONSUMER.INFO.JOBS.*",
                  "$JS.ACK.JOBS.>", "results.>", "workers.*"]
        subscribe: ["_INBOX.>"] } }
  ]
}
`);
  const queue = await natsServer(t, { config });
  const as = (user) => `tls://${user}@127.0.0.1:${queue.port}`;
  const at = await place(t, queue, { brokerUrl: as('broker:b-secret'), workerUrl: as('worker:w-secret'), ca });
  const broker = await at.startBroker();
  await at.startWorker(2);
  const uuid = await createRun(at, { ...SETTINGS, generations: 2, dataset: tinyDataset(join(tempDir(t), 'tiny')) });
  await finishedRun(at, uuid);
  assert.doesNotMatch(queue.log, /Permissions Violation/i);
  assert.doesNotMatch(broker.err, /secret/);
});

test('options of the queue that do not go together are refused', async (t) => {
  const alone = await run(t, ['evolutioner', '--queue', 'nats://127.0.0.1:1', '--port', '0']);
  assert.equal(alone.code, 2);
  assert.match(alone.err, /name it with --broker URL/);
  const both = await run(t, ['broker', '--queue', 'nats://127.0.0.1:1', '--evolutioner', 'http://127.0.0.1:1', '--port', '0']);
  assert.match(both.err, /exclude each other/);
  const wrong = await run(t, ['broker', '--queue', 'amqp://127.0.0.1:1', '--port', '0', '--data-dir', tempDir(t)]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /known are http, nats tls/);
});
