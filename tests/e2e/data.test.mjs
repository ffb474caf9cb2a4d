// data.test.mjs -- the same images in any format are the same data set; sets
// are imported, and what cannot be read is told before anything starts.
import assert from 'node:assert/strict';
import {
  cpSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import {
  npy, png, readIdx, writeFolder, writeNpy, writeNpz, writeShards,
} from './dataset_files.mjs';
import {
  call, createRun, finishedRun, run, sleep, start, tempDir, tinyDataset, tinyGenome, up,
} from './harness.mjs';

const SHORT = ['--population', '4', '--generations', '1', '--final-epochs', '1',
  '--train-limit', '0', '--seed', '1'];
const PORTS = ['--broker-port', '0', '--genome-port', '0', '--evolutioner-port', '0'];

function place(t) {
  const dir = tempDir(t);
  const data = join(dir, 'data');
  const genome = join(dir, 'genome.json');
  writeFileSync(genome, JSON.stringify(tinyGenome()));
  const nevod = (...args) => run(t, [...args, '--data-dir', data]);
  return {
    dir, data, nevod,
    train: (dataset, ...more) => nevod('train', '--genome', genome, '--dataset', dataset,
      '--epochs', '1', '--seed', '1', ...more),
    evolve: (dataset, ...more) =>
      nevod('evolve', '--dataset', dataset, ...PORTS, ...SHORT, ...more),
    info: async (name, ...more) => {
      const p = await nevod('dataset', 'info', name, '--json', ...more);
      assert.equal(p.code, 0, p.err);
      return JSON.parse(p.out);
    },
  };
}

test('the same images in any format have one hash and one digest', async (t) => {
  const p = place(t);
  const idx = tinyDataset(join(p.dir, 'idx'));
  const parts = readIdx(idx);
  const sets = [idx, writeNpy(join(p.dir, 'npy'), parts), writeNpz(join(p.dir, 'tiny.npz'), parts),
    writeShards(join(p.dir, 'tar'), parts), writeFolder(join(p.dir, 'folder'), parts)];
  const { hash } = await p.info(idx);
  const digests = new Set();
  for (const set of sets) {
    assert.equal((await p.info(set)).hash, hash, set);
    const done = await p.evolve(set, '--json');
    assert.equal(done.code, 0, done.err);
    digests.add(JSON.parse(done.out).digest);
  }
  assert.equal(digests.size, 1);
});

test('an imported set is used by its name, without its files', async (t) => {
  const p = place(t);
  const idx = tinyDataset(join(p.dir, 'idx'));
  const sheet = join(p.dir, 'sheet.png');
  const imported = await p.nevod('dataset', 'import', idx, 'tiny');
  assert.equal(imported.code, 0, imported.err);
  rmSync(idx, { recursive: true });
  const info = await p.info('tiny', '--contact-sheet', sheet);
  assert.equal(info.train, 240);
  assert.deepEqual(info.classes.map((c) => c.train), [60, 60, 60, 60]);
  assert.equal(readFileSync(sheet).subarray(1, 4).toString(), 'PNG');
  const list = JSON.parse((await p.nevod('dataset', 'list', '--json')).out);
  assert.deepEqual(list.items.map((x) => x.name), ['tiny']);
  assert.equal((await p.evolve('tiny')).code, 0);
  assert.equal((await p.nevod('dataset', 'verify', 'tiny')).code, 0);

  const [nds] = readdirSync(join(p.data, 'datasets')).filter((f) => f.endsWith('.nds'));
  const bytes = readFileSync(join(p.data, 'datasets', nds));
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(join(p.data, 'datasets', nds), bytes);
  const bad = await p.nevod('dataset', 'verify', 'tiny');
  assert.equal(bad.code, 1);
  assert.match(bad.err, /tiny: shard 1 of 1 is not as it was written/);

  assert.equal((await p.nevod('dataset', 'remove', 'tiny')).code, 0);
  assert.equal((await p.nevod('dataset', 'info', 'tiny')).code, 4);
  assert.deepEqual(readdirSync(join(p.data, 'datasets')).filter((f) => /nds|manifest/.test(f)), []);
});

test('kill -9 at any moment of an import leaves nothing half visible', async (t) => {
  const p = place(t);
  const large = join(p.dir, 'large');
  mkdirSync(large);
  const n = 3000;
  const side = 64;
  writeFileSync(join(large, 'train-images.npy'),
    npy('|u1', [n, side, side], Buffer.alloc(n * side * side, 7)));
  writeFileSync(join(large, 'train-labels.npy'),
    npy('|u1', [n], Buffer.from(Array.from({ length: n }, (_, i) => i % 3))));
  const args = ['dataset', 'import', large, 'large', '--data-dir', p.data];
  for (const ms of [5, 15, 25, 40]) {
    const q = start(t, args);
    await sleep(ms);
    q.child.kill('SIGKILL');
    await q.ended;
    const seen = await p.nevod('dataset', 'info', 'large');
    assert.ok(seen.code === 4 || seen.code === 0, seen.err);
  }
  const done = await p.nevod('dataset', 'import', large, 'large');
  assert.equal(done.code, 0, done.err);
  assert.equal((await p.nevod('dataset', 'verify', 'large')).code, 0);
  assert.deepEqual(readdirSync(join(p.data, 'datasets')).filter((f) => f.startsWith('new-')), []);
});

test('what cannot be read is told in a sentence, by train as by evolve', async (t) => {
  const p = place(t);
  const parts = readIdx(tinyDataset(join(p.dir, 'idx')));
  const npz = writeNpz(join(p.dir, 'tiny.npz'), parts);
  const broken = (name, make) => {
    const at = join(p.dir, name);
    make(at);
    return at;
  };
  const cases = [
    [broken('cut.npz', (f) => {
      cpSync(npz, f);
      truncateSync(f, 5000);
    }), 2, /cut\.npz is damaged/],
    [broken('cut-idx', (d) => {
      tinyDataset(d);
      truncateSync(join(d, 'train-images-idx3-ubyte'), 5000);
    }), 2, /train-images-idx3-ubyte is cut short/],
    [broken('few-labels', (d) => {
      writeNpy(d, parts);
      writeFileSync(join(d, 'train-labels.npy'), npy('|u1', [7], Buffer.alloc(7)));
    }), 2, /the train part has 240 images but 7 labels/],
    [broken('text-labels', (d) => {
      writeNpy(d, parts);
      writeFileSync(join(d, 'train-labels.npy'), npy('<U3', [240], Buffer.alloc(240 * 12)));
    }), 2, /train-labels\.npy has elements of type '<U3'/],
    [broken('no-picture', (d) => {
      writeFolder(d, parts);
      writeFileSync(join(d, 'train/2/x.png'), 'no picture');
    }), 2, /train\/2\/x\.png: it is neither a PNG nor a JPEG/],
    [broken('two-sizes', (d) => {
      writeFolder(d, parts);
      writeFileSync(join(d, 'train/2/x.png'), png(Buffer.alloc(30), 5, 6));
    }), 2, /train\/2\/x\.png is 5x6 pixels but train\/0\/000000\.png is 12x12: say by --resize/],
    [broken('empty', (d) => mkdirSync(d)), 4, /the folder holds no data set of a known format/],
  ];
  for (const [set, code, sentence] of cases) {
    for (const ran of [await p.train(set), await p.evolve(set)]) {
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, sentence);
      assert.doesNotMatch(ran.err, /starting the services/);
    }
  }
});

test('a network of float pixels is kept with its normalization, and predicts', async (t) => {
  const p = place(t);
  const idx = tinyDataset(join(p.dir, 'idx'));
  const parts = readIdx(idx);
  const floats = (x) => Buffer.from(Float32Array.from(Buffer.concat(x.images), (v) => v / 50).buffer);
  writeNpy(join(p.dir, 'floats'), parts);
  for (const x of parts) {
    writeFileSync(join(p.dir, 'floats', `${x.part}-images.npy`),
      npy('<f4', [x.images.length, x.side, x.side], floats(x)));
  }
  const model = join(p.dir, 'm.safetensors');
  const trained = await p.train(join(p.dir, 'floats'), '--epochs', '4', '--out', model);
  assert.equal(trained.code, 0, trained.err);
  const [, test_] = parts;
  const file = join(p.dir, 'x-idx3-float');
  const head = Buffer.from([0, 0, 13, 3, 0, 0, 0, 60, 0, 0, 0, 12, 0, 0, 0, 12]);
  writeFileSync(file, Buffer.concat([head, floats(test_).swap32()]));
  const told = await run(t, ['predict', '--model', model, '--input', file, '--top', '1', '--json']);
  assert.equal(told.code, 0, told.err);
  const right = JSON.parse(told.out).predictions
    .filter((x, i) => x.classes[0].label === test_.labels[i]).length;
  assert.ok(right > 40, `${right} of 60`);
  const picture = join(p.dir, 'x.png');
  writeFileSync(picture, png(test_.images[0], 12, 12));
  const refused = await run(t, ['predict', '--model', model, '--input', picture]);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /x\.png is a picture, and the network takes float32 pixels/);
});

test('sets that are small, large or odd train, or are refused with the reason', async (t) => {
  const p = place(t);
  const set = (name, shape, labels, values = () => 0) => {
    const dir = join(p.dir, name);
    const size = shape.reduce((a, b) => a * b, 1);
    mkdirSync(dir);
    writeFileSync(join(dir, 'train-images.npy'), npy('|u1', [labels.length, ...shape],
      Buffer.from({ length: size * labels.length }).map((_, i) => values(i))));
    const l = Buffer.alloc(4 * labels.length);
    labels.forEach((x, i) => l.writeInt32LE(x, 4 * i));
    writeFileSync(join(dir, 'train-labels.npy'), npy('<i4', [labels.length], l));
    return dir;
  };
  const many = (n, classes) => Array.from({ length: n }, (_, i) => i % classes);
  const net2 = async (dir, ...more) => p.nevod('train', '--net', 'net2', '--dataset', dir,
    '--epochs', '1', '--seed', '1', '--json', ...more);
  const trains = [
    [set('thousand', [8, 8], many(2000, 1000), (i) => i % 251), '1x8x8', 1000],
    [set('photos', [224, 224, 3], many(20, 2), (i) => i % 7), '3x224x224', 2],
    [set('wide', [32, 100], many(40, 2), (i) => i % 7), '1x32x100', 2],
    [set('class-of-one', [8, 8], [0, 1, 0, 1, 0, 1, 0, 1, 2, 0, 1], (i) => i % 7), '1x8x8', 3],
    [set('black', [8, 8], many(40, 2)), '1x8x8', 2],
    [set('signal', [50], many(40, 2), (i) => i % 7), '1x1x50', 2],
  ];
  for (const [dir, shape, classes] of trains) {
    const done = await net2(dir);
    assert.equal(done.code, 0, `${dir}: ${done.err}`);
    const info = await p.info(dir);
    assert.equal(`${info.num_channels}x${info.px_h}x${info.px_w}`, shape);
    assert.equal(info.classes.length, classes);
  }
  const refused = [
    [set('one', [1, 1], [0]), /the train part has 1 images but must have from 2/],
    [set('three', [8, 8], [0, 1, 0]), /leaves no images to validate on, of 2/],
    [set('same', [8, 8], many(40, 1)), /every label is the same/],
    [set('either', [3, 8, 3], many(40, 2)), /say which by --layout NCHW or --layout NHWC/],
  ];
  for (const [dir, sentence] of refused) {
    const done = await net2(dir);
    assert.equal(done.code, 2, done.err);
    assert.match(done.err, sentence);
  }
});

test('a reading is a part of a run, but not of its digest', async (t) => {
  const p = place(t);
  const idx = tinyDataset(join(p.dir, 'idx'));
  const parts = readIdx(idx).map((x) => ({
    ...x,
    images: x.images.map((px) => Buffer.from(px).map(
      (_, i) => px[(i % x.side) * x.side + Math.floor(i / x.side)])),
  }));
  const { hash } = await p.info(idx, '--transpose');
  assert.notEqual(hash, (await p.info(idx)).hash);
  const services = await up(t, { dataDir: p.data });
  const body = { population: 4, generations: 1, final_epochs: 1, train_limit: 0, seed: 1 };
  const turned = await createRun(services, { ...body, dataset: idx, transpose: true });
  const plain = await createRun(services, { ...body, dataset: writeNpy(join(p.dir, 'npy'), parts) });
  const [a, b] = [await finishedRun(services, turned), await finishedRun(services, plain)];
  assert.equal(a.settings.transpose, true);
  assert.equal(a.settings.dataset_hash, hash);
  assert.equal(a.digest, b.digest);
  const bad = await call(`${services.broker}/v1/runs`, { ...body, dataset: idx, resize: '8x8' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /\/resize/);
  assert.match(bad.text, /not for IDX data sets/);

  assert.equal((await p.nevod('dataset', 'import', idx, 'turned', '--transpose')).code, 0);
  const { json } = await call(`${services.broker}/v1/datasets`);
  const listed = json.items.find((x) => x.name === 'turned');
  assert.equal(listed.hash, hash);
  assert.equal(listed.train, 240);
});
