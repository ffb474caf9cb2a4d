// rungs.test.mjs -- successive halving inside a generation: the same on one
// slot and two, through kill -9, and told in full.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  call, createRun, finishedRun, killAll, LONG, lookAtRun, run, SMALL_NETWORKS, tempDir, tinyDataset, until, up,
} from './harness.mjs';

const SETTINGS = {
  population: 7, generations: 3, final_epochs: 1, seed: 7, train_limit: 40, rungs: 3, ...SMALL_NETWORKS,
};

const digestOn = async (t, slots, settings) => {
  const services = await up(t, { slots });
  return (await finishedRun(services, await createRun(services, settings))).digest;
};

for (const algorithm of ['neat', 'truncation']) {
  test(`${algorithm}: the digest with rungs is the same on one slot and two, and not that without`, async (t) => {
    const dataset = tinyDataset(join(tempDir(t), 'tiny'));
    const one = await digestOn(t, 1, { ...SETTINGS, dataset, algorithm });
    assert.equal(one, await digestOn(t, 2, { ...SETTINGS, dataset, algorithm }));
    assert.notEqual(one, await digestOn(t, 2, { ...SETTINGS, dataset, algorithm, rungs: 1 }));
  });
}

test('kill -9 of up in the middle of a rung leaves the digest alone', async (t) => {
  const settings = { ...SETTINGS, dataset: tinyDataset(join(tempDir(t), 'tiny'), { train: 3000 }), ...LONG };
  const calm = await digestOn(t, 2, settings);
  let services = await up(t);
  const uuid = await createRun(services, settings);
  for (const [number, trained] of [[0, 3], [1, 1], [2, 0]]) {
    const run = await until(`rung ${number}`, async () => {
      const json = await lookAtRun(services, uuid);
      assert.notEqual(json?.state, 'finished', 'the run was over too soon');
      const rung = json?.progress.rung;
      return rung && (rung.number > number || (rung.number === number && rung.trained >= trained)) && json;
    });
    assert.equal(run.state, 'running');
    await killAll(services);
    services = await up(t, { dataDir: services.dataDir });
  }
  assert.equal((await finishedRun(services, uuid)).digest, calm);
});

test('a genome, the events and the report say what was trained at each rung', async (t) => {
  const services = await up(t);
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const uuid = await createRun(services, { ...SETTINGS, dataset, generations: 1 });
  const done = await finishedRun(services, uuid);
  const url = `${services.broker}/v1/runs/${uuid}`;
  assert.equal(done.evaluations, 7 + 3 + 1);
  assert.equal(done.champion.rung, 2);
  assert.equal(done.settings.eta, 3);

  const genomes = [];
  for (let id = 0; id < 7; id++) genomes.push((await call(`${url}/genomes/${id}`)).json);
  assert.deepEqual(genomes.map((g) => g.rungs.length).sort(), [1, 1, 1, 1, 2, 2, 3]);
  for (const g of genomes) {
    assert.equal(g.state, 'scored');
    assert.deepEqual(g.result, g.rungs.at(-1));
    assert.equal(g.fitness, g.result.fitness);
    // 216 images to train on: 40, 120, and for 360 the nearest whole epochs.
    assert.deepEqual(g.rungs.map((r) => r.images), [40, 120, 432].slice(0, g.rungs.length));
    g.rungs.forEach((r, i) => assert.equal(r.id, `${uuid}/0/${g.id}/${i}/0`));
  }
  const best = genomes.find((g) => g.rungs.length === 3);
  assert.equal(done.champion.id, best.id);
  for (const rung of [0, 1]) {
    const at = genomes.filter((g) => g.rungs.length > rung);
    const up = at.filter((g) => g.rungs.length > rung + 1).map((g) => g.rungs[rung].loss);
    const left = at.filter((g) => g.rungs.length === rung + 1).map((g) => g.rungs[rung].loss);
    assert.ok(Math.max(...up) <= Math.min(...left));
  }

  const text = await (await fetch(`${url}/events`)).text();
  const events = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, type, data]) => [type, JSON.parse(data)]);
  const rungs = events.filter(([type]) => type === 'rung').map(([, data]) => data);
  assert.deepEqual(rungs.map((r) => [r.generation, r.rung, r.promoted.length]), [[0, 0, 3], [0, 1, 1]]);
  assert.deepEqual(rungs[1].promoted, [best.id]);
  assert.equal(events.filter(([type, data]) => type === 'evaluation' && data.rung === 2 && data.loss > 0).length, 1);

  const { out } = await run(t, ['champion', '--broker', services.broker]);
  assert.match(out, /rung 1 +40 images, .*\n +rung 2 +120 images, .*\n +rung 3 +432 images, .*loss 0\.\d+/);
});
