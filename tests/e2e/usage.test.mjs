// usage.test.mjs -- a slip on the command line is told before anything starts,
// with the same exit status for the same mistake whatever the subcommand.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { run, tempDir, tinyGenome } from './harness.mjs';

const USAGE = 2, UNREACHABLE = 3, NOT_FOUND = 4;
const NOBODY = ['--broker', 'http://127.0.0.1:1'];
const PORTS = ['--broker-port', '0', '--genome-port', '0', '--evolutioner-port', '0'];

// What the words mean, by the folder of a test.
const words = (dir) => ({
  EMPTY: join(dir, 'empty'), GENOME: join(dir, 'genome.json'), BROKEN: join(dir, 'broken.json'),
  TOKENS: join(dir, 'two-words'), NOWHERE: join(dir, 'no-folder', 'file'),
});

const table = [
  // A value out of bounds, or that there is not.
  ['evolve --population 1', USAGE, /--population must be 2 to 10000/],
  ['evolve --algorithm magic', USAGE, /--algorithm must be "neat"/],
  ['evolve --elite 3', USAGE, /--elite: .* not a setting of the algorithm "neat"/],
  ['evolve --algorithm truncation --elite 40', USAGE, /--elite: .* below the population/],
  ['evolve --neat nothing=1', USAGE, /--neat: .*no parameter called 'nothing'/],
  ['evolve --neat nothing', USAGE, /--neat takes NAME=X/],
  ['evolve --activations relu,relu', USAGE, /--activations: .*twice/],
  ['evolve word', USAGE, /'word' is not expected/],
  ['evolve --broker-port 7001 --genome-port 7001', USAGE, /both 7001/],
  ['train --net net1 --epochs 0', USAGE, /--epochs must be 1 to 1000/],
  ['train', USAGE, /give a network/],
  ['train --net net9', USAGE, /--net: there is no network/],
  ['bench train --net net9', USAGE, /--net: there is no network/],
  ['bench walk', USAGE, /train or peak/],
  ['predict', USAGE, /--model FILE is required/],
  ['neat walk', USAGE, /name a task/],
  ['neat xor --param nothing', USAGE, /--param takes NAME=X/],
  ['cancel', USAGE, /which run/],
  ['up --slots -1', USAGE, /--slots must be 0 to 1024/],
  ['broker --port 99999', USAGE, /--port must be/],
  // A kernel class.
  ['evolve --kernels abacus-1', USAGE, /--kernels: no kernels have the name "abacus-1"/],
  ['train --net net1 --kernels abacus-1', USAGE, /--kernels: no kernels/],
  ['bench train --kernels abacus-1', USAGE, /--kernels: no kernels/],
  // A data set.
  ['evolve --dataset nothing', NOT_FOUND, /neither a known data set nor a folder/],
  ['train --net net1 --dataset nothing', NOT_FOUND, /neither a known data set nor a folder/],
  ['evolve --dataset NOWHERE', NOT_FOUND, /there is no folder/],
  ['train --net net1 --dataset NOWHERE', NOT_FOUND, /there is no folder/],
  ['evolve --dataset EMPTY', NOT_FOUND, /holds no data set/],
  ['train --net net1 --dataset EMPTY', NOT_FOUND, /holds no data set/],
  // A file to read.
  ['train --genome NOWHERE', NOT_FOUND, /there is no file/],
  ['bench train --net NOWHERE', NOT_FOUND, /there is no file/],
  ['show NOWHERE', NOT_FOUND, /there is no file/],
  ['predict --model NOWHERE --input NOWHERE', NOT_FOUND, /there is no file/],
  ['train --genome BROKEN', USAGE, /--genome .*is required/],
  ['bench train --net BROKEN', USAGE, /--net .*is required/],
  ['show BROKEN', USAGE, /is required/],
  ['predict --model BROKEN --input NOWHERE', USAGE, /no safetensors file/],
  // A file to write.
  ['evolve --out NOWHERE', USAGE, /cannot be written/],
  ['train --net net1 --out NOWHERE', USAGE, /cannot be written/],
  ['champion --out NOWHERE', USAGE, /cannot be written/],
  ['show GENOME --svg NOWHERE', USAGE, /cannot be written/],
  ['show GENOME --dot EMPTY', USAGE, /is a folder/],
  // A token, an address.
  ['up --token-file NOWHERE', USAGE, /--token-file .*cannot be read/],
  ['evolve --token-file NOWHERE', USAGE, /--token-file .*cannot be read/],
  ['broker --token-file TOKENS', USAGE, /line 1: a line is a token, or a role/],
  ['up --token-file TOKENS', USAGE, /line 1: a line is a token, or a role/],
  ['champion --token-file TOKENS', USAGE, /line 1: a line is a token, or a role/],
  ['evolve --broker ftp://x', USAGE, /--broker: .*not a URL/],
  ['champion --broker ftp://x', USAGE, /--broker: .*not a URL/],
  ['broker --genome ftp://x', USAGE, /--genome: .*not a URL/],
  ['broker --bind 1.2.3', USAGE, /--bind must be/],
  ['broker --bind 0.0.0.0', USAGE, /give --token-file FILE, or --no-token/],
];

function prepare(t) {
  const dir = tempDir(t), known = words(dir);
  mkdirSync(known.EMPTY);
  writeFileSync(known.GENOME, JSON.stringify(tinyGenome()));
  writeFileSync(known.BROKEN, '{}');
  writeFileSync(known.TOKENS, 'two words\n', { mode: 0o600 });
  return { dir, known };
}

test('a slip is told before anything starts, with one status a mistake', async (t) => {
  const { dir, known } = prepare(t);
  // A folder that is still missing afterwards: nothing was kept anywhere.
  const data = join(dir, 'data'), env = { ...process.env, XDG_DATA_HOME: data };
  for (const [line, status, sentence] of table) {
    const given = line.split(' ').map((w) => known[w] ?? w), name = given[0];
    const ports = name === 'evolve' && !/--broker/.test(line) ? PORTS : [];
    const p = await run(t, [...given, ...ports], { env, cwd: dir });
    assert.equal(p.code, status, `${line}: ${p.err}`);
    assert.match(p.err, sentence, line);
    assert.match(p.err, /^nevod/, line);
    assert.equal(p.err.includes(`Try: nevod help ${name}\n`), status === USAGE, line);
    assert.equal(p.out, '', line);
    assert.doesNotMatch(p.err, /starting the services/, line);
    assert.ok(!existsSync(data), `${line} has made ${data}`);
  }
});

test('where no broker answers, a slip is told first', async (t) => {
  const { dir, known } = prepare(t);
  for (const [args, status] of [[['champion'], UNREACHABLE], [['champion', '--out', known.NOWHERE], USAGE],
    [['status'], UNREACHABLE], [['status', 'no-run'], UNREACHABLE]]) {
    const p = await run(t, [...args, ...NOBODY], { cwd: dir });
    assert.equal(p.code, status, `${args}: ${p.err}`);
  }
});

test('what the disk refuses is a plain failure where no broker plays a part', async (t) => {
  const { known } = prepare(t);
  const taken = join(known.BROKEN, 'data');
  for (const line of ['train --net net1', 'bench train --steps 1', 'up', 'evolve']) {
    const ports = ['up', 'evolve'].includes(line) ? PORTS : [];
    const p = await run(t, [...line.split(' '), '--data-dir', taken, ...ports]);
    assert.equal(p.code, 1, `${line}: ${p.err}`);
  }
});
