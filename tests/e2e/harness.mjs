// harness.mjs -- starts the real executable on free ports in a temporary
// folder, and leaves nothing behind.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const NEVOD = process.env.NEVOD_EXE;
if (!NEVOD) throw new Error('NEVOD_EXE must name the executable');
// What a made-up worker must be to be welcome.
export const VERSION = execFileSync(NEVOD, ['--version']).toString().trim().split(' ')[1];

// Tests do not depend on how the machine is set up.
process.env.NEVOD_CONFIG ??= '/dev/null';

export const patience = Number(process.env.NEVOD_TEST_PATIENCE ?? 1);

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Undoes it when the test has ended: the newest first, so that a folder goes after
// the process that writes in it, and all of them, whichever fails.
const undone = new WeakMap();
export function atEnd(t, undo) {
  if (!undone.has(t)) {
    const all = [];
    undone.set(t, all);
    t.after(async () => {
      const failures = [];
      while (all.length) {
        try {
          await all.pop()();
        } catch (e) {
          failures.push(e);
        }
      }
      if (failures.length) throw failures[0];
    });
  }
  undone.get(t).push(undo);
}

export function tempDir(t) {
  const dir = mkdtempSync(join(tmpdir(), 'nevod-test-'));
  atEnd(t, () => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return dir;
}

// A port that nobody listens at and that no earlier call gave: the system may
// offer one again as soon as it is closed.
const given = new Set();
export async function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      const again = given.has(port);
      given.add(port);
      server.close(() => resolve(again ? freePort() : port));
    });
  });
}

export const listens = (port) => new Promise((done) => {
  const socket = connect(port, '127.0.0.1', () => socket.end(() => done(true)));
  socket.on('error', () => done(false));
});

// Waits until probe() gives something true; fails with `what` after a while.
export async function until(what, probe, seconds = 60) {
  const end = Date.now() + seconds * 1000 * patience;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what}`);
    await sleep(50);
  }
}

// What a sanitizer writes when it finds something, or ''.
export const sanitizerReport = (text) =>
  text.split('\n').filter((l) => /(Address|Leak|Thread)Sanitizer|runtime error:/.test(l)).join('\n');

// A process of ours, or of another build of it; its output is kept for the message
// of a failure.  `through` is a command line that becomes it.
export function start(t, args, { through = [], exe = NEVOD, ...options } = {}) {
  const [file, ...words] = [...through, exe, ...args];
  const child = spawn(file, words, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  const run = { child, out: '', err: '', code: null, signal: null };
  child.stdout.on('data', (d) => { run.out += d; });
  child.stderr.on('data', (d) => { run.err += d; });
  run.ended = new Promise((done) => child.once('exit', (code, signal) => {
    run.code = code;
    run.signal = signal;
    done(run);
  }));
  atEnd(t, async () => {
    if (run.code === null && run.signal === null) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 15000 * patience);
      await run.ended;
      clearTimeout(late);
    }
    assert.equal(sanitizerReport(run.err), '');
  });
  return run;
}

export async function run(t, args, { input, ...options } = {}) {
  const p = start(t, args, options);
  p.child.stdin.end(input);
  await p.ended;
  return p;
}

// `nevod up` on free ports; gives its URLs once all three are ready.
export async function up(t, { dataDir = tempDir(t), slots = 2, extra = [] } = {}) {
  const [broker, genome, evolutioner] = [await freePort(), await freePort(), await freePort()];
  const args = ['up', '--data-dir', dataDir, '--slots', String(slots),
    '--broker-port', String(broker), '--genome-port', String(genome),
    '--evolutioner-port', String(evolutioner), ...extra];
  const proc = start(t, args);
  const services = {
    proc, dataDir, args,
    ports: { broker, genome, evolutioner },
    broker: `http://127.0.0.1:${broker}`,
    genome: `http://127.0.0.1:${genome}`,
    evolutioner: `http://127.0.0.1:${evolutioner}`,
  };
  await until('the services to be ready', async () => {
    if (proc.code !== null) throw new Error(`up ended with ${proc.code}: ${proc.err}`);
    for (const url of [services.broker, services.genome, services.evolutioner]) {
      if (!(await answers(`${url}/readyz`))) return false;
    }
    return true;
  });
  return services;
}

export async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

export async function call(url, body, { method, headers = {} } = {}) {
  const init = { method: method ?? (body === undefined ? 'GET' : 'POST'), headers };
  if (body !== undefined) {
    init.body = typeof body === 'string' ? body : JSON.stringify(body);
    init.headers = { 'Content-Type': 'application/json', ...headers };
  }
  const answer = await fetch(url, init);
  const text = await answer.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch { /* not JSON: the caller looks at text */ }
  return { status: answer.status, json, text, headers: answer.headers };
}

// Process ids below `root` whose command line has the word, from /proc.
export function descendants(root, word) {
  const parent = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parent.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch { /* it has just ended */ }
  }
  const below = (pid) => {
    for (let p = pid; p > 1; p = parent.get(p) ?? 0) if (p === root) return true;
    return false;
  };
  return [...parent.keys()].filter((pid) => pid !== root && below(pid) &&
    commandLine(pid).split('\0').includes(word));
}

export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

export function alive(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

// A small data set in IDX files: `classes` patterns with noise, 12 x 12; every so
// many, if `odd` says so, has the label of another.
export function tinyDataset(dir, { train = 240, test = 60, classes = 4, side = 12, odd = 0 } = {}) {
  mkdirSync(dir, { recursive: true });
  let state = 12345;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const part = (n, images, labels) => {
    const px = Buffer.alloc(16 + n * side * side);
    const lb = Buffer.alloc(8 + n);
    [0x803, n, side, side].forEach((v, i) => px.writeUInt32BE(v, 4 * i));
    [0x801, n].forEach((v, i) => lb.writeUInt32BE(v, 4 * i));
    for (let k = 0; k < n; k++) {
      const c = k % classes;
      lb[8 + k] = odd && k % odd === 0 ? (c + 1) % classes : c;
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const lit = c === 0 ? x < side / 2 : c === 1 ? y < side / 2 : c === 2 ? x === y : (x + y) % 2;
          px[16 + k * side * side + y * side + x] =
            Math.min(255, (lit ? 160 : 30) + Math.floor(random() * 90));
        }
      }
    }
    return [[images, px], [labels, lb]];
  };
  for (const [name, bytes] of [
    ...part(train, 'train-images-idx3-ubyte', 'train-labels-idx1-ubyte'),
    ...part(test, 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte')]) {
    writeFileSync(join(dir, name), bytes);
  }
  return dir;
}

export const tinyGenome = (over = {}) => ({
  'Number of Convolutional Layers': 1, 'Number of Fully Connected Layers': 1,
  'Number of Nodes in Each Layer': [16], 'Activation Functions': ['relu'],
  'Dropout Rate': 0.1, 'Learning Rate': 0.003, 'Batch Size': 16, Optimizer: 'adam',
  filters: [8], kernel_sizes: [3],
  num_channels: 1, px_h: 12, px_w: 12, num_classes: 4, ...over,
});

const node = (number, kind, attributes) => ({ number, kind, ...attributes });
const edge = (number, from, to, enabled = true) => ({ number, from, to, enabled });

// An image, a convolution, a dense layer, the classes, and a skip.
export const skipGenome = (over = {}) => ({
  num_channels: 1, px_h: 12, px_w: 12, num_classes: 4,
  nodes: [node(0, 'input'), node(1, 'output', { merge: 'concat' }),
    node(2, 'conv', { merge: 'sum', filters: 8, kernel: 3, stride: 1, normalization: 'batch',
      activation: 'relu', pooling: 'max', dropout: 0 }),
    node(9, 'dense', { merge: 'sum', units: 16, activation: 'tanh', dropout: 0 })],
  edges: [edge(3, 0, 2), edge(4, 2, 9), edge(5, 9, 1), edge(6, 2, 1), edge(7, 0, 1, false)],
  training: { optimizer: 'sgd', learning_rate: 0.01, batch_size: 16, dropout: 0.25 }, ...over,
});

// -- runs of a broker --

// The names of all that are on disk: a folder is called by the first two digits.
export const blobs = ({ dataDir }) => readdirSync(join(dataDir, 'blobs'))
  .flatMap((first) => readdirSync(join(dataDir, 'blobs', first)).map((rest) => first + rest));

// Networks that a sanitizer trains in seconds: what runs drew from before their
// space became tight, and as options.
export const SMALL_NETWORKS = {
  activations: ['relu', 'sigmoid', 'tanh', 'leakyrelu', 'selu'],
  optimizers: ['adam', 'adamw', 'sgd', 'rmsprop'],
  space: { filters: [8, 128], units: [16, 256], kernel: [1, 7], learning_rate: [1e-6, 1], dropout: [0, 0.9] },
};
export const SMALL_NETWORKS_OPTIONS = ['activations', 'optimizers']
  .flatMap((key) => [`--${key}`, SMALL_NETWORKS[key].join(',')])
  .concat('--space', Object.entries(SMALL_NETWORKS.space).map(([key, [lo, hi]]) => `${key}=${lo}..${hi}`).join(','));

// What lets a small run last for some seconds, so that it can be killed; under a
// sanitizer it does so anyway.
export const LONG = { train_limit: 900, epochs: patience > 1 ? 1 : 12 };

// Its document; null while the broker is not there.
export async function lookAtRun(services, uuid) {
  try {
    return (await call(`${services.broker}/v1/runs/${uuid}`)).json;
  } catch {
    return null;
  }
}

export async function createRun(services, settings) {
  const { status, json, text } = await call(`${services.broker}/v1/runs`, settings);
  if (status !== 202) throw new Error(`POST /v1/runs: ${status} ${text}`);
  return json.uuid;
}

// The document of the run when it has finished; a failure is told at once.
export const finishedRun = (services, uuid) => until('the run to finish', async () => {
  const json = await lookAtRun(services, uuid);
  if (json?.state === 'failed') throw new Error(`the run failed: ${json.error}`);
  return json?.state === 'finished' && json;
}, 120);

// kill -9 of `up`; returns when every process of it is gone.
export async function killAll(services) {
  const family = ['broker', 'genome', 'evolutioner', 'train-job']
    .flatMap((word) => descendants(services.proc.child.pid, word));
  services.proc.child.kill('SIGKILL');
  await services.proc.ended;
  await until('every process to be gone', () => !family.some(alive), 20);
}

// kill -9 of `up` in the middle of three generations of the run, which has some
// more: a fast machine may be a generation further when it is looked at. Gives
// the services that are there after the last.
export async function killInGenerations(t, services, uuid, scored) {
  for (const generation of [0, 1, 2]) {
    await until(`generation ${generation}`, async () => {
      const json = await lookAtRun(services, uuid);
      assert.notEqual(json?.state, 'finished', 'the run was over too soon');
      return json && (json.generation > generation ||
        (json.generation === generation && json.progress.scored >= scored));
    });
    await killAll(services);
    services = await up(t, { dataDir: services.dataDir });
  }
  return services;
}
