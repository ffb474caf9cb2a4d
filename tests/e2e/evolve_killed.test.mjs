// evolve_killed.test.mjs -- the main job, whatever is killed or stopped meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { document, evolve, SETTINGS } from './evolving.mjs';
import {
  alive, call, commandLine, descendants, freePort, sleep, start, tempDir, tinyDataset, until, up,
} from './harness.mjs';

// Runs on services of its own, killing a victim again and again while jobs run.
async function killedDigest(t, dataset, word, kills) {
  const services = await up(t);
  const p = start(t, ['evolve', '--json', '--broker', services.broker, '--dataset', dataset, ...SETTINGS]);
  let killed = 0;
  while (p.code === null && killed < kills) {
    await sleep(150);
    const jobs = descendants(services.proc.child.pid, 'train-job');
    if (jobs.length === 0) continue;
    const [victim] = descendants(services.proc.child.pid, word);
    if (victim && alive(victim)) {
      try {
        process.kill(victim, 'SIGKILL');
        killed += 1;
      } catch { /* it had just ended */ }
    }
  }
  await p.ended;
  assert.ok(killed > 0, 'nothing was killed: the run was over too soon');
  return document(p).digest;
}

test('kill -9 of any service or of a training child leaves the digest alone', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'), { train: 1500 });
  const calm = document(await evolve(t, dataset)).digest;
  for (const word of ['broker', 'genome', 'evolutioner', 'train-job']) {
    await t.test(word, async (t2) => {
      assert.equal(await killedDigest(t2, dataset, word, 3), calm);
    });
  }
});

test('Ctrl-C leaves a run that the next start carries on', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'), { train: 900 });
  const calm = document(await evolve(t, dataset)).digest;
  const dataDir = tempDir(t);
  const ports = [await freePort(), await freePort(), await freePort()].map(String);
  const where = ['--data-dir', dataDir, '--broker-port', ports[0], '--genome-port', ports[1],
    '--evolutioner-port', ports[2]];
  const p = start(t, ['evolve', '--dataset', dataset, ...where, ...SETTINGS]);
  const broker = `http://127.0.0.1:${ports[0]}`;
  const uuid = await until('a first score', async () => {
    try {
      const { json } = await call(`${broker}/v1/runs`);
      return json?.items?.[0]?.evaluations >= 1 && json.items[0].uuid;
    } catch {
      return false;
    }
  });
  p.child.kill('SIGINT');
  await p.ended;
  assert.equal(p.code, 130, p.err);
  assert.match(p.err, new RegExp(uuid));
  await until('all services to be gone', async () => {
    try {
      await fetch(`${broker}/healthz`);
      return false;
    } catch {
      return true;
    }
  });

  const again = start(t, ['up', ...where]);
  const done = await until('the run to finish', async () => {
    try {
      const { json } = await call(`${broker}/v1/runs/${uuid}`);
      return json?.state === 'finished' && json;
    } catch {
      return false;
    }
  }, 120);
  assert.equal(done.digest, calm);
  again.child.kill('SIGTERM');
  await again.ended;
  assert.equal(again.code, 0, again.err);
});

test('kill -9 of up leaves no process and no port taken', async (t) => {
  const dataset = tinyDataset(join(tempDir(t), 'tiny'), { train: 4000 });
  const services = await up(t);
  await call(`${services.broker}/v1/runs`, { dataset, population: 4, generations: 50, epochs: 50, train_limit: 0 });
  await until('training to begin',
    () => descendants(services.proc.child.pid, 'train-job').length > 0);
  const family = ['broker', 'genome', 'evolutioner', 'train-job']
    .flatMap((word) => descendants(services.proc.child.pid, word));
  assert.ok(family.length >= 4);
  services.proc.child.kill('SIGKILL');
  await services.proc.ended;
  await until('every process to be gone', () =>
    family.every((pid) => !alive(pid) || !commandLine(pid).includes('nevod')), 20);
  const again = await up(t, { dataDir: services.dataDir, slots: 1 });
  assert.ok(again.broker);
});
