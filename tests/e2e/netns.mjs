// netns.mjs -- machines in network namespaces of their own, with wires between
// them that lose packets or are cut without a word.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const WIRE = join(dirname(import.meta.filename ?? new URL(import.meta.url).pathname), 'wire.py');

// Why there can be no such machines here, or ''.
export function impossible() {
  const { status, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', 'ip link set lo up && test -r /dev/net/tun && ip tuntap add t mode tun']);
  return status === 0 ? '' : `no network namespaces and TUN devices here: ${stderr}`.trim();
}

// Runs a file of tests again where this network is its own; true in there.
export function inOwnNetwork(file) {
  if (process.env.NEVOD_OWN_NETWORK) return true;
  const env = { ...process.env, NEVOD_OWN_NETWORK: '1' };
  delete env.NODE_TEST_CONTEXT;
  const args = ['-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh',
    process.execPath, '--test', '--test-reporter=spec', file];
  execFileSync('unshare', args, { env, stdio: 'inherit' });
  return false;
}

// A machine: what is started `through` it sees no network but its wires.
export async function machine(t) {
  const child = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up && echo there && exec sleep 100000'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { pid: child.pid, through: ['nsenter', '-t', `${child.pid}`, '-n'] };
}

// A wire from here to a machine, by the addresses of its ends.
export async function wire(t, { pid }, here, there, seed = 1) {
  const child = spawn('python3', [WIRE, `${process.pid}`, here, `${pid}`, there, `${seed}`],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.stdin.end());
  await once(createInterface(child.stdout), 'line');
  return (what) => child.stdin.write(`${what}\n`);
}
