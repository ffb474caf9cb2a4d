// metric.test.mjs -- runs that are judged by something else than accuracy, and
// what the champion's document says of each class.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { call, createRun, finishedRun, run, SMALL_NETWORKS, tempDir, tinyDataset, up } from './harness.mjs';

const SETTINGS = {
  population: 4, generations: 2, final_epochs: 1, seed: 7, train_limit: 60, rungs: 2, finalists: 1, ...SMALL_NETWORKS,
};

const sum = (list) => list.reduce((a, b) => a + b, 0);
// By their definitions, of a confusion matrix.
const recalls = (m) => m.map((row, c) => row[c] / sum(row));
const f1 = (m) => m.map((row, c) => 2 * row[c] / (sum(row) + sum(m.map((r) => r[c]))));
const near = (x, y) => assert.ok(Math.abs(x - y) < 1e-12, `${x} is not ${y}`);

async function champion(t, settings, slots = 2) {
  const services = await up(t, { slots });
  const uuid = await createRun(services, settings);
  const { digest } = await finishedRun(services, uuid);
  const { json } = await call(`${services.broker}/v1/runs/${uuid}/champion`);
  const { json: genome } = await call(`${services.broker}/v1/runs/${uuid}/genomes/${json.id}`);
  return { ...json, digest, genome, services, uuid };
}

test('metrics of counts are those of the confusion matrix; same digest on one slot and two', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  for (const [metric, figures] of Object.entries({ balanced_accuracy: recalls, f1_macro: f1 })) {
    const settings = { ...SETTINGS, dataset, metric, class_weights: 'balanced' };
    const one = await champion(t, settings, 1), two = await champion(t, settings, 2);
    assert.equal(one.digest, two.digest);
    assert.equal(two.metric, metric);
    assert.equal(two.val_accuracy, null);
    assert.equal(two.genome.rungs.at(-1).metric, metric);
    near(two.genome.rungs.at(-1).fitness, sum(figures(two.genome.rungs.at(-1).confusion)) / 4);
    near(two.final.fitness, sum(figures(two.final.confusion)) / 4);
    assert.equal(sum(two.final.confusion.flat()), 60);
  }
});

test('of two classes there are a curve, its area, sensitivity and specificity', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'two'), { classes: 2 });
  const done = await champion(t, { ...SETTINGS, dataset, metric: 'auroc' });
  const { auroc, roc, confusion, correct, total } = done.final;
  assert.equal(done.final.fitness, auroc);
  assert.ok(auroc > 0.5 && auroc <= 1);
  assert.deepEqual(roc[0], { false_positive_rate: 0, true_positive_rate: 0 });
  assert.deepEqual(roc.at(-1), { false_positive_rate: 1, true_positive_rate: 1 });
  assert.equal(confusion[0][0] + confusion[1][1], correct);
  assert.equal(correct / total, done.test_accuracy);
  assert.deepEqual(done.classes, ['0', '1']);
  const p = await run(t, ['champion', done.uuid, '--broker', done.services.broker]);
  const percent = (x) => `${(100 * x).toFixed(1)} %`;
  const [specificity, sensitivity] = recalls(confusion);
  assert.ok(p.out.includes(`of "1": sensitivity ${percent(sensitivity)}, specificity ${percent(specificity)}`), p.out);
  assert.ok(p.out.includes(`area under the ROC curve ${auroc.toFixed(4)}`), p.out);
  assert.match(p.out, /validation +[01]\.\d{4} \(auroc\)/);
});

test('log loss is e to the power of minus the loss, and ranks as it does', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const done = await champion(t, { ...SETTINGS, dataset, metric: 'log_loss' });
  const { fitness, loss } = done.genome.rungs[0];
  assert.ok(Math.abs(fitness - Math.exp(-loss)) < 1e-6, `${fitness} of ${loss}`);
});
