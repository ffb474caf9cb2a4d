// evolve.test.mjs -- the main job: one document, one digest, whatever happens.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  alive, call, commandLine, descendants, freePort, run, sanitizerReport, sleep, SMALL_NETWORKS_OPTIONS, start, tempDir,
  tinyDataset, until, up,
} from './harness.mjs';

const SETTINGS = ['--population', '6', '--generations', '3', '--epochs', '2',
  '--train-limit', '0', '--final-epochs', '2', '--seed', '7', ...SMALL_NETWORKS_OPTIONS];

async function evolve(t, dataset, options = []) {
  const ports = [await freePort(), await freePort(), await freePort()].map(String);
  const dataDir = tempDir(t);
  const p = await run(t, ['evolve', '--json', '--dataset', dataset, '--data-dir', dataDir,
    '--broker-port', ports[0], '--genome-port', ports[1], '--evolutioner-port', ports[2],
    ...SETTINGS, ...options]);
  assert.equal(sanitizerReport(readFileSync(join(dataDir, 'log', 'up.log'), 'utf8')), '');
  return p;
}

function document(p) {
  assert.equal(p.code, 0, p.err);
  return JSON.parse(p.out);
}

test('evolve --json prints one document with everything a script needs', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const doc = document(await evolve(t, dataset, ['--algorithm', 'truncation']));
  assert.equal(doc.state, 'finished');
  assert.equal(doc.stop_reason, 'generations');
  assert.equal(doc.generations, 3);
  assert.equal(doc.failures, 0);
  assert.ok(doc.evaluations >= 6 && doc.evaluations <= 18);
  assert.deepEqual(doc.history.map((h) => h.generation), [0, 1, 2]);
  for (const h of doc.history) assert.ok(h.best >= h.mean && h.mean >= 0 && h.best <= 1);
  assert.match(doc.uuid, /^[0-9a-f-]{36}$/);
  assert.match(doc.digest, /^[0-9a-f]{64}$/);
  assert.ok(doc.wall_s > 0 && doc.cpu_s > 0);
  assert.ok(doc.champion.test_accuracy > 0.5, `test accuracy ${doc.champion.test_accuracy}`);
  assert.ok(doc.champion.val_accuracy > 0.5);
  assert.ok(doc.champion.parameters > 0);
  assert.equal(doc.champion.genome.num_classes, 4);
  assert.equal(doc.champion.genome['Activation Functions'].length,
    doc.champion.genome['Number of Fully Connected Layers']);
});

// With all that is judged otherwise than as the last step left it.
const JUDGED = ['--ema', '0.9', '--augment-flip', '--flip-test'];

for (const [algorithm, ...recipe] of [['neat', ...JUDGED], ['truncation']]) {
  test(`${algorithm}: the digest is the same on one slot and two, and another for another seed`, async (t) => {
    const dataset = tinyDataset(join(tempDir(t), 'tiny'));
    const go = async (...options) => document(await evolve(t, dataset, ['--algorithm', algorithm, ...recipe, ...options]));
    const one = await go('--slots', '1');
    const two = await go('--slots', '2');
    const other = await go('--slots', '2', '--seed', '8');
    assert.equal(one.digest, two.digest);
    assert.deepEqual(one.champion, two.champion);
    assert.notEqual(one.digest, other.digest);
  });
}

test('NEAT is the default: graphs of layers in species, each genome with its history', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await up(t);
  const neat = { threshold: 0.2, add_node_rate: 0.6, add_edge_rate: 0.3 };
  const { json: made } = await call(`${services.broker}/v1/runs`,
    { dataset, population: 6, generations: 3, final_epochs: 1, seed: 7, neat });
  assert.equal(made.settings.algorithm, 'neat');
  assert.equal(made.settings.neat.threshold, 0.2);
  assert.equal(made.settings.neat.disabled_rate, 0.75);
  const url = `${services.broker}/v1/runs/${made.uuid}`;
  const done = await until('the run to finish', async () => {
    const { json } = await call(url);
    return json.state === 'finished' && json;
  });
  assert.ok(done.species >= 2, `${done.species} species`);
  assert.ok(done.champion.nodes >= 3 && done.champion.edges >= 2);

  const { json: { items } } = await call(`${url}/genomes?limit=500`);
  const children = items.filter((g) => g.born > 0);
  assert.ok(items.filter((g) => g.born === 0).every((g) => g.parents.length === 0 && g.mutations.length === 0));
  assert.ok(children.length > 0 && children.every((g) => g.parents.length > 0));
  assert.ok(children.some((g) => g.mutations.includes('split')));
  assert.ok(items.every((g) => Number.isInteger(g.species)));

  for (const generation of [0, 1, 2]) {
    const { json: { items: species } } = await call(`${url}/species?generation=${generation}`);
    assert.equal(species.reduce((n, s) => n + s.size, 0), 6);
    for (const s of species) assert.ok(s.born <= generation && s.best >= s.mean && s.improved <= generation);
  }
  const { json: latest } = await call(`${url}/species`);
  assert.equal(latest.items[0].generation, 2);

  const byId = new Map(items.map((g) => [g.id, g]));
  for (const { id } of children) {
    const line = new Set();
    for (const todo = [id]; todo.length > 0;) {
      const next = todo.pop();
      if (!line.has(next)) todo.push(...byId.get(next).parents);
      line.add(next);
    }
    const { json } = await call(`${url}/lineage/${id}`);
    // The list of genomes has their costs, too.
    const like = (item) => Object.fromEntries(Object.keys(json.items[0]).map((key) => [key, item[key]]));
    assert.deepEqual(json.items, [...line].sort((a, b) => b - a).map((i) => like(byId.get(i))));
    assert.equal(json.next, null);
  }

  const svg = await fetch(`${url}/genomes/${done.champion.id}.svg`);
  assert.equal(svg.headers.get('content-type'), 'image/svg+xml');
  assert.match(await svg.text(), /^<svg[^]*conv[^]*<\/svg>\s*$/);
  assert.equal((await fetch(`${url}/genomes/999.svg`)).status, 404);
});

// Runs on services of its own, killing a victim again and again while jobs run.
async function killedDigest(t, dataset, word, kills) {
  const services = await up(t);
  const p = start(t, ['evolve', '--json', '--broker', services.broker, '--dataset', dataset, ...SETTINGS]);
  let killed = 0;
  while (p.code === null && killed < kills) {
    await sleep(150);
    const jobs = descendants(services.proc.child.pid, 'train-job');
    if (jobs.length === 0) continue;
    const [victim] = descendants(services.proc.child.pid, word);
    if (victim && alive(victim)) {
      try {
        process.kill(victim, 'SIGKILL');
        killed += 1;
      } catch { /* it had just ended */ }
    }
  }
  await p.ended;
  assert.ok(killed > 0, 'nothing was killed: the run was over too soon');
  return document(p).digest;
}

test('kill -9 of any service or of a training child leaves the digest alone', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'), { train: 1500 });
  const calm = document(await evolve(t, dataset)).digest;
  for (const word of ['broker', 'genome', 'evolutioner', 'train-job']) {
    await t.test(word, async (t2) => {
      assert.equal(await killedDigest(t2, dataset, word, 3), calm);
    });
  }
});

test('Ctrl-C leaves a run that the next start carries on', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'), { train: 900 });
  const calm = document(await evolve(t, dataset)).digest;
  const dataDir = tempDir(t);
  const ports = [await freePort(), await freePort(), await freePort()].map(String);
  const where = ['--data-dir', dataDir, '--broker-port', ports[0], '--genome-port', ports[1],
    '--evolutioner-port', ports[2]];
  const p = start(t, ['evolve', '--dataset', dataset, ...where, ...SETTINGS]);
  const broker = `http://127.0.0.1:${ports[0]}`;
  const uuid = await until('a first score', async () => {
    try {
      const { json } = await call(`${broker}/v1/runs`);
      return json?.items?.[0]?.evaluations >= 1 && json.items[0].uuid;
    } catch {
      return false;
    }
  });
  p.child.kill('SIGINT');
  await p.ended;
  assert.equal(p.code, 130, p.err);
  assert.match(p.err, new RegExp(uuid));
  await until('all services to be gone', async () => {
    try {
      await fetch(`${broker}/healthz`);
      return false;
    } catch {
      return true;
    }
  });

  const again = start(t, ['up', ...where]);
  const done = await until('the run to finish', async () => {
    try {
      const { json } = await call(`${broker}/v1/runs/${uuid}`);
      return json?.state === 'finished' && json;
    } catch {
      return false;
    }
  }, 120);
  assert.equal(done.digest, calm);
  again.child.kill('SIGTERM');
  await again.ended;
  assert.equal(again.code, 0, again.err);
});

test('kill -9 of up leaves no process and no port taken', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'), { train: 4000 });
  const services = await up(t);
  await call(`${services.broker}/v1/runs`, { dataset, population: 4, generations: 50, epochs: 50, train_limit: 0 });
  await until('training to begin',
    () => descendants(services.proc.child.pid, 'train-job').length > 0);
  const family = ['broker', 'genome', 'evolutioner', 'train-job']
    .flatMap((word) => descendants(services.proc.child.pid, word));
  assert.ok(family.length >= 4);
  services.proc.child.kill('SIGKILL');
  await services.proc.ended;
  await until('every process to be gone', () =>
    family.every((pid) => !alive(pid) || !commandLine(pid).includes('nevod')), 20);
  const again = await up(t, { dataDir: services.dataDir, slots: 1 });
  assert.ok(again.broker);
});
