// dataset_files.mjs -- the images of a data set in IDX files, written again in
// every other format that is read.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

// [{part, n, side, images: [Buffer], labels: [Number]}] of tinyDataset's folder.
export function readIdx(folder) {
  return [['train', 'train'], ['test', 't10k']].map(([part, file]) => {
    const px = readFileSync(join(folder, `${file}-images-idx3-ubyte`));
    const labels = [...readFileSync(join(folder, `${file}-labels-idx1-ubyte`)).subarray(8)];
    const side = px.readUInt32BE(8);
    const images = labels.map((_, i) =>
      px.subarray(16 + i * side * side, 16 + (i + 1) * side * side));
    return { part, side, images, labels };
  });
}

const CRC = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
function crc32(bytes) {
  let c = 0xffffffff;
  for (const b of bytes) c = CRC[(c ^ b) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

const u32 = (n) => {
  const b = Buffer.alloc(4);
  b.writeUInt32BE(n);
  return b;
};

export function png(pixels, width, height) {
  const chunk = (kind, body) => {
    const all = Buffer.concat([Buffer.from(kind), body]);
    return Buffer.concat([u32(body.length), all, u32(crc32(all))]);
  };
  const rows = [];
  for (let y = 0; y < height; y++) {
    rows.push(Buffer.from([0]), pixels.subarray(y * width, (y + 1) * width));
  }
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', Buffer.concat([u32(width), u32(height), Buffer.from([8, 0, 0, 0, 0])])),
    chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND', Buffer.alloc(0))]);
}

export function npy(descr, shape, bytes) {
  const head = Buffer.from(
    `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(head.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, head, bytes]);
}

const imagesOf = (p) =>
  npy('|u1', [p.images.length, p.side, p.side], Buffer.concat(p.images));
const labelsOf = (p) => {
  const b = Buffer.alloc(8 * p.labels.length);
  p.labels.forEach((l, i) => b.writeBigInt64LE(BigInt(l), 8 * i));
  return npy('<i8', [p.labels.length], b);
};

export function writeNpy(folder, parts) {
  mkdirSync(folder);
  for (const p of parts) {
    writeFileSync(join(folder, `${p.part}-images.npy`), imagesOf(p));
    writeFileSync(join(folder, `${p.part}-labels.npy`), labelsOf(p));
  }
  return folder;
}

// A zip of deflated members.
export function zip(members) {
  const locals = [];
  const central = [];
  let at = 0;
  for (const [name, bytes] of members) {
    const packed = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, place,
      Buffer.from(name)]));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]);
}

export function writeNpz(file, parts) {
  writeFileSync(file, zip(parts.flatMap((p) => [
    [`${p.part}_images.npy`, imagesOf(p)], [`${p.part}_labels.npy`, labelsOf(p)]])));
  return file;
}

export function tar(members) {
  const blocks = [];
  for (const [name, bytes] of members) {
    const head = Buffer.alloc(512);
    head.write(name, 0);
    head.write('0000600\0', 100);
    head.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write('00000000000\0', 136);
    head.write('        0', 148);
    head.write('ustar\x0000', 257);
    const sum = head.reduce((a, b) => a + b, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

// Two shards of train, one of test, gzipped.
export function writeShards(folder, parts) {
  mkdirSync(folder);
  for (const p of parts) {
    const members = p.images.map((pixels, i) => {
      const key = String(i).padStart(6, '0');
      return [[`${key}.png`, png(pixels, p.side, p.side)],
        [`${key}.cls`, Buffer.from(`${p.labels[i]}`)]];
    });
    const half = p.part === 'train' ? members.length / 2 : members.length;
    for (let i = 0; i * half < members.length; i++) {
      const some = members.slice(i * half, (i + 1) * half).flat();
      const file = join(folder, `tiny-${p.part}-${i}.tar`);
      if (p.part === 'test') writeFileSync(`${file}.gz`, gzipSync(tar(some)));
      else writeFileSync(file, tar(some));
    }
  }
  return folder;
}

// part/class/number.png: the order of the numbers is that of the set.
export function writeFolder(folder, parts) {
  for (const p of parts) {
    p.images.forEach((pixels, i) => {
      const dir = join(folder, p.part, String(p.labels[i]));
      mkdirSync(dir, { recursive: true });
      writeFileSync(join(dir, `${String(i).padStart(6, '0')}.png`), png(pixels, p.side, p.side));
    });
  }
  return folder;
}
