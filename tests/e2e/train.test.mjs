// train.test.mjs -- one network trained on this machine, and the recipe from
// the command line to the child that trains.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { call, run, start, tempDir, tinyDataset, tinyGenome, until, up } from './harness.mjs';

const RECIPE = ['--schedule', 'one-cycle', '--weight-decay', '0.001', '--label-smoothing', '0.05',
  '--clip-norm', '5', '--augment-crop', '1', '--augment-flip', '--augment-erase', '0.25'];

// A folder with a data set and a genome, and a way to train there.
function place(t, sizes = {}, genome = {}) {
  const dir = tempDir(t);
  const dataset = tinyDataset(join(dir, 'tiny'), sizes);
  const file = join(dir, 'genome.json');
  writeFileSync(file, JSON.stringify(tinyGenome(genome)));
  const args = (...more) => ['train', '--genome', file, '--dataset', dataset,
    '--data-dir', join(dir, 'data'), '--seed', '3', ...more];
  return {
    dir, dataset, file, args,
    out: join(dir, 'm.safetensors'),
    train: (...more) => run(t, args(...more)),
    json: async (...more) => {
      const p = await run(t, args('--json', ...more));
      assert.equal(p.code, 0, p.err);
      return JSON.parse(p.out);
    },
  };
}

const sum = (list) => list.reduce((a, b) => a + b, 0);

test('train --json says everything of a training, and keeps its weights', async (t) => {
  const p = place(t);
  const doc = await p.json('--epochs', '4', '--out', p.out);
  assert.equal(doc.kind, 'fitness');
  assert.equal(doc.total, 24);
  assert.equal(doc.val_accuracy, doc.correct / doc.total);
  assert.ok(doc.val_accuracy > 0.5);
  assert.equal(doc.epochs.length, 4);
  assert.ok(doc.epochs[3].loss < doc.epochs[0].loss);
  assert.equal(doc.epochs[3].val_accuracy, doc.val_accuracy);
  assert.equal(sum(doc.confusion.flat()), 24);
  assert.equal(sum(doc.confusion.map((row, i) => row[i])), doc.correct);
  assert.equal(doc.classes.length, 4);
  assert.equal(doc.images, 4 * 216);
  assert.ok(doc.flops > 0 && doc.flops % doc.images === 0);
  assert.ok(doc.parameters > 0 && doc.cpu_s > 0 && doc.wall_s > 0 && doc.peak_bytes > 1 << 20);
  assert.deepEqual(doc.genome, tinyGenome());
  assert.equal(doc.seed, 3);
  assert.equal(doc.settings.schedule, 'one-cycle');
  const bytes = readFileSync(p.out);
  assert.equal(doc.weights.bytes, bytes.length);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
  assert.deepEqual(JSON.parse(header.__metadata__.genome), tinyGenome());
});

test('the same seed gives the same weights, and every part of the recipe others', async (t) => {
  const p = place(t);
  const hash = async (...more) => (await p.json('--out', p.out, ...more)).weights.sha256;
  const plain = await hash();
  assert.equal(await hash(), plain);
  assert.notEqual(await hash('--seed', '4'), plain);
  for (const part of [['--schedule', 'cosine'], ['--weight-decay', '0.1'], ['--label-smoothing', '0.1'],
    ['--clip-norm', '0.1'], ['--rate-limit', '0.001'], ['--weight-decay', '0.1', '--spare-biases'], ['--ema', '0.9'],
    ['--augment-crop', '1'], ['--augment-flip'], ['--augment-erase', '1'], ['--class-weights', 'balanced']]) {
    assert.notEqual(await hash(...part), plain, part.join(' '));
  }
  const doc = await p.json(...RECIPE);
  assert.deepEqual(doc.settings, {
    epochs: 3, train_limit: 0, validation_fraction: 0.1, metric: 'accuracy', class_weights: 'none',
    schedule: 'one-cycle', weight_decay: 0.001,
    label_smoothing: 0.05, clip_norm: 5, spare_biases: false, ema: 0, rate_limit: 0, flip_test: false,
    augment: { crop: 1, flip: true, erase: 0.25 },
  });
});

test('train scores as an evolutioner does, and --final opens the test set', async (t) => {
  const p = place(t);
  const services = await up(t, { slots: 1 });
  const { json } = await call(`${services.evolutioner}/create_cnn_model`,
    { ...tinyGenome(), dataset: p.dataset, epochs: 1, seed: 3 });
  const fitness = await p.json('--epochs', '1', '--schedule', 'constant', '--label-smoothing', '0');
  assert.equal(100 * fitness.val_accuracy, json.message.message.score ?? json.message.score);

  const said = await p.train('--final', '--json', '--epochs', '1');
  assert.match(said.err, /test set is\s+opened once/);
  const final = JSON.parse(said.out);
  assert.equal(final.kind, 'final');
  assert.equal(final.total, 60);
  assert.equal(final.test_accuracy, final.correct / 60);
  assert.equal(final.images, 240);
  assert.equal(final.val_accuracy, undefined);
  assert.equal(final.epochs[0].val_accuracy, undefined);
});

test('train prints a table for a person, and a line an epoch', async (t) => {
  const p = place(t);
  const done = await p.train('--epochs', '2', '--out', p.out);
  assert.equal(done.code, 0, done.err);
  assert.match(done.err, /epoch 1\/2: loss \d\.\d{4}, train [\d.]+ %, validation [\d.]+ %/);
  assert.match(done.err, /epoch 2\/2: loss/);
  assert.match(done.out, /validation +[\d.]+ % \(\d+ of 24\)/);
  assert.match(done.out, /true class +0 +1 +2 +3 +right/);
  assert.match(done.out, new RegExp(`Weights: ${p.out}`));
});

test('a slip is told before anything is trained', async (t) => {
  const p = place(t);
  const slips = [
    [['--out', join(p.dir, 'none', 'm')], 2, /its folder is not there/],
    [['--net', 'net1'], 2, /and not both/],
    [['--schedule', 'step'], 2, /--schedule must be/],
    [['--augment-crop', '12'], 2, /crop is 12 but must be below 12/],
    [['--label-smoothing', '0.7'], 2, /--label-smoothing must be 0 to 0\.5/],
    [['--learning-rate', '0.1'], 2, /a genome has its own/],
    [['--final', '--train-limit', '5'], 2, /--final trains on the whole/],
    [['--kernels', 'abacus-9'], 2, /--kernels/],
    [['--dataset', 'fashion-mnits'], 4, /did you mean fashion-mnist/],
  ];
  for (const [more, code, sentence] of slips) {
    const done = await p.train(...more);
    assert.equal(done.code, code, `${more}: ${done.err}`);
    assert.match(done.err, sentence);
    assert.equal(done.out, '');
  }
  writeFileSync(p.file, JSON.stringify(tinyGenome({ px_h: 28 })));
  const shape = await p.train();
  assert.equal(shape.code, 1);
  assert.match(shape.err, /for 1x28x12 images in 4 classes but the data set has 1x12x12/);
  writeFileSync(p.file, '{"filters": [0]}');
  assert.match((await p.train()).err, /--genome .*genome\.json, at /);
});

test('Ctrl-C ends a training and leaves no file', async (t) => {
  const p = place(t, { train: 4000 });
  const proc = start(t, p.args('--epochs', '1000', '--out', p.out));
  await until('an epoch to end', () => /epoch 1\/1000/.test(proc.err));
  proc.child.kill('SIGINT');
  await proc.ended;
  assert.equal(proc.code, 130, proc.err);
  assert.match(proc.err, /nothing was written/);
  assert.ok(!existsSync(p.out));
  assert.deepEqual(readdirSync(p.dir).filter((name) => name.includes('safetensors')), []);
});

test('a run trains by its recipe, which its document and its digest hold', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await up(t);
  const small = ['--dataset', dataset, '--population', '2', '--generations', '1', '--train-limit', '0',
    '--final-epochs', '1', '--seed', '1', '--broker', services.broker];
  const evolved = async (...more) => {
    const p = await run(t, ['evolve', '--json', ...small, ...more]);
    assert.equal(p.code, 0, p.err);
    return JSON.parse(p.out);
  };
  const plain = await evolved();
  const other = await evolved(...RECIPE);
  assert.notEqual(other.digest, plain.digest);
  const { json } = await call(`${services.broker}/v1/runs/${other.uuid}`);
  assert.equal(json.settings.schedule, 'one-cycle');
  assert.deepEqual(json.settings.augment, { crop: 1, flip: true, erase: 0.25 });
  const shown = await run(t, ['champion', other.uuid, '--broker', services.broker]);
  assert.match(shown.out, /to score it +216 images, [\d.]+ .FLOP/);

  const wide = await call(`${services.broker}/v1/runs`, { dataset, augment: { crop: 12 } });
  assert.equal(wide.status, 422);
  assert.equal(wide.json.pointer, '/augment');
});
