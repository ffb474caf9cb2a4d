// queue_cluster.test.mjs -- a queue of three servers, each of which has every
// message: any of them may go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { createRun, finishedRun, tempDir, tinyDataset } from './harness.mjs';
import { installed, natsCluster } from './nats.mjs';
import { place, scores, SETTINGS, twin, workersAre } from './on_queue.mjs';

test('a run goes on while each of three servers in turn is gone, to the usual digest',
  { skip: installed() ? false : 'no nats-server here' }, async (t) => {
    const settings = { ...SETTINGS, epochs: 12, dataset: tinyDataset(join(tempDir(t), 'tiny')) };
    const digest = await twin(t, settings);
    const queue = await natsCluster(t);
    const at = await place(t, queue, { extra: ['--queue-replicas', '3'] });
    await at.startBroker();
    await at.startWorker();
    await at.startWorker();
    await workersAre(at, 2);
    const uuid = await createRun(at, settings);
    for (const [i, server] of queue.servers.entries()) {
      await scores(at, uuid, 1 + 6 * i);
      await server.kill();
      // Two are enough.
      await scores(at, uuid, 5 + 6 * i);
      await server.start();
    }
    assert.equal((await finishedRun(at, uuid)).digest, digest);
  });
