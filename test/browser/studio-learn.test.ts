/** @file The studio's page over its server: learning from pasted rows, and the runs that come of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained } from '../../src/index.js';
import { createStudio, type Studio } from '../../src/studio/index.js';
import { chromiumPath, startChromium } from './chromium.js';
import { expectNoFaults, look, open, speak } from './studio-page.js';
import { type StudioSite, startStudioSite } from './studio-site.js';

const rows = [
  'text,label,id',
  ...['A fine evening,good,1', 'A dull film,bad,2', 'I liked it,good,3', 'Never again,bad,4'],
].join('\n');

describe.skipIf(chromiumPath === undefined)('the studio in Chromium', () => {
  let base: string;
  let site: StudioSite;
  let studio: Studio;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
    site = await startStudioSite();
    const pretrained = await fromPretrained();
    studio = await createStudio({
      ...{ ...pretrained, folder: join(base, 'runs'), port: 0, page: site.page },
    });
    browser = await startChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
    page = await open(context, studio.pageUrl);
  });
  afterEach(expectNoFaults);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
    await site?.close();
    await rm(base, { recursive: true, force: true });
  });

  it('shows rows as the model reads them, and what a run would cost', async () => {
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
    await look(page, 'learn-rows');
  });

  it('says at the field what is wrong with it', async () => {
    const rate = page.getByRole('textbox', { name: 'Learning rate' });
    await rate.fill('fast');
    await rate.blur();
    await page.locator('input[aria-invalid="true"]').waitFor();
    await page.getByText('Learning rate: expected number, got "fast"').waitFor();
    await speak(page, 'zh'); // the server goes on in English for others
    await page.getByText('学习率：应为 数字，得到 "fast"').waitFor();
    await speak(page, 'en');
    await page.getByText('Learning rate: expected number, got "fast"').waitFor();
    await look(page, 'learn-fault');
    expect(await page.getByRole('button', { name: 'Start learning' }).isDisabled()).toBe(true);
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
    await look(page, 'learn-stopped');
    await chart.focus();
    await page.keyboard.press('Home');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^Step 1: training \d+\.\d+/);
  });

  it('keeps the run, with a note', async () => {
    await page.getByRole('link', { name: 'Open the run' }).click();
    await page.getByRole('textbox', { name: 'Note' }).fill('moods of evenings');
    await page.getByText('Saved').waitFor();
    await look(page, 'run');
    await page.getByRole('link', { name: 'All runs' }).click();
    const row = page.getByRole('row', { name: /moods/ });
    expect(await row.textContent()).toContain('moods of evenings');
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('No run matches').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await row.waitFor();
  });

  it('deletes the run once that is confirmed', async () => {
    await page.getByRole('link', { name: 'moods' }).click();
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No runs yet').waitFor();
    await look(page, 'runs-empty');
  });
});
