// dashboard.test.mjs -- the dashboard as a person uses it: a run is started,
// watched, paused, compared and kept, and the page outlives the broker.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  answers, call, createRun, descendants, finishedRun, freePort, patience, run, SMALL_NETWORKS, start, tempDir, tinyDataset, until, up,
} from './harness.mjs';
import { faults, openBrowser, openPage } from './page.mjs';

const LONGER = { timeout: 20000 * patience };
let services, dataset, browser, first, second;
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };

const SETTINGS = {
  population: 8, generations: 3, epochs: 2, train_limit: 0, final_epochs: 2, ...SMALL_NETWORKS,
  neat: { threshold: 2 },
};

before(async () => {
  dataset = tinyDataset(join(tempDir(context), 'tiny'), { odd: 7 });
  services = await up(context);
  first = await createRun(services, { ...SETTINGS, dataset, seed: 1, name: 'first', rungs: 2, eta: 2 });
  second = await createRun(services, { ...SETTINGS, dataset, seed: 2, name: 'second', epochs: 1 });
  await finishedRun(services, first);
  await finishedRun(services, second);
  browser = await openBrowser();
  cleanup.push(() => browser.close());
});
after(async () => {
  for (const f of cleanup.reverse()) await f();
});

const champion = async (uuid) => (await call(`${services.broker}/v1/runs/${uuid}/champion`)).json.id;

test('a run is started by the form, seen live to its end, and its champion looked at', async () => {
  const { page, go, close } = await openPage(browser, services.broker);
  await go('runs');
  await page.getByRole('link', { name: 'Start a run' }).first().click();
  await page.getByLabel('dataset', { exact: true }).fill(dataset);
  await page.getByLabel('name', { exact: true }).fill('by the form');
  await page.getByLabel('population', { exact: true }).fill('1');
  await page.getByLabel('generations', { exact: true }).fill('3');
  await page.getByLabel('seed', { exact: true }).fill('5');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText('must be from 2 to 10000').waitFor();
  await page.getByLabel('population', { exact: true }).fill('6');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('heading', { name: 'by the form' }).waitFor(LONGER);
  await page.locator('.badge', { hasText: 'finished' }).waitFor({ timeout: 120000 * patience });
  await page.getByText(/the run is finished/).waitFor(LONGER);
  await page.getByRole('link', { name: 'Champion' }).click();
  await page.getByRole('img', { name: /A network of \d+ layers/ }).waitFor(LONGER);
  await page.getByRole('row', { name: /Recall/ }).waitFor(LONGER);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the weights' }).click()]);
  assert.ok(readFileSync(await file.path()).length > 1000);
  await close();
});

test('a run is paused, resumed and cancelled', async () => {
  const uuid = await createRun(services, { ...SETTINGS, dataset, generations: 500, seed: 3, name: 'long' });
  const { page, go, close } = await openPage(browser, services.broker);
  await go(`runs/${uuid}`);
  await page.getByRole('button', { name: 'Pause' }).click(LONGER);
  await page.locator('.badge', { hasText: 'paused' }).waitFor(LONGER);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('.badge', { hasText: 'running' }).waitFor(LONGER);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('.badge', { hasText: 'cancelled' }).waitFor(LONGER);
  page.on('dialog', (d) => d.accept());
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'Runs' }).waitFor(LONGER);
  assert.equal((await call(`${services.broker}/v1/runs/${uuid}`)).status, 404);
  await close();
});

test('two runs are compared, by the boxes in the list', async () => {
  const { page, go, close } = await openPage(browser, services.broker);
  await go('runs');
  await page.getByRole('checkbox', { name: 'Compare first' }).check(LONGER);
  await page.getByRole('checkbox', { name: 'Compare second' }).check();
  await page.getByRole('button', { name: 'Compare 2 runs' }).click();
  await page.getByRole('row', { name: /^seed 1 2/ }).waitFor(LONGER);
  await page.getByRole('row', { name: /^rungs 2 1/ }).waitFor();
  assert.equal(await page.getByRole('row', { name: /^population/ }).count(), 0);
  await page.getByLabel('By', { exact: true }).selectOption('cpu');
  await page.getByRole('button', { name: 'Leave out second' }).click();
  await page.getByText('They have the same settings.').waitFor(LONGER);
  await close();
});

test('genomes are sorted and filtered by the broker, and one leads to its parents', async () => {
  const { page, go, close } = await openPage(browser, services.broker);
  await go(`runs/${first}/genomes`);
  const rows = page.getByRole('table', { name: 'Genomes' }).locator('.row a');
  await rows.first().waitFor(LONGER);
  await page.getByRole('button', { name: 'Parameters' }).click();
  await page.getByRole('button', { name: 'Parameters' }).click();
  const { json } = await call(`${services.broker}/v1/runs/${first}/genomes?sort=parameters&limit=1`);
  await until('the smallest first', async () => (await rows.first().innerText()) === String(json.items[0].id));
  const child = (await call(`${services.broker}/v1/runs/${first}/genomes?generation=2`)).json.items.find((g) => g.parents.length);
  await page.getByLabel('Go to genome').fill(String(child.id));
  await page.getByLabel('Go to genome').press('Enter');
  await page.getByRole('heading', { name: `Genome ${child.id}` }).waitFor(LONGER);
  await page.getByRole('heading', { name: /Against genome/ }).first().getByRole('link').click();
  await page.getByRole('heading', { name: `Genome ${child.parents[0]}`, exact: true }).waitFor(LONGER);
  await close();
});

test('which genes matter is worked out, and genomes are chosen by their fitness', async () => {
  const uuid = await createRun(services, { ...SETTINGS, dataset, seed: 4, name: 'many', population: 24, epochs: 1 });
  await finishedRun(services, uuid);
  const { page, go, close } = await openPage(browser, services.broker);
  await go(`runs/${uuid}/genomes`);
  await page.getByRole('button', { name: 'Which genes matter?' }).click(LONGER);
  const matter = page.getByRole('region', { name: 'Which genes matter' });
  await matter.getByText(/explain \d+% of its differences|All genes together explain\s+\d+%/).waitFor(LONGER);
  const { json: { total } } = await call(`${services.broker}/v1/runs/${uuid}/genes`);
  await page.getByText(`All ${total} genomes that are scored`).waitFor();
  await page.getByLabel('Show', { exact: true }).selectOption('0.1');
  const count = async () => Number(/line for each of (\d+)/.exec(await page.getByRole('img', { name: /axes, from/ }).getAttribute('aria-label'))[1]);
  await until('the best to be shown', async () => (await count()) < total / 2);
  assert.deepEqual(await faults(page), []);
  await close();
});

test('a picture that is dropped on the champion is classified', async () => {
  const { settings: { dataset_hash: hash } } = (await call(`${services.broker}/v1/runs/${first}`)).json;
  const png = Buffer.from(await (await fetch(`${services.broker}/v1/datasets/${hash}/samples.png`)).arrayBuffer());
  const { page, go, close } = await openPage(browser, services.broker);
  await go(`runs/${first}/champion`);
  await page.getByRole('region', { name: 'A picture to classify' }).waitFor(LONGER);
  await page.evaluate(async (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], 'picture.png', { type: 'image/png' }));
    document.querySelector('[aria-label="A picture to classify"]').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, png.toString('base64'));
  const classes = page.getByRole('list', { name: 'Classes' }).getByRole('listitem');
  await classes.first().waitFor(LONGER);
  assert.equal(await classes.count(), 4);
  await page.getByText('it was resized').waitFor();
  await close();
});

test('what a champion takes for something else is shown, as its result has it', async () => {
  const { page, go, close } = await openPage(browser, services.broker);
  const { final, classes } = (await call(`${services.broker}/v1/runs/${first}/champion`)).json;
  await go(`runs/${first}/champion`);
  const items = page.getByRole('list', { name: 'Mistakes' }).getByRole('listitem');
  await items.first().waitFor(LONGER);
  assert.equal(await items.count(), Math.min(24, final.mistakes.length));
  const [worst] = final.mistakes;
  await items.first().getByRole('img', { name: `Image ${worst.image}`, exact: true }).waitFor(LONGER);
  assert.match(await items.first().innerText(), new RegExp(`^${classes[worst.label]}\\s+taken for\\s+${classes[worst.answer]} ${(100 * worst.probability).toFixed(0)}%$`));
  await close();
});

test('a broker with a token has it asked for once, and all of the page then knows it', async (t) => {
  const dir = tempDir(t), file = join(dir, 'token'), token = 'a-token-of-thirty-two-characters';
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  const closed = await up(t, { extra: ['--token-file', file] });
  const headers = { Authorization: `Bearer ${token}` };
  const { json } = await call(`${closed.broker}/v1/runs`, { ...SETTINGS, dataset, seed: 1, name: 'closed' }, { headers });
  const { page, go, context: tab } = await openPage(browser, closed.broker);
  await go('runs');
  await page.getByLabel('Token').fill('a-token-that-is-not-the-right-one');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('not the right one').waitFor(LONGER);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('link', { name: 'closed' }).click(LONGER);
  await page.getByText('the run is finished').waitFor({ timeout: 60000 * patience });
  await go(`runs/${json.uuid}/champion`);
  await page.getByRole('row', { name: /Recall/ }).waitFor(LONGER);
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'SVG' }).click()]);
  assert.match(readFileSync(await saved.path(), 'utf8'), /^<svg/);
  await tab.close();
});

test('the page says that the broker is gone, and goes on when it is back', async () => {
  const { page, go, close } = await openPage(browser, services.broker);
  await go('runs');
  await page.getByRole('link', { name: 'first', exact: true }).waitFor(LONGER);
  const [broker] = descendants(services.proc.child.pid, 'broker');
  process.kill(broker, 'SIGKILL'); // `up` starts another
  await until('another broker', () => descendants(services.proc.child.pid, 'broker').some((p) => p !== broker));
  await page.getByText('connected').waitFor(LONGER);
  await page.getByRole('link', { name: 'first', exact: true }).click();
  await page.getByRole('heading', { name: 'first' }).waitFor(LONGER);
  services.proc.child.kill('SIGTERM');
  await services.proc.ended;
  await page.getByRole('link', { name: 'Workers' }).click();
  await page.getByText(/The broker does not answer since/).waitFor(LONGER);
  services = { ...services, proc: start(context, services.args) };
  await page.getByText('connected').waitFor(LONGER);
  await page.getByText('nothing', { exact: true }).first().waitFor(LONGER);
  await close();
});

const views = (id) => [
  ['runs', 'Runs'], ['new', 'Start a run'], [`runs/${first}`, 'first'], [`runs/${first}/genomes`, 'Genomes'],
  [`runs/${first}/genomes/${id}`, `Genome ${id}`], [`runs/${first}/champion`, 'Network'],
  [`runs/${first}/settings`, 'Settings'], [`compare?runs=${first},${second}`, 'Compare runs'],
  [`runs/${first}/genomes?genes=shown`, 'Which genes matter'], ['workers', 'Workers'], ['datasets', 'Data sets'],
];

for (const dark of [false, true]) {
  test(`no view has a serious fault for who sees or types otherwise, ${dark ? 'dark and narrow' : 'light and wide'}`, async () => {
    const { page, go, close } = await openPage(browser, services.broker, { dark, width: dark ? 400 : 1440 });
    for (const [path, heading] of views(await champion(first))) {
      await go(path);
      await page.getByRole('heading', { name: heading, exact: true }).first().waitFor(LONGER);
      await page.waitForFunction(() => !document.querySelector('[aria-busy]'), null, LONGER);
      assert.deepEqual(await faults(page), [], path);
      const { nodes, over } = await page.evaluate(() => ({
        nodes: document.querySelectorAll('*').length, over: document.documentElement.scrollWidth - innerWidth,
      }));
      assert.ok(over <= 0, `${path}: ${over} pixels stand out to the right`);
      assert.ok(nodes < 5000, `${path}: ${nodes} nodes`);
    }
    await close();
  });
}

test('a run of thousands of genomes opens, scrolls and sorts with few nodes', async (t) => {
  const dataDir = tempDir(t), port = await freePort(), away = 'http://127.0.0.1:1';
  const made = spawnSync(process.env.NEVOD_BIG_RUN, [`sqlite:${dataDir}/nevod.db`, '4000']);
  assert.equal(made.status, 0, String(made.stderr));
  start(t, ['broker', '--data-dir', dataDir, '--port', String(port), '--genome', away, '--evolutioner', away]);
  const base = `http://127.0.0.1:${port}`;
  await until('the broker', () => answers(`${base}/healthz`));
  const { page, go, close } = await openPage(browser, base);
  await go('runs');
  await page.getByRole('link', { name: 'very many genomes' }).click(LONGER);
  await page.getByRole('img', { name: /Accuracy by generation/ }).waitFor(LONGER);
  await page.getByRole('img', { name: /species over \d+ generations/ }).waitFor();
  await page.getByRole('link', { name: 'Genomes', exact: true }).click();
  const table = page.getByRole('table', { name: 'Genomes' });
  await table.locator('.row a').first().waitFor(LONGER);
  await page.getByRole('button', { name: 'Genome', exact: true }).click();
  const { json: { total: all } } = await call(`${base}/v1/runs/00000000-0000-4000-8000-000000100000/genomes?limit=1`);
  await table.getByRole('link', { name: String(all - 1), exact: true }).waitFor(LONGER);
  await page.locator('.scroll').evaluate((e) => { e.scrollTop = e.scrollHeight; });
  await table.getByRole('link', { name: '0', exact: true }).waitFor(LONGER);
  const { nodes, total } = await page.evaluate(() => ({
    nodes: document.querySelectorAll('*').length, total: Number(document.querySelector('[role=table]').ariaRowCount),
  }));
  assert.equal(total, all + 1, 'all of them and the head are counted');
  assert.ok(nodes < 5000, `${nodes} nodes`);
  const [file] = await Promise.all([page.waitForEvent('download', { timeout: 60000 * patience }), page.getByRole('button', { name: 'CSV' }).click()]);
  const ids = readFileSync(await file.path(), 'utf8').trimEnd().split('\r\n').slice(1).map((row) => Number(row.split(',')[0]));
  assert.deepEqual(ids, Array.from({ length: all }, (_, i) => all - 1 - i), 'every row once, in the order on the screen');
  const session = await page.context().newCDPSession(page);
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  assert.ok(usedSize < 300 * 2 ** 20, `${usedSize} bytes of heap`);
  await close();
});

test('what the first page loads is at most 120 kB', async () => {
  const { page, go, close } = await openPage(browser, services.broker);
  const files = [];
  page.on('response', (r) => { if (/\/$|\/assets\//.test(new URL(r.url()).pathname)) files.push(r); });
  await go('runs');
  await page.getByRole('heading', { name: 'Runs' }).waitFor(LONGER);
  const sizes = await Promise.all(files.map(async (r) => gzipSync(await r.body(), { level: 9 }).length));
  const total = sizes.reduce((a, b) => a + b, 0);
  assert.ok(files.length >= 3 && total <= 120 * 1024, `${total} bytes in ${files.length} files`);
  await close();
});

test('a report needs nobody', async (t) => {
  const file = join(tempDir(t), 'report.html');
  const made = await run(t, ['report', first, '--out', file, '--broker', services.broker]);
  assert.equal(made.code, 0, made.err);
  const { page, complaints, strangers } = await openPage(browser, `file://${file}`);
  await page.goto(`file://${file}`);
  await page.getByRole('heading', { name: 'first' }).waitFor(LONGER);
  await page.getByRole('img', { name: /A network of \d+ layers/ }).waitFor(LONGER);
  await page.getByRole('row', { name: /Recall/ }).waitFor();
  await page.getByRole('list', { name: 'Mistakes' }).getByRole('img').first().waitFor();
  assert.deepEqual([complaints, strangers], [[], []]);
  assert.deepEqual(await faults(page), []);
  await page.context().close();
});
