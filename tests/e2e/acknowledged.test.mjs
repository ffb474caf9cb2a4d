// acknowledged.test.mjs -- each result that a broker has acknowledged on the wire is
// in its store at the end, once, with the bytes that passed: through kills of
// brokers and workers, and while nothing can be committed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  answers, createRun, finishedRun, freePort, lookAtRun, patience, sleep, SMALL_NETWORKS, start, tempDir, tinyDataset, until,
} from './harness.mjs';
import { installed, natsServer } from './nats.mjs';
import { httpRecorder, natsRecorder, Record } from './recorder.mjs';
import { lockStore, storedResults } from './store_file.mjs';

// Enough of a generation is left when the store is locked for results to come.
const SETTINGS = {
  population: 12, generations: 2, epochs: 3, train_limit: 0, final_epochs: 1, seed: 7, rungs: 2, kernels: 'simd128-2',
  ...SMALL_NETWORKS,
};

const passing = (record, what) => once(record, what, { signal: AbortSignal.timeout(60000 * patience) });

async function kill(process) {
  process.child.kill('SIGKILL');
  await process.ended;
}

// A genome service, and a broker that is started again with the same folder.
async function place(t, howJobsTravel) {
  const [genome, port] = [await freePort(), await freePort()], dataDir = tempDir(t);
  const services = { port, broker: `http://127.0.0.1:${port}`, file: join(dataDir, 'nevod.db') };
  start(t, ['genome', '--port', `${genome}`]);
  services.begin = async () => {
    services.process = start(t, ['broker', '--data-dir', dataDir, '--port', `${port}`,
      '--genome', `http://127.0.0.1:${genome}`, ...howJobsTravel]);
    await until('the broker to be there', () => answers(`${services.broker}/healthz`));
  };
  await services.begin();
  return services;
}

const worker = async (t, port, args) => start(t, ['evolutioner', '--port', `${port}`, '--data-dir', tempDir(t),
  '--slots', '1', ...args]);

// The broker is killed with results that it could not commit, none of which it has
// acknowledged; then a worker, as an acknowledgement passes.  Not so what had passed
// before, which may have been committed, nor what a second worker says of a job: it
// may be dropped at once, for the first one's is kept until it is committed.
async function killBoth(t, services, record, killWorker) {
  const unlock = await lockStore(t, services.file);
  const before = new Set(record.passed.keys()), first = new Map(), early = [];
  const noteResult = (id, text) => before.has(id) || first.has(id) || first.set(id, text);
  const noteEarly = (id, text) => first.get(id) === text && early.push(id);
  record.on('result', noteResult).on('acknowledged', noteEarly);
  await passing(record, 'result');
  await sleep(1000);
  await kill(services.process);
  record.off('result', noteResult).off('acknowledged', noteEarly);
  await unlock();
  assert.deepEqual(early, [], 'acknowledged before it can have been committed');
  await services.begin();
  await passing(record, 'acknowledged');
  await killWorker();
}

// What passed and what the store has; the broker ends first.
async function compare(t, services, record, uuid) {
  await until('the last result to be acknowledged', () => [...record.acknowledged.keys()].some((id) =>
    id.startsWith(`${uuid}/final/`)));
  services.process.child.kill('SIGTERM');
  await services.process.ended;
  const stored = storedResults(services.file);
  for (const [id, texts] of record.acknowledged) {
    const rows = stored.get(id) ?? [];
    assert.equal(rows.length, 1, `${id} was acknowledged and has ${rows.length} rows`);
    // Of a job that two workers trained either may be kept.
    assert.ok(texts.has(rows[0]), `${id}: ${rows[0]} is kept; acknowledged: ${[...texts].join(' ')}`);
  }
  for (const [id, [text]] of stored) assert.ok(record.passed.get(id)?.has(text), `${id}: what is kept has not passed`);
  const { size } = record.acknowledged;
  assert.ok(size > stored.size / 2, `${size} of ${stored.size} were acknowledged`);
  t.diagnostic(`${stored.size} results kept, ${size} of them acknowledged; ${[...record.passed.values()]
    .filter((texts) => texts.size > 1).length} were trained more than once`);
}

const scores = (services, uuid, n) => until(`${n} scores`, async () => (await lookAtRun(services, uuid))?.evaluations >= n, 120);

test('acknowledged over HTTP is kept, to the byte', async (t) => {
  const record = new Record(), services = await place(t, ['--evolutioner', 'none']);
  const push = async () => {
    const port = await freePort(), url = await httpRecorder(t, record, port);
    return worker(t, port, ['--broker', services.broker, '--advertise', url]);
  };
  const pull = async () => worker(t, 0, ['--pull', '--broker', await httpRecorder(t, record, services.port)]);
  const workers = [[await push(), push], [await pull(), pull]];
  const uuid = await createRun(services, { ...SETTINGS, dataset: tinyDataset(join(tempDir(t), 'tiny')) });
  for (const [i, of] of workers.entries()) {
    await scores(services, uuid, 2 + 4 * i);
    await killBoth(t, services, record, () => kill(of[0]));
    of[0] = await of[1]();
  }
  await finishedRun(services, uuid);
  await compare(t, services, record, uuid);
});

test('acknowledged to a queue is kept, to the byte', { skip: installed() ? false : 'no nats-server here' }, async (t) => {
  const record = new Record(), queue = await natsServer(t), tap = await natsRecorder(t, record, queue.port);
  const services = await place(t, ['--queue', `nats://127.0.0.1:${tap}`, '--ack-wait-ms', '3000']);
  const comes = () => worker(t, 0, ['--queue', queue.url, '--broker', services.broker]);
  const workers = [await comes(), await comes()];
  const uuid = await createRun(services, { ...SETTINGS, dataset: tinyDataset(join(tempDir(t), 'tiny')) });
  await scores(services, uuid, 2);
  await killBoth(t, services, record, () => kill(workers[0]));
  await comes();
  await scores(services, uuid, 6);
  await queue.kill();
  queue.forget();
  await queue.start();
  await killBoth(t, services, record, () => kill(workers[1]));
  await finishedRun(services, uuid);
  await compare(t, services, record, uuid);
});
