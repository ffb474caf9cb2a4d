// inherit.test.mjs -- two thousand evaluations of a run that inherits weights:
// services stay as small as they were, and the store and the disk keep no more
// than they must.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  blobs, call, createRun, descendants, finishedRun, lookAtRun, SMALL_NETWORKS, tempDir, tinyDataset, until, up,
} from '../e2e/harness.mjs';

const SETTINGS = {
  population: 100, generations: 21, final_epochs: 1, seed: 7, train_limit: 20, inherit: true, ...SMALL_NETWORKS,
};
const [EARLY, LATE] = [5, 20]; // generations that are compared
const MEMORY_GROWTH_MAX = 30 << 20; // bytes, of each service
const GENOME_BYTES_MAX = 8 << 10; // in the store, with its share of all else

const residentBytes = (pid) => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
const storeBytes = (services) => readdirSync(services.dataDir).filter((name) => /^nevod\.db(-wal)?$/.test(name))
  .reduce((sum, name) => sum + statSync(join(services.dataDir, name)).size, 0);

const measure = (services, evaluations) => {
  const { pid } = services.proc.child;
  const memory = Object.fromEntries(['broker', 'genome', 'evolutioner']
    .map((word) => [word, residentBytes(descendants(pid, word)[0])]));
  return { evaluations, memory, store: storeBytes(services) };
};

const championWeights = async (services, uuid) =>
  (await call(`${services.broker}/v1/runs/${uuid}/champion`)).json.weights.sha256;

test('2,000 evaluations leave no blob that nothing names, and nothing grows without bound', async (t) => {
  const services = await up(t);
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const first = await createRun(services, { ...SETTINGS, dataset, population: 5, generations: 2 });
  await finishedRun(services, first);

  const uuid = await createRun(services, { ...SETTINGS, dataset });
  const at = new Map(); // generation -> what was measured when it began
  let most = 0;
  const done = await until('the run to finish', async () => {
    const run = await lookAtRun(services, uuid);
    if (run && !at.has(run.generation)) at.set(run.generation, measure(services, run.evaluations));
    most = Math.max(most, blobs(services).length);
    assert.notEqual(run?.state, 'failed', run?.error);
    return run?.state === 'finished' && run;
  }, 1800);
  assert.ok(done.evaluations >= 2000, `${done.evaluations} evaluations`);

  const [early, late] = [at.get(EARLY), at.get(LATE)];
  const genomes = late.evaluations - early.evaluations;
  for (const [service, bytes] of Object.entries(late.memory)) {
    const grown = bytes - early.memory[service];
    t.diagnostic(`${service}: ${bytes >> 20} MB, ${grown >> 10} KiB more than in generation ${EARLY}`);
    assert.ok(grown <= MEMORY_GROWTH_MAX, `the ${service} has grown by ${grown} bytes`);
  }
  const each = (late.store - early.store) / genomes;
  t.diagnostic(`store: ${late.store >> 10} KiB, ${Math.round(each)} bytes a genome`);
  assert.ok(each <= GENOME_BYTES_MAX, `${each} bytes a genome in the store`);

  // Those of two generations, of the champion before, and one that is about to be named.
  t.diagnostic(`at most ${most} blobs`);
  assert.ok(most <= 2 * SETTINGS.population + 3, `${most} blobs`);
  const named = [await championWeights(services, first), await championWeights(services, uuid)].sort();
  await until('the last blobs to go', () => blobs(services).length === named.length);
  assert.deepEqual(blobs(services).sort(), named);
});
