// client.test.mjs -- the client that openapi-typescript's types let compile, put
// to work: a run starts with nothing given (tools/check-api compiles it first).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, up } from '../e2e/harness.mjs';
import { start } from './generated/client.js';

test('a generated client starts a run with {}', async (t) => {
  const { broker } = await up(t);
  const [uuid, population] = await start(broker);
  const { status, json: run } = await call(`${broker}/v1/runs/${uuid}`);
  assert.equal(status, 200);
  assert.equal(run.settings.population, population);
  assert.match(run.state, /^(created|running)$/);
  const { json: { items } } = await call(`${broker}/v1/runs`);
  assert.deepEqual(items.map(({ name }) => name), ['by a client', run.name]);
  for (const { uuid: one } of items) assert.equal((await call(`${broker}/v1/runs/${one}/cancel`, {})).status, 200);
});
