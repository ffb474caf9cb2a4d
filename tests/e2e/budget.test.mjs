// budget.test.mjs -- a run that may take so much: planned, spent to its end,
// the same on one slot and two and through kill -9, and told in full.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  call, createRun, finishedRun, killAll, lookAtRun, patience, run, tempDir, tinyDataset, until, up,
} from './harness.mjs';

const SETTINGS = { budget_pflop: 0.0001, population: 8, seed: 7, train_limit: 60 };


test('the digest of a budget is the same on one slot and two', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const digests = [];
  for (const slots of [1, 2]) {
    const services = await up(t, { slots });
    const done = await finishedRun(services, await createRun(services, { ...SETTINGS, dataset }));
    assert.equal(done.stop_reason, 'budget');
    digests.push(done.digest);
  }
  assert.equal(digests[0], digests[1]);
});

test('kill -9 of up in the search and among finalists leaves the digest alone', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'), { train: 3000 });
  const settings = { ...SETTINGS, dataset, budget_pflop: 0.002 / patience, train_limit: 600 };
  let services = await up(t);
  const calm = (await finishedRun(services, await createRun(services, settings))).digest;
  const uuid = await createRun(services, settings);
  for (const phase of ['scoring', 'finalists', 'final']) {
    await until(`the phase ${phase}`, async () => {
      const json = await lookAtRun(services, uuid);
      assert.notEqual(json?.state, 'finished', 'the run was over too soon');
      return json?.phase === phase;
    });
    await killAll(services);
    services = await up(t, { dataDir: services.dataDir });
  }
  assert.equal((await finishedRun(services, uuid)).digest, calm);
});

test('the run, its champion and the report say what was planned and spent', async (t) => {
  const services = await up(t);
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const done = await finishedRun(services, await createRun(services, { ...SETTINGS, dataset }));
  const url = `${services.broker}/v1/runs/${done.uuid}`;
  const { budget, settings, champion } = done;

  assert.equal(budget.pflop, SETTINGS.budget_pflop);
  assert.ok(budget.spent_pflop > 0.5 * budget.pflop && budget.spent_pflop < 1.05 * budget.pflop, JSON.stringify(budget));
  assert.equal(settings.train_images + settings.validation_images, 240);
  assert.equal(settings.finalists, 1);
  assert.ok(settings.max_work > 0 && settings.population === 8 && settings.final_epochs >= 3);
  assert.equal(settings.final_rate_limit, settings.space.learning_rate[1] / 2);

  // The best genome is trained as it is and with mirror images, briefly (9 and 10); then it
  // is a finalist, mirrored or not.
  const genome = (await call(`${url}/genomes/${champion.id}`)).json;
  const rungOf = ({ id }) => Number(id.split('/')[3]);
  assert.ok([6, 7].includes(champion.rung));
  assert.deepEqual(genome.rungs.slice(-3).map(rungOf), [9, 10, champion.rung]);
  const [last, ...pilots] = genome.rungs.slice(-4, -1);
  const finalist = genome.rungs.at(-1);
  for (const pilot of pilots) assert.equal(pilot.images, last.images);
  assert.equal(champion.rung === 7, pilots[1].loss <= 1.1 * pilots[0].loss);
  assert.ok(finalist.images >= settings.final_epochs * settings.train_images);
  const jobOf = async (rung) => (await call(`${url}/genomes/${champion.id}/job?rung=${rung}`)).json.job;
  const rateLimit = async (rung) => (await jobOf(rung)).settings.rate_limit ?? 0;
  assert.deepEqual([await rateLimit(0), await rateLimit(9), await rateLimit(champion.rung)], [0, 0, settings.final_rate_limit]);
  assert.deepEqual([await jobOf(9), await jobOf(10)].map((j) => j.settings.augment?.flip ?? false), [false, true]);
  assert.equal((await jobOf(8)).id, `${done.uuid}/final/${champion.id}/0/0`);
  assert.equal(champion.fitness, finalist.fitness);

  const text = await (await fetch(`${url}/events`)).text();
  const trials = [...text.matchAll(/^event: evaluation\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data)).filter((x) => x.rung >= 6);
  assert.deepEqual(trials.map((x) => x.rung).sort((x, y) => x - y), [champion.rung, 9, 10]);

  const { out } = await run(t, ['champion', '--broker', services.broker]);
  const front = (await call(`${url}/pareto`)).json.items;
  assert.ok(front.length > 0);
  for (const [i, x] of front.entries()) {
    if (i > 0) assert.ok(x.parameters >= front[i - 1].parameters);
    for (const y of front) {
      assert.ok(x === y || x.fitness > y.fitness || x.parameters < y.parameters || x.mflop < y.mflop, JSON.stringify(front));
    }
  }
  const table = await run(t, ['champion', '--pareto', '--broker', services.broker]);
  assert.equal(table.out.trim().split('\n').length, 1 + front.length);
  assert.match(out, /as pilot +\d+ images, .*loss \d\.\d+.*\n +mirror pilot +\d+ images.*\n +(as finalist|mirrored) +\d+ images/);
});

test('a run of which nobody says how long it may take has ten minutes of CPU', async (t) => {
  const services = await up(t);
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const url = `${services.broker}/v1/runs`;
  const uuid = await createRun(services, { dataset });
  const { settings, budget } = await lookAtRun(services, uuid);
  assert.equal(settings.budget, 600);
  assert.ok(settings.speed_gflops > 0);
  const pflop = 600 * settings.speed_gflops / 1e6;
  assert.ok(Math.abs(budget.pflop / pflop - 1) < 0.06, `${budget.pflop} of ${pflop}`);
  await call(`${url}/${uuid}/cancel`, {});

  const plain = await createRun(services, { dataset, population: 4, generations: 1 });
  assert.equal((await finishedRun(services, plain)).budget, null);
  const tiny = await call(url, { dataset, budget_pflop: 1e-9 });
  assert.equal(tiny.status, 422);
  assert.match(tiny.json.detail, /too small/);
  assert.equal(tiny.json.pointer, '/budget_pflop');
  const both = await call(url, { dataset, budget: 60, budget_pflop: 1 });
  assert.equal(both.status, 400);
});
