// links.test.mjs -- a worker on a machine of its own, in a network namespace,
// whose wire is cut without a word, and one that is killed.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createRun, finishedRun, SMALL_NETWORKS, tempDir, tinyDataset, until } from './harness.mjs';
import { between, broker, digestOfOneMachine, far, inState, worker } from './netns.mjs';

const SETTINGS = {
  population: 6, generations: 2, epochs: 10, train_limit: 0, final_epochs: 1, seed: 7, kernels: 'simd128-2', ...SMALL_NETWORKS,
};

const working = (services, one) => until('it to work', async () => (await worker(services, one))?.jobs > 0);

async function cutWithoutAWord(t) {
  const dataset = tinyDataset(join(tempDir(t), 'tiny')), settings = { ...SETTINGS, dataset };
  const expected = await digestOfOneMachine(t, settings);
  const services = await broker(t);
  const hit = await far(t, services, 1, { pulls: true }), other = await far(t, services, 2);
  await inState(services, hit, 'ready');
  await inState(services, other, 'ready');
  const uuid = await createRun(services, settings);
  await working(services, hit);
  const cutMs = performance.now();
  const noted = until('the worker to say that nobody is there', () => /not-joined/.test(hit.proc.err), 15)
    .then(() => performance.now());
  hit.say('cut');
  await inState(services, hit, 'lost', 15);
  t.diagnostic(`the broker knew after ${((performance.now() - cutMs) / 1000).toFixed(1)} s`);
  t.diagnostic(`the worker knew after ${((await noted - cutMs) / 1000).toFixed(1)} s`);
  hit.say('whole');
  await inState(services, hit, 'ready');
  assert.equal((await finishedRun(services, uuid)).digest, expected);
}

// The system says so for it, and the broker listens.
async function killed(t) {
  const services = await broker(t);
  const hit = await far(t, services, 1, { pulls: true });
  await inState(services, hit, 'ready');
  hit.proc.child.kill('SIGKILL');
  const began = performance.now();
  await inState(services, hit, 'lost', 8);
  t.diagnostic(`the broker knew after ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

between(import.meta.url, {
  'a link that is cut without a word is noticed at both ends, and the digest is the usual one': cutWithoutAWord,
  'a worker that pulls and is killed is soon known to be lost': killed,
});
