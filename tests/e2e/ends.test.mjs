// ends.test.mjs -- what `evolve` says at its end is true, whatever was done to it:
// a hangup, a folder removed, a limit on files, somebody else's run.
import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { freePort, SMALL_NETWORKS_OPTIONS, start, tempDir, tinyDataset, until } from './harness.mjs';

const SHORT = ['--population', '4', '--generations', '2', '--final-epochs', '1', '--train-limit', '0', '--seed', '1',
  ...SMALL_NETWORKS_OPTIONS];
const LASTS = ['--epochs', '10', '--generations', '200'];

function evolve(t, { dataset, ports = [0, 0, 0], more = [], through }) {
  const dataDir = join(tempDir(t), 'data');
  const [broker, genome, evolutioner] = ports.map(String);
  const p = start(t, ['evolve', '--dataset', dataset, '--data-dir', dataDir, '--broker-port', broker,
    '--genome-port', genome, '--evolutioner-port', evolutioner, ...SHORT, ...more], { through });
  return Object.assign(p, { dataDir });
}
const begun = (p) => until('the run to begin', () => /^run [0-9a-f-]{36} on/m.test(p.err));
const tiny = (t) => tinyDataset(join(tempDir(t), 'tiny'));

test('a hangup that nohup has ignored stays ignored, by the services too', async (t) => {
  const p = evolve(t, { dataset: tiny(t), through: ['sh', '-c', 'trap "" HUP; exec "$0" "$@"'] });
  await begun(p);
  process.kill(p.child.pid, 'SIGHUP');
  await p.ended;
  assert.equal(p.code, 0, p.err);
  assert.match(p.out, /finished/);
});

test('a data folder that is removed: it says so, and not that the run is kept', async (t) => {
  const p = evolve(t, { dataset: tiny(t), more: LASTS });
  await until('a generation', () => /^generation \d+ of 200 done/m.test(p.err)); // so its jobs have the data set
  renameSync(p.dataDir, `${p.dataDir}.away`);
  await until('the trouble', () =>
    /trouble(, after \d+ attempts?)?: nothing can be saved since .*: the store's files were removed or replaced/.test(p.err), 30);
  p.child.kill('SIGINT');
  await p.ended;
  assert.equal(p.code, 130);
  assert.match(p.err, /stopped; run [0-9a-f-]{36} is not kept: .* was removed/);
});

test('a limit on the size of files is told, and kills nobody', async (t) => {
  const p = evolve(t, { dataset: tiny(t), through: ['sh', '-c', 'ulimit -f 20; exec "$0" "$@"'] });
  await p.ended;
  assert.notEqual(p.code, 0);
  assert.match(p.err, /File too large|largest file size/);
  assert.doesNotMatch(p.err, /signal/);
});

test('services that another evolve uses go on until its run has ended', async (t) => {
  const dataset = tiny(t);
  const ports = [await freePort(), await freePort(), await freePort()];
  const first = evolve(t, { dataset, ports, more: ['--epochs', '60'] });
  await begun(first);
  const second = start(t, ['evolve', '--dataset', dataset, '--broker-port', String(ports[0]), ...SHORT,
    '--epochs', '60', '--generations', '6']);
  await begun(second);
  await Promise.all([first.ended, second.ended]);
  assert.equal(second.code, 0, second.err);
  assert.equal(first.code, 0, first.err);
  assert.match(second.out, /^Champion: genome/m);
  assert.match(first.err, /done; the services go on for 1 run of others/);
  assert.ok(existsSync(join(first.dataDir, 'nevod.db')));
});
