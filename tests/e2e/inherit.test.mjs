// inherit.test.mjs -- children that start from their parents' weights: the same
// on one slot and two, through kill -9, told in full, and nothing is left over.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  blobs, call, createRun, finishedRun, killInGenerations, LONG, lookAtRun, run, SMALL_NETWORKS, tempDir, tinyDataset,
  until, up,
} from './harness.mjs';

const SETTINGS = {
  population: 5, generations: 3, final_epochs: 1, seed: 7, train_limit: 60, inherit: true, inherit_keep: 0.5,
  ...SMALL_NETWORKS,
};

const digestOn = async (t, slots, settings) => {
  const services = await up(t, { slots });
  return (await finishedRun(services, await createRun(services, settings))).digest;
};

for (const rungs of [1, 2]) {
  test(`${rungs} rung(s): the digest is the same on one slot and two, and not that without`, async (t) => {
    const settings = { ...SETTINGS, rungs, finalists: rungs, dataset: tinyDataset(join(tempDir(t), 'tiny')) };
    const one = await digestOn(t, 1, settings);
    assert.equal(one, await digestOn(t, 2, settings));
    assert.notEqual(one, await digestOn(t, 2, { ...settings, inherit: false }));
    assert.notEqual(one, await digestOn(t, 2, { ...settings, inherit_keep: 0.9 }));
  });
}

for (const rungs of [1, 2]) {
  test(`${rungs} rung(s): kill -9 of up in the middle of a generation leaves the digest alone`, async (t) => {
    const settings = {
      ...SETTINGS, generations: 6, rungs, finalists: rungs - 1, ...LONG,
      dataset: tinyDataset(join(tempDir(t), 'tiny'), { train: 3000 }),
    };
    const calm = await digestOn(t, 2, settings);
    const first = await up(t);
    const uuid = await createRun(first, settings);
    const services = await killInGenerations(t, first, uuid, 2);
    assert.equal((await finishedRun(services, uuid)).digest, calm);
    await until('the last blobs to go', () => blobs(services).length === 1);
  });
}

test('an evolutioner that has lost what it was brought is brought it again', async (t) => {
  const settings = { ...SETTINGS, dataset: tinyDataset(join(tempDir(t), 'tiny')) };
  const calm = await digestOn(t, 2, settings);
  const services = await up(t);
  const uuid = await createRun(services, settings);
  const brought = join(services.dataDir, 'inherited');
  let lost = 0;
  const { digest } = await until('the run to finish', async () => {
    for (const name of lost < 5 ? readdirSync(brought) : []) {
      rmSync(join(brought, name), { force: true });
      lost++;
    }
    const json = await lookAtRun(services, uuid);
    return json?.state === 'finished' && json;
  }, 120);
  assert.ok(lost > 0);
  assert.equal(digest, calm);
});

test('a run of many generations leaves no blob that nothing names', async (t) => {
  const services = await up(t);
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const uuid = await createRun(services, { ...SETTINGS, dataset, generations: 15, train_limit: 20 });
  let most = 0;
  const done = await until('the run to finish', async () => {
    most = Math.max(most, blobs(services).length);
    const json = await lookAtRun(services, uuid);
    return json?.state === 'finished' && json;
  }, 120);
  // Those of two generations, and one that is about to be named.
  assert.ok(most > 1 && most <= 2 * SETTINGS.population + 2, `${most} blobs`);
  const { json: champion } = await call(`${services.broker}/v1/runs/${uuid}/champion`);
  await until('the last blobs to go', () => blobs(services).length === 1);
  assert.deepEqual(blobs(services), [champion.weights.sha256]);
  assert.equal(done.generation, 14);
});

test('genomes and events say from whose weights', async (t) => {
  const services = await up(t);
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const uuid = await createRun(services, { ...SETTINGS, seed: 5, rungs: 2, finalists: 1, dataset });
  await finishedRun(services, uuid);
  const url = `${services.broker}/v1/runs/${uuid}`;
  const text = await (await fetch(`${url}/events`)).text();
  const events = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, type, data]) => [type, JSON.parse(data)]);
  const evaluations = events.filter(([type]) => type === 'evaluation').map(([, data]) => data);
  let inherited = 0;
  for (const e of evaluations) {
    const { json: g } = await call(`${url}/genomes/${e.genome}`);
    assert.match(g.rungs[0].weights.sha256, /^[0-9a-f]{64}$/);
    if (e.rung > 0) {
      assert.deepEqual(e.inherited_from, e.rung === 1 ? [e.genome] : []); // a finalist starts afresh
    } else {
      assert.deepEqual(e.inherited_from, g.inherited_from);
      assert.deepEqual(g.inherited_from, [...new Set(g.parents)]);
      inherited += g.inherited_from.length > 0;
    }
  }
  assert.ok(inherited > 0);
  const { json: { id } } = await call(`${url}/champion`);
  const { json: { inherited_from: from } } = await call(`${url}/genomes/${id}`);
  const { out } = await run(t, ['champion', '--broker', services.broker]);
  assert.ok(out.includes(`weights      from those of genomes ${from.join(' and ')}\n`), out);
});
