// deploy.test.mjs -- what deploy/ has for Compose, Kubernetes, KEDA and Slurm, with
// a queue and without: the schemas of others take it, every option in it exists,
// and its commands, started here as they stand there, are a cluster.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, call, freePort, NEVOD, start, tempDir, until } from './harness.mjs';
import { installed, natsServer } from './nats.mjs';
import { postgres } from './postgres_server.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = join(ROOT, 'tests', 'deploy'), MANIFESTS = join(ROOT, 'deploy', 'kubernetes'), QUEUE = `${MANIFESTS}-queue`;
execFileSync(join(ROOT, 'tools', 'fetch-npm'), ['tests/deploy'], { stdio: 'pipe' });
const require = createRequire(join(MODULES, 'package.json'));
const { parse, parseAllDocuments } = require('yaml');

const compose = parse(readFileSync(join(ROOT, 'deploy', 'compose.yaml'), 'utf8'), { merge: true });
const files = readdirSync(MANIFESTS).filter((f) => f !== 'kustomization.yaml').sort();
const objectsOf = (dir, file) =>
  parseAllDocuments(readFileSync(join(dir, file), 'utf8')).map((d) => ({ file, object: d.toJS() }));
const base = files.flatMap((file) => objectsOf(MANIFESTS, file));

// What Kustomize makes of them: the patches of RFC 6902 that are there.
function patched({ file, object }) {
  const made = structuredClone(object);
  for (const { target, patch } of parse(readFileSync(join(QUEUE, 'kustomization.yaml'), 'utf8')).patches) {
    if (target.kind !== object.kind || target.name !== object.metadata.name) continue;
    for (const { op, path, value } of parse(patch)) {
      const keys = path.split('/').slice(1), last = keys.pop(), at = keys.reduce((o, key) => o[key], made);
      assert.ok(at, path);
      if (op === 'test') assert.deepEqual(at[last], value);
      else if (op === 'remove') at.splice(Number(last), 1);
      else if (last === '-') at.push(value);
      else at[last] = value;
    }
  }
  return { file: `queue: ${file}`, object: made };
}
const queued = [...base.map(patched), ...objectsOf(QUEUE, 'keda-nats.yaml')];
const objects = [...base, ...queued];
const queuedCompose = parse(readFileSync(join(ROOT, 'deploy', 'compose.queue.yaml'), 'utf8')).services;
const moduleOf = ({ apiVersion }) => {
  if (apiVersion.startsWith('keda.sh/')) return `@kubernetes-models/keda/${apiVersion}`;
  return `kubernetes-models/${apiVersion}`;
};
const podsOf = (name, among = objects) => among.map(({ object }) => object)
  .filter(({ kind, metadata }) => /^(StatefulSet|Deployment)$/.test(kind) && (!name || metadata.name === name))
  .map(({ spec }) => spec.template.spec);

// -- what others say of it --

test('each manifest is what the schema of its kind says', () => {
  for (const { file, object } of objects) {
    const Model = require(moduleOf(object))[object.kind];
    assert.ok(Model, `${file}: ${object.apiVersion} has no ${object.kind}`);
    assert.doesNotThrow(() => new Model(object).validate(), `${file}: ${object.kind} ${object.metadata.name}`);
  }
  const wrong = structuredClone(objects.find(({ object }) => object.kind === 'Deployment').object);
  wrong.spec.replicas = 'two';
  assert.throws(() => new (require('kubernetes-models/apps/v1').Deployment)(wrong).validate(), /integer/);
});

// Schemas pass over a member that they do not know; types of literals do not.
function typed(all) {
  const dir = join(MODULES, 'generated');
  mkdirSync(dir, { recursive: true });
  const at = mkdtempSync(join(dir, 'manifests-'));
  const lines = all.flatMap(({ file, object }, i) => [
    `import type { I${object.kind} as T${i} } from '${moduleOf(object)}/${object.kind}';`,
    `/* ${file} */ export const o${i}: T${i} = ${JSON.stringify(object)};`]);
  writeFileSync(join(at, 'manifests.ts'), lines.join('\n'));
  writeFileSync(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions: {
    noEmit: true, strict: true, skipLibCheck: true, target: 'es2022', module: 'nodenext', types: [] } }));
  const p = spawnSync('node', [join(ROOT, 'web', 'node_modules', 'typescript', 'bin', 'tsc'), '--project', at]);
  rmSync(at, { recursive: true });
  return p;
}

test('no manifest has a member that its kind has not', () => {
  const right = typed(objects);
  assert.equal(right.status, 0, right.stdout.toString());
  const wrong = structuredClone(objects.find(({ object }) => object.kind === 'StatefulSet'));
  wrong.object.spec.template.spec.containers[0].readynessProbe = {};
  assert.match(typed([wrong]).stdout.toString(), /readynessProbe/);
});

test('the compose file is what the schema of Compose says', () => {
  const Ajv = require('ajv').default;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const schema = JSON.parse(readFileSync(join(MODULES, 'node_modules', 'dclint', 'schemas', 'compose.schema.json'), 'utf8'));
  delete schema.$schema; // draft 7, by an address of its own
  const valid = ajv.compile(schema);
  for (const file of [compose, parse(readFileSync(join(ROOT, 'deploy', 'compose.queue.yaml'), 'utf8'))]) {
    assert.ok(valid(file), JSON.stringify(valid.errors, null, 1));
  }
  assert.ok(!valid({ services: { broker: { imag: 'nevod' } } }));
});

test('kustomization.yaml names every manifest but those of KEDA, of which one is chosen', () => {
  const { resources } = parse(readFileSync(join(MANIFESTS, 'kustomization.yaml'), 'utf8'));
  assert.deepEqual([...resources].sort(), files.filter((f) => !f.startsWith('keda-')));
});

test('no pod is root, has more rights than it needs, or gets options from the names of services', () => {
  for (const pod of podsOf()) {
    assert.equal(pod.enableServiceLinks, false);
    assert.equal(pod.automountServiceAccountToken, false);
    assert.ok(pod.securityContext.runAsNonRoot && pod.securityContext.runAsUser > 0);
    for (const { securityContext: c, livenessProbe, readinessProbe } of pod.containers) {
      assert.ok(c.readOnlyRootFilesystem && c.allowPrivilegeEscalation === false);
      assert.deepEqual(c.capabilities, { drop: ['ALL'] });
      assert.equal(livenessProbe.httpGet.path, '/healthz');
      assert.equal(readinessProbe.httpGet.path, '/readyz');
    }
    // Others may not read a token: nevod would refuse it.
    for (const { secret } of pod.volumes) assert.equal((secret?.defaultMode ?? 0) & 7, 0);
  }
});

// -- what nevod says of it --

// [subcommand, option] of every `nevod SUBCOMMAND ...` in a text or a list.
function optionsIn(words) {
  const text = words.join(' ').replaceAll('\\\n', ' ');
  return [...text.matchAll(/(?:^|\bnevod )\s*(broker|genome|evolutioner|status) ([^&;]*)/g)]
    .flatMap(([, service, rest]) => [...rest.matchAll(/(?:^|\s)--([a-z-]+)/g)].map(([, name]) => [service, name]));
}

const wordsOf = (service) => [service.command ?? [], service.healthcheck?.test?.slice(1) ?? []];
const SLURM = join(ROOT, 'deploy', 'slurm', 'nevod-workers.sbatch');

test('every option that is given exists', () => {
  const containers = podsOf().flatMap(({ containers: c }) => c);
  const given = [...containers.map((c) => c.args), queuedCompose.evolutioner.command,
    ...['broker', 'genome', 'evolutioner'].flatMap((s) => wordsOf(compose.services[s])),
    [readFileSync(SLURM, 'utf8').replaceAll(/^#.*$/gm, '')]].flatMap(optionsIn);
  for (const service of ['broker', 'genome', 'evolutioner']) {
    assert.ok(given.filter(([s]) => s === service).length >= 4, `${service}: ${JSON.stringify(given)}`);
  }
  const environment = containers.flatMap(({ name, env = [] }) => env.map((v) => [name, v.name]))
    .filter(([, name]) => name.startsWith('NEVOD_')).map(([s, name]) => [s, name.slice(6).toLowerCase().replaceAll('_', '-')]);
  assert.ok(environment.length > 0);
  const help = Object.fromEntries(['broker', 'genome', 'evolutioner', 'status']
    .map((s) => [s, execFileSync(NEVOD, [s, '--help']).toString()]));
  for (const [service, name] of [...given, ...environment]) {
    assert.match(help[service], new RegExp(`^ +--${name}\\b`, 'm'), `nevod ${service} has no --${name}`);
  }
});

test('what Prometheus is asked for by KEDA is what a broker tells', async (t) => {
  const trigger = objects.find(({ file }) => file === 'keda-prometheus.yaml').object.spec.triggers[0];
  const [, name, states] = /(\w+)\{state=~"([^"]*)"\}/.exec(trigger.metadata.query);
  const port = await freePort();
  start(t, ['broker', '--port', String(port), '--data-dir', tempDir(t), '--evolutioner', 'none']);
  await until('the broker to be there', () => answers(`http://127.0.0.1:${port}/healthz`));
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  for (const state of states.split('|')) assert.match(metrics, new RegExp(`^${name}\\{state="${state}"\\} `, 'm'));
});

// -- a cluster, of the commands as they stand there --

async function place(t) {
  const dir = tempDir(t), token = join(dir, 'token'), worker = join(dir, 'worker'), bin = join(dir, 'bin');
  mkdirSync(bin);
  symlinkSync(NEVOD, join(bin, 'nevod'));
  writeFileSync(token, 'admin that-may-do-all\nworker that-may-work\nread that-may-look\n', { mode: 0o600 });
  writeFileSync(worker, 'worker that-may-work\nread that-may-look\n', { mode: 0o600 });
  const ports = { broker: await freePort(), genome: await freePort(), evolutioner: await freePort() };
  return { dir, token, worker, bin, ports, url: `http://127.0.0.1:${ports.broker}` };
}

// Whoever has the secret nevod-worker has no token that may do all.
const tokenOf = (p, who) => (podsOf(`nevod-${who}`)[0].volumes.find(({ name }) => name === 'token').secret.secretName === 'nevod-worker'
  ? p.worker : p.token);
const here = (p, who, words) => words.map((w) => w.replaceAll(/\/run\/secrets\/nevod\/token/g, tokenOf(p, who))
  .replaceAll('/run/secrets/token', p.token)
  .replaceAll('/var/lib/nevod', join(p.dir, who)).replaceAll('0.0.0.0', '127.0.0.1')
  .replaceAll(/http:\/\/(?:nevod-)?genome:5002/g, `http://127.0.0.1:${p.ports.genome}`)
  .replaceAll(/http:\/\/(?:nevod-)?broker:5001/g, p.url).replaceAll('http://$(POD_NAME).nevod-brokers:5001', p.url)
  .replaceAll(/--store=\S*/g, `--data-dir=${join(p.dir, who)}`).replace('${NEVOD_SLOTS:-0}', '1'));

// A process as its container has it, on a free port.
function service(t, p, who, { command, args }, more = {}) {
  const env = { ...process.env, PATH: `${p.bin}:${process.env.PATH}`, NEVOD_PORT: String(p.ports[who]), ...more };
  const words = here(p, who, args);
  return command ? start(t, [], { through: [...command, ...words], env }) : start(t, words, { env });
}

const workersOf = async (p) => {
  const headers = { Authorization: 'Bearer that-may-look' };
  return (await call(`${p.url}/v1/workers`, undefined, { headers }).catch(() => null))?.json?.items ?? [];
};
const oneIsReady = (p) => until('the one worker to be ready', async () => {
  const all = await workersOf(p);
  return all.length === 1 && all[0].state === 'ready';
});

async function cluster(t, containers, more = {}) {
  const p = await place(t), running = {};
  for (const who of ['genome', 'broker', 'evolutioner']) running[who] = service(t, p, who, containers[who], more);
  await oneIsReady(p);
  for (const port of Object.values(p.ports)) assert.ok(await answers(`http://127.0.0.1:${port}/readyz`));
  return { ...p, ...running };
}

async function stops(process) {
  process.child.kill('SIGTERM');
  await process.ended;
  return process.code;
}

test('the containers of Compose are a cluster', async (t) => {
  const c = await cluster(t, Object.fromEntries(['broker', 'genome', 'evolutioner']
    .map((name) => [name, { args: compose.services[name].command }])));
  const health = here(c, 'broker', compose.services.broker.healthcheck.test.slice(2))
    .map((w) => w.replace('http://127.0.0.1:5001', c.url));
  assert.equal(spawnSync(NEVOD, health).status, 0);
  for (const who of ['evolutioner', 'broker', 'genome']) assert.equal(await stops(c[who]), 0, c[who].err);
});

const PODS = ['broker', 'genome', 'evolutioner'];
const containersOf = (among) => Object.fromEntries(PODS.map((name) => [name, podsOf(`nevod-${name}`, among)[0].containers[0]]));

test('the pods are a cluster', async (t) => {
  const c = await cluster(t, containersOf(base));
  for (const who of PODS) assert.equal(await stops(c[who]), 0, c[who].err);
});

test('the pods and the containers are a cluster over a queue', async (t) => {
  if (!installed()) return t.skip('no nats-server here');
  const composed = { broker: { args: compose.services.broker.command }, genome: { args: compose.services.genome.command },
    evolutioner: { args: queuedCompose.evolutioner.command } };
  for (const containers of [containersOf(queued), composed]) {
    const nats = await natsServer(t), c = await cluster(t, containers, { NEVOD_QUEUE: nats.url });
    for (const who of PODS) assert.equal(await stops(c[who]), 0, c[who].err);
  }
});

test('of two pods of brokers one is ready, and the other as soon as it is gone', async (t) => {
  const store = await postgres(t);
  if (!store) return t.skip('no PostgreSQL here');
  const p = await place(t), port = await freePort(), pod = containersOf(base).broker;
  service(t, p, 'genome', containersOf(base).genome);
  service(t, p, 'evolutioner', containersOf(base).evolutioner);
  const first = service(t, p, 'broker', pod, { NEVOD_STORE: store });
  await oneIsReady(p);
  const two = { ...p, ports: { ...p.ports, broker: port }, url: `http://127.0.0.1:${port}` };
  const second = service(t, two, 'broker', pod, { NEVOD_STORE: store });
  await until('the second to stand by', () => answers(`${two.url}/healthz`));
  assert.ok(await answers(`${p.url}/readyz`));
  assert.match((await call(`${two.url}/readyz`)).json.detail, new RegExp(`standby: ${p.url} leads`));
  first.child.kill('SIGKILL');
  await until('it to lead', async () => !/standby/.test((await call(`${two.url}/readyz`)).text), 90);
  assert.equal(await stops(second), 0, second.err);
});

// `srun` starts a step's tasks and hands them signals; one on this machine, here.
test('the job of Slurm starts a worker, which leaves when the time is over, with its files', async (t) => {
  const c = await place(t), scratch = join(c.dir, 'scratch'), srun = join(c.bin, 'srun');
  mkdirSync(scratch);
  writeFileSync(srun, '#!/bin/sh\nwhile :; do case $1 in --*) shift;; *) break;; esac; done\nexec "$@"\n');
  chmodSync(srun, 0o755);
  start(t, ['broker', '--port', String(c.ports.broker), '--data-dir', join(c.dir, 'broker'), '--token-file', c.token, '--evolutioner', 'none']);
  const env = { ...process.env, PATH: `${c.bin}:${process.env.PATH}`, SCRATCH_FOLDER: scratch, SLURM_CPUS_ON_NODE: '3' };
  const job = start(t, [], { through: ['bash', '-c', 'exec bash "$0" "$1" "$2"', SLURM, c.url, c.token], env });
  await oneIsReady(c);
  assert.equal((await workersOf(c))[0].slots, 3);
  assert.equal(readdirSync(scratch).length, 1);
  assert.equal(await stops(job), 0, job.err);
  assert.deepEqual(readdirSync(scratch), []);
  assert.equal(spawnSync('bash', [SLURM, c.url]).status, 2);
});
