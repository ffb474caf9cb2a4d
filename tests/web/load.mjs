// load.mjs -- a module of the dashboard as node can import it: its types taken
// off, what it imports bundled in.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const web = new URL('../../web/', import.meta.url);
const { buildSync } = createRequire(web)('esbuild');

export async function load(name) {
  const { outputFiles: [file] } = buildSync({
    entryPoints: [fileURLToPath(new URL(`src/lib/${name}`, web))], bundle: true, write: false, format: 'esm', logLevel: 'error',
    // Runes are the Svelte compiler's; here a state is a plain member.
    define: { '$state': 'globalThis.plain' },
  });
  globalThis.plain = Object.assign((v) => v, { raw: (v) => v });
  return import(`data:text/javascript;base64,${Buffer.from(file.text).toString('base64')}`);
}
