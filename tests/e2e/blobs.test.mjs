// blobs.test.mjs -- weights that outlive the broker that made them, and its data
// folder: in the store's database, in an S3 store.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { s3Present, s3Store } from '../s3/server.mjs';
import { authority } from './certificates.mjs';
import {
  answers, atEnd, call, createRun, finishedRun, freePort, lookAtRun, run, SMALL_NETWORKS,
  start, tempDir, tinyDataset, until, up,
} from './harness.mjs';
import { postgres } from './postgres_server.mjs';

const SETTINGS = {
  population: 6, generations: 3, epochs: 20, train_limit: 0, final_epochs: 1, seed: 7, inherit: true, kernels: 'simd128-2',
  ...SMALL_NETWORKS,
};

// The services that brokers share, and a way to start one, each with a data
// folder of its own.
async function place(t, { args = [], env = process.env } = {}) {
  const [genome, evolutioner] = [await freePort(), await freePort()];
  start(t, ['genome', '--port', String(genome)]);
  start(t, ['evolutioner', '--port', String(evolutioner), '--data-dir', tempDir(t), '--slots', '2']);
  return async (dataDir = tempDir(t)) => {
    const port = await freePort();
    const process = start(t, ['broker', '--data-dir', dataDir, '--port', String(port), '--genome', `http://127.0.0.1:${genome}`,
      '--evolutioner', `http://127.0.0.1:${evolutioner}`, ...args], { env });
    const one = { broker: `http://127.0.0.1:${port}`, process, dataDir };
    await until('the broker to be there', () => answers(`${one.broker}/healthz`));
    return one;
  };
}

async function kill(one) {
  one.process.child.kill('SIGKILL');
  await one.process.ended;
}

// The champion's weights, whose bytes have the hash that the champion names.
async function weights(one, uuid) {
  const { json } = await call(`${one.broker}/v1/runs/${uuid}/champion`);
  const answer = await fetch(`${one.broker}/v1/runs/${uuid}/champion.safetensors`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.status, 200, bytes.toString().slice(0, 200));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  assert.equal(json.weights.sha256, sha256);
  assert.equal(json.weights.bytes, bytes.length);
  return sha256;
}

async function twin(t, dataset) {
  const services = await up(t);
  const uuid = await createRun(services, { ...SETTINGS, dataset });
  const { digest } = await finishedRun(services, uuid);
  return { digest, sha256: await weights(services, uuid) };
}

const scores = (one, uuid, n) => until(`${n} scores`, async () => (await lookAtRun(one, uuid))?.evaluations >= n, 120);

test('a broker with another data folder has the weights of the one that was killed', async (t) => {
  const store = await postgres(t);
  if (!store) return t.skip('no PostgreSQL here');
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const expected = await twin(t, dataset);
  const begin = await place(t, { args: ['--store', store] });

  // In the middle: members are trained on from the weights of their parents.
  const first = await begin();
  const uuid = await createRun(first, { ...SETTINGS, dataset });
  await scores(first, uuid, 8);
  await kill(first);
  const second = await begin();
  assert.notEqual(second.dataDir, first.dataDir);
  assert.equal((await finishedRun(second, uuid)).digest, expected.digest);
  assert.equal(await weights(second, uuid), expected.sha256);

  // And at the end.
  await kill(second);
  const third = await begin();
  assert.equal(await weights(third, uuid), expected.sha256);
  for (const { dataDir } of [first, second, third]) assert.equal(existsSync(join(dataDir, 'blobs')), false);
});

test('weights in an S3 store are there for a broker that has the rows', async (t) => {
  if (!await s3Present()) return t.skip('no s3rver here');
  const s3 = await s3Store();
  atEnd(t, () => s3.close());
  const dataset = tinyDataset(join(tempDir(t), 'tiny'));
  const expected = await twin(t, dataset);
  const begin = await place(t, { args: ['--blobs', `${s3.url}/runs of mine/a+b/größe`], env: { ...process.env, ...s3.env } });

  const first = await begin();
  const uuid = await createRun(first, { ...SETTINGS, dataset });
  await scores(first, uuid, 8);
  await kill(first);
  const second = await begin(first.dataDir);
  assert.equal((await finishedRun(second, uuid)).digest, expected.digest);
  assert.equal(await weights(second, uuid), expected.sha256);
  assert.equal(existsSync(join(first.dataDir, 'blobs')), false);
  assert.deepEqual(s3.faults, []);
});

test('where weights cannot be kept a broker does not start, and says why', async (t) => {
  const of = (args, env = process.env) => run(t, ['broker', '--data-dir', tempDir(t), '--port', '0', '--blobs', ...args], { env });
  const odd = await of(['ftp://x']);
  assert.equal(odd.code, 2);
  assert.match(odd.err, /--blobs ftp:\/\/x: must be folder, postgres or s3:\/\/BUCKET\/PREFIX/);
  const without = await of(['postgres']);
  assert.equal(without.code, 2);
  assert.match(without.err, /it needs --store postgresql:/);
  const keyless = await of(['s3://bucket/x'], { ...process.env, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
  assert.equal(keyless.code, 1);
  assert.match(keyless.err, /need AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  if (!await s3Present()) return;
  const s3 = await s3Store();
  atEnd(t, () => s3.close());
  const wrong = await of([s3.url], { ...process.env, ...s3.env, AWS_SECRET_ACCESS_KEY: 'a guess' });
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /the S3 store refuses the blobs' keys/);
});

test('an S3 store with an authority of its own is believed by AWS_CA_BUNDLE alone', async (t) => {
  if (!await s3Present()) return t.skip('no s3rver here');
  const [ours, theirs] = ['ours', 'theirs'].map((name) => authority(tempDir(t), name));
  const s3 = await s3Store({ tls: { cert: readFileSync(ours.cert), key: readFileSync(ours.key) } });
  atEnd(t, () => s3.close());
  const env = (bundle) => ({ ...process.env, ...s3.env, AWS_CA_BUNDLE: bundle });
  for (const bundle of ['', theirs.ca]) {
    const doubted = await run(t, ['broker', '--data-dir', tempDir(t), '--port', '0', '--blobs', s3.url, '--ca-file', ours.ca], { env: env(bundle) });
    assert.equal(doubted.code, 1);
    assert.match(doubted.err, /does not answer: SSL/);
  }
  const begin = await place(t, { args: ['--blobs', s3.url], env: env(ours.ca) });
  const one = await begin();
  const uuid = await createRun(one, { ...SETTINGS, generations: 1, dataset: tinyDataset(join(tempDir(t), 'tiny')) });
  await finishedRun(one, uuid);
  await weights(one, uuid);
  assert.deepEqual(s3.faults, []);
});
