// memory.test.mjs -- what counts as growth.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth } from './memory.mjs';

const MB = 1 << 20;
const looks = (memory) => Array.from({ length: 360 }, (_, i) => ({ memory: memory(i) * MB, descriptors: 20 }));

test('a leak of 16 MB in half an hour is seen, beside waves of 40 MB', () => {
  assert.ok(growth(looks((i) => 100 + i * 18 / 180 + (i % 7 === 0 ? 40 : 0)), 'memory').grows);
});

test('what has grown once, in waves, or in the first half does not grow', () => {
  for (const memory of [() => 100, (i) => 100 + Math.min(i, 180), (i) => 100 + 40 * (i % 7), (i) => (i === 359 ? 500 : 100)]) {
    assert.ok(!growth(looks(memory), 'memory').grows, String(memory));
  }
});

test('descriptors that are not closed are seen', () => {
  assert.ok(growth(Array.from({ length: 60 }, (_, i) => ({ descriptors: 20 + i })), 'descriptors').grows);
});
