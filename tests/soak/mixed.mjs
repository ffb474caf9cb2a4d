// mixed.mjs [MINUTES] [SEED] -- runs, cancels, pages, events, uploads, pictures and
// what is refused, all at once for an hour: no service grows in the last half by
// more than a little, every answer is the one that is due, and every run has the
// digest of its like.
//
// Prints what each service has (MB in RAM, open descriptors) every 5 minutes;
// ends with status 1 after a finding.
import { join } from 'node:path';
import { descendants, freePort, sleep, start, tempDir, tinyDataset, until, call, up } from '../e2e/harness.mjs';
import { Random } from '../strangers/random.mjs';
import { Load } from './load.mjs';
import { growth, look, median } from './memory.mjs';

const minutes = Number(process.argv[2] ?? 60), seed = Number(process.argv[3] ?? 1);
const LOOK_MS = 5000, SAY_MS = 5 * 60000, FINDINGS_MOST = 5;
// How many do it at a time, and how long each rests in between.
const LOADS = {
  run: [2, 0], cancel: [1, 500], pages: [2, 20], events: [1, 0], upload: [1, 2000], classify: [1, 100], legacy: [1, 500], wrong: [1, 500],
};

const cleanup = [], t = { after: (f) => cleanup.push(f) };
const findings = [], counts = Object.fromEntries(Object.keys(LOADS).map((name) => [name, 0]));
const started = Date.now(), ends = started + minutes * 60000;
const over = () => Date.now() >= ends || findings.length >= FINDINGS_MOST;

function find(what) {
  findings.push(what);
  console.log(`${((Date.now() - started) / 60000).toFixed(1)} min: ${what}`);
}

// All three, and an evolutioner that pulls.
async function open() {
  const dir = tempDir(t), services = await up(t, { slots: 1 }), { pid } = services.proc.child;
  const puller = start(t, ['evolutioner', '--pull', '--broker', services.broker, '--port', String(await freePort()),
    '--slots', '1', '--data-dir', join(dir, 'puller')]);
  await until('both evolutioners', async () =>
    (await call(`${services.broker}/v1/workers`)).json.items.filter(({ state }) => state === 'ready').length === 2);
  const pids = Object.fromEntries(['broker', 'genome', 'evolutioner'].map((word) => [word, descendants(pid, word)[0]]));
  const load = new Load({ t, dir, broker: services.broker, dataDir: services.dataDir, dataset: tinyDataset(join(dir, 'tiny')), random: new Random(seed) });
  return { load, pids: { ...pids, puller: puller.child.pid } };
}

async function keepDoing(load, name, restMs) {
  while (!over()) {
    try {
      await load[name]();
      counts[name] += 1;
    } catch (e) {
      find(`${name}: ${e.message}`);
    }
    await sleep(restMs);
  }
}

const MB = (bytes) => Math.round(bytes / (1 << 20));

function say(looks) {
  const recent = (list, what) => median(list.slice(-SAY_MS / LOOK_MS).map((l) => l[what]));
  const services = Object.entries(looks).map(([name, list]) => `${name} ${MB(recent(list, 'memory'))} MB ${recent(list, 'descriptors')} fd`);
  const done = Object.entries(counts).map(([name, n]) => `${n} ${name}`);
  console.log(`${String(Math.round((Date.now() - started) / 60000)).padStart(3)} min: ${services.join(', ')} | ${done.join(', ')}`);
}

async function watch(pids, looks) {
  let said = Date.now();
  while (!over()) {
    await sleep(LOOK_MS);
    for (const [name, pid] of Object.entries(pids)) {
      const seen = look(pid);
      if (!seen) return find(`the ${name} has ended`);
      looks[name].push(seen);
    }
    if (Date.now() - said < SAY_MS) continue;
    said += SAY_MS;
    say(looks);
  }
}

function judge(looks) {
  for (const [name, list] of Object.entries(looks)) {
    for (const [what, unit] of [['memory', 1 << 20], ['descriptors', 1]]) {
      const { from, to, grows } = growth(list, what);
      const text = `the ${name}'s ${what} in the last half: ${(from / unit).toFixed(0)} to ${(to / unit).toFixed(0)}${unit > 1 ? ' MB' : ''}`;
      if (grows) find(text);
      else console.log(text);
    }
  }
}

try {
  const { load, pids } = await open();
  const looks = Object.fromEntries(Object.keys(pids).map((name) => [name, []]));
  await Promise.all([watch(pids, looks), ...Object.entries(LOADS).flatMap(([name, [n, restMs]]) =>
    Array.from({ length: n }, () => keepDoing(load, name, restMs)))]);
  say(looks);
  if (findings.length < FINDINGS_MOST) judge(looks);
  if (load.digests.size) console.log(`${counts.run} runs of ${load.digests.size} kinds, each with its like's digest`);
} catch (e) {
  find(e.stack);
} finally {
  for (const f of cleanup.reverse()) {
    try { await f(); } catch (e) { find(e.message); }
  }
}
console.log(`${minutes} minutes of seed ${seed}: ${findings.length} findings`);
process.exitCode = findings.length ? 1 : 0;
