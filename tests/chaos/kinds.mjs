// kinds.mjs -- the faults: each begins, lasts for a while if it is of those that
// last, and has ended when its promise is kept.
import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { call, sleep } from '../e2e/harness.mjs';
import { liar, refuser } from '../e2e/made_up_workers.mjs';
import { KERNELS } from './cluster.mjs';

const signal = (pid, name) => {
  try {
    process.kill(pid, name);
  } catch { /* it has just ended */ }
};

// Stopped for a while; a service that a supervisor watches would be killed.
async function stopped(pid, seconds) {
  signal(pid, 'SIGSTOP');
  await sleep(1000 * seconds);
  signal(pid, 'SIGCONT');
}

async function stoppedEngine(engine) {
  engine.signal('SIGSTOP');
  await sleep(3000);
  engine.signal('SIGCONT');
}

// A file that takes all that is left of the broker's disk.
function fill(file) {
  const fd = openSync(file, 'w'), block = Buffer.alloc(65536);
  try {
    for (;;) writeSync(fd, block);
  } catch (e) {
    assert.equal(e.code, 'ENOSPC');
  } finally {
    closeSync(fd);
  }
}

// A state of the worker at that URL, or undefined if nobody says.
async function stateOf(c, url) {
  try {
    return (await call(`${c.broker}/v1/workers`)).json.items.find((w) => w.url === url)?.state;
  } catch {
    return undefined;
  }
}

// A worker joins, is found out or not, and is gone.
async function guest(c, { url, close }) {
  for (let i = 0; i < 60 && (await stateOf(c, url)) !== 'aside'; i++) await sleep(100);
  await close();
}

// `c` is the cluster, one(list) its choice of one.
export const KINDS = {
  'kill broker': (c) => c.services.broker.signal('SIGKILL'),
  'kill genome': (c) => c.services.genome.signal('SIGKILL'),
  'kill worker': (c, one) => one(c.workers).kept.signal('SIGKILL'),
  'kill training': (c) => c.trainings().slice(0, 1).forEach((pid) => signal(pid, 'SIGKILL')),
  'stop broker': (c) => stopped(c.services.broker.child.pid, 3),
  'stop genome': (c) => stopped(c.services.genome.child.pid, 3),
  'stop worker': (c, one) => stopped(one(c.workers).kept.child.pid, 5),
  'stop training': (c) => c.trainings().slice(0, 1).forEach((pid) => signal(pid, 'SIGSTOP')),
  'cut link': async (c, one) => {
    const { link } = one(c.workers);
    link.cut(true);
    await sleep(4000);
    link.cut(false);
  },
  'lose connections': async (c) => {
    c.workers.forEach(({ link }) => link.lose(300));
    await sleep(4000);
    c.workers.forEach(({ link }) => link.lose(0));
  },
  // What it trains has a tenth of the time.
  'slow worker': async (c, one) => {
    const worker = one(c.workers);
    for (let i = 0; i < 12; i++) {
      await Promise.all([sleep(450), ...c.trainings([worker]).map((pid) => stopped(pid, 0.45))]);
      await sleep(50);
    }
  },
  'drain and join': async (c, one) => {
    const worker = one(c.workers);
    c.workers.splice(c.workers.indexOf(worker), 1);
    await c.join(worker.pulls);
    assert.equal(await worker.kept.leave(), 0, 'a worker that drains ends well');
    worker.link.close();
  },
  'lying worker': async (c) => {
    const { kept, url } = await c.honest();
    await guest(c, await liar(c.broker, url, `liar-${c.made++}`));
    await kept.leave('SIGKILL');
  },
  'refusing worker': async (c) => guest(c, await refuser(c.broker, KERNELS, `refuser-${c.made++}`)),
  'full disk': async (c) => {
    const file = join(c.data, 'ballast');
    fill(file);
    await sleep(4000);
    rmSync(file);
  },
  'kill queue': (c) => c.queue.signal('SIGKILL'),
  'stop queue': (c) => stoppedEngine(c.queue),
  // All that it kept is gone.
  'empty queue': (c) => Promise.all(c.queue.servers.map((server) => server.empty())),
  'kill server of the queue': (c, one) => one(c.queue.servers).signal('SIGKILL'),
  'stop server of the queue': (c, one) => stoppedEngine(one(c.queue.servers)),
  'empty server of the queue': (c, one) => one(c.queue.servers).empty(),
  'kill database': (c) => c.database.signal('SIGKILL'),
  'restart database': (c) => c.database.signal('SIGINT'),
  'cut sessions of the database': (c) => c.database.cutSessions(),
  'full disk of the database': async (c) => {
    const file = join(c.database.dir, 'ballast');
    fill(file);
    await sleep(4000);
    rmSync(file);
  },
  // A day ahead and back.
  'clock jump': async (c) => {
    c.setClock('+1d');
    await sleep(3000);
    c.setClock('+0');
  },
};

// Those that the cluster can have: who is made up speaks HTTP.
export const possible = (c) => Object.keys(KINDS).filter((kind) =>
  (kind !== 'full disk' || (c.mounts && !c.database)) && (kind !== 'clock jump' || c.clockFile) &&
  (!kind.endsWith('queue') || c.queue) && (!kind.endsWith('database') || c.database) &&
  (kind !== 'full disk of the database' || c.mounts) &&
  (!kind.endsWith('server of the queue') || c.queue.servers.length > 1) &&
  (!['lying worker', 'refusing worker'].includes(kind) || !c.queue));
