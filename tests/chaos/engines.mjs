// engines.mjs -- the engines of others that a cluster may stand on: a queue, of one
// server or several, and a database, each started again when it ends.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, listens, sleep, until } from '../e2e/harness.mjs';
import { natsCommand, natsUrl } from '../e2e/nats.mjs';

const RESTART_MS = 100;

class Engine {
  async open(log) {
    Object.assign(this, { log, held: false, closed: false });
    this.start();
    await this.there();
    return this;
  }

  start() {
    const [file, ...args] = this.command();
    this.child = spawn(file, args, { stdio: ['ignore', this.log, this.log], detached: true });
    this.ended = new Promise((done) => this.child.once('exit', done));
    this.ended.then(() => this.held || setTimeout(() => this.closed || this.held || this.start(), RESTART_MS));
  }

  there() {
    return until(`${this.constructor.name} to be there`, () => listens(this.port));
  }

  // Its children, too.
  signal(name) {
    try {
      process.kill(-this.child.pid, name);
    } catch { /* it has just ended */ }
  }

  // Away until it is let again.
  async hold(name) {
    this.held = true;
    this.signal(name);
    await this.ended;
  }

  release() {
    this.held = false;
    this.start();
  }

  async close() {
    this.closed = true;
    this.signal('SIGKILL');
    await this.ended;
  }
}

class QueueServer extends Engine {
  async open(options, log) {
    Object.assign(this, options);
    return super.open(log);
  }

  command() {
    return natsCommand(this);
  }

  // Starts again without all that it kept.
  async empty() {
    await this.hold('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
    this.release();
  }
}

export class Queue {
  // Of several servers each has every message.
  async open(dir, log, n) {
    const peers = [];
    for (let i = 0; i < n && n > 1; i++) peers.push(await freePort());
    this.servers = [];
    for (let i = 0; i < n; i++) {
      const options = { dir: join(dir, `jetstream-${i}`), port: await freePort(), peerPort: peers[i], peers };
      this.servers.push(await new QueueServer().open(options, log));
    }
    this.ports = this.servers.map(({ port }) => port);
    this.options = ['--queue', natsUrl(this.ports), '--ack-wait-ms', '3000', '--queue-replicas', `${n}`];
    return this;
  }

  signal(name) {
    this.servers.forEach((server) => server.signal(name));
  }

  async close() {
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

export class Database extends Engine {
  static bin = (() => {
    try {
      const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => b - a);
      return versions.length ? `/usr/lib/postgresql/${versions[0]}/bin` : null;
    } catch {
      return null;
    }
  })();

  // It refuses to run as root.
  static as = process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

  // With `mounts` its disk is one of its own, and small.
  async open(dir, log, mounts) {
    Object.assign(this, { dir: join(dir, 'postgres'), mounts, port: await freePort() });
    mkdirSync(this.dir);
    chmodSync(dir, 0o755);
    if (mounts) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'none', this.dir]);
    if (Database.as.length) execFileSync('chown', ['postgres', this.dir]);
    const [file, ...args] = [...Database.as, `${Database.bin}/initdb`, '-D', join(this.dir, 'data'), '-U', 'nevod', '-A', 'trust',
      '-E', 'UTF8', '--locale=C.UTF-8', '--wal-segsize=1'];
    execFileSync(file, args, { stdio: ['ignore', log, log], cwd: this.dir });
    this.url = `postgresql://nevod@127.0.0.1:${this.port}/postgres`;
    return super.open(log);
  }

  command() {
    return [...Database.as, `${Database.bin}/postgres`, '-D', join(this.dir, 'data'), '-p', `${this.port}`,
      '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${this.dir}`, '-c', 'max_wal_size=16MB',
      '-c', 'min_wal_size=2MB', '-c', 'max_connections=60'];
  }

  // Every session but the one that says so ends.
  cutSessions() {
    spawnSync(`${Database.bin}/psql`, [this.url, '-c',
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename IS NOT NULL'],
    { stdio: 'ignore', timeout: 5000 });
  }

  async close() {
    await super.close();
    await sleep(100);
    if (this.mounts) execFileSync('umount', [this.dir]);
  }
}
