// logs.test.mjs -- what the services write of what they do: a line an event, for
// people or as JSON, under the trace of the client that asked.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  call, createRun, finishedRun, freePort, killAll, LONG, lookAtRun, run, SMALL_NETWORKS, SMALL_NETWORKS_OPTIONS, start, tempDir, tinyDataset,
  until, up,
} from './harness.mjs';

const JSON_LOG = ['--log-format', 'json'];
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const OTHER = 'b'.repeat(32);
const TOKEN = 'a-token-that-nobody-logs';
const SECRET = 'ward 7 of somebody'; // a folder of data
const SETTINGS = { population: 4, generations: 2, final_epochs: 1, train_limit: 40, seed: 1, ...SMALL_NETWORKS };
const MEMBERS = { time: 'string', level: 'string', service: 'string', message: 'string', run: 'string',
  job: 'string', genome: 'number', worker: 'string', trace: 'string', reason: 'string' };

// All that was written, which is nothing but lines of JSON with members as told.
function linesOf({ err }) {
  const lines = err.split('\n').filter((line) => line).map((line) => JSON.parse(line));
  for (const line of lines) {
    assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(line.level, /^(ERROR|WARN|INFO)$/);
    assert.match(line.message, /^[a-z]+(-[a-z]+)*$/);
    assert.deepEqual(Object.keys(line).slice(0, 4), ['time', 'level', 'service', 'message']);
    for (const [key, value] of Object.entries(line)) if (MEMBERS[key]) assert.equal(typeof value, MEMBERS[key], key);
  }
  return lines;
}

const servicesOf = (lines, trace) => new Set(lines.filter((l) => l.trace === trace).map((l) => l.service));
const all = ['broker', 'genome', 'evolutioner', 'train-job'];

function assertTraced(lines, trace, uuid) {
  assert.deepEqual([...servicesOf(lines, trace)].sort(), [...all].sort());
  const traced = lines.filter((line) => line.trace === trace);
  for (const message of ['run-created', 'generation-made', 'job-ended', 'trained', 'run-over']) {
    assert.ok(traced.some((line) => line.message === message), message);
  }
  for (const line of traced.filter((l) => l.service !== 'genome')) assert.equal(line.run, uuid);
  for (const line of traced.filter((l) => l.job)) {
    assert.ok(line.job.startsWith(`${uuid}/`));
    assert.equal(String(line.genome), line.job.split('/')[2]);
  }
}

test('a client\'s trace is in the logs of all three services and of the training', async (t) => {
  const dir = tempDir(t), tokens = join(dir, 'tokens');
  writeFileSync(tokens, `${TOKEN}\n`, { mode: 0o600 });
  const dataset = tinyDataset(join(dir, SECRET, 'tiny'));
  const services = await up(t, { dataDir: join(dir, SECRET, 'data'), extra: [...JSON_LOG, '--token-file', tokens] });
  const ask = (path, body, headers = {}) =>
    call(`${services.broker}${path}`, body, { headers: { Authorization: `Bearer ${TOKEN}`, ...headers } });

  const made = await ask('/v1/runs', { ...SETTINGS, dataset }, { traceparent: TRACEPARENT });
  assert.equal(made.status, 202, made.text);
  const { uuid } = made.json;
  await until('the run to finish', async () => (await ask(`/v1/runs/${uuid}`)).json.state === 'finished');

  // That a prepared set cannot be written is told, and not where.
  rmSync(join(services.dataDir, 'datasets'), { recursive: true });
  writeFileSync(join(services.dataDir, 'datasets'), 'no folder');
  const other = tinyDataset(join(dir, SECRET, 'other'), { train: 200 });
  const refused = await ask('/v1/runs', { ...SETTINGS, dataset: other }, { traceparent: `00-${OTHER}-00f067aa0ba902b7-01` });
  // A busy machine makes the run before it knows.
  assert.ok(refused.status >= 500 || refused.status === 202, refused.text);

  const told = () => linesOf(services.proc).find((l) => ['request-failed', 'data-not-ready'].includes(l.message));
  await until('both to be told', () => services.proc.err.includes('"run-over"') && told());
  const lines = linesOf(services.proc), failed = told();
  assert.match(failed.reason, /\.\.\.\/\S+: Not a directory/);
  assert.equal(failed.trace, OTHER);
  assertTraced(lines, TRACE, uuid);
  for (const secret of [TOKEN, SECRET, dir]) assert.ok(!services.proc.err.includes(secret), secret);
});

test('a run without a trace has its own, also where a worker pulls and the header is malformed', async (t) => {
  const [b, g] = [await freePort(), await freePort()], dir = tempDir(t);
  const services = { broker: `http://127.0.0.1:${b}` };
  const genome = start(t, ['genome', '--port', String(g), ...JSON_LOG]);
  const broker = start(t, ['broker', '--port', String(b), '--data-dir', join(dir, 'b'),
    '--genome', `http://127.0.0.1:${g}`, '--evolutioner', `http://127.0.0.1:${await freePort()}`, ...JSON_LOG]);
  const worker = start(t, ['evolutioner', '--port', '0', '--broker', services.broker, '--pull', '--slots', '2',
    '--data-dir', join(dir, 'w')], { env: { ...process.env, NEVOD_LOG_FORMAT: 'json' } });
  await until('the worker', () => worker.err.includes('"joined"'));
  const { status, json: { uuid } } = await call(`${services.broker}/v1/runs`,
    { ...SETTINGS, dataset: tinyDataset(join(dir, 'tiny')) }, { headers: { traceparent: TRACEPARENT.toUpperCase() } });
  assert.equal(status, 202);
  await finishedRun(services, uuid);
  await until('the last line', () => broker.err.includes('"run-over"'));
  const lines = [broker, genome, worker].flatMap(linesOf);
  assertTraced(lines, uuid.replaceAll('-', ''), uuid);
  assert.equal(servicesOf(lines, TRACE).size, 0);
});

test('a run goes on under its client\'s trace after a kill -9, to the same digest', async (t) => {
  const settings = { ...SETTINGS, ...LONG, dataset: tinyDataset(join(tempDir(t), 'tiny')) };
  const calm = await up(t);
  const { digest } = await finishedRun(calm, await createRun(calm, settings));
  const services = await up(t, { extra: JSON_LOG });
  const { json: { uuid } } = await call(`${services.broker}/v1/runs`, settings, { headers: { traceparent: TRACEPARENT } });
  await until('a score', async () => (await lookAtRun(services, uuid))?.evaluations > 0);
  await killAll(services);
  const again = await up(t, { dataDir: services.dataDir, extra: JSON_LOG });
  assert.equal((await finishedRun(again, uuid)).digest, digest);
  const lines = linesOf(again.proc);
  assert.equal(lines.find((line) => line.message === 'run-resumed').trace, TRACE);
  assert.ok(lines.some((line) => line.service === 'train-job' && line.trace === TRACE));
});

test('without the option lines are for people, and a format that nobody knows is refused', async (t) => {
  const p = start(t, ['genome', '--port', '0']);
  await until('the service', () => /^\S+Z INFO genome listening url=http:/m.test(p.err));
  const odd = await run(t, ['genome', '--port', '0', '--log-format', 'xml']);
  assert.equal(odd.code, 2);
  assert.match(odd.err, /--log-format.*text.*json/s);
});

test('what keeps a service from starting is a line of JSON, too', async (t) => {
  const tokens = join(tempDir(t), 'tokens'), dir = join(tempDir(t), SECRET);
  for (const [args, reason] of [
    [['broker', '--bind', '0.0.0.0'], /--token-file/],
    [['broker', '--genome', 'nowhere'], /--genome/],
    [['broker', '--store', 'postgresql:', '--blobs', 'tape'], /--blobs/],
    [['evolutioner', '--pull'], /--broker/],
    [['genome', '--token-file', tokens], /tokens/],
    [['genome', '--port', 'many'], /--port/],
    [['genome', '--prot', '0'], /--prot/],
    [['up', '--broker-port', '7', '--genome-port', '7'], /--genome-port/],
    [['up', '--token-file', tokens], /tokens/],
    [['evolutioner', '--data-dir', join(tokens, 'x')], /x/],
  ]) {
    writeFileSync(tokens, '');
    const p = await run(t, args, { env: { ...process.env, NEVOD_DATA_DIR: dir, NEVOD_LOG_FORMAT: 'json' } });
    assert.notEqual(p.code, 0);
    const [line, ...more] = linesOf(p);
    assert.deepEqual([line.level, line.service, line.message, more], ['ERROR', args[0], 'not-started', []]);
    assert.match(line.reason, reason);
  }
  const { err } = await run(t, ['genome', '--port', 'many']);
  assert.match(err, /^nevod: --port[^\n]*\nTry: nevod help genome\n$/);
});

test('evolve is a part of the trace in its environment', async (t) => {
  const dataDir = tempDir(t);
  const p = await run(t, ['evolve', '--dataset', tinyDataset(join(tempDir(t), 'tiny')), '--data-dir', dataDir,
    '--broker-port', '0', '--genome-port', '0', '--evolutioner-port', '0', '--population', '4', '--generations', '1',
    '--final-epochs', '1', '--train-limit', '40', '--seed', '1', ...SMALL_NETWORKS_OPTIONS],
  { env: { ...process.env, NEVOD_LOG_FORMAT: 'json', TRACEPARENT } });
  assert.equal(p.code, 0, p.err);
  const lines = linesOf({ err: readFileSync(join(dataDir, 'log', 'up.log'), 'utf8').replace(/^[^{].*$/gm, '') });
  assert.deepEqual([...servicesOf(lines, TRACE)].sort(), [...all].sort());
});

test('evolve tells why its services ended, whatever their log is written in', async (t) => {
  const dataDir = tempDir(t);
  writeFileSync(join(dataDir, 'nevod.db'), 'this is no store, and long enough to be taken for one: '.repeat(40));
  const p = await run(t, ['evolve', '--dataset', tinyDataset(join(tempDir(t), 'tiny')), '--data-dir', dataDir,
    '--broker-port', '0', '--genome-port', '0', '--evolutioner-port', '0'],
  { env: { ...process.env, NEVOD_LOG_FORMAT: 'json' } });
  assert.notEqual(p.code, 0);
  assert.match(p.err, /have ended: broker not-started: /);
});
