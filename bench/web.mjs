// web.mjs -- how long the dashboard keeps a person waiting, on loopback, with a
// run of very many genomes: medians of five.
//
//   node bench/web.mjs NEVOD BIG_RUN [GENOMES]
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../web/', import.meta.url));
const { chromium } = require('playwright-core');

const [nevod, bigRun, genomes = '100000'] = process.argv.slice(2);
const UUID = '00000000-0000-4000-8000-000000100000', ROUNDS = 5;

const port = await new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = server.address();
    server.close(() => done(free));
  });
});
const base = `http://127.0.0.1:${port}`;
const dir = mkdtempSync(join(tmpdir(), 'nevod-bench-web-'));

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const say = (what, value, unit) => console.log(`${what.padEnd(52)} ${value.toFixed(value < 10 ? 1 : 0).padStart(8)} ${unit}`);

async function rounds(what, unit, once) {
  const values = [];
  for (let i = 0; i < ROUNDS; i++) values.push(await once());
  say(what, median(values), unit);
}

// The longest time between two frames while `act` happens.
const longestFrame = async (page, act) => {
  await page.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    const look = (now) => {
      window.longest = Math.max(window.longest, now - last);
      last = now;
      window.looking = requestAnimationFrame(look);
    };
    window.looking = requestAnimationFrame(look);
  });
  await act();
  return page.evaluate(() => { cancelAnimationFrame(window.looking); return window.longest; });
};

async function api(path) {
  const start = performance.now(), answer = await fetch(`${base}/v1/runs/${UUID}/${path}`);
  const { length } = await answer.arrayBuffer().then((b) => ({ length: b.byteLength }));
  return { ms: performance.now() - start, kb: length / 1024 };
}

// Milliseconds of CPU that the broker has used: what a request costs it, whatever
// else the machine does.
const TICK_MS = 10;
const brokerMs = () => {
  const stat = readFileSync(`/proc/${broker.pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
  return (user + system) * TICK_MS;
};

async function measureApi() {
  for (const path of ['generations?limit=200', 'genomes?limit=500', 'genomes?sort=fitness&order=desc&limit=100',
    'genomes?sort=parameters&limit=100&offset=50000', 'genomes?filter=state:failed&limit=100', 'points', 'genes', 'pareto', 'species']) {
    await rounds(`GET ${path}`, 'ms', async () => (await api(path)).ms);
    const before = brokerMs();
    for (let i = 0; i < 2 * ROUNDS; i++) await api(path);
    say('  the broker\'s CPU for it', (brokerMs() - before) / (2 * ROUNDS), 'ms');
    say('', (await api(path)).kb, 'kB');
  }
}

async function measurePage(browser) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const opened = async (path, ready) => {
    await page.goto('about:blank');
    const start = performance.now();
    await page.goto(`${base}/#/${path}`);
    await ready();
    return performance.now() - start;
  };
  const heading = (name) => () => page.getByRole('heading', { name, exact: true }).first().waitFor();
  const rows = () => page.locator('.row a').first().waitFor();
  const drawn = async () => {
    await page.getByRole('img', { name: /genomes; \d+ are on the front/ }).waitFor();
    await rows();
  };
  await rounds('first useful paint of the list of runs', 'ms', () => opened('runs', () => page.getByRole('link', { name: 'very many genomes' }).waitFor()));
  await rounds('the run opens', 'ms', () => opened(`runs/${UUID}`, () => page.getByRole('img', { name: /Accuracy by generation/ }).waitFor()));
  await rounds('its genomes open, as points and rows', 'ms', () => opened(`runs/${UUID}/genomes`, drawn));
  await rounds('longest frame of a scroll through all rows', 'ms', () => longestFrame(page, async () => {
    for (const share of [0.1, 0.35, 0.6, 0.85, 1, 0]) {
      await page.locator('.scroll').evaluate((e, s) => { e.scrollTop = e.scrollHeight * s; }, share);
      await page.waitForTimeout(150);
    }
  }));
  await rounds('longest frame of a sort', 'ms', () => longestFrame(page, async () => {
    await page.getByRole('button', { name: 'CPU time' }).click();
    await page.waitForTimeout(600);
  }));
  await rounds('a genome opens', 'ms', () => opened(`runs/${UUID}/genomes/90000`, heading('Network')));
  say('nodes of the page with its genomes', await opened(`runs/${UUID}/genomes`, drawn).then(() => page.evaluate(() => document.querySelectorAll('*').length)), '');
  const session = await page.context().newCDPSession(page);
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  say('heap of that page', usedSize / 2 ** 20, 'MB');
}

const made = spawnSync(bigRun, [`sqlite:${dir}/nevod.db`, genomes], { stdio: 'inherit' });
const away = 'http://127.0.0.1:1';
const broker = spawn(nevod, ['broker', '--data-dir', dir, '--port', String(port), '--genome', away, '--evolutioner', away], { stdio: 'ignore' });
try {
  if (made.status !== 0) throw new Error('big_run failed');
  for (let i = 0; i < 600; i++) {
    if (await fetch(`${base}/healthz`).then((a) => a.ok, () => false)) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  await measureApi();
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  await measurePage(browser);
  await browser.close();
} finally {
  broker.kill('SIGTERM');
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
