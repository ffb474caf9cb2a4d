// remote.test.mjs -- data sets named by a URL: fetched from those who may be
// asked, gone on with after a break, read once.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { signatureFault } from '../s3/signature.mjs';
import { readIdx, writeNpz } from './dataset_files.mjs';
import {
  atEnd, call, createRun, finishedRun, run, start, tempDir, tinyDataset, until, up,
} from './harness.mjs';

const SETTINGS = { population: 4, generations: 1, final_epochs: 1, train_limit: 0, seed: 1 };

// Serves files by their paths.  `behave(req, res, file)` may answer instead.
async function serve(t, files, behave = () => false) {
  const asked = [];
  const server = createServer((req, res) => {
    const file = files[decodeURIComponent(req.url.split('?')[0])];
    const { range } = req.headers;
    const m = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
    const from = m ? Number(m[1]) : 0;
    asked.push({ path: req.url, from, probe: m?.[2] === '0', ifRange: req.headers['if-range'] });
    if (behave(req, res, file, from, m?.[2] === '0')) return;
    if (!file) {
      res.writeHead(404).end();
      return;
    }
    const to = m?.[2] ? Number(m[2]) : file.length - 1;
    res.writeHead(m ? 206 : 200, {
      ETag: '"v1"',
      'Content-Length': to + 1 - from,
      ...(m ? { 'Content-Range': `bytes ${from}-${to}/${file.length}` } : {}),
    });
    res.end(file.subarray(from, to + 1));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  atEnd(t, () => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address();
  return { asked, port, url: `http://127.0.0.1:${port}` };
}

function place(t) {
  const dir = tempDir(t);
  const idx = tinyDataset(join(dir, 'idx'));
  const npz = readFileSync(writeNpz(join(dir, 'tiny.npz'), readIdx(idx)));
  const data = join(dir, 'data');
  const nevod = (args, env = {}) => run(t, [...args, '--data-dir', data],
    { env: { ...process.env, ...env } });
  return {
    dir, idx, npz, data, nevod,
    dataset: (...args) => nevod(['dataset', ...args]),
    hash: async (name, env) => {
      const p = await nevod(['dataset', 'info', name, '--json'], env);
      assert.equal(p.code, 0, p.err);
      return JSON.parse(p.out).hash;
    },
    drafts: () => readdirSync(join(data, 'datasets')).filter((f) => f.startsWith('new-')),
  };
}

test('a URL is a data set; what has not changed is not fetched again', async (t) => {
  const p = place(t);
  const server = await serve(t, { '/sets/tiny.npz': p.npz,
    '/sets/tiny.npz.classes.txt': Buffer.from('cat\ndog\nbird\nfish\n') });
  const url = `${server.url}/sets/tiny.npz`;
  const imported = await p.dataset('import', url, 'tiny', '--json');
  assert.equal(imported.code, 0, imported.err);
  const info = JSON.parse(imported.out);
  assert.deepEqual(info.classes.map((c) => c.name), ['cat', 'dog', 'bird', 'fish']);
  assert.equal(info.hash, await p.hash(p.idx));
  assert.deepEqual(p.drafts(), []);
  const fetched = () => server.asked.filter((a) => !a.probe).length;
  const before = fetched();
  assert.equal(await p.hash(url), info.hash);
  assert.equal(fetched(), before);
});

test('braces name several files, as those of MNIST', async (t) => {
  const p = place(t);
  const files = Object.fromEntries(readdirSync(p.idx)
    .map((f) => [`/${f}`, readFileSync(join(p.idx, f))]));
  const server = await serve(t, files);
  const url = `${server.url}/{train,t10k}-{images-idx3,labels-idx1}-ubyte`;
  assert.equal(await p.hash(url), await p.hash(p.idx));
  const odd = await p.dataset('info', `${server.url}/set-{1..2.tar`);
  assert.equal(odd.code, 2);
  assert.match(odd.err, /braces in a URL hold a range/);
});

test('a connection that breaks is gone on with, also after kill -9', async (t) => {
  const p = place(t);
  let cuts = 3;
  let hang = true;
  const server = await serve(t, { '/tiny.npz': p.npz }, (req, res, file, from, probe) => {
    if (!file || probe || (cuts === 0 && !hang)) return false;
    res.writeHead(from ? 206 : 200, { ETag: '"v1"', 'Content-Length': file.length - from,
      ...(from ? { 'Content-Range': `bytes ${from}-${file.length - 1}/${file.length}` } : {}) });
    res.write(file.subarray(from, from + 3000), () => {
      if (cuts > 0) {
        cuts--;
        res.destroy();
      }
    });
    return true;
  });
  const url = `${server.url}/tiny.npz`;
  const first = start(t, ['dataset', 'import', url, 'tiny', '--data-dir', p.data]);
  await until('the transfer to hang', () => server.asked.some((a) => a.from >= 9000));
  await until('some bytes of it', () => readdirSync(join(p.data, 'datasets'))
    .some((f) => f.endsWith('.d') && readFileSync(join(p.data, 'datasets', f, 'tiny.npz')).length >= 12000));
  first.child.kill('SIGKILL');
  await first.ended;
  assert.equal((await p.dataset('info', 'tiny')).code, 4);
  hang = false;
  const second = await p.dataset('import', url, 'tiny');
  assert.equal(second.code, 0, second.err);
  const last = server.asked.filter((a) => a.path === '/tiny.npz' && !a.probe).at(-1);
  assert.ok(last.from >= 12000, `${last.from}`);
  assert.equal(last.ifRange, '"v1"');
  assert.equal(await p.hash('tiny'), await p.hash(p.idx));
  assert.deepEqual(p.drafts(), []);
});

test('a server without ranges or tags will do, and one that is busy for a moment', async (t) => {
  const p = place(t);
  let busy = 2;
  const server = await serve(t, { '/tiny.npz': p.npz }, (req, res, file) => {
    if (file && busy-- > 0) {
      res.writeHead(503).end();
      return true;
    }
    if (file) res.writeHead(200, { 'Content-Length': file.length }).end(file);
    return Boolean(file);
  });
  assert.equal(await p.hash(`${server.url}/tiny.npz`), await p.hash(p.idx));
  const missing = await p.dataset('info', `${server.url}/none.npz`);
  assert.equal(missing.code, 4);
  assert.match(missing.err, /none\.npz: the server has no such file/);
  const secret = await p.dataset('info', 'http://me:word@127.0.0.1/tiny.npz');
  assert.equal(secret.code, 2);
  assert.match(secret.err, /must not hold a user or a password/);
});

test('a redirect is followed where it may lead, and no further', async (t) => {
  const p = place(t);
  const inner = await serve(t, { '/tiny.npz': p.npz });
  const server = await serve(t, { '/real.npz': p.npz }, (req, res) => {
    const to = { '/near.npz': '/real.npz', '/far.npz': `${inner.url}/tiny.npz`,
      '/round.npz': '/round.npz' }[req.url];
    if (to) res.writeHead(302, { Location: to }).end();
    return Boolean(to);
  });
  assert.equal(await p.hash(`${server.url}/near.npz`), await p.hash(p.idx));
  const far = await p.dataset('info', `${server.url}/far.npz`);
  assert.notEqual(far.code, 0);
  assert.match(far.err, /is an address of this machine or of a private net/);
  assert.equal(inner.asked.length, 0);
  const round = await p.dataset('info', `${server.url}/round.npz`);
  assert.match(round.err, /more than 5 redirects/);
});

test('a broker fetches from those it was told of alone', async (t) => {
  const p = place(t);
  const server = await serve(t, { '/tiny.npz': p.npz });
  const url = `${server.url}/tiny.npz`;
  const closed = await up(t);
  const refused = await call(`${closed.broker}/v1/runs`, { ...SETTINGS, dataset: url });
  assert.equal(refused.status, 422, refused.text);
  assert.match(refused.text, /not fetched from 127\.0\.0\.1 here.*--allow-host/);
  assert.equal(server.asked.length, 0);
  const any = await up(t, { extra: ['--allow-host', '*'] });
  const near = await call(`${any.broker}/v1/runs`, { ...SETTINGS, dataset: url });
  assert.equal(near.status, 422, near.text);
  assert.match(near.text, /an address of this machine or of a private net/);
  assert.equal(server.asked.length, 0);
  const open = await up(t, { extra: ['--allow-host', `127.0.0.1:${server.port}`] });
  const a = await finishedRun(open, await createRun(open, { ...SETTINGS, dataset: url }));
  const b = await finishedRun(open, await createRun(open, { ...SETTINGS, dataset: p.idx }));
  assert.equal(a.settings.dataset, url);
  assert.equal(a.digest, b.digest);
});

test('s3:// is read with a signature that is checked, whatever the key holds', async (t) => {
  const p = place(t);
  const key = 'sets of mine/a+b/größe (1)!~.npz';
  const faults = [];
  const store = await serve(t, { [`/sets/${key}`]: p.npz }, (req, res) => {
    const fault = signatureFault(req, 'a secret');
    if (fault) {
      faults.push(fault);
      res.writeHead(403).end();
    }
    return Boolean(fault);
  });
  const env = { AWS_ENDPOINT_URL: store.url, AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'a secret', AWS_SESSION_TOKEN: 'passing' };
  const told = await p.nevod(['dataset', 'info', `s3://sets/${key}`, '--json'], env);
  assert.equal(told.code, 0, `${told.err} ${faults[0]}`);
  assert.equal(JSON.parse(told.out).hash, await p.hash(p.idx));
  rmSync(p.data, { recursive: true });
  const wrong = await p.nevod(['dataset', 'info', `s3://sets/${key}`],
    { ...env, AWS_SECRET_ACCESS_KEY: 'a guess' });
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.err, /the server does not give it to us \(status 403\)/);
  const evolved = await p.nevod(['evolve', '--dataset', `s3://sets/${key}`, '--broker-port', '0',
    '--genome-port', '0', '--evolutioner-port', '0', '--population', '4', '--generations', '1',
    '--final-epochs', '1', '--train-limit', '0', '--seed', '1'], env);
  assert.equal(evolved.code, 0, evolved.err);
});
