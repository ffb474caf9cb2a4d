// load.mjs -- what many people do to a broker at once, a step at a time; what a
// step gets must be what it is meant to get.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { call, createRun, lookAtRun, run, sleep, SMALL_NETWORKS, tinyDataset, until } from '../e2e/harness.mjs';

const RUNS_KEPT = 20, SETS_KEPT = 4, RUN_S = 600;
const SETTINGS = { population: 6, generations: 3, epochs: 1, train_limit: 100, final_epochs: 1, kernels: 'simd128-2', ...SMALL_NETWORKS };
const VARIANTS = [
  {}, { rungs: 2, epochs: 4, train_limit: 0 }, { inherit: true }, { folds: 2 }, { algorithm: 'truncation' }, { algorithm: 'random' },
  { finalists: 2, seed_policy: 'network' }, { verify_share: 1 },
];
const POPULATION = { num_channels: 1, px_h: 12, px_w: 12, num_classes: 4, batch_size: 32, num_poblation: 3 };
const NOBODY = '00000000-0000-4000-8000-000000000000';

// Of a run that has ended, and of the broker; with the status that is due.
const PAGES = [
  '', '/generations', '/points', '/genes', '/pareto', '/species', '/genomes?limit=5', '/genomes?limit=3&after=5', '/genomes/3', '/genomes/3/layers',
  '/genomes/3/job', '/genomes/3.svg', '/lineage/3', '/champion', '/champion.safetensors', '/champion/mistakes.png', '/genomes?limit=0', '/genomes/x',
];
const OTHERS = [
  '/', '/v1/runs', '/v1/runs?limit=3', '/v1/workers', '/v1/datasets', '/metrics', '/readyz', '/openapi.json', '/docs', '/docs/swagger-ui.css',
  `/v1/runs/${NOBODY}`, '/v1/runs/x', '/nothing',
];
// A champion may be right about all it was asked, and a finalist's result is that
// of its last training.
function due(path) {
  if (/\/(mistakes.png|job)$/.test(path)) return [200, 404];
  return [path.includes(NOBODY) || path === '/nothing' ? 404 : path.endsWith('limit=0') ? 422 : path.endsWith('/x') ? 400 : 200];
}

export class Load {
  constructor({ t, broker, dataDir, dir, dataset, random }) {
    Object.assign(this, { t, broker, dataDir, dir, dataset, random, digests: new Map(), ended: [], sets: [], pushed: 0, counts: {} });
  }

  async get(path) {
    const answer = await fetch(this.broker + path);
    const body = Buffer.from(await answer.arrayBuffer());
    assert.ok(due(path).includes(answer.status), `${answer.status} to GET ${path}: ${body.toString('utf8', 0, 300)}`);
    return body;
  }

  async post(path, body, status) {
    const answer = await call(this.broker + path, body);
    assert.equal(answer.status, status, `POST ${path}: ${answer.text.slice(0, 300)}`);
    return answer.json;
  }

  finished(uuid) {
    return until(`run ${uuid} to finish`, async () => {
      const json = await lookAtRun(this, uuid);
      assert.notEqual(json?.state, 'failed', json?.error);
      return json?.state === 'finished' && json;
    }, RUN_S);
  }

  async remove(uuid) {
    const answer = await call(`${this.broker}/v1/runs/${uuid}`, undefined, { method: 'DELETE' });
    assert.equal(answer.status, 204, answer.text);
  }

  // A run of one of a few kinds, whose digest is that of all before of its kind;
  // the oldest goes, unless somebody looks at it.
  async run() {
    const r = this.random, variant = { ...r.one(VARIANTS), seed: r.below(2) }, kind = JSON.stringify({ seed_policy: 'genome', ...variant });
    const uuid = await createRun(this, { ...SETTINGS, ...variant, dataset: this.dataset });
    const { digest } = await this.finished(uuid);
    assert.equal(digest, this.digests.get(kind) ?? digest, `the digest of ${kind}`);
    this.digests.set(kind, digest);
    this.ended.push({ uuid, users: 0 });
    const old = this.ended.length > RUNS_KEPT ? this.ended.findIndex(({ users }) => users === 0) : -1;
    if (old >= 0) await this.remove(this.ended.splice(old, 1)[0].uuid);
  }

  // Calls with a run that has ended, once there is one.
  async withRun(f) {
    const chosen = this.ended.length ? this.random.one(this.ended) : null;
    if (!chosen) return sleep(1000);
    chosen.users += 1;
    try {
      return await f(chosen.uuid);
    } finally {
      chosen.users -= 1;
    }
  }

  async cancel() {
    const r = this.random, uuid = await createRun(this, { ...SETTINGS, generations: 1000, train_limit: 0, dataset: this.dataset });
    await sleep(r.below(4000));
    if (r.chance(0.3)) {
      await this.post(`/v1/runs/${uuid}/pause`, {}, 200);
      await sleep(r.below(1000));
      if (r.chance(0.5)) await this.post(`/v1/runs/${uuid}/resume`, {}, 200);
    }
    await this.post(`/v1/runs/${uuid}/cancel`, {}, 200);
    await this.remove(uuid);
  }

  pages() {
    if (this.random.chance(0.3)) return this.get(this.random.one(OTHERS));
    return this.withRun((uuid) => this.get(`/v1/runs/${uuid}${this.random.one(PAGES)}`));
  }

  // Follows a run for a while, and hangs up.
  async events() {
    const { items } = JSON.parse(await this.get('/v1/runs')), followed = items.find(({ state }) => state === 'running');
    if (!followed) return sleep(500);
    const stop = new AbortController();
    const heard = fetch(`${this.broker}/v1/runs/${followed.uuid}/events`, { signal: stop.signal }).then((a) => a.text()).catch(() => '');
    await sleep(this.random.below(3000));
    stop.abort();
    return heard;
  }

  async nevod(...args) {
    const p = await run(this.t, args);
    assert.equal(p.code, 0, `nevod ${args.join(' ')}: ${p.err}`);
  }

  // A set that only its pusher has, a run on it, and the end of both.
  async upload() {
    const n = this.pushed++, name = `pushed-${n}`, here = join(this.dir, name);
    tinyDataset(here, { train: 1000 + n % 500, side: 24 });
    await this.nevod('dataset', 'push', here, name, '--broker', this.broker, '--data-dir', join(this.dir, 'pusher'));
    rmSync(here, { recursive: true });
    const uuid = await createRun(this, { ...SETTINGS, generations: 1, population: 3, seed: 1, dataset: name });
    const { settings: { dataset_hash: hash } } = await this.finished(uuid);
    await this.get(`/v1/datasets/${hash}/samples.png`);
    await this.get(`/v1/datasets/${hash}/manifest`);
    await this.remove(uuid);
    this.sets.push({ name, hash });
    if (this.sets.length > SETS_KEPT) await this.forget(this.sets.shift());
  }

  // At the broker, and at who pushed it.
  async forget({ name, hash }) {
    await this.nevod('dataset', 'remove', name, '--data-dir', this.dataDir);
    rmSync(join(this.dir, 'pusher', 'datasets', `${hash}.nds`), { force: true });
  }

  classify() {
    return this.withRun(async (uuid) => {
      const { settings } = await lookAtRun(this, uuid);
      const picture = await this.get(`/v1/datasets/${settings.dataset_hash}/samples.png`);
      const answer = await fetch(`${this.broker}/v1/runs/${uuid}/champion/classify`,
        { method: 'POST', body: picture, headers: { 'Content-Type': 'application/octet-stream' } });
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
    });
  }

  async legacy() {
    const { message: { uuid } } = await this.post('/create_initial_poblation', { ...POPULATION, dataset: this.dataset }, 200);
    await this.post('/create_cnn_model', { uuid, model_id: '1', epochs: 1, seed: 2 }, 200);
    await this.post('/create_child', { uuid, model_id: 0, second_model_id: '1' }, 200);
  }

  // Requests that are refused.
  async wrong() {
    await this.post('/v1/runs', '{"dataset":', 400);
    await this.post('/v1/runs', { dataset: this.dataset, [randomUUID()]: 1 }, 400);
    await this.post('/v1/runs', { dataset: 'x'.repeat(2000) }, 422);
    await this.post(`/v1/runs/${NOBODY}/cancel`, {}, 404);
  }
}
