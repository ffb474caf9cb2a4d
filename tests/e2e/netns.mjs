// netns.mjs -- machines in network namespaces of their own, with wires between
// them that lose packets or are cut without a word.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  answers, atEnd, call, createRun, finishedRun, freePort, start, tempDir, until, up,
} from './harness.mjs';

const WIRE = join(dirname(fileURLToPath(import.meta.url)), 'wire.py');

// Why there can be no such machines here, or ''.
function impossible() {
  const { status, stderr } = spawnSync('unshare', ['-n', 'sh', '-c',
    'ip link set lo up && test -r /dev/net/tun && ip tuntap add t mode tun']);
  return status === 0 ? '' : `no network namespaces and TUN devices here: ${stderr}`.trim();
}

// The tests of a file, by their names, where this network is their own: the file
// is run again there.
export function between(url, tests) {
  const skip = impossible() || false, file = fileURLToPath(url);
  if (process.env.NEVOD_OWN_NETWORK) return Object.entries(tests).forEach(([name, f]) => test(name, f));
  return test('machines in network namespaces', { skip }, () => {
    const env = { ...process.env, NEVOD_OWN_NETWORK: '1' };
    delete env.NODE_TEST_CONTEXT;
    execFileSync('unshare', ['-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh',
      process.execPath, '--test', '--test-reporter=spec', file], { env, stdio: 'inherit' });
  });
}

// A machine: what is started `through` it sees no network but its wires.
async function machine(t) {
  const child = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up && echo there && exec sleep 100000'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(t, () => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { pid: child.pid, through: ['nsenter', '-t', `${child.pid}`, '-n'] };
}

// A wire from here to a machine, by the addresses of its ends.
async function wire(t, { pid }, here, there, seed = 1) {
  const child = spawn('python3', [WIRE, `${process.pid}`, here, `${pid}`, there, `${seed}`],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  atEnd(t, () => child.stdin.end());
  await once(createInterface(child.stdout), 'line');
  return (what) => child.stdin.write(`${what}\n`);
}

// A broker and a genome service here, for machines that come.
export async function broker(t) {
  const [port, genome, nobody] = [await freePort(), await freePort(), await freePort()], dataDir = tempDir(t);
  start(t, ['genome', '--port', `${genome}`]);
  const proc = start(t, ['broker', '--data-dir', dataDir, '--port', `${port}`, '--bind', '0.0.0.0', '--no-token',
    '--genome', `http://127.0.0.1:${genome}`, '--evolutioner', `http://127.0.0.1:${nobody}`]);
  const url = `http://127.0.0.1:${port}`;
  await until('the broker to be there', () => answers(`${url}/healthz`));
  await until('the genome service to be there', () => answers(`http://127.0.0.1:${genome}/healthz`));
  return { broker: url, port, proc, dataDir };
}

// Machine number n, and the wire to it.
async function connected(t, n) {
  const [here, address] = [`10.77.${n}.1`, `10.77.${n}.2`], m = await machine(t);
  return { ...m, here, address, say: await wire(t, m, here, address, n) };
}

// Likewise; it reaches other machines through here.
export async function routed(t, n) {
  const m = await connected(t, n), [file, ...through] = m.through;
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  execFileSync(file, [...through, 'ip', 'route', 'add', 'default', 'via', m.here]);
  return m;
}

// Machine number n with an evolutioner, and the wire to it.
export async function far(t, services, n, { pulls = false, extra = [] } = {}) {
  const { through, here, address, say } = await connected(t, n), dataDir = tempDir(t);
  const proc = start(t, ['evolutioner', '--broker', `http://${here}:${services.port}`, '--slots', '1', '--data-dir', dataDir,
    ...(pulls ? ['--pull'] : ['--bind', '0.0.0.0', '--no-token']), ...extra], { through });
  return { proc, say, dataDir, address };
}

export const workers = async (services) => (await call(`${services.broker}/v1/workers`)).json.items;
export const worker = async (services, { address }) => (await workers(services)).find(({ url }) => url.includes(address));
export const inState = (services, one, state, seconds) => until(`the worker to be ${state}`, async () =>
  (await worker(services, one))?.state === state, seconds);

export async function digestOfOneMachine(t, settings) {
  const services = await up(t);
  const { digest } = await finishedRun(services, await createRun(services, settings));
  services.proc.child.kill('SIGTERM');
  await services.proc.ended;
  return digest;
}
