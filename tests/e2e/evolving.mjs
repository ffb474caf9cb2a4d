// evolving.mjs -- a small run by `nevod evolve`, on services of its own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, run, sanitizerReport, SMALL_NETWORKS_OPTIONS, tempDir } from './harness.mjs';

export const SETTINGS = ['--population', '6', '--generations', '3', '--epochs', '2',
  '--train-limit', '0', '--final-epochs', '2', '--seed', '7', ...SMALL_NETWORKS_OPTIONS];

export async function evolve(t, dataset, options = []) {
  const ports = [await freePort(), await freePort(), await freePort()].map(String);
  const dataDir = tempDir(t);
  const p = await run(t, ['evolve', '--json', '--dataset', dataset, '--data-dir', dataDir,
    '--broker-port', ports[0], '--genome-port', ports[1], '--evolutioner-port', ports[2],
    ...SETTINGS, ...options]);
  assert.equal(sanitizerReport(readFileSync(join(dataDir, 'log', 'up.log'), 'utf8')), '');
  return p;
}

export function document(p) {
  assert.equal(p.code, 0, p.err);
  return JSON.parse(p.out);
}
