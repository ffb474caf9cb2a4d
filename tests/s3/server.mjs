// server.mjs -- npm's s3rver on a free port, behind the check of signatures that
// it lacks: it takes every one of version 4 unread.
import crypto from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signatureFault } from './signature.mjs';

const KEY = 'S3RVER'; // the one that it knows

// It makes its tokens of pages with DES, which OpenSSL 3 has no more.
for (const name of ['createCipheriv', 'createDecipheriv']) {
  const made = crypto[name];
  crypto[name] = (cipher, key, iv, ...rest) => (cipher === 'des'
    ? made('aes-128-cbc', Buffer.concat([key, key]), Buffer.concat([iv, iv]), ...rest)
    : made(cipher, key, iv, ...rest));
}

// Whether tools/fetch-npm has brought it.
export async function s3Present() {
  return import('s3rver').then(() => true, () => false);
}

// The store, with the environment that leads to it; `close` removes it. `fault`
// may answer a request itself and say so; with `tls`, {cert, key}, it serves https.
export async function s3Store({ secret = 'a secret', bucket = 'blobs', fault = () => false, tls } = {}) {
  const { default: S3rver } = await import('s3rver');
  const directory = mkdtempSync(join(tmpdir(), 'nevod-s3-'));
  const store = new S3rver({ directory, silent: true, vhostBuckets: false,
    configureBuckets: [{ name: bucket, configs: [] }] });
  await store.configureBuckets();
  const answer = store.callback();
  const faults = [];
  // An object is replaced whole, in a store; s3rver writes over its file.
  const busy = new Map();
  const inTurn = (req, res) => {
    const path = req.url.split('?')[0];
    const before = busy.get(path) ?? Promise.resolve();
    busy.set(path, before.then(() => new Promise((done) => {
      res.on('close', done);
      if (res.destroyed) done();
      else answer(req, res);
    })));
  };
  const server = (tls ? createTlsServer : createServer)(tls ?? {}, (req, res) => {
    const why = signatureFault(req, secret);
    const sum = req.headers['x-amz-content-sha256'];
    if (why || (req.method === 'PUT' && !req.url.endsWith(`/${sum}`))) {
      faults.push(why ?? 'the body is not what was signed');
      req.resume();
      res.writeHead(403).end();
    } else if (!fault(req, res)) {
      inTurn(req, res);
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    faults,
    env: { AWS_ENDPOINT_URL: `http${tls ? 's' : ''}://127.0.0.1:${server.address().port}`, AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: '' },
    url: `s3://${bucket}`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
