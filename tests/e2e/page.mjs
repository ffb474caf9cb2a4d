// page.mjs -- the dashboard in a browser: what it complains of, whom it asks,
// and whether everybody can use it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/', import.meta.url));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const openBrowser = () => chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// What the browser itself says of a connection that fails.
const NETWORK = /^Failed to load resource: net::|net::ERR_/;

// A page of its own, with what it must not have: `complaints` of the console,
// breaches of the policy among them, and `strangers` that it asked.
export async function openPage(browser, base, { dark = false, width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', acceptDownloads: true,
  });
  const page = await context.newPage();
  const complaints = [], strangers = [];
  page.on('console', (m) => {
    if (['error', 'warning'].includes(m.type()) && !NETWORK.test(m.text())) complaints.push(m.text());
  });
  page.on('pageerror', (e) => complaints.push(String(e)));
  page.on('request', (r) => {
    if (!r.url().startsWith(base) && !/^(data|blob):/.test(r.url())) strangers.push(r.url());
  });
  return {
    page, context, complaints, strangers,
    go: (path) => page.goto(`${base}/#/${path}`),
    close() {
      assert.deepEqual(complaints, [], 'the console is silent');
      assert.deepEqual(strangers, [], 'no other host is asked');
      return context.close();
    },
  };
}

// Serious faults by axe, as "rule: place".  The page's policy keeps scripts from
// being added to it; the debugger is not asked.
export async function faults(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: AXE });
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.filter((v) => ['serious', 'critical'].includes(v.impact))
    .map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} (${n.failureSummary?.split('\n')[1]?.trim() ?? ''})`).join('; ')}`);
}
