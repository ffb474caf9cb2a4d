// vite.config.mjs -- how the dashboard is built: the app, and, with --mode
// report, a page that needs no other file (what `nevod report` fills in).
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// Puts scripts and styles into the page itself, in place of links to them.
const inlined = {
  name: 'inlined',
  enforce: 'post',
  generateBundle: { order: 'post', handler(_, bundle) {
    const page = bundle['report.html'];
    for (const [name, file] of Object.entries(bundle)) {
      if (file === page) continue;
      const text = (file.code ?? file.source).toString();
      page.source = file.type === 'chunk'
        ? page.source.replace(/<script type="module"[^>]*><\/script>/, '')
          .replace('</body>', () => `<script type="module">${text.replaceAll('</script', '<\\/script')}</script>\n</body>`)
        : page.source.replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${text}</style>`);
      delete bundle[name];
    }
  } },
};

export default defineConfig(({ mode }) => {
  const report = mode === 'report';
  return {
    base: './',
    plugins: [svelte(), ...(report ? [inlined] : [])],
    resolve: { alias: report ? [{ find: './plan', replacement: './plan.report' }] : [] },
    build: {
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      cssCodeSplit: !report,
      rollupOptions: {
        input: report ? 'report.html' : 'index.html',
        output: { inlineDynamicImports: report },
      },
    },
  };
});
