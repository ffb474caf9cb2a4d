// hostile.test.mjs -- bad input gets a clear 4xx; nothing is written, nothing
// dies.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, truncateSync, writeFileSync, existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { call, descendants, run, tempDir, tinyDataset, tinyGenome, up, freePort } from './harness.mjs';

let services, dataset, pids;
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };
const family = () => ['broker', 'genome', 'evolutioner']
  .map((word) => descendants(services.proc.child.pid, word)[0]);
const rows = async () => (await call(`${services.broker}/v1/runs?limit=200`)).json.items.length;

before(async () => {
  dataset = tinyDataset(join(tempDir(context), 'tiny'));
  services = await up(context);
  pids = family();
});
after(async () => {
  assert.deepEqual(family(), pids, 'a service died and was restarted');
  assert.equal(await rows(), 0, 'something was written');
  for (const f of cleanup.reverse()) await f();
});

const POPULATION = { num_channels: 1, px_h: 12, px_w: 12, num_classes: 4, batch_size: 32, num_poblation: 3 };
const targets = () => [
  [`${services.genome}/create_initial_poblation`, POPULATION],
  [`${services.genome}/create_child`, { 1: tinyGenome(), 2: tinyGenome() }],
  [`${services.genome}/v1/next_generation`, { algorithm: 'truncation' }],
  [`${services.evolutioner}/create_cnn_model`, tinyGenome()],
  [`${services.evolutioner}/v1/jobs`, { version: 1 }],
  [`${services.broker}/create_initial_poblation`, POPULATION],
  [`${services.broker}/create_cnn_model`, { uuid: 'x' }],
  [`${services.broker}/create_child`, { uuid: 'x' }],
  [`${services.broker}/v1/runs`, {}],
];

const refused = (answer, what) => {
  assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
  assert.ok(answer.json?.error?.length > 10, `${what}: no sentence in ${answer.text}`);
  assert.doesNotMatch(answer.text, /\/work|\/usr|SELECT|sqlite|\.c:\d/i);
};

test('bodies that are no JSON object are refused everywhere', async () => {
  const deep = '['.repeat(100000);
  for (const [url, good] of targets()) {
    const text = JSON.stringify(good);
    for (const body of [text.slice(0, -1), text.slice(0, 1), '{]', '[]', '7', '"x"', 'null', 'NaN', '{"a":NaN}',
      '{"a":1e999}', '{"a":Infinity}', deep, `{"a":${deep}`, '{"a":1,"a":2}', '{"a":"\\ud800"}', '\u0000', '{"a":99999999999999999999}']) {
      refused(await call(url, body), `${url} ${body.slice(0, 30)}`);
    }
  }
});

test('unknown keys are refused by name', async () => {
  for (const [url, good] of targets()) {
    const answer = await call(url, { ...good, surprise: 1 });
    refused(answer, url);
    assert.match(answer.json.error, /surprise/, url);
  }
});

test('every field of a genome is typed and bounded', async () => {
  const url = `${services.evolutioner}/create_cnn_model`;
  for (const [key, values] of Object.entries({
    'Number of Convolutional Layers': [0, -1, 17, 1e9, 1.5, '1', null, [], {}, true],
    'Number of Fully Connected Layers': [0, 17, 1e9, '1'],
    'Number of Nodes in Each Layer': [[], 16, [0], [4097], ['16'], [null], { 0: 16 }, [1e9], [[16]]],
    'Activation Functions': [[], 'relu', ['relux'], [1], [null], ['']],
    'Dropout Rate': [-0.1, 0.91, 'x', null],
    'Learning Rate': [-1, 1.1, '0.1', []],
    'Batch Size': [0, 4097, 1e9, '16'],
    Optimizer: ['', 'adamax', 1, null, ['adam']],
    filters: [[], 8, [0], [513], ['8'], [-1], [1e18]],
    kernel_sizes: [[], 3, [0], [12], ['3']],
    num_channels: [0, -1, 1e9, '1'],
    px_h: [0, 1e9, 'x'], px_w: [0, 1e9], num_classes: [0, 1, 1e9, null],
  })) {
    for (const value of values) refused(await call(url, { ...tinyGenome({ [key]: value }), dataset }), `${key} ${JSON.stringify(value)}`);
    const lacking = { ...tinyGenome(), dataset };
    delete lacking[key];
    refused(await call(url, lacking), `no ${key}`);
  }
});

test('a job over its memory, or for an unknown data set, is refused with the reason', async () => {
  const url = `${services.evolutioner}/create_cnn_model`;
  const big = tinyGenome({
    'Number of Convolutional Layers': 16, 'Number of Fully Connected Layers': 16,
    filters: [512], kernel_sizes: [11], 'Number of Nodes in Each Layer': [4096], 'Batch Size': 4096,
  });
  const memory = await call(url, { ...big, dataset });
  refused(memory, 'memory');
  assert.match(memory.json.error, /memory|MiB|MB|bytes/i);
  for (const name of ['nope', '../tiny', '/no/such/folder', '', 'fashion-mnist/../x', 'x'.repeat(2000)]) {
    refused(await call(url, { ...tinyGenome(), dataset: name }), `dataset ${name.slice(0, 20)}`);
  }
});

test('damaged data set files are refused with the file and the reason', async (t) => {
  const damage = {
    'cut short': (dir) => truncateSync(join(dir, 'train-images-idx3-ubyte'), 1000),
    'cut in the header': (dir) => truncateSync(join(dir, 'train-labels-idx1-ubyte'), 5),
    'wrong magic': (dir) => { const f = join(dir, 't10k-images-idx3-ubyte'); const b = readFileSync(f); b[2] = 0x0d; writeFileSync(f, b); },
    'labels for others': (dir) => { const f = join(dir, 'train-labels-idx1-ubyte'); const b = readFileSync(f); b.writeUInt32BE(7, 4); writeFileSync(f, b); },
    'giant sizes': (dir) => { const f = join(dir, 'train-images-idx3-ubyte'); const b = readFileSync(f); b.writeUInt32BE(0xffffffff, 4); writeFileSync(f, b); },
    'cut gzip': (dir) => { const f = join(dir, 'train-images-idx3-ubyte'); const b = gzipSync(readFileSync(f)); execFileSync('rm', [f]); writeFileSync(`${f}.gz`, b.subarray(0, b.length - 9)); },
  };
  for (const [what, spoil] of Object.entries(damage)) {
    const dir = join(tempDir(t), 'spoilt');
    cpSync(dataset, dir, { recursive: true });
    spoil(dir);
    for (const [url, body] of [[`${services.evolutioner}/create_cnn_model`, { ...tinyGenome(), dataset: dir }],
      [`${services.broker}/v1/runs`, { dataset: dir }]]) {
      const answer = await call(url, body);
      refused(answer, what);
      assert.match(answer.json.error, /ubyte/, `${what}: ${answer.text}`);
    }
  }
});

test('evolve says what is wrong with a data set and exits', async (t) => {
  const p = await run(t, ['evolve', '--broker', services.broker, '--dataset', 'fashion-minst', '--json']);
  assert.notEqual(p.code, 0);
  assert.equal(p.out, '');
  assert.match(p.err, /fashion-minst/);
});

test('20 MB bodies are refused', async () => {
  const big = JSON.stringify({ a: 'x'.repeat(20 << 20) });
  for (const [url] of targets().filter(([u]) => !u.endsWith('next_generation'))) {
    try {
      const answer = await call(url, big);
      assert.equal(answer.status, 413, url);
    } catch (e) { // the connection may be closed before all of it is sent
      assert.match(String(e.cause?.code), /EPIPE|ECONNRESET|UND_ERR_SOCKET/, url);
    }
  }
});

test('paths that climb touch nothing', async () => {
  for (const path of ['/v1/runs/..%2f..%2fetc%2fpasswd', '/v1/runs/../../etc/passwd', '/docs/..%2f..%2fetc%2fpasswd',
    '/v1/runs/%00', '/v1/runs/x', '/v1/runs/00000000-0000-4000-8000-000000000000%00', '/models/x.json']) {
    const raw = await new Promise((resolve, reject) => {
      const socket = connect(services.ports.broker, '127.0.0.1');
      let text = '';
      socket.on('data', (d) => { text += d; });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    });
    assert.match(raw, /^HTTP\/1\.1 4\d\d /, path);
    assert.doesNotMatch(raw, /root:/);
  }
});

test('wrong methods, types and hosts are refused', async () => {
  const url = `${services.broker}/v1/runs`;
  assert.equal((await call(url, {}, { method: 'PUT' })).status, 405);
  assert.equal((await call(`${services.broker}/nowhere`)).status, 404);
  assert.equal((await call(url, '{}', { headers: { 'Content-Type': 'text/plain' } })).status, 415);
  assert.equal((await call(url, {}, { headers: { Origin: 'http://evil.example' } })).status, 403);
});

test('command lines with mistakes say what was meant', async (t) => {
  for (const [args, pattern] of [
    [['evolve', '--populaton', '8'], /--population/],
    [['evolv'], /evolve/],
    [['evolve', '--population', '1'], /--population/],
    [['evolve', '--population', 'many'], /--population/],
    [['evolve', '--broker', services.broker, '--slots', '2'], /--slots/],
    [['broker', '--bind', '0.0.0.0', '--data-dir', tempDir(t)], /--token-file|--no-token/],
  ]) {
    const p = await run(t, args);
    assert.equal(p.code, 2, `${args.join(' ')}: ${p.code} ${p.err}`);
    assert.match(p.err, pattern);
    assert.equal(p.out, '');
  }
});

test('a taken port is named, with what to do', async (t) => {
  const p = await run(t, ['up', '--data-dir', tempDir(t), '--broker-port', String(services.ports.broker),
    '--genome-port', String(await freePort()), '--evolutioner-port', String(await freePort())]);
  assert.equal(p.code, 1);
  assert.match(p.err, new RegExp(`${services.ports.broker}`));
  assert.match(p.err, /--broker-port/);
});

test('no file of the data directory has appeared for what was refused', async () => {
  assert.equal(existsSync(join(services.dataDir, 'models', 'x.json')), false);
});
