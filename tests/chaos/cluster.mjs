// cluster.mjs -- what chaos is let loose on: a broker, a genome service and
// workers that have joined, each behind a link that can be cut, each started
// again when it is killed, as a supervisor would. The last of the first workers
// pulls. It stands on SQLite and HTTP, or on a queue, of one server or three, a
// database, or both.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, call, descendants, freePort, NEVOD, sleep, tinyDataset, until } from '../e2e/harness.mjs';
import { natsUrl } from '../e2e/nats.mjs';
import { Database, Queue } from './engines.mjs';

const RESTART_MS = 100;
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
export const KERNELS = 'simd128-2';

// A process that is started again whenever it ends, until it is told to leave.
class Kept {
  constructor(name, args, log, env = process.env) {
    Object.assign(this, { name, args, log, env, leaving: false });
    this.start();
  }

  start() {
    this.child = spawn(NEVOD, this.args, { stdio: ['ignore', this.log, this.log], env: this.env });
    this.ended = new Promise((done) => this.child.once('exit', done));
    this.ended.then(() => this.leaving || setTimeout(() => this.leaving || this.start(), RESTART_MS));
  }

  signal(name) {
    process.kill(this.child.pid, name);
  }

  // SIGTERM and the end, which is to be clean.
  async leave(signal = 'SIGTERM') {
    this.leaving = true;
    if (this.child.exitCode === null && this.child.signalCode === null) this.signal(signal);
    return this.ended;
  }
}

// Ports of ours in front of others: while it is cut, nothing passes; while it
// loses, every connection breaks off somewhere.
class Link {
  constructor(random) {
    Object.assign(this, { random, servers: [], sockets: new Set(), isCut: false, lossMs: 0 });
  }

  async open(port) {
    const server = createServer((here) => this.connect(here, port)), own = await freePort();
    this.servers.push(server);
    await new Promise((done) => server.listen(own, '127.0.0.1', done));
    return own;
  }

  connect(here, port) {
    const there = connect(port, '127.0.0.1');
    for (const [a, b] of [[here, there], [there, here]]) {
      this.sockets.add(a);
      a.on('error', () => b.destroy());
      a.on('close', () => this.sockets.delete(a) && b.destroy());
      a.pipe(b);
    }
    if (this.isCut) here.destroy();
    if (this.lossMs) setTimeout(() => here.destroy(), this.random() * this.lossMs);
  }

  cut(isCut) {
    this.isCut = isCut;
    if (isCut) for (const s of this.sockets) s.destroy();
  }

  // Connections last for `ms` at most from now on; 0 means as long as they like.
  lose(ms) {
    this.lossMs = ms;
    if (ms) for (const s of this.sockets) s.destroy();
  }

  close() {
    this.cut(true);
    this.servers.forEach((server) => server.close());
  }
}

export class Cluster {
  // `random` is the chaos's; with `mounts` the broker's disk is a small one, and
  // so is the database's; `on` has the names of the engines it stands on,
  // separated by commas.
  async open(workers, random, { mounts, on }) {
    Object.assign(this, { random, mounts, on, workers: [], made: 0 });
    this.dir = mkdtempSync(join(tmpdir(), 'nevod-chaos-'));
    this.data = join(this.dir, 'data');
    this.dataset = tinyDataset(join(this.dir, 'tiny'), { train: 600 });
    this.log = openSync(join(this.dir, 'log'), 'a');
    mkdirSync(this.data);
    if (mounts) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'none', this.data]);
    const engines = on.split(',');
    if (engines.includes('queue')) this.queue = await new Queue().open(this.dir, this.log, 1);
    if (engines.includes('queue3')) this.queue = await new Queue().open(this.dir, this.log, 3);
    if (engines.includes('postgres')) this.database = await new Database().open(this.dir, this.log, mounts);
    const [broker, genome, nobody] = [await freePort(), await freePort(), await freePort()];
    this.port = broker;
    this.broker = `http://127.0.0.1:${broker}`;
    this.services = {
      genome: new Kept('genome', ['genome', '--port', `${genome}`], this.log),
      broker: new Kept('broker', ['broker', '--data-dir', this.data, '--port', `${broker}`,
        '--genome', `http://127.0.0.1:${genome}`, ...this.database ? ['--store', this.database.url] : [],
        ...this.queue ? this.queue.options : ['--evolutioner', `http://127.0.0.1:${nobody}`]], this.log, this.clock()),
    };
    await until('the broker to be there', () => answers(`${this.broker}/healthz`));
    for (let i = 0; i < workers; i++) await this.join(i === workers - 1);
    await until('the workers to be ready', async () =>
      (await call(`${this.broker}/v1/workers`)).json.items.filter((w) => w.state === 'ready').length === workers);
    return this;
  }

  // The broker's wall clock is what a file says, where libfaketime is there. Its
  // "fix" of the monotonic clock ends every timed wait at once.
  clock() {
    if (!existsSync(FAKETIME)) return process.env;
    this.clockFile = join(this.dir, 'clock');
    this.setClock('+0');
    return { ...process.env, LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: this.clockFile, FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_FORCE_MONOTONIC_FIX: '0' };
  }

  setClock(offset) {
    writeFileSync(this.clockFile, offset);
  }

  // A worker that is called through its link, or calls through it.
  async join(pulls = false) {
    const port = await freePort(), link = new Link(this.random), ports = [];
    for (const behind of this.queue?.ports ?? [pulls ? this.port : port]) ports.push(await link.open(behind));
    const url = `http://127.0.0.1:${ports[0]}`;
    const called = pulls ? ['--pull', '--broker', url] : ['--broker', this.broker, '--advertise', url];
    const where = this.queue ? ['--queue', natsUrl(ports), '--broker', this.broker] : called;
    const kept = new Kept('worker', ['evolutioner', ...where, '--port', `${port}`, '--slots', '1',
      '--data-dir', join(this.dir, `worker-${port}`)], this.log);
    this.workers.push({ kept, link, port, pulls });
  }

  // One that nobody knows yet: what it does is for somebody who speaks for it.
  async honest() {
    const port = await freePort(), url = `http://127.0.0.1:${port}`;
    const kept = new Kept('worker', ['evolutioner', '--port', `${port}`, '--slots', '1',
      '--data-dir', join(this.dir, `worker-${port}`)], this.log);
    await until('the worker to be there', () => answers(`${url}/healthz`));
    return { kept, url };
  }

  // Training processes of these workers.
  trainings(workers = this.workers) {
    return workers.flatMap(({ kept }) => descendants(kept.child.pid, 'train-job'));
  }

  // What it has written stays where somebody must look at it.
  async close(keep) {
    const all = [...this.workers.map((w) => w.kept), ...Object.values(this.services)];
    await Promise.all(all.map((kept) => kept.leave('SIGKILL')));
    this.workers.forEach(({ link }) => link.close());
    await this.queue?.close();
    await this.database?.close();
    await sleep(200);
    if (keep) return console.log(`its log is ${join(this.dir, 'log')}`);
    if (this.mounts) execFileSync('umount', [this.data]);
    return rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
