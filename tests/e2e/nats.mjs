// nats.mjs -- a nats-server of a test's own, with JetStream in a folder of its
// own.
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, tempDir, until } from './harness.mjs';

export const installed = () => spawnSync('nats-server', ['--version']).status === 0;

const listens = (port) => new Promise((done) => {
  const socket = connect(port, '127.0.0.1', () => socket.end(() => done(true)));
  socket.on('error', () => done(false));
});

// Starts it; `config` is a file of more settings.
export async function natsServer(t, { config } = {}) {
  const port = await freePort();
  const dir = join(tempDir(t), 'jetstream');
  const server = { port, dir, url: `nats://127.0.0.1:${port}`, child: null };
  server.start = async () => {
    const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', dir,
      ...(config ? ['-c', config] : [])], { stdio: ['ignore', 'ignore', 'pipe'] });
    server.log = '';
    child.stderr.on('data', (d) => { server.log += d; });
    server.child = child;
    server.ended = new Promise((done) => child.on('exit', done));
    await until('nats-server to listen', () => listens(port));
  };
  server.kill = async (signal = 'SIGKILL') => {
    server.child.kill(signal);
    await server.ended;
  };
  // All that it kept is lost.
  server.forget = () => rmSync(dir, { recursive: true, force: true });
  await server.start();
  t.after(() => server.kill());
  return server;
}
