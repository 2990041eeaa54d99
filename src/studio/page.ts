/** @file The page's files, as `npm run build:studio` makes them, and what a browser may do with them. */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { say } from '../say.js';
import type { Variables } from '../serving/http/app.js';

/** In the package, and beside the sources in the repository. */
export const builtPage = fileURLToPath(new URL('../../dist/studio-page', import.meta.url));

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
};

/** Scripts, styles and requests from this address alone, and no frame around the page. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Routes of the page below `/studio/`, to which `/` leads. They need no key: the files are the same for everybody.
 * @param folder of the built page. Default: that of the package
 */
export function pageRoutes(folder = builtPage): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>();
  for (const path of ['/', '/studio']) app.get(path, (c) => c.redirect('/studio/'));
  app.get('/studio/', () => fileNamed('index.html'));
  app.get('/studio/:file', (c) => fileNamed(c.req.param('file')));
  app.get('/studio/assets/:file', (c) => fileNamed(`assets/${c.req.param('file')}`));
  return app;

  async function fileNamed(name: string): Promise<Response> {
    const type = contentTypes[extname(name)];
    const isSound = /^(assets\/)?[\w-][\w.-]*$/.test(name);
    const bytes =
      type !== undefined && isSound ? await readFile(join(folder, name)).catch(() => undefined) : undefined;
    if (bytes && type !== undefined) {
      // Names of assets change with their content.
      const cacheControl = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      return new Response(bytes, {
        headers: { ...headers, 'content-type': type, 'cache-control': cacheControl },
      });
    }
    const text =
      name === 'index.html'
        ? `${say`The page of the studio is not built. In a checkout of the repository, build it with`}\n\n  npm run build:studio\n`
        : `${say`There is no such file.`}\n`;
    return new Response(text, {
      status: name === 'index.html' ? 503 : 404,
      headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
    });
  }
}
