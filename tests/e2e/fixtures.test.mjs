// fixtures.test.mjs -- the store of the last program before documents were described
// by tables (tests/fixtures/README.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goesOn } from '../fixtures/goes_on.mjs';
import { expected } from '../fixtures/store.mjs';
import { call } from './harness.mjs';

const services = goesOn('store3');
const { population } = expected('store3');

const ask = async (path, body) => {
  const { status, json, text } = await call(`${services().broker}${path}`, body);
  assert.equal(status, 200, text);
  return json.message;
};

test('a saved population has the child that it would have had', async () => {
  const { uuid, ask: parents, child, models } = population;
  assert.deepEqual(await ask('/create_child', { uuid, ...parents }), child);
  assert.deepEqual(JSON.parse(readFileSync(join(services().dataDir, 'models', `${uuid}.json`), 'utf8')), models);
});

test('a model of a saved population can be trained', async () => {
  const { message } = await ask('/create_cnn_model', { uuid: population.uuid, model_id: '2', epochs: 1, seed: 2 });
  assert.ok(message.score >= 0 && message.score <= 100);
});
