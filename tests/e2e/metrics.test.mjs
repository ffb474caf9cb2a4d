// metrics.test.mjs -- what is seen from outside: /metrics as Prometheus takes
// it, and every query of the dashboard and of the alert rules against it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  atEnd, freePort, run, SMALL_NETWORKS_OPTIONS, tempDir, tinyDataset, until, up,
} from './harness.mjs';
import { installed, natsServer } from './nats.mjs';
import { place, workersAre } from './on_queue.mjs';

const MONITORING = join(dirname(fileURLToPath(import.meta.url)), '../../install/monitoring');

async function metrics(url) {
  const answer = await fetch(`${url}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  return answer.text();
}

// The value of a sample, by the beginning of its line.
function sample(text, name) {
  const line = text.split('\n').find((l) => l.startsWith(`${name} `));
  assert.ok(line, `${name} in\n${text}`);
  return Number(line.slice(name.length + 1));
}

// A Prometheus that looks at the services there every second.
async function prometheus(t, targets) {
  const dir = tempDir(t), port = await freePort();
  const config = readFileSync(join(MONITORING, 'prometheus.yml'), 'utf8')
    .replace('scrape_interval: 15s', 'scrape_interval: 1s')
    .replace(/targets: \[.*\]/, `targets: [${targets.map((target) => `"${target}"`).join(', ')}]`);
  writeFileSync(join(dir, 'prometheus.yml'), config);
  copyFileSync(join(MONITORING, 'alerts.yml'), join(dir, 'alerts.yml'));
  execFileSync('promtool', ['check', 'config', join(dir, 'prometheus.yml')], { stdio: 'pipe' });
  const p = spawn('prometheus', [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`,
    `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'], { stdio: 'ignore' });
  const ended = new Promise((done) => p.once('exit', done));
  atEnd(t, async () => { p.kill('SIGTERM'); await ended; });
  return async (query) => {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`);
      if (answer.status === 503) return []; // it is starting
      const json = await answer.json();
      if (json.status !== 'success') throw new TypeError(`${query}: ${json.error}`);
      return json.data.result;
    } catch (e) {
      if (e.message === 'fetch failed') return [];
      throw e;
    }
  };
}

const queries = JSON.parse(readFileSync(join(MONITORING, 'grafana.json'), 'utf8')).panels
  .flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));
const ofQueue = ({ expr }) => expr.includes('nevod_queue_');

test('each service has metrics, and every query of ours finds them', async (t) => {
  const services = await up(t);
  const done = await run(t, ['evolve', '--broker', services.broker, '--dataset', tinyDataset(join(tempDir(t), 'tiny')),
    '--population', '4', '--generations', '2', '--final-epochs', '1', '--train-limit', '0', '--seed', '1', ...SMALL_NETWORKS_OPTIONS]);
  assert.equal(done.code, 0, done.err);

  for (const url of [services.broker, services.genome, services.evolutioner]) {
    const text = await metrics(url);
    const lint = execFileSync('promtool', ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] });
    assert.equal(lint.toString(), '');
    assert.ok(sample(text, 'process_resident_memory_bytes') > 1e6);
    assert.ok(sample(text, 'nevod_http_requests_total{code="2xx"}') > 0);
  }
  const broker = await metrics(services.broker);
  assert.equal(sample(broker, 'nevod_runs{state="finished"}'), 1);
  assert.equal(sample(broker, 'nevod_runs_in_trouble'), 0);
  assert.equal(sample(broker, 'nevod_workers{state="ready"}'), 1);
  assert.ok(sample(broker, 'nevod_results_total{outcome="scored"}') >= 8);
  assert.ok(sample(broker, 'nevod_training_images_total') > 0);
  assert.ok(sample(broker, 'nevod_store_commits_total{outcome="committed"}') > 0);
  assert.ok(sample(await metrics(services.evolutioner), 'nevod_jobs_ended_total') >= 8);

  const query = await prometheus(t, Object.values(services.ports).map((port) => `127.0.0.1:${port}`));
  await until('two looks', async () => (await query('count_over_time(nevod_ready[1m]) > 1')).length >= 2);
  for (const { title, expr } of queries.filter((q) => !ofQueue(q))) {
    assert.notEqual((await query(expr)).length, 0, `${title}: ${expr}`);
  }
  // An alert's query finds nothing now, but what it looks at is there.
  for (const [, expr] of readFileSync(join(MONITORING, 'alerts.yml'), 'utf8').matchAll(/expr: (.*)/g)) {
    assert.deepEqual(await query(expr), [], expr);
    assert.notEqual((await query(expr.replace(/ [<>=]+ \S+$/, ''))).length, 0, expr);
  }
});

test('every query about a queue finds what its broker tells', { skip: installed() ? false : 'no nats-server here' }, async (t) => {
  const at = await place(t, await natsServer(t));
  await at.startBroker();
  await at.startWorker();
  await workersAre(at, 1);
  const query = await prometheus(t, [new URL(at.broker).host]), asked = queries.filter(ofQueue);
  assert.ok(asked.length >= 3);
  await until('a look at the queue', async () => (await query('nevod_queue_jobs')).length > 0);
  for (const { title, expr } of asked) assert.notEqual((await query(expr)).length, 0, `${title}: ${expr}`);
});
