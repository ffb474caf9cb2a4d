// leader_cut.test.mjs -- two brokers and their workers on machines of their own, in
// network namespaces, with a database and a queue between them: the leader's wire
// is cut without a word, and later whole again.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  answers, atEnd, call, createRun, finishedRun, freePort, lookAtRun, SMALL_NETWORKS, start,
  tempDir, tinyDataset, until,
} from './harness.mjs';
import { installed, natsServer } from './nats.mjs';
import { between, digestOfOneMachine, routed } from './netns.mjs';
import { postgres } from './postgres_server.mjs';

const SETTINGS = {
  population: 6, generations: 4, epochs: 10, train_limit: 0, final_epochs: 1, seed: 7, inherit: true, kernels: 'simd128-2',
  ...SMALL_NETWORKS,
};
const EVERYWHERE = '0.0.0.0', OPEN = ['--bind', EVERYWHERE, '--no-token'];

// From whose address rows were written, in transactions that were committed.
const WATCH = `
CREATE TABLE written (who TEXT NOT NULL);
CREATE FUNCTION note_writer() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO written VALUES (host(inet_client_addr())); RETURN NULL; END $$;
${['run', 'generation', 'genome', 'rung', 'event'].map((table) =>
    `CREATE TRIGGER note_writer AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION note_writer();`)
    .join('\n')}`;

const sql = (store, text) => execFileSync('psql', ['-qtA', '-v', 'ON_ERROR_STOP=1', '-c', text, store]).toString().trim();
const written = (store, { address }) => Number(sql(store, `SELECT count(*) FROM written WHERE who = '${address}'`));

// What all stand on, here; the machines have nothing but their wires to here.
async function place(t) {
  const queue = await natsServer(t, { listen: EVERYWHERE }), store = await postgres(t, { listen: '*' });
  const genome = await freePort();
  start(t, ['genome', '--port', `${genome}`, ...OPEN]);
  return { queue: queue.port, store, genome };
}

async function broker(t, at, n) {
  const m = await routed(t, n), port = await freePort(), url = `http://${m.address}:${port}`;
  const process = start(t, ['broker', '--data-dir', tempDir(t), '--port', `${port}`, '--advertise', url, ...OPEN,
    '--store', `postgresql://nevod@${m.here}/postgres`, '--queue', `nats://${m.here}:${at.queue}`, '--ack-wait-ms', '3000',
    '--genome', `http://${m.here}:${at.genome}`], { through: m.through });
  await until('the broker to be there', () => answers(`${url}/healthz`));
  return { ...m, process, broker: url };
}

async function workers(t, at, n, brokers, count) {
  const m = await routed(t, n);
  for (let i = 0; i < count; i++) {
    start(t, ['evolutioner', '--port', '0', '--data-dir', tempDir(t), '--slots', '1', '--queue', `nats://${m.here}:${at.queue}`,
      ...brokers.flatMap((b) => ['--broker', b.broker])], { through: m.through });
  }
  await until('the workers to be ready', async () =>
    (await call(`${brokers[0].broker}/v1/workers`)).json.items.filter(({ state }) => state === 'ready').length === count);
}

const ASK = `
  const ask = () => fetch(process.argv[1], { method: 'PATCH', body: '{"name": "late"}',
    headers: { 'Content-Type': 'application/json' }, signal: AbortSignal.timeout(3000) });
  (async () => { for (;;) {
    console.log(await ask().then((answer) => answer.status, () => 0));
    await new Promise((done) => setTimeout(done, 50));
  } })();`;

// On its machine the broker is asked again and again to write something: the
// statuses that it answers with, 0 for none.
function askToWrite(t, { through: [file, ...words], broker: url }, uuid) {
  const child = spawn(file, [...words, process.execPath, '-e', ASK, `${url}/v1/runs/${uuid}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const statuses = [];
  child.stdout.on('data', (d) => statuses.push(...`${d}`.trim().split('\n').map(Number)));
  atEnd(t, () => child.kill('SIGKILL'));
  return statuses;
}

const scores = (one, uuid, n) => until(`${n} scores`, async () => (await lookAtRun(one, uuid))?.evaluations >= n, 120);

async function cutLeader(t) {
  if (!installed()) return t.skip('no nats-server here');
  const settings = { ...SETTINGS, dataset: tinyDataset(join(tempDir(t), 'tiny')) };
  const at = await place(t);
  if (!at.store) return t.skip('no PostgreSQL here');
  const expected = await digestOfOneMachine(t, settings);
  const first = await broker(t, at, 1), second = await broker(t, at, 2);
  sql(at.store, WATCH);
  await workers(t, at, 3, [first, second], 2);
  const uuid = await createRun(first, settings);
  await scores(first, uuid, 3);

  const since = performance.now(), elapsed = () => ((performance.now() - since) / 1000).toFixed(1);
  first.say('cut');
  await until('the other to lead', async () => (await call(`${second.broker}/readyz`)).status === 200);
  t.diagnostic(`the other led after ${elapsed()} s`);
  const { evaluations } = await lookAtRun(second, uuid);
  await scores(second, uuid, evaluations + 2);
  t.diagnostic(`its first results were there after ${elapsed()} s`);
  const before = written(at.store, first);
  assert.ok(before > 0);
  const statuses = askToWrite(t, first, uuid);
  await until('it to be asked', () => statuses.length > 0);
  first.say('whole');
  await first.process.ended;
  assert.equal(first.process.code, 1);
  assert.match(first.process.err, /deposed.*another broker has taken the lead/);
  t.diagnostic(`asked to write, it answered ${statuses.filter((status) => status)}`);
  assert.equal((await finishedRun(second, uuid)).digest, expected);
  assert.ok(!statuses.includes(200), `${statuses}`);
  assert.equal(written(at.store, first), before, 'who was followed has committed something');
  assert.ok(written(at.store, second) > 0);
}

between(import.meta.url, {
  'a leader that is cut off is followed, the digest is that of one machine, and it commits nothing when it is back': cutLeader,
});
