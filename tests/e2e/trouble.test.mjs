// trouble.test.mjs -- a run that cannot go on says why: in its document, its
// events, on a terminal and at /readyz; and no more once it can.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import {
  answers, atEnd, call, createRun, finishedRun, freePort, lookAtRun, patience, run,
  SMALL_NETWORKS, start, tempDir, tinyDataset, until, VERSION,
} from './harness.mjs';

const SOON = 15; // seconds; 5 on a machine that does nothing else
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };
let dataset;

before(() => { dataset = tinyDataset(join(tempDir(context), 'tiny')); });
after(async () => {
  for (const f of cleanup.reverse()) await f();
});

const settings = (over = {}) => ({
  dataset, population: 4, generations: 100, stagnation: 0, epochs: 1, train_limit: 0, final_epochs: 1, seed: 3,
  ...SMALL_NETWORKS, ...over,
});

// -- services one by one --

// Goes when all processes have.
const dataFolder = () => tempDir(context);

const up = (what, url, path = '/healthz') => until(`the ${what}`, () => answers(url + path));
const kill = async (service) => {
  service.proc.child.kill('SIGKILL');
  await service.proc.ended;
};

// A service that can be killed and started again where it was; `through` is a
// command line that starts it.
async function service(t, word, args, through = []) {
  const port = await freePort();
  const full = [word, '--port', String(port), ...args];
  const s = { url: `http://127.0.0.1:${port}` };
  s.start = async () => {
    s.proc = start(t, full, { through });
    await up(word, s.url);
  };
  await s.start();
  return s;
}

const genomeService = (t) => service(t, 'genome', []);
const evolutioner = (t, through) =>
  service(t, 'evolutioner', ['--slots', '2', '--data-dir', dataFolder()], through);
const broker = async (t, genome, worker, dir = dataFolder(), through = []) => {
  const b = await service(t, 'broker',
    ['--data-dir', dir, '--genome', genome, '--evolutioner', worker], through);
  return { ...b, broker: b.url };
};

async function threeServices(t, through) {
  const genome = await genomeService(t), worker = await evolutioner(t, through);
  return { genome, worker, ...await broker(t, genome.url, worker.url) };
}

// -- what a run says --

// Why it cannot go on, or could not; other troubles may come first, and the
// last of them is told when this one does not come.
async function inTrouble(services, uuid, sentence) {
  let last = null;
  try {
    return await until(`the trouble ${sentence}`, async () => {
      const json = await lookAtRun(services, uuid);
      last = json?.trouble ?? json?.error ?? last;
      return sentence.test(json?.trouble ?? json?.error ?? '') && json;
    }, SOON);
  } catch (e) {
    throw new Error(`${e.message}; the last was: ${last}`);
  }
}
const outOfTrouble = (services, uuid) => until('the end of the trouble', async () => {
  const json = await lookAtRun(services, uuid);
  return json && json.trouble === null && json;
}, SOON);
const scored = (services, uuid, more = 0) => until('scores', async () => {
  const json = await lookAtRun(services, uuid);
  return json.evaluations > more && json;
});

async function notReady(services, sentence) {
  const { status, json, headers } = await until('a broker that is not ready', async () => {
    const answer = await call(`${services.broker}/readyz`);
    return answer.status === 503 && sentence.test(answer.json.error) && answer;
  }, SOON);
  assert.equal(status, 503);
  assert.match(json.detail, sentence);
  assert.match(headers.get('content-type'), /problem\+json/);
}
const ready = (services) => until('a ready broker', () => answers(`${services.broker}/readyz`), SOON);

// The sentences that a run's stream of events tells of troubles, as they come; null where
// there is none, as when the run waits for something else.
function troubleEvents(t, services, uuid) {
  const told = [], stop = new AbortController();
  atEnd(t, () => stop.abort());
  (async () => {
    const answer = await fetch(`${services.broker}/v1/runs/${uuid}/events`, { signal: stop.signal });
    let text = '';
    for await (const bytes of answer.body) {
      text += Buffer.from(bytes).toString();
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) {
        const trouble = /^event: trouble\ndata: (.*)$/.exec(event);
        if (trouble) told.push(JSON.parse(trouble[1]).trouble);
      }
    }
  })().catch(() => {});
  return told;
}

// The first that is a trouble.
const firstOf = (told) => told.find((text) => text !== null);

// -- the trials --

test('no worker of the run\'s kernels: it names them and what is offered', async (t) => {
  let kernels = ['avx2-2', 'simd128-2'];
  const worker = createServer((q, r) => {
    const info = { slots: 1, free: 1, kernels, gflops: [], cpu: 'none', version: VERSION, datasets: [] };
    r.writeHead(q.url === '/v1/info' ? 200 : 503, { 'Content-Type': 'application/json' });
    r.end(JSON.stringify(q.url === '/v1/info' ? info : { error: 'there is no room here' }));
  });
  await new Promise((done) => worker.listen(0, '127.0.0.1', done));
  atEnd(t, () => { worker.close(); worker.closeAllConnections(); });
  const genome = await genomeService(t);
  const services = await broker(t, genome.url, `http://127.0.0.1:${worker.address().port}`);
  const uuid = await createRun(services, settings({ kernels: 'avx2-2' }));
  const full = await until('a wait', async () => {
    const json = await lookAtRun(services, uuid);
    return json.waiting && json;
  }, SOON);
  assert.match(full.waiting, /no evolutioner takes its jobs now, .*: there is no room here/);
  assert.equal(full.trouble, null);
  kernels = ['simd128-2'];
  const json = await inTrouble(services, uuid, /runs the kernels "avx2-2".* offer: simd128-2/);
  assert.equal(json.eta_s, null);
  assert.equal(json.waiting, null);
  await ready(services);
  kernels = ['simd128-2', 'avx2-2'];
  await outOfTrouble(services, uuid);
});

test('a genome service that dies, and comes back', async (t) => {
  const services = await threeServices(t);
  await ready(services);
  const uuid = await createRun(services, settings());
  const told = troubleEvents(t, services, uuid);
  const watch = start(t, ['watch', uuid, '--broker', services.broker]);
  await scored(services, uuid);
  await kill(services.genome);
  const json = await inTrouble(services, uuid, /the genome service has not answered since \d{4}-.*Z: /);
  assert.equal(json.eta_s, null);
  await notReady(services, /the genome service does not answer/);
  const status = await run(t, ['status', uuid, '--broker', services.broker]);
  assert.match(status.out, /^ {2}trouble.*: the genome service/m);
  await until('a line of the watcher', () => /^trouble.*: the genome service/m.test(watch.err), SOON);
  await until('an event', () => /the genome service/.test(firstOf(told)), SOON);
  const late = troubleEvents(t, services, uuid);
  await until('an event for who comes late', () => /the genome service/.test(firstOf(late)), SOON);
  await services.genome.start();
  await outOfTrouble(services, uuid);
  await until('an event of the end', () => told.at(-1) === null, SOON);
  await until('a line of the end', () => /^the trouble is over$/m.test(watch.err), SOON);
  await ready(services);
  await scored(services, uuid, json.evaluations);
});

test('a genome service that takes the question and is silent', async (t) => {
  const services = await threeServices(t);
  services.genome.proc.child.kill('SIGSTOP');
  atEnd(t, () => services.genome.proc.child.kill('SIGCONT'));
  const uuid = await createRun(services, settings());
  await inTrouble(services, uuid, /the genome service has not answered since/);
  services.genome.proc.child.kill('SIGCONT');
  await outOfTrouble(services, uuid);
});

test('of several genome services any one serves: one dies, one hangs, and a run goes on', async (t) => {
  const genomes = [await genomeService(t), await genomeService(t), await genomeService(t)], worker = await evolutioner(t);
  const made = await service(t, 'broker', ['--data-dir', dataFolder(), '--evolutioner', worker.url,
    ...genomes.flatMap(({ url }) => ['--genome', url])]);
  const services = { ...made, broker: made.url };
  const uuid = await createRun(services, settings());
  await scored(services, uuid);
  await kill(genomes[0]);
  genomes[1].proc.child.kill('SIGSTOP');
  const { generation } = await lookAtRun(services, uuid);
  await until('two generations more', async () => (await lookAtRun(services, uuid)).generation > generation + 1);
  await ready(services);
  await kill(genomes[2]);
  await inTrouble(services, uuid, /the genome service has not answered since/);
  await notReady(services, /no genome service answers, of 3/);
  genomes[1].proc.child.kill('SIGCONT');
  await outOfTrouble(services, uuid);
  await call(`${services.broker}/v1/runs/${uuid}/cancel`, {});
});

test('all workers killed, and back', async (t) => {
  const services = await threeServices(t);
  const uuid = await createRun(services, settings());
  await scored(services, uuid);
  await kill(services.worker);
  const json = await inTrouble(services, uuid, /no evolutioner answers since \d{4}-.*Z, .*http:/);
  assert.equal(json.eta_s, null);
  assert.ok(json.trouble.includes(services.worker.url), json.trouble);
  await notReady(services, /no evolutioner answers/);
  const watch = start(t, ['watch', uuid, '--broker', services.broker, '--json']);
  await until('a line of the watcher', () => /^trouble.*: no evolutioner answers/m.test(watch.err), SOON);
  await services.worker.start();
  await outOfTrouble(services, uuid);
  await ready(services);
  await scored(services, uuid, json.evaluations);
});

test('a worker that is cut off without a word', async (t) => {
  const services = await threeServices(t);
  const uuid = await createRun(services, settings());
  await scored(services, uuid);
  services.worker.proc.child.kill('SIGSTOP');
  atEnd(t, () => services.worker.proc.child.kill('SIGCONT'));
  await inTrouble(services, uuid, /no evolutioner answers since/);
  services.worker.proc.child.kill('SIGCONT');
  await outOfTrouble(services, uuid);
});

test('a data set that the worker does not have', async (t) => {
  const services = await threeServices(t);
  const own = tinyDataset(join(tempDir(t), 'own'));
  await kill(services.genome);
  const uuid = await createRun(services, settings({ dataset: own, generations: 1 }));
  renameSync(own, `${own}.away`);
  await services.genome.start();
  const json = await inTrouble(services, uuid, /jobs fail on http:.*data set/);
  assert.ok(json.attempts >= 2);
  const status = await run(t, ['status', uuid, '--broker', services.broker]);
  assert.match(status.out, /trouble, after \d+ attempts: jobs fail on http:/);
  renameSync(`${own}.away`, own);
  assert.equal((await finishedRun(services, uuid)).trouble, null);
});

// A sanitizer's shadow is larger than any such limit.
const sanitized = patience > 1 && 'a sanitizer takes more memory';
test('a worker whose memory is limited from outside', { skip: sanitized }, async (t) => {
  const services = await threeServices(t, ['sh', '-c', 'ulimit -d 200000; exec "$0" "$@"']);
  const uuid = await createRun(services, settings());
  const json = await inTrouble(services, uuid, /jobs fail on http:.*limit/);
  assert.equal(json.eta_s, null);
  assert.equal(json.evaluations, 0);
});

test('genomes that all fail: the most common reason, while the run goes on and when it ends', async (t) => {
  const services = await threeServices(t);
  const uuid = await createRun(services, settings({
    generations: 8, max_job_mb: 16, optimizers: ['sgd'], batch_size: 4096,
    space: { ...SMALL_NETWORKS.space, units: [2048, 4096] },
  }));
  await inTrouble(services, uuid, /every genome of .*"memory"/);
});

test('a disk that is full', async (t) => {
  const dir = dataFolder();
  const through = ['unshare', '-rm', 'sh', '-c', `mount -t tmpfs -o size=24m none ${dir} && exec "$0" "$@"`];
  try {
    execFileSync('unshare', ['-rm', 'sh', '-c', `mount -t tmpfs none ${dir}`], { stdio: 'ignore' });
  } catch {
    t.skip('this machine lets nobody mount a small disk');
    return;
  }
  const genome = await genomeService(t), worker = await evolutioner(t);
  const services = await broker(t, genome.url, worker.url, dir, through);
  await ready(services);
  const uuid = await createRun(services, settings());
  await scored(services, uuid);
  const told = troubleEvents(t, services, uuid);
  const filler = `/proc/${services.proc.child.pid}/root${dir}/filler`;
  try {
    writeFileSync(filler, Buffer.alloc(64 << 20));
  } catch (e) {
    assert.equal(e.code, 'ENOSPC');
  }
  const json = await inTrouble(services, uuid, /nothing can be saved since \d{4}-.*Z: /);
  assert.equal(json.eta_s, null);
  await notReady(services, /nothing can be (written|saved)/);
  await until('an event', () => /nothing can be saved/.test(told.at(-1)), SOON);
  rmSync(filler);
  await outOfTrouble(services, uuid);
  await ready(services);
  await scored(services, uuid, json.evaluations);
});
