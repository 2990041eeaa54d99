/** @file The studio's page in a tab on a GPU: Chromium's in software, which here passes for one. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { chromiumPath, startChromium } from './chromium.js';
import { expectNoFaults, open } from './studio-page.js';
import { type StudioSite, startStudioSite } from './studio-site.js';

const rows = ['I like apples. I want a,peach', 'I like cats. I want a,rabbit'];

describe.skipIf(chromiumPath === undefined)('the studio in a tab with a GPU', () => {
  let site: StudioSite;
  let browser: Browser;

  beforeAll(async () => {
    [site, browser] = await Promise.all([
      startStudioSite(),
      startChromium(['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']),
    ]);
  });
  afterEach(expectNoFaults);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('learns on the GPU, or on the CPU alone where the user wants that', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    // A page takes no GPU in software by itself, since that is slower than the CPU.
    await context.route('**/engine/worker.js', async (route) => {
      const response = await route.fetch();
      const isNone = `Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { value: false });`;
      await route.fulfill({ response, body: `${isNone}\n${await response.text()}` });
    });
    const page = await open(context, `${site.origin}/`);
    await page.getByText('This tab · GPU').waitFor();
    await page.getByRole('tab', { name: 'Paste' }).click();
    await page.getByRole('textbox', { name: 'Rows' }).fill(['prompt,completion', ...rows].join('\n'));
    await page.getByRole('button', { name: 'Use these rows' }).click();
    await page.getByText('Examples as the model reads them').waitFor();
    await page.getByLabel('Virtual tokens').fill('4');
    await page.getByLabel('Virtual tokens').blur();
    await page.getByLabel('Prompts to watch').fill('');
    await page.getByLabel('Prompts to watch').blur();
    await page.locator('fieldset.segmented label', { hasText: 'Steps' }).click();
    await page.getByLabel('How many').fill('2');
    await page.getByLabel('How many').blur();
    await page.getByRole('button', { name: 'Start learning' }).click();
    await page.getByRole('link', { name: 'Try it' }).waitFor();
    await page.goto(`${site.origin}/#/serve`);
    await page.getByText('This tab learns on the GPU.').waitFor();
    await page.getByLabel('Use the CPU alone').check();
    await page.getByRole('button', { name: 'Open the page again' }).click();
    await page.getByText('This tab · CPU').waitFor();
    await context.close();
  });
});
