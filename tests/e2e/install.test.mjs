// install.test.mjs -- what `make install` brings: a manual that man(7) reads,
// completions that shells read, units that systemd takes; and the files of
// configuration.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { dirname, join } from 'node:path';
import { NEVOD, run, start, tempDir, until } from './harness.mjs';

const NAMES = execFileSync(NEVOD, ['help', '--names']).toString().trim().split('\n');

// The folder that an installation with prefix /usr has made.
function installed(t) {
  const root = tempDir(t);
  execFileSync('meson', ['install', '-C', dirname(NEVOD), '--no-rebuild', '--destdir', root], { stdio: 'pipe' });
  return join(root, 'usr', 'local');
}

test('the manual has a page for each subcommand, and no fault', (t) => {
  const man = join(installed(t), 'share', 'man', 'man1');
  const pages = readdirSync(man).sort();
  assert.deepEqual(pages, ['nevod.1', ...NAMES.map((n) => `nevod-${n}.1`)].sort());
  const lint = spawnSync('mandoc', ['-Tlint', '-Werror', ...pages.map((p) => join(man, p))]);
  assert.equal(lint.status, 0, lint.stdout.toString());
  const text = execFileSync('mandoc', ['-Tascii', join(man, 'nevod-evolve.1')]).toString().replace(/.\x08/g, '');
  for (const words of [/--population N/, /one of neat, truncation, random/, /\/etc\/nevod\/\*\.conf/, /130\s+interrupted/]) {
    assert.match(text, words);
  }
});

test('units that systemd takes, and that leave an intruder little', (t) => {
  const units = join(installed(t), 'lib', 'systemd', 'system');
  const names = readdirSync(units).sort();
  assert.deepEqual(names, ['broker', 'evolutioner', 'genome'].map((n) => `nevod-${n}.service`));
  for (const name of names) {
    const file = join(units, name);
    const security = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=30', '--no-pager', file]);
    assert.equal(security.status, 0, security.stdout.toString());
    // As it would be where the executable and the manual are installed.
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^Documentation=.*$/m, '')
      .replace(/^ExecStart=\S+/m, `ExecStart=${NEVOD}`));
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', file]);
    assert.equal(verified.stderr.toString(), '');
    assert.equal(verified.status, 0);
  }
});

// What bash offers for the words of a line, the last of which is being typed.
function bash(script, ...words) {
  const line = words.map((w) => `'${w}'`).join(' ');
  return execFileSync('bash', ['-c', `complete() { :; }; compopt() { echo "<$*>"; }; source ${script}
    COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _nevod; echo "\${COMPREPLY[@]}"`]).toString().trim();
}

test('shells complete subcommands, options and their names', (t) => {
  const share = join(installed(t), 'share');
  const script = join(share, 'bash-completion', 'completions', 'nevod');
  assert.equal(bash(script, 'nevod', 'evo'), 'evolve evolutioner');
  assert.equal(bash(script, 'nevod', 'help', 'cham'), 'champion');
  assert.equal(bash(script, 'nevod', 'evolve', '--popu'), '--population');
  assert.equal(bash(script, 'nevod', 'evolve', '--algorithm', 'r'), 'random');
  assert.equal(bash(script, 'nevod', 'evolve', '--data-dir', ''), '<-o dirnames>');
  assert.equal(bash(script, 'nevod', 'completion', 'z'), 'zsh');
  execFileSync('zsh', ['-n', join(share, 'zsh', 'site-functions', '_nevod')]);
  const fish = join(share, 'fish', 'vendor_completions.d', 'nevod.fish');
  const offers = (line) => execFileSync('fish', ['--no-config', '-c', `source ${fish}; complete -C '${line}'`])
    .toString().trim().split('\n').map((l) => l.split('\t')[0]);
  assert.deepEqual(offers('nevod evol').sort(), ['evolutioner', 'evolve']);
  assert.deepEqual(offers('nevod evolve --algorithm r'), ['random']);
});

test('a file of configuration holds for services, and a slip in it is told', async (t) => {
  const dir = tempDir(t), file = join(dir, 'nevod.conf');
  const env = { ...process.env, NEVOD_CONFIG: file };
  writeFileSync(file, `bind = 127.0.0.1\n[genome]\nport = 0\nquiet = 0\n`);
  const p = start(t, ['genome'], { env });
  await until('the service', () => /listening url=http:\/\/127\.0\.0\.1:(?!5002)\d+/.test(p.err));
  writeFileSync(file, '[genome]\nprot = 1\n');
  const slip = await run(t, ['genome'], { env });
  assert.equal(slip.code, 2);
  assert.match(slip.err, /nevod\.conf:2: there is no option 'prot'; did you mean 'port'\?/);
});
