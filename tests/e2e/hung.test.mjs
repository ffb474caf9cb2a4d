// hung.test.mjs -- what is stopped and not dead is noticed, too.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { join } from 'node:path';
import {
  alive, answers, call, createRun, descendants, finishedRun, lookAtRun, SMALL_NETWORKS, tempDir, tinyDataset, tinyGenome,
  until, up,
} from './harness.mjs';

const SETTINGS = {
  population: 4, generations: 2, epochs: 40, train_limit: 0, final_epochs: 1, seed: 7, ...SMALL_NETWORKS,
};

const twins = async (t, disturb) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const services = await up(t);
  const settings = { ...SETTINGS, dataset };
  const calm = await finishedRun(services, await createRun(services, settings));
  const uuid = await createRun(services, settings);
  await until('a first score', async () => (await lookAtRun(services, uuid))?.evaluations > 0);
  await disturb(services);
  assert.equal((await finishedRun(services, uuid)).digest, calm.digest);
};
const children = (services, word) => descendants(services.proc.child.pid, word);

// At once: all of them wait for most of their time.
describe('what is stopped', { concurrency: true }, () => {
  test('a training process that is stopped is ended in half a minute, and its job is run again', (t) =>
    twins(t, async (services) => {
      const [pid] = await until('a training process', async () => {
        const found = children(services, 'train-job');
        return found.length > 0 && found;
      });
      process.kill(pid, 'SIGSTOP');
      await until('it to be ended', () => !alive(pid), 60);
    }));

  for (const word of ['evolutioner', 'genome', 'broker']) {
    test(`up starts a stopped ${word} again`, (t) => twins(t, async (services) => {
      const [pid] = children(services, word);
      process.kill(pid, 'SIGSTOP');
      await until('it to be ended', () => !alive(pid), 60);
      await until('it to be there again', () => answers(`${services[word]}/healthz`));
    }));
  }

  test('what a client has asked for and hung up on is ended in about a minute', async (t) => {
    const dataset = tinyDataset(join(tempDir(t), 'tiny'), { train: 3000 });
    const services = await up(t);
    const wanted = new AbortController();
    const asked = fetch(`${services.evolutioner}/create_cnn_model`, {
      method: 'POST', signal: wanted.signal, headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...tinyGenome({ filters: [128], kernel_sizes: [5] }), dataset, epochs: 1000, seed: 1 }),
    }).catch((e) => e.name);
    const [pid] = await until('a training process', async () => {
      const found = children(services, 'train-job');
      return found.length > 0 && found;
    });
    wanted.abort();
    assert.equal(await asked, 'AbortError');
    await until('it to be ended', () => !alive(pid), 90);
    // The slot hears of it a moment later.
    await until('it to be told', () => /job-ended .* state=cancelled/.test(services.proc.err));
    await until('its slot to be free', async () => {
      const { json } = await call(`${services.evolutioner}/v1/info`);
      return json.free === json.slots;
    });
  });
});
