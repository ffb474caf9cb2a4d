// pictures.mjs -- photographs the dashboard's views, of a real run, for docs/.
//
//   node tests/e2e/pictures.mjs FOLDER [BROKER]
//
// Without BROKER, the URL of one whose two newest finished runs are shown, it
// evolves two of its own first, which takes some minutes.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { call, createRun, finishedRun, up } from './harness.mjs';
import { openBrowser, openPage } from './page.mjs';

const [folder, given] = process.argv.slice(2);
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };

const SETTINGS = {
  population: 24, generations: 14, train_limit: 2000, epochs: 2, final_epochs: 5, first_convolutions: 3,
  neat: { target_species: 5, threshold: 4, threshold_step: 0.5, remove_rate: 0.02 },
  max_parameters: 120000, max_mflop: 5, space: { filters: [8, 32], units: [16, 64] },
};

async function evolve() {
  const services = await up(context);
  const runs = [
    await createRun(services, { ...SETTINGS, seed: 7, name: 'Fashion, a first try', generations: 8, train_limit: 1000 }),
    await createRun(services, { ...SETTINGS, seed: 11, name: 'Fashion, small networks' }),
  ];
  for (const uuid of runs) await finishedRun(services, uuid);
  return services.broker;
}

const broker = given ?? await evolve();
const { json: { items: [run, other] } } = await call(`${broker}/v1/runs?state=finished`);
const id = run.champion.id;
const VIEWS = [
  ['runs', 'runs', 620], ['run', `runs/${run.uuid}`, 930], ['run-dark', `runs/${run.uuid}`, 930],
  ['genomes', `runs/${run.uuid}/genomes`, 900], ['genome', `runs/${run.uuid}/genomes/${id}`, 1060],
  ['champion', `runs/${run.uuid}/champion`, 900], ['compare', `compare?runs=${run.uuid},${other.uuid}`, 900],
  ['workers', 'workers', 420], ['start', 'new', 720], ['settings', `runs/${run.uuid}/settings`, 900],
  ['datasets', 'datasets', 760], ['run-narrow', `runs/${run.uuid}`, 900],
];

mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
for (const [name, path, height] of VIEWS) {
  const { page, go, close } = await openPage(browser, broker,
    { dark: name.endsWith('dark'), width: name.endsWith('narrow') ? 400 : 1440, height });
  await go(path);
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('[aria-busy]'));
  await page.waitForTimeout(1200); // what is drawn after it has come
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await close();
}
await browser.close();
for (const f of cleanup.reverse()) await f();
