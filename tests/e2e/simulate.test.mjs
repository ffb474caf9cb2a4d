// simulate.test.mjs -- a real broker with workers that train nothing: what it
// comes to, not how fast.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './harness.mjs';

const simulate = async (t, ...args) => {
  const { code, out, err } = await run(t, ['simulate', '--json', '--population', '300', '--seed', '5', ...args]);
  assert.equal(code, 0, err);
  return JSON.parse(out);
};

test('a hundred workers do what two do, each job once, with few threads', async (t) => {
  const many = await simulate(t, '--workers', '100', '--generations', '3', '--job-ms', '30');
  const few = await simulate(t, '--workers', '2', '--slots', '4', '--generations', '3');
  for (const one of [many, few]) {
    assert.equal(one.state, 'finished');
    assert.equal(one.jobs_again, 0);
    assert.ok(one.jobs > 600 && one.jobs <= 900, `${one.jobs} jobs`);
    assert.ok(one.broker_threads < 20, `${one.broker_threads} threads`);
    assert.equal(one.broker_rss_mb.length, 3);
  }
  assert.equal(many.digest, few.digest);
  assert.ok(many.list_schedule_s > 0 && many.seconds >= many.list_schedule_s);
});

test('what is asked for must be possible', async (t) => {
  const { code, err } = await run(t, ['simulate', '--workers', '3001']);
  assert.equal(code, 2);
  assert.match(err, /--workers/);
});
