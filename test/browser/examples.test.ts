/** @file The examples for pages, as their readers would run them. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, startChromium } from './chromium.js';
import { servePages } from './page-server.js';
import { root, type Site, startSite } from './site.js';

const examples = join(root, 'examples/browser');

describe.skipIf(chromiumPath === undefined)('examples in Chromium', () => {
  let site: Site;
  let browser: Browser;
  let temporary: string;
  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'promptune-example-'));
    site = await startSite({ pages: { '/page.html': await readFile(join(examples, 'page.html'), 'utf8') } });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await rm(temporary, { recursive: true, force: true });
  });

  it('a page of one file learns a prompt, and offers it for download', async () => {
    const page = await browser.newPage();
    const began = performance.now();
    await page.goto(`${site.origin}/page.html`);
    await page.click('#learn');
    await page.waitForFunction("document.getElementById('status').value.startsWith('Learned')", undefined, {
      timeout: 240_000,
    });
    const seconds = (performance.now() - began) / 1000;
    const sent = [...site.sent.values()].reduce((sum, bytes) => sum + bytes, 0);
    console.log(
      `from an empty profile to a learned prompt: ${seconds.toFixed(1)} s, ${(sent / 1e6).toFixed(1)} MB`,
    );
    expect(sent).toBeLessThan(20e6);
    expect(await page.textContent('#before')).not.toBe(await page.textContent('#after'));
    expect(await page.textContent('#after')).toContain('I like apples and pears. I want a peach');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
    expect(download.suggestedFilename()).toBe('adapter.zip');
    await page.close();
  });

  it('a Vite project builds, and its pages run', async () => {
    const project = join(temporary, 'project');
    await cp(join(examples, 'vite'), project, { recursive: true });
    const installed = join(project, 'node_modules/promptune');
    await mkdir(installed, { recursive: true });
    await cp(join(root, 'package.json'), join(installed, 'package.json'));
    await cp(site.built, join(installed, 'dist/browser'), { recursive: true });
    await cp(join(root, 'models'), join(installed, 'models'), { recursive: true });
    await symlink(join(root, 'node_modules/onnxruntime-web'), join(project, 'node_modules/onnxruntime-web'));
    const { build } = await import('vite');
    await build({ root: project, logLevel: 'error' });
    const dist = join(project, 'dist');
    console.log('Vite built:', (await readdir(join(dist, 'assets'))).join(' '));

    const built = await servePages({
      folders: { '/': dist },
      pages: { '/': await readFile(join(dist, 'index.html'), 'utf8') },
    });
    try {
      const page = await browser.newPage();
      await page.goto(`${built.origin}/`);
      await page.click('#learn');
      await page.waitForFunction("document.getElementById('label').value !== ''", undefined, {
        timeout: 240_000,
      });
      expect(await page.evaluate("document.getElementById('label').value")).toMatch(/^(good|bad) \(\d+ %\)$/);
      await page.close();
    } finally {
      await built.close();
    }
  });
});
