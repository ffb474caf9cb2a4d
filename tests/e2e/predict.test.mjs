// predict.test.mjs -- a champion's file is enough to use it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { freePort, run, tempDir, tinyDataset } from './harness.mjs';

async function champion(t, dataset, out, ...more) {
  const ports = [await freePort(), await freePort(), await freePort()].map(String);
  const p = await run(t, ['evolve', '--json', '--dataset', dataset, '--data-dir', tempDir(t), '--out', out,
    '--broker-port', ports[0], '--genome-port', ports[1], '--evolutioner-port', ports[2],
    '--population', '2', '--generations', '1', '--epochs', '1', '--train-limit', '0', '--final-epochs', '3',
    '--seed', '7', ...more]);
  assert.equal(p.code, 0, p.err);
  return JSON.parse(p.out).champion;
}

// A gray PNG of 8 bits, with or without transparency, as zlib makes it.
const crcs = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(body.length + 8);
  let crc = 0xffffffff;
  for (const b of body) crc = crcs[(crc ^ b) & 255] ^ (crc >>> 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(~crc >>> 0, body.length + 4);
  return out;
}
function png(width, height, pixels, alpha = false) {
  const row = width * (alpha ? 2 : 1), head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, alpha ? 4 : 0], 8);
  const lines = Array.from({ length: height }, (_, y) => [0, ...pixels.subarray(y * row, (y + 1) * row)]);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.from(lines.flat()))), chunk('IEND', Buffer.alloc(0))]);
}

test('averaged weights and mirrored views are in the file', async (t) => {
  const dir = tempDir(t);
  const dataset = tinyDataset(join(dir, 'tiny'));
  const model = join(dir, 'champion.safetensors');
  const labels = readFileSync(join(dataset, 't10k-labels-idx1-ubyte')).subarray(8);
  const { test_accuracy: accuracy } = await champion(t, dataset, model,
    '--ema', '0.9', '--augment-flip', '--flip-test');
  const p = await run(t, ['predict', '--model', model, '--input', join(dataset, 't10k-images-idx3-ubyte'), '--json']);
  assert.equal(p.code, 0, p.err);
  const right = JSON.parse(p.out).predictions.filter((x, i) => x.classes[0].label === labels[i]).length;
  assert.equal(right / labels.length, accuracy);
});

test('the champion is used from its file alone', async (t) => {
  const dir = tempDir(t);
  const dataset = tinyDataset(join(dir, 'tiny'));
  const model = join(dir, 'champion.safetensors');
  const input = join(dataset, 't10k-images-idx3-ubyte');
  const labels = readFileSync(join(dataset, 't10k-labels-idx1-ubyte')).subarray(8);
  const { test_accuracy: accuracy } = await champion(t, dataset, model);
  const predict = (...options) => run(t, ['predict', '--model', model, ...options]);

  await t.test('over the test set it is right as often as the run says', async () => {
    const p = await predict('--input', input, '--json');
    assert.equal(p.code, 0, p.err);
    const { predictions } = JSON.parse(p.out);
    assert.deepEqual(predictions.map((x) => x.index), [...labels.keys()]);
    const right = predictions.filter((x, i) => x.classes[0].label === labels[i]).length;
    assert.equal(right / labels.length, accuracy);
    for (const { classes } of predictions) {
      assert.equal(classes.length, 3);
      assert.ok(classes[0].probability >= classes[1].probability && classes[1].probability >= classes[2].probability);
    }
  });

  await t.test('all classes of one image add up to 1', async () => {
    const p = await predict('--input', input, '--json', '--index', '5', '--top', '1000');
    const { predictions: [{ index, classes }, ...more] } = JSON.parse(p.out);
    assert.equal(index, 5);
    assert.deepEqual(more, []);
    assert.equal(classes.length, 4);
    assert.ok(Math.abs(classes.reduce((sum, c) => sum + c.probability, 0) - 1) < 1e-9);
  });

  await t.test('text has a line an image, or a line a class of one', async () => {
    const many = (await predict('--input', input, '--top', '1')).out.trimEnd().split('\n');
    assert.equal(many.length, labels.length);
    assert.match(many[59], /^59 {2}[01]\.\d{4} \S/);
    const one = (await predict('--input', input, '--index', '59', '--top', '2')).out.trimEnd().split('\n');
    assert.equal(one.length, 2);
    assert.match(one[0], /^[01]\.\d{4} {2}\S/);
  });

  await t.test('pictures of any size, in a folder, are each told by their name', async () => {
    const folder = join(dir, 'pictures');
    const pixels = readFileSync(input).subarray(16, 16 + 144);
    const twice = Buffer.from(Array.from({ length: 24 * 24 }, (_, i) => pixels[12 * (i / 48 | 0) + (i % 24 >> 1)]));
    const white = Buffer.from([...pixels].flatMap((v) => [255, v]));
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.png'), png(12, 12, pixels));
    writeFileSync(join(folder, 'b.png'), png(24, 24, twice));
    writeFileSync(join(folder, 'c.png'), png(12, 12, white, true));
    writeFileSync(join(folder, 'notes.txt'), 'no image');
    const p = await predict('--input', folder, '--input', input, '--json', '--top', '1');
    assert.equal(p.code, 0, p.err);
    const { predictions } = JSON.parse(p.out);
    assert.deepEqual(predictions.slice(0, 4).map(({ file, index }) => [file, index]),
      [...['a', 'b', 'c'].map((x) => [join(folder, `${x}.png`), 0]), [input, 0]]);
    assert.deepEqual(predictions[0].classes, predictions[2].classes);
    assert.deepEqual(predictions[0].classes, predictions[3].classes);
    assert.equal(predictions[1].classes[0].label, predictions[0].classes[0].label);
    assert.equal(p.err, 'resized to 12x12: 1 of 4\ntransparent parts laid on black: 1 of 4\nno images, left out: 1\n');
    const text = await predict('--input', folder, '--top', '1');
    assert.match(text.out, /^\S+a\.png {2}[01]\.\d{4} \S+\n\S+b\.png {2}.*\n\S+c\.png {2}.*\n$/);
  });

  await t.test('black strokes on nothing are no black image', async () => {
    const black = join(dir, 'black.png');
    const strokes = Buffer.from([...readFileSync(input).subarray(16, 16 + 144)].flatMap((v) => [0, v]));
    writeFileSync(black, png(12, 12, strokes, true));
    const p = await predict('--input', black);
    assert.equal(p.code, 2);
    assert.match(p.err, /black\.png: what is transparent is laid on black, and nothing but black is left/);
  });

  await t.test('what does not fit is refused by a sentence', async () => {
    const wide = join(tinyDataset(join(dir, 'wide'), { side: 14 }), 't10k-images-idx3-ubyte');
    const damaged = join(dir, 'damaged.safetensors');
    writeFileSync(damaged, readFileSync(model).subarray(0, -4));
    for (const [options, code, sentence] of [
      [['--input', wide], 2, /images of 1x14x14 but the network takes 1x12x12/],
      [['--input', input, '--index', '60'], 2, /--index is 60 but the file has 60 images/],
      [['--input', join(dir, 'none')], 4, /there is no file none/],
      [['--input', model], 2, /neither a PNG or JPEG picture nor an IDX or NPY file/],
      [['--input', input, '--input', input, '--index', '0'], 2, /--index .* but --input names 2 files/],
      [['--input', '/dev'], 2, /the folder \/dev has no PNG or JPEG picture and no IDX file/],
      [[], 2, /--input FILE is required/],
      [['--input', input, '--model', input], 2, /no safetensors file/],
      [['--input', input, '--model', damaged], 2, /damaged\.safetensors: the tensor "/],
      [['--input', input, '--model', join(dir, 'none')], 4, /there is no file/],
      [['--input', input, '--model', dir], 1, /cannot read .*directory/],
    ]) {
      const p = await predict(...options);
      assert.equal(p.code, code, p.err);
      assert.match(p.err, sentence);
      assert.equal(p.out, '');
    }
  });
});
