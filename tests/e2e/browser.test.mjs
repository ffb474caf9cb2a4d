// browser.test.mjs -- Swagger UI as a person uses it: "Try it out" works from
// /docs for each endpoint of existing clients, and no other host is asked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { call, tempDir, tinyDataset, tinyGenome, up } from './harness.mjs';

const require = createRequire(new URL('../../web/', import.meta.url));
const { chromium } = require('playwright-core');

let services, dataset, browser, uuid;
const cleanup = [];
const context = { after: (f) => cleanup.push(f) };
const POPULATION = { num_channels: 1, px_h: 12, px_w: 12, num_classes: 4, batch_size: 32, num_poblation: 2 };

before(async () => {
  dataset = tinyDataset(join(tempDir(context), 'tiny'));
  services = await up(context);
  const made = await call(`${services.broker}/create_initial_poblation`, { ...POPULATION, dataset });
  uuid = made.json.message.uuid;
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  cleanup.push(() => browser.close());
});
after(async () => {
  for (const f of cleanup.reverse()) await f();
});

// Opens /docs, expands the operation, fills in the body, executes, and gives
// the status and body that Swagger UI shows.
async function tryItOut(base, path, body) {
  const page = await browser.newPage();
  const complaints = [], strangers = [];
  page.on('console', (m) => { if (m.type() === 'error') complaints.push(m.text()); });
  page.on('pageerror', (e) => complaints.push(String(e)));
  page.on('request', (r) => {
    if (!r.url().startsWith(base) && !r.url().startsWith('data:') && !r.url().startsWith('blob:')) strangers.push(r.url());
  });
  await page.goto(`${base}/docs`);
  const block = page.locator('.opblock', { has: page.locator(`[data-path="${path}"]`) });
  await block.locator('.opblock-summary').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  await block.locator('textarea.body-param__text').fill(JSON.stringify(body));
  await block.getByRole('button', { name: 'Execute' }).click();
  const live = block.locator('.live-responses-table .response');
  await live.first().waitFor({ timeout: 120000 });
  const status = Number((await live.locator('.response-col_status').first().innerText()).trim().split(/\s/)[0]);
  const text = await live.locator('.response-col_description .highlight-code, .response-col_description .microlight').first().innerText();
  await page.close();
  return { status, text, complaints, strangers };
}

const cases = () => [
  ['genome', '/create_initial_poblation', POPULATION, /models/],
  ['genome', '/create_child', { 1: tinyGenome(), 2: tinyGenome() }, /model/],
  ['evolutioner', '/create_cnn_model', { ...tinyGenome(), dataset, epochs: 1 }, /score/],
  ['broker', '/create_initial_poblation', { ...POPULATION, dataset }, /uuid/],
  ['broker', '/create_cnn_model', { uuid, model_id: 0, epochs: 1 }, /score/],
  ['broker', '/create_child', { uuid, model_id: 0, second_model_id: 1 }, /model_id/],
];

for (let i = 0; i < 6; i++) {
  test(`"Try it out" works, case ${i + 1} of 6`, async () => {
    const [service, path, body, pattern] = cases()[i];
    const shown = await tryItOut(services[service], path, body);
    assert.equal(shown.status, 200, shown.text);
    assert.match(shown.text, pattern);
    assert.deepEqual(shown.complaints, []);
    assert.deepEqual(shown.strangers, []);
  });
}
