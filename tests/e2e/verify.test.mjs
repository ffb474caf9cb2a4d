// verify.test.mjs -- `nevod verify` trains a stored run again: what is there
// agrees bit for bit, and what somebody has changed is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { call, createRun, finishedRun, killAll, run, SMALL_NETWORKS, tempDir, tinyDataset, up } from './harness.mjs';
import { execStore, queryStore } from '../fixtures/store.mjs';

// A store as it was when its rows had no checksums yet.
const BEFORE_SUMS = `DROP TABLE roster; ALTER TABLE run DROP COLUMN trace; ALTER TABLE run DROP COLUMN label;
  ALTER TABLE run DROP COLUMN archived;
  CREATE INDEX genome_by_birth ON genome (run, born, id); PRAGMA user_version = 6`;

const SETTINGS = {
  population: 5, generations: 2, final_epochs: 1, seed: 7, train_limit: 40, rungs: 2, finalists: 2, ...SMALL_NETWORKS,
};
const tiny = (t) => tinyDataset(join(tempDir(t), 'tiny'));
const storeOf = ({ dataDir }) => join(dataDir, 'nevod.db');
const places = (services) => ['--broker', services.broker, '--evolutioner', services.evolutioner];
const verify = async (t, services, ...args) => {
  const { code, out, err } = await run(t, ['verify', ...places(services), ...args]);
  assert.equal(err, '');
  return { code, out, json: args.includes('--json') && JSON.parse(out) };
};
// What is stored is changed, and its checksums are right again: older stores get theirs at the start.
async function changed(t, services, sql) {
  await killAll(services);
  execStore(storeOf(services), `${sql}; ${BEFORE_SUMS}`);
  return up(t, { dataDir: services.dataDir });
}

const WAYS = {
  'rungs and finalists': {},
  'a budget': { budget_pflop: 2e-5, algorithm: 'truncation', final_epochs: undefined },
  'network seeds': { seed_policy: 'network', finalists: 0 },
  'rung seeds': { seed_policy: 'rung' },
};
for (const [name, way] of Object.entries(WAYS)) {
  test(`${name}: every training of a finished run agrees`, async (t) => {
    const services = await up(t);
    const settings = { ...SETTINGS, ...way, dataset: tiny(t) };
    const uuid = await createRun(services, settings);
    const { evaluations } = await finishedRun(services, uuid);
    const { code, json } = await verify(t, services, uuid, '--sample', '0', '--json');
    assert.deepEqual(json.trainings.filter((x) => x.verdict !== 'agrees'), []);
    assert.equal(code, 0);
    assert.equal(json.agree, json.scored);
    // Those of the search, and the finalists'.
    assert.equal(json.trainings.filter((x) => x.rung < 6).length, evaluations);
    assert.ok(json.trainings.filter((x) => x.rung >= 6).length >= settings.finalists);
    // The champion's final training is rung 8, which is not trained again.
    assert.equal(queryStore(storeOf(services), 'SELECT count(*) FROM rung WHERE rung <> 8')[0][0], json.trainings.length);
    assert.equal(queryStore(storeOf(services), 'SELECT count(*) FROM rung WHERE rung = 8')[0][0], 1);
  });
}

test('a sample is drawn by its seed, and told of line by line', async (t) => {
  const services = await up(t);
  const uuid = await createRun(services, { ...SETTINGS, population: 8, rungs: 1, finalists: 0, dataset: tiny(t) });
  await finishedRun(services, uuid);
  const first = await verify(t, services, uuid, '--seed', '3');
  assert.equal(first.code, 0);
  assert.match(first.out, /\n1 of 5: genome \d+, rung 0: \d+\.\d\d%, loss \d.*, agrees\n/);
  assert.match(first.out, /\n5 of 5 agree\n$/);
  const ids = (out) => [...out.matchAll(/genome (\d+),/g)].map((m) => m[1]).join();
  const [again, other] = [await verify(t, services, '--seed', '3'), await verify(t, services, uuid, '--seed', '4')];
  assert.equal(ids(again.out), ids(first.out));
  assert.notEqual(ids(other.out), ids(first.out));
});

test('a digit that somebody has changed is named, whatever its checksum', async (t) => {
  let services = await up(t);
  const uuid = await createRun(services, { ...SETTINGS, generations: 1, finalists: 0, dataset: tiny(t) });
  await finishedRun(services, uuid);
  services = await changed(t, services, `
    UPDATE rung SET loss = loss + 4e-16 WHERE genome = 1 AND rung = 0;
    UPDATE rung SET result = replace(result, '"epochs":[{"loss":', '"epochs":[{"loss":1') WHERE genome = 2 AND rung = 0;
    UPDATE genome SET fitness = fitness / 2 WHERE id = 3`);
  const { code, out } = await verify(t, services, uuid, '--sample', '0');
  assert.equal(code, 1);
  assert.match(out, /genome 1, rung 0: .* differs: the loss that counts: the store has \d\.\d+, now it is \d\.\d+\n/);
  assert.match(out, /genome 2, rung 0: .* differs: the loss of an epoch: /);
  assert.match(out, /genome 3, rung \d: .* differs: the genome's fitness: /);
  assert.match(out, /\ngenome 1 is not what it was at rung 0\n(genome [23] .*\n){2}2 of 5 agree\n$/);
});

test('a row that is damaged is no row to train again', async (t) => {
  const services = await up(t);
  const uuid = await createRun(services, { ...SETTINGS, generations: 1, rungs: 1, finalists: 0, dataset: tiny(t) });
  await finishedRun(services, uuid);
  execStore(storeOf(services), 'UPDATE genome SET fitness = 0.75 WHERE id = 2');
  const { code, err } = await run(t, ['verify', uuid, '--sample', '0', ...places(services)]);
  assert.equal(code, 1);
  assert.equal(err, `nevod: the store is damaged: genome 2 of run ${uuid} is not as it was written; `
    + 'put a backup of the store in its place\n');
  // A run whose own row is damaged hides no other.
  const sound = await createRun(services, { ...SETTINGS, generations: 1, rungs: 1, finalists: 0, dataset: tiny(t) });
  execStore(storeOf(services), `UPDATE run SET generation = 7 WHERE uuid = '${uuid}'`);
  const { status, json: page } = await call(`${services.broker}/v1/runs`);
  assert.equal(status, 200);
  assert.deepEqual(page.items.map((one) => one.uuid), [sound]);
  const why = `the store is damaged: the row of run ${uuid} is not as it was written; put a backup of the store in its place`;
  assert.deepEqual(page.damaged, [{ number: 1, error: why }]);
  const list = await run(t, ['status', '--broker', services.broker]);
  assert.equal(list.code, 0);
  assert.match(list.out, new RegExp(`\\b${sound.slice(0, 8)}`));
  assert.equal(list.err, `nevod: ${why}\n`);
  await finishedRun(services, sound);
});

test('what was inherited is gone with its run, which is said', async (t) => {
  const services = await up(t);
  const uuid = await createRun(services, { ...SETTINGS, inherit: true, finalists: 0, dataset: tiny(t) });
  await finishedRun(services, uuid);
  const answer = await call(`${services.broker}/v1/runs/${uuid}/genomes/0/job?rung=1`);
  const { code, json } = await verify(t, services, uuid, '--sample', '0', '--json');
  assert.equal(code, 0);
  assert.equal(json.differ, 0);
  assert.ok(json.agree >= 5, 'the first generation started from nothing');
  assert.ok(json.impossible > 0);
  const gone = json.trainings.filter((x) => x.verdict === 'impossible');
  for (const { reason } of gone) assert.match(reason, /are gone/);
  assert.ok([404, 409].includes(answer.status));
});
