// cluster.mjs -- what chaos is let loose on: a broker, a genome service and
// workers that have joined, each behind a link that can be cut, each started
// again when it is killed, as a supervisor would.
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, call, descendants, freePort, NEVOD, sleep, tinyDataset, until, VERSION } from '../e2e/harness.mjs';

const RESTART_MS = 100;
const BEAT_MS = 3000;
export const KERNELS = 'simd128-2';

// A process that is started again whenever it ends, until it is told to leave.
class Kept {
  constructor(name, args, log) {
    Object.assign(this, { name, args, log, leaving: false });
    this.start();
  }

  start() {
    this.child = spawn(NEVOD, this.args, { stdio: ['ignore', this.log, this.log] });
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

// A port of ours in front of another: while it is cut, nothing passes.
class Link {
  async open(port) {
    Object.assign(this, { sockets: new Set(), isCut: false });
    this.server = createServer((here) => {
      const there = connect(port, '127.0.0.1');
      for (const [a, b] of [[here, there], [there, here]]) {
        this.sockets.add(a);
        a.on('error', () => b.destroy());
        a.on('close', () => this.sockets.delete(a) && b.destroy());
        a.pipe(b);
      }
      if (this.isCut) here.destroy();
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  cut(isCut) {
    this.isCut = isCut;
    if (isCut) for (const s of this.sockets) s.destroy();
  }

  close() {
    this.cut(true);
    this.server.close();
  }
}

export class Cluster {
  async open(workers) {
    this.dir = mkdtempSync(join(tmpdir(), 'nevod-chaos-'));
    this.dataset = tinyDataset(join(this.dir, 'tiny'), { train: 600 });
    this.log = openSync(join(this.dir, 'log'), 'a');
    const [broker, genome, nobody] = [await freePort(), await freePort(), await freePort()];
    this.broker = `http://127.0.0.1:${broker}`;
    this.services = {
      genome: new Kept('genome', ['genome', '--port', `${genome}`], this.log),
      broker: new Kept('broker', ['broker', '--data-dir', join(this.dir, 'data'), '--port', `${broker}`,
        '--genome', `http://127.0.0.1:${genome}`, '--evolutioner', `http://127.0.0.1:${nobody}`], this.log),
    };
    await until('the broker to be there', () => answers(`${this.broker}/healthz`));
    this.workers = [];
    for (let i = 0; i < workers; i++) await this.join();
    await this.refuser();
    await until('the workers to be ready', async () =>
      (await call(`${this.broker}/v1/workers`)).json.items.filter((w) => w.state === 'ready').length > workers);
    return this;
  }

  async join() {
    const port = await freePort(), link = new Link(), url = await link.open(port);
    const kept = new Kept('worker', ['evolutioner', '--broker', this.broker, '--port', `${port}`, '--advertise', url,
      '--slots', '1', '--data-dir', join(this.dir, `worker-${port}`)], this.log);
    this.workers.push({ kept, link, port });
  }

  // One that is there and has no job of anybody's.
  async refuser() {
    const info = { slots: 1, free: 1, kernels: [KERNELS], cpu: 'none', version: VERSION, datasets: [] };
    this.refusing = createHttpServer((q, r) => {
      r.writeHead(q.url === '/v1/info' ? 200 : 422, { 'Content-Type': 'application/json' });
      r.end(JSON.stringify(q.url === '/v1/info' ? info : { error: 'not me' }));
    });
    await new Promise((done) => this.refusing.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${this.refusing.address().port}`;
    const beat = () => call(`${this.broker}/v1/workers/refuser`, { url }, { method: 'PUT' }).catch(() => {});
    await beat();
    this.beating = setInterval(beat, BEAT_MS);
  }

  // Training processes of all workers.
  trainings() {
    return this.workers.flatMap(({ kept }) => descendants(kept.child.pid, 'train-job'));
  }

  // What it has written stays where somebody must look at it.
  async close(keep) {
    clearInterval(this.beating);
    this.refusing.close();
    this.refusing.closeAllConnections();
    const all = [...this.workers.map((w) => w.kept), ...Object.values(this.services)];
    await Promise.all(all.map((kept) => kept.leave('SIGKILL')));
    this.workers.forEach(({ link }) => link.close());
    await sleep(200);
    if (keep) console.log(`its log is ${join(this.dir, 'log')}`);
    else rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
