// bounds.test.mjs -- what one client can make a service hold: bytes, connections,
// requests.  The others are served meanwhile.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { join } from 'node:path';
import { answers, atEnd, call, freePort, run, sleep, start, tempDir, until } from './harness.mjs';

const MB = 1 << 20;
const CLIENT_MB = 64; // the default of --client-mb

async function serve(t, words, options = {}) {
  const port = await freePort(), url = `http://127.0.0.1:${port}`;
  const proc = start(t, [...words, '--port', String(port)], options);
  await until('the service', () => {
    if (proc.code !== null) throw new Error(proc.err);
    return answers(`${url}/healthz`);
  });
  return { port, url, proc, pid: proc.child.pid };
}

const memory = ({ pid }, what) =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) << 10;

// By how much the service has grown at most since `before` was its size.
const grown = (service, before) => memory(service, 'VmHWM') - before;

const metric = async (url, line) =>
  Number((await (await fetch(`${url}/metrics`)).text()).split('\n').find((l) => l.startsWith(`${line} `))?.slice(line.length + 1));

function tokens(t, text) {
  const file = join(tempDir(t), 'tokens');
  writeFileSync(file, text, { mode: 0o600 });
  return ['--token-file', file];
}

// -- bytes --

test('bodies of very many values cost one client what the limit says', async (t) => {
  const service = await serve(t, ['genome']);
  const numbers = (n) => `{"x":[${'1,'.repeat(n / 2)}1]}`;
  await call(`${service.url}/v1/mutate`, numbers(1000));
  const before = memory(service, 'VmRSS'), each = 900000, n = 20;
  const all = await Promise.all(Array.from({ length: n }, () => call(`${service.url}/v1/mutate`, numbers(each))));
  for (const { status, text } of all) {
    assert.ok([400, 503].includes(status), text);
    if (status === 503) assert.match(text, /this client's requests under way take .* the limits are/);
  }
  const beyond = grown(service, before) - n * each;
  t.diagnostic(`${n} bodies of ${each} bytes: ${beyond / MB} MB beyond them`);
  assert.ok(beyond <= CLIENT_MB * MB, `${beyond / MB} MB`);
  await until('all of it to be given back', async () => await metric(service.url, 'nevod_http_bytes_in_flight') < MB);
});

// The beginning of a question for a generation, up to its last one's members.
const FRAME = JSON.stringify({
  algorithm: 'truncation', seed: 1, generation: 1, size: 4, next_id: 4, batch_size: 16, num_channels: 1, px_h: 12, px_w: 12, num_classes: 4,
}).slice(0, -1);

test('8 MB of empty objects, and 200 MB of them, cost their own bytes and no more than the limit', async (t) => {
  const service = await serve(t, ['genome']);
  for (const megabytes of [8, 200]) {
    const objects = '{},'.repeat(megabytes * MB / 3);
    for (const [start, end] of [['{"x":[', '{}]}'], [`${FRAME},"population":[`, '{}]}'], [`${FRAME},"population":[{"genome":[`, '{}]}]}']]) {
      const before = memory(service, 'VmRSS'), body = `${start}${objects}${end}`;
      const { status, json } = await call(`${service.url}/v1/next_generation`, body);
      assert.ok([400, 413, 422].includes(status), json?.error);
      const beyond = grown(service, before) - body.length;
      t.diagnostic(`${megabytes} MB in ${start.slice(-22)}: ${status}, ${beyond / MB} MB beyond them`);
      assert.ok(beyond <= CLIENT_MB * MB, `${beyond / MB} MB`);
    }
  }
});

// A connection that has asked and reads nothing.
function ask(port, path, host = '127.0.0.1') {
  return new Promise((done, failed) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: host }, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      socket.pause();
      done(socket);
    });
    socket.on('error', failed);
  });
}

test('600 slow readers of a page cost what the limit says', async (t) => {
  const service = await serve(t, ['genome']);
  const before = memory(service, 'VmRSS');
  const slow = await Promise.all(Array.from({ length: 600 }, () => ask(service.port, '/docs/swagger-ui-bundle.js')));
  assert.equal((await call(`${service.url}/healthz`)).status, 200);
  t.diagnostic(`600 slow readers: ${grown(service, before) / MB} MB`);
  assert.ok(grown(service, before) <= CLIENT_MB * MB, `${grown(service, before) / MB} MB`);
  for (const socket of slow) socket.destroy();
});

test('where the machine has no memory for a body it is a 503, and the service lives', async (t) => {
  const service = await serve(t, ['genome'], { through: ['prlimit', `--data=${100 * MB}`] });
  const { status, json, headers } = await call(`${service.url}/v1/next_generation`, `{"x":"${'y'.repeat(200 * MB)}"}`);
  assert.equal(status, 503, json?.error);
  assert.match(json.error, /no memory for \d+ bytes/);
  assert.ok(headers.get('retry-after'));
  assert.equal((await call(`${service.url}/v1/mutate`, {})).status, 400);
  assert.equal(service.proc.code, null);
});

// -- connections --

// Connections of one address that send a byte of a request now and then, and
// come again when they are cut off.
class Trickle {
  constructor(port, n) {
    Object.assign(this, { port, n, open: 0, cut: 0, over: false });
    this.all = Array.from({ length: n }, () => this.live());
  }

  async live() {
    while (!this.over) {
      await this.once().catch(() => {});
      if (!this.over) await sleep(1000);
    }
  }

  once() {
    return new Promise((done, failed) => {
      const socket = connect(this.port, '127.0.0.1');
      const bytes = 'GET /v1/runs HTTP/1.1\r\nHost: localhost\r\nX-Slow: ';
      let sent = 0;
      const timer = setInterval(() => {
        if (this.over) socket.destroy();
        else socket.write(bytes[sent] ?? 'x');
        sent++;
      }, 1000);
      socket.on('connect', () => { this.open++; });
      socket.on('error', failed);
      socket.on('close', () => { clearInterval(timer); this.cut++; done(); });
    });
  }

  async end() {
    this.over = true;
    await Promise.all(this.all);
  }
}

// The status of one GET on a connection of its own, from that address.
async function status(service, path, from, token) {
  const socket = await new Promise((done, failed) => {
    const s = connect({ port: service.port, host: '127.0.0.1', localAddress: from }, () => done(s));
    s.on('error', failed);
  });
  const text = await new Promise((done) => {
    let all = '';
    socket.on('data', (d) => { all += d; });
    socket.on('error', () => {});
    socket.on('close', () => done(all));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${token ? `Authorization: Bearer ${token}\r\n` : ''}Connection: close\r\n\r\n`);
  });
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

// Where the slow ones come from may be too crowded at one moment.
async function served(service, path, from, token) {
  for (let i = 0; i < 20; i++) {
    const got = await status(service, path, from, token).catch(() => NaN);
    if (!Number.isNaN(got)) return got;
  }
  return NaN;
}

for (const descriptors of [20000, 1024]) {
  test(`2,000 slow connections keep nobody out, with ${descriptors} descriptors`, async (t) => {
    const service = await serve(t, ['broker', '--data-dir', tempDir(t), '--genome', 'http://127.0.0.1:9', '--evolutioner', 'http://127.0.0.1:9',
      ...tokens(t, 'a-token-that-is-known\n')], { through: ['prlimit', `--nofile=${descriptors}`] });
    const slow = new Trickle(service.port, 2000);
    atEnd(t, () => slow.end());
    await until('them to come', () => slow.open >= 2000);
    const begun = Date.now();
    for (let i = 0; i < 20; i++) {
      assert.equal(await served(service, '/v1/runs', '127.0.0.1', 'a-token-that-is-known'), 200);
      assert.equal(await status(service, '/healthz', '127.0.0.2'), 200);
      await sleep(100);
    }
    const seconds = (Date.now() - begun) / 1000;
    t.diagnostic(`40 requests in ${seconds} s, ${slow.open} slow connections so far, ${slow.cut} cut off`);
    assert.ok(seconds < 60, `${seconds} s`);
    await slow.end();
  });
}

// -- requests --

test('a token that asks too often is told when to come, and our own client does as it is told', async (t) => {
  const file = tokens(t, 'admin for-people\nworker for-workers\n');
  const service = await serve(t, ['broker', '--data-dir', tempDir(t), '--genome', 'http://127.0.0.1:9', '--evolutioner', 'http://127.0.0.1:9',
    ...file, '--client-rate', '1', '--client-burst', '2']);
  const ask = (path, token) => call(`${service.url}${path}`, undefined, { headers: { Authorization: `Bearer ${token}` } });
  const all = await Promise.all(Array.from({ length: 30 }, () => ask('/v1/runs', 'for-people')));
  const refused = all.filter(({ status: s }) => s === 429);
  assert.ok(refused.length >= 20, `${refused.length}`);
  for (const { headers, json } of refused) {
    assert.match(headers.get('retry-after'), /^[1-9]\d*$/);
    assert.equal(json.error, 'the limit is 1 requests a second of one client, and 2 at once');
  }
  // Workers may tell of their results as fast as they can.
  const many = await Promise.all(Array.from({ length: 30 }, () => ask(`/v1/blobs/${'0'.repeat(64)}`, 'for-workers')));
  assert.deepEqual([...new Set(many.map(({ status: s }) => s))], [404]);
  for (let i = 0; i < 3; i++) {
    const list = await run(t, ['workers', '--broker', service.url, ...file, '--json']);
    assert.equal(list.code, 0, list.err);
  }
});
