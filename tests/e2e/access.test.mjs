// access.test.mjs -- who gets in: TLS between all three services and their
// clients, tokens with roles, and the names that a service goes by.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { test } from 'node:test';
import { join } from 'node:path';
import { authority } from './certificates.mjs';
import { freePort, run, SMALL_NETWORKS_OPTIONS, start, tempDir, tinyDataset, until } from './harness.mjs';

// The status of a GET over TLS; null where there is no such conversation.
function status(url, { ca, cert, key, token } = {}) {
  const read = (file) => file && readFileSync(file);
  return new Promise((done) => {
    const q = request(url, {
      ca: read(ca), cert: read(cert), key: read(key), agent: false,
      headers: token ? { Authorization: `Bearer ${token}` } : {},
    }, (r) => { r.resume(); done(r.statusCode); });
    q.on('error', () => done(null));
    q.end();
  });
}

const TOKENS = 'admin a-token-for-admins\nworker a-token-for-workers\nread a-token-for-readers\n';

test('a run across three services over TLS, with tokens of each role', async (t) => {
  const dir = tempDir(t), ours = authority(dir, 'ours'), theirs = authority(dir, 'theirs');
  const write = (name, text) => { writeFileSync(join(dir, name), text, { mode: 0o600 }); return join(dir, name); };
  const tokens = write('tokens', TOKENS);
  const [g, b, w] = [await freePort(), await freePort(), await freePort()];
  const tls = ['--tls-cert', ours.cert, '--tls-key', ours.key, '--ca-file', ours.ca];
  const urls = { genome: `https://127.0.0.1:${g}`, broker: `https://127.0.0.1:${b}`, worker: `https://127.0.0.1:${w}` };
  start(t, ['genome', '--port', String(g), '--token-file', tokens, ...tls]);
  const broker = start(t, ['broker', '--port', String(b), '--token-file', tokens, ...tls, '--data-dir', join(dir, 'b'),
    '--genome', urls.genome, '--evolutioner', urls.worker]);
  // It has nothing but a worker's token, and certificates are asked of its clients.
  start(t, ['evolutioner', '--port', String(w), '--token-file', write('worker', 'worker a-token-for-workers\n'), ...tls,
    '--tls-client-ca', ours.ca, '--data-dir', join(dir, 'w'), '--slots', '2', '--broker', urls.broker]);
  for (const url of [urls.genome, urls.broker]) {
    await until(url, async () => await status(`${url}/readyz`, ours) === 200);
  }

  const client = ['--broker', urls.broker, '--ca-file', ours.ca, '--token-file', write('admin', 'a-token-for-admins\n')];
  const evolve = await run(t, ['evolve', '--dataset', tinyDataset(join(dir, 'tiny')), ...client, '--population', '4',
    '--generations', '2', '--final-epochs', '1', '--train-limit', '0', '--seed', '1', ...SMALL_NETWORKS_OPTIONS]);
  assert.equal(evolve.code, 0, evolve.err);

  // What the services keep is their user's.
  assert.equal(execFileSync('find', [join(dir, 'b'), join(dir, 'w'), '-perm', '/077', '-not', '-type', 'l']).toString(), '');

  // Each role does what is its own, and nothing else.
  const ask = (path, token) => status(`${urls.broker}${path}`, { ca: ours.ca, token });
  assert.equal(await ask('/v1/runs', 'a-token-for-readers'), 200);
  assert.equal(await ask('/v1/runs', 'a-token-for-workers'), 403);
  assert.equal(await ask('/v1/runs', 'a-token-for-anybody'), 401);
  assert.equal(await ask('/v1/runs'), 401);
  const reads = await run(t, ['cancel', ...client.slice(0, 4), '--token-file', write('reader', 'read a-token-for-readers\n'),
    '00000000-0000-0000-0000-000000000000']);
  assert.notEqual(reads.code, 0);
  assert.match(reads.err, /the token's role is read; this needs admin/);

  // Plain HTTP, another authority, no certificate where one is asked for.
  await assert.rejects(fetch(`http://127.0.0.1:${b}/healthz`));
  assert.equal(await status(`${urls.broker}/healthz`, { ca: theirs.ca }), null);
  const foreign = await run(t, ['status', '--broker', urls.broker, '--ca-file', theirs.ca, '--token-file', tokens]);
  assert.equal(foreign.code, 3);
  assert.match(foreign.err, /certificate/);
  assert.equal(await status(`${urls.worker}/healthz`, { ca: ours.ca }), 403);
  assert.equal(await status(`${urls.worker}/healthz`, { ...theirs, ca: ours.ca }), 403);
  assert.equal(await status(`${urls.worker}/healthz`, ours), 200);

  // Other tokens, without a stop.
  writeFileSync(tokens, TOKENS.replace('readers', 'others'), { mode: 0o600 });
  broker.child.kill('SIGHUP');
  await until('the new tokens', async () => await ask('/v1/runs', 'a-token-for-others') === 200);
  assert.equal(await ask('/v1/runs', 'a-token-for-readers'), 401);
});

test('up serves https with all three, and its clients reach it by that', async (t) => {
  const dir = tempDir(t), ours = authority(dir, 'ours'), theirs = authority(dir, 'theirs');
  const ports = { genome: await freePort(), evolutioner: await freePort(), broker: await freePort() };
  const url = (service) => `https://127.0.0.1:${ports[service]}`;
  const up = start(t, ['up', '--json', '--data-dir', join(dir, 'data'), '--slots', '2', '--tls-cert', ours.cert, '--tls-key', ours.key,
    '--ca-file', ours.ca, ...Object.entries(ports).flatMap(([service, port]) => [`--${service}-port`, String(port)])]);
  const told = await until('the services', () => up.out && JSON.parse(up.out));
  for (const service of Object.keys(ports)) {
    assert.equal(told[service], url(service));
    assert.equal(await status(`${url(service)}/readyz`, ours), 200);
    assert.equal(await status(`${url(service)}/readyz`, theirs), null);
    await assert.rejects(fetch(`http://127.0.0.1:${ports[service]}/readyz`));
  }

  const client = ['--broker', url('broker'), '--ca-file', ours.ca];
  const evolve = await run(t, ['evolve', '--json', '--dataset', tinyDataset(join(dir, 'tiny')), ...client, '--population', '4',
    '--generations', '2', '--final-epochs', '1', '--train-limit', '0', '--seed', '1', ...SMALL_NETWORKS_OPTIONS]);
  assert.equal(evolve.code, 0, evolve.err);
  const { uuid } = JSON.parse(evolve.out);
  const list = await run(t, ['status', ...client]);
  assert.equal(list.code, 0, list.err);
  assert.match(list.out, new RegExp(`${uuid.slice(0, 8)}.*finished`));
  const watch = await run(t, ['watch', uuid, ...client]);
  assert.equal(watch.code, 0, watch.err);
  const plain = await run(t, ['status', '--broker', url('broker')]);
  assert.equal(plain.code, 3, plain.out);
});

test('services of up that ask for certificates show theirs to each other', async (t) => {
  const dir = tempDir(t), ours = authority(dir, 'ours'), broker = await freePort();
  const up = start(t, ['up', '--json', '--data-dir', join(dir, 'data'), '--broker-port', String(broker), '--genome-port', '0',
    '--evolutioner-port', '0', '--tls-cert', ours.cert, '--tls-key', ours.key, '--ca-file', ours.ca, '--tls-client-ca', ours.ca]);
  await until('the services', () => up.out);
  const client = ['status', '--broker', `https://127.0.0.1:${broker}`, '--ca-file', ours.ca];
  const shown = await run(t, [...client, '--tls-cert', ours.cert, '--tls-key', ours.key]);
  assert.equal(shown.code, 0, shown.err);
  assert.notEqual((await run(t, client)).code, 0);
});

test('up says before it starts that its services would not trust each other', async (t) => {
  const dir = tempDir(t), ours = authority(dir, 'ours'), theirs = authority(dir, 'theirs');
  const says = async (args, words) => {
    const p = await run(t, ['up', '--data-dir', join(dir, 'data'), '--broker-port', '0', '--genome-port', '0',
      '--evolutioner-port', '0', '--tls-cert', ours.cert, '--tls-key', ours.key, ...args]);
    assert.equal(p.code, 2, p.err);
    assert.match(p.err, words);
  };
  const tokens = join(dir, 'tokens');
  writeFileSync(tokens, TOKENS, { mode: 0o600 });
  await says([], /who trusts the system's authorities would not trust --tls-cert at 127\.0\.0\.1/);
  await says(['--ca-file', theirs.ca], /who trusts --ca-file would not trust --tls-cert at 127\.0\.0\.1/);
  await says(['--ca-file', ours.ca, '--broker-bind', '127.0.0.9'], /at 127\.0\.0\.9: IP address mismatch/);
});

test('what the environment says of certificates is not for the services of evolve', async (t) => {
  const dir = tempDir(t), ours = authority(dir, 'ours');
  const p = await run(t, ['evolve', '--dataset', tinyDataset(join(dir, 'tiny')), '--data-dir', join(dir, 'data'),
    '--broker-port', '0', '--genome-port', '0', '--evolutioner-port', '0', '--population', '4', '--generations', '1',
    '--final-epochs', '1', '--train-limit', '0', '--seed', '1', ...SMALL_NETWORKS_OPTIONS],
  { env: { ...process.env, NEVOD_TLS_CERT: ours.cert, NEVOD_TLS_KEY: ours.key } });
  assert.equal(p.code, 0, p.err);
});

test('certificates and keys that do not do are told before anything starts', async (t) => {
  const dir = tempDir(t), ours = authority(dir, 'ours'), theirs = authority(dir, 'theirs');
  const says = async (args, words) => {
    const p = await run(t, ['genome', '--port', '0', ...args]);
    assert.equal(p.code, 2, p.err);
    assert.match(p.err, words);
  };
  await says(['--tls-cert', ours.cert], /--tls-cert and --tls-key need each other/);
  await says(['--tls-cert', ours.cert, '--tls-key', theirs.key], /does not belong to/);
  await says(['--tls-cert', ours.key, '--tls-key', ours.key], /holds no PEM certificate/);
  await says(['--tls-cert', ours.cert, '--tls-key', join(dir, 'none')], /cannot be read/);
  await says(['--ca-file', dir], /no regular file/);
  execFileSync('chmod', ['644', ours.key]);
  await says(['--tls-cert', ours.cert, '--tls-key', ours.key], /open to every user/);
});

test('a name of this machine that was not told is refused without a token', async (t) => {
  const port = await freePort();
  const p = start(t, ['genome', '--bind', '127.0.0.2', '--port', String(port), '--server-name', 'gpu7.example']);
  await until('the service', () => /listening/.test(p.err));
  const ask = (host) => execFileSync('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Host: ${host}`,
    `http://127.0.0.2:${port}/healthz`]).toString();
  assert.equal(ask(`127.0.0.2:${port}`), '200');
  assert.equal(ask('gpu7.example'), '200');
  assert.equal(ask('evil.example'), '403');
});
