// names.test.mjs -- runs are meant by their number, their name or the beginning
// of their uuid; and what the command line says of them, for people and programs.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { call, createRun, finishedRun, run, SMALL_NETWORKS, tempDir, tinyDataset, up } from './harness.mjs';

const SETTINGS = { population: 4, generations: 2, epochs: 1, train_limit: 0, final_epochs: 1, ...SMALL_NETWORKS };
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };
let services, runs, dir;

const whole = async (p) => { // all of what it printed
  if (!p.child.stdout.closed) await once(p.child.stdout, 'close');
  return p;
};
const nevod = async (t, ...args) => whole(await run(t, [...args, '--broker', services.broker]));
const done = async (t, ...args) => {
  const p = await nevod(t, ...args);
  assert.equal(p.code, 0, `${args}: ${p.err}`);
  return p.out;
};

before(async () => {
  dir = tempDir(context);
  const dataset = tinyDataset(join(dir, 'tiny'));
  services = await up(context);
  const uuids = [];
  for (const [seed, name] of [[1, 'one'], [2, 'twice'], [3, 'twice'], [4, 'a name that is much longer than any column – and has such marks']]) {
    uuids.push(await createRun(services, { ...SETTINGS, dataset, seed, name }));
    await finishedRun(services, uuids.at(-1));
  }
  runs = await Promise.all(uuids.map(async (u) => (await call(`${services.broker}/v1/runs/${u}`)).json));
});
after(async () => {
  for (const f of cleanup.reverse()) await f();
});

test('a number, a name and the beginning of a uuid are as good as a uuid', async (t) => {
  const [{ uuid, number }] = runs;
  for (const given of [uuid, uuid.toUpperCase(), String(number), 'one', uuid.slice(0, 8)]) {
    assert.equal(JSON.parse(await done(t, 'status', given, '--json')).uuid, uuid, given);
  }
  assert.match(await done(t, 'champion', 'one'), new RegExp(`^Run ${uuid}: finished`));
  const forked = JSON.parse(await done(t, 'evolve', '--fork', 'one:0', '--generations', '1', '--name', 'forked', '--json'));
  const { json } = await call(`${services.broker}/v1/runs/${forked.uuid}`);
  assert.deepEqual(json.settings.fork, { run: uuid, generation: 0 });
  assert.equal(forked.cached, json.cached);
});

test('what means no run, or several, is said to', async (t) => {
  const none = await nevod(t, 'status', 'nobody');
  assert.equal(none.code, 4);
  assert.match(none.err, /no run has the number, the name or a uuid that begins with 'nobody'/);
  const several = await nevod(t, 'pause', 'twice');
  assert.equal(several.code, 2);
  assert.match(several.err, /'twice' means 2 runs: give the number of one/);
});

test('the list of runs has 80 columns, whatever they are called', async (t) => {
  const lines = (await done(t, 'status')).trimEnd().split('\n');
  assert.ok(lines.length > runs.length);
  for (const line of lines) assert.ok([...line].length <= 80, `${[...line].length} columns: ${line}`);
  assert.match(lines.at(-1), new RegExp(`^ +${runs[0].number}  ${runs[0].uuid.slice(0, 8)}  finished +2/2 .*one$`));
});

test('all genomes of a run are exported, for spreadsheets and for programs', async (t) => {
  const { json: { total, items } } = await call(`${services.broker}/v1/runs/${runs[0].uuid}/genomes?limit=1`);
  const rows = (await done(t, 'export', 'one', '--csv')).trimEnd().split('\r\n');
  assert.deepEqual(rows[0].split(','), Object.keys(items[0]));
  assert.deepEqual(rows.slice(1).map((r) => Number(r.split(',')[0])), Array.from({ length: total }, (_, i) => i));
  const file = join(dir, 'genomes.jsonl');
  await done(t, 'export', 'one', '--json', '--out', file);
  const objects = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.equal(objects.length, total);
  assert.deepEqual(objects[0], items[0]);
});

test('a champion is shown from its document, its weights and standard input', async (t) => {
  const weights = join(dir, 'champion.safetensors');
  const document = await done(t, 'champion', 'one', '--json', '--out', weights);
  const of = async (args, input) => {
    const p = await whole(await run(t, ['show', ...args], { input }));
    assert.equal(p.code, 0, p.err);
    return p.out;
  };
  const table = await of(['-'], document);
  assert.match(table, /conv/);
  assert.equal(await of([weights]), table);
  assert.equal(await of(['-'], JSON.stringify(JSON.parse(document).genome)), table);
});

test('generations are counted from 0, as the API has them', async (t) => {
  const { born } = (await call(`${services.broker}/v1/runs/${runs[0].uuid}/champion`)).json;
  assert.match(await done(t, 'champion', 'one'), new RegExp(`born in generation ${born}\n`));
});
