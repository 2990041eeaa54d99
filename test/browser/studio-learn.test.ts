/** @file The studio's page over its server: learning from pasted rows, and the runs that come of it. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained } from '../../src/index.js';
import { createStudio, type Studio } from '../../src/studio/index.js';
import { chromiumPath, startChromium } from './chromium.js';
import { root } from './site.js';
import { type StudioSite, startStudioSite } from './studio-site.js';

const rows = [
  'text,label,id',
  ...['A fine evening,good,1', 'A dull film,bad,2', 'I liked it,good,3', 'Never again,bad,4'],
].join('\n');
/** Not in git. To look at after a change. */
const pictures = join(root, 'coverage/studio');

describe.skipIf(chromiumPath === undefined)('the studio in Chromium', () => {
  let base: string;
  let site: StudioSite;
  let studio: Studio;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
    site = await startStudioSite();
    const pretrained = await fromPretrained();
    studio = await createStudio({
      ...{ ...pretrained, folder: join(base, 'runs'), port: 0, page: site.page },
    });
    browser = await startChromium();
    page = await opened({ width: 1280, language: 'en-US', theme: 'light' });
    await mkdir(pictures, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
    await site?.close();
    await rm(base, { recursive: true, force: true });
  });

  async function opened({
    width,
    language,
    theme,
  }: {
    width: number;
    language: string;
    theme: 'light' | 'dark';
  }) {
    const viewport = { width, height: width < 600 ? 844 : 900 };
    const page = await browser.newPage({ viewport, locale: language, colorScheme: theme });
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    return page;
  }

  it('shows rows as the model reads them, and what a run would cost', async () => {
    await page.goto(studio.pageUrl);
    await page.getByRole('tab', { name: 'Paste' }).click();
    await page.getByRole('textbox', { name: 'Rows' }).fill(rows);
    await page.getByRole('button', { name: 'Use these rows' }).click();
    const learned = page.locator('mark').first();
    await learned.waitFor();
    expect(await learned.textContent()).toContain('good');
    expect(await page.locator('mark').count()).toBe(4);
    expect(await page.getByRole('heading', { name: 'Rows' }).locator('..').textContent()).toContain(
      'pasted.csv',
    );
    expect(await page.getByText('unused fields: id').count()).toBe(1);
    // 20 virtual tokens, in 256 numbers each.
    await page.getByText('5,120').waitFor();
  });

  it('says at the field what is wrong with it', async () => {
    const rate = page.getByRole('textbox', { name: 'Learning rate' });
    await rate.fill('fast');
    await rate.blur();
    await page.locator('input[aria-invalid="true"]').waitFor();
    expect(await page.getByRole('button', { name: 'Start learning' }).isDisabled()).toBe(true);
    faults.length = 0; // the server's answer, 400
    await rate.fill('');
    await rate.blur();
    await page.locator('input[aria-invalid="true"]').waitFor({ state: 'detached' });
  });

  it('learns, and a reload, a stop and a resume lose nothing', async () => {
    await page.getByText('Steps', { exact: true }).first().click();
    const count = page.getByRole('spinbutton', { name: 'How many' });
    await count.fill('300');
    await count.blur();
    await page.getByRole('textbox', { name: 'Name' }).fill('moods');
    await page.getByRole('textbox', { name: 'Name' }).blur();
    await page.locator('button[type=submit]:enabled', { hasText: 'Start learning' }).click();
    await page.waitForURL(/#\/learn\/./);
    places.job = new URL(page.url()).hash;
    const chart = page.getByRole('slider', { name: /^Loss/ });
    await expect
      .poll(async () => Number(await chart.getAttribute('aria-valuenow')), { timeout: 60_000 })
      .toBeGreaterThan(1);
    await page.reload();
    await page.getByText('Before learning').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText(/Resumed at step \d+/).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await chart.focus();
    await page.keyboard.press('Home');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^Step 1: training \d+\.\d+$/);
  });

  it('keeps the run, with a note', async () => {
    await page.getByRole('link', { name: 'Open the run' }).click();
    await page.getByRole('textbox', { name: 'Note' }).fill('moods of evenings');
    await page.getByText('Saved').waitFor();
    await page.getByRole('link', { name: 'All runs' }).click();
    const row = page.getByRole('row', { name: /moods/ });
    expect(await row.textContent()).toContain('moods of evenings');
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('No run matches').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await row.waitFor();
  });

  const places: Record<string, string> = {
    learn: '#/learn',
    runs: '#/runs',
    run: '#/runs/moods',
    serve: '#/serve',
  };
  const looks = [
    { width: 1280, language: 'en-US', theme: 'light' },
    { width: 1280, language: 'zh-CN', theme: 'dark' },
    { width: 390, language: 'zh-CN', theme: 'light' },
    { width: 390, language: 'en-US', theme: 'dark' },
  ] as const;
  it.each(looks)('fits at $width pixels, in $language, $theme', async (look) => {
    const page = await opened(look);
    for (const [name, hash] of Object.entries(places)) {
      await page.goto(`${studio.pageUrl}${hash}`);
      await page.locator('main h1').waitFor();
      await page.waitForLoadState('networkidle');
      const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(beyond, name).toBeLessThanOrEqual(0);
      const file = `${name}-${look.width}-${look.language.slice(0, 2)}-${look.theme}.png`;
      await page.screenshot({ path: join(pictures, file), fullPage: true });
    }
    await page.close();
  });

  it('deletes the run once that is confirmed', async () => {
    await page.getByRole('link', { name: 'moods' }).click();
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No runs yet').waitFor();
    expect(faults).toEqual([]);
  });
});
