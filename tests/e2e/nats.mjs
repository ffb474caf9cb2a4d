// nats.mjs -- nats-servers of a test's own, with JetStream in folders of their
// own: one, or three that keep each message together.
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd, freePort, listens, tempDir, until } from './harness.mjs';

const HOST = '127.0.0.1';

export const installed = () => spawnSync('nats-server', ['--version']).status === 0;

// The command line of one; `peers` are the ports by which those of a cluster know
// each other, its own among them.
export const natsCommand = ({ port, dir, listen = HOST, config, peerPort, peers = [] }) => [
  'nats-server', '-a', listen, '-p', `${port}`, '-js', '-sd', dir, ...(config ? ['-c', config] : []),
  ...(peers.length ? ['--server_name', `server-${peerPort}`, '--cluster_name', 'nevod', '--no_advertise',
    '--cluster', `nats://${HOST}:${peerPort}`, '--routes', peers.map((p) => `nats://${HOST}:${p}`).join(',')] : []),
];

export const natsUrl = (ports, host = HOST) => ports.map((port) => `nats://${host}:${port}`).join(',');

// Starts it; `config` is a file of more settings.
export async function natsServer(t, options = {}) {
  const port = await freePort();
  const dir = join(tempDir(t), 'jetstream');
  const server = { port, dir, url: natsUrl([port]), child: null };
  server.start = async () => {
    const [file, ...args] = natsCommand({ ...options, port, dir });
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
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
  atEnd(t, () => server.kill());
  return server;
}

// Three that are one queue.
export async function natsCluster(t) {
  const peers = [await freePort(), await freePort(), await freePort()];
  const servers = await Promise.all(peers.map((peerPort) => natsServer(t, { peerPort, peers })));
  return { servers, url: natsUrl(servers.map(({ port }) => port)) };
}
