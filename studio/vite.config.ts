/**
 * @file The studio's page: static files in dist/studio-page that run below any address. `npm run build:studio`; for
 *   development `npx vite studio`, beside `promptune studio`, whose port STUDIO_SERVER names.
 */
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { pageSize } from './page-size.js';

const server = process.env.STUDIO_SERVER ?? 'http://127.0.0.1:8000';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [svelte({ configFile: false }), pageSize({ limitKilobytes: 200 })],
  build: {
    outDir: join(import.meta.dirname, '../dist/studio-page'),
    emptyOutDir: true,
    target: 'es2022',
    // Browsers that know light-dark(): from 2024 on.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
    // Of what is bundled.
    license: { fileName: 'licenses.md' },
  },
  server: {
    proxy: { '/studio/api': server, '/v1': server },
    // What lets a page share memory among threads, as the built page's server does.
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  },
});
