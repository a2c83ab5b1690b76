// Bundles the page's TypeScript and styles (src/bot/web/page) into two files that the server sends.
import { build } from 'esbuild';

await build({
  entryPoints: { page: 'src/bot/web/page/main.tsx' },
  outdir: 'src/bot/web/public/built',
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome111', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});
