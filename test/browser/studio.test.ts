/** @file The studio's page in a browser, over its server and in a tab alone: every view, from learning to serving. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained, type Pretrained, trainAdapter } from '../../src/index.js';
import { createStudio, type Studio } from '../../src/studio/index.js';
import { chromiumPath, startChromium } from './chromium.js';
import { answered, expectNoFaults, look, open } from './studio-page.js';
import { type StudioSite, startStudioSite } from './studio-site.js';

const rows = [
  ['apples and pears', 'peach'],
  ['cats and dogs', 'rabbit'],
  ['coats and scarves', 'hat'],
  ['cakes and pies', 'cookie'],
].map(([likes, wants]) => ({ prompt: `I like ${likes}. I want a`, completion: ` ${wants}` }));
const text = 'I like apples and pears. I want a';

describe.skipIf(chromiumPath === undefined)('the studio', () => {
  let site: StudioSite;
  let browser: Browser;
  let temporary: string;
  let pretrained: Pretrained;

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'promptune-studio-test-'));
    [site, browser, pretrained] = await Promise.all([
      startStudioSite(),
      startChromium(),
      fromPretrained('promptune-mini'),
    ]);
  });
  afterEach(expectNoFaults);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await rm(temporary, { recursive: true, force: true });
  });

  /** Learn: rows that are pasted, 12 steps; then the job's page. Returns its address. */
  async function learn(page: Page, name: string): Promise<void> {
    await page.getByRole('tab', { name: 'Paste' }).click();
    await page.getByRole('textbox', { name: 'Rows' }).fill(rows.map((row) => JSON.stringify(row)).join('\n'));
    await page.getByRole('button', { name: 'Use these rows' }).click();
    await page.getByText('Examples as the model reads them').waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await page.locator('fieldset.segmented label', { hasText: 'Steps' }).click();
    await page.getByLabel('How many').fill('12');
    await page.getByLabel('How many').blur();
    await page.getByRole('button', { name: 'Start learning' }).click();
    await page.getByRole('link', { name: 'Try it' }).waitFor();
  }

  /** Try: two columns answer, and a token tells its probability by keyboard. */
  async function tryOut(page: Page, adapter: string): Promise<void> {
    await page.locator('form textarea').first().fill(text);
    await page.getByRole('combobox', { name: /Column B/ }).selectOption(`learned:${adapter}`);
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Answer' }).click();
    await page.getByRole('slider', { name: 'Tokens, one by one' }).nth(1).waitFor();
    await answered(page);
    const inspector = page.getByRole('slider', { name: 'Tokens, one by one' }).first();
    await inspector.focus();
    await page.keyboard.press('ArrowRight');
    expect(await inspector.getAttribute('aria-valuetext')).toMatch(/: \d+(\.\d)?%\. Likely here: /);
    const shares = await page.locator('.line li .share').allTextContents();
    expect(shares.length).toBeGreaterThanOrEqual(5);
  }

  /** See: the map by keyboard, the similarities, and the attention of a text. */
  async function see(page: Page, mode: string, address: string): Promise<void> {
    await page.goto(`${address}#/see/learned`);
    const map = page.getByRole('slider', { name: /Vectors among the vocabulary/ });
    await map.waitFor();
    await map.focus();
    await page.keyboard.press('ArrowRight');
    expect(await map.getAttribute('aria-valuetext')).toMatch(/^Vector 2: nearest .+; length \d/);
    await page.locator('dt', { hasText: 'Moved in training' }).waitFor();
    await look(page, `${mode}-see-map`);
    if (mode === 'server') {
      await page.locator('fieldset.segmented label', { hasText: 'Around this one' }).click();
      await look(page, 'server-see-map-near');
    }
    await page.getByRole('tab', { name: 'Distances' }).click();
    const similarities = page.getByRole('slider', { name: 'How alike the vectors are' });
    await similarities.focus();
    await page.keyboard.press('ArrowRight');
    expect(await similarities.getAttribute('aria-valuetext')).toBe('Vectors 1 and 1: 1.00');
    await page.locator('fieldset.segmented label', { hasText: 'Distance' }).click();
    expect(await page.getByRole('list', { name: 'Nearest to each other' }).textContent()).toMatch(
      /1.+\d\.\d\d/,
    );
    if (mode === 'server') await look(page, 'server-see-distances');
    await page.getByRole('tab', { name: 'Attention' }).click();
    await page.locator('form textarea').fill(text);
    await page.getByRole('button', { name: 'Show' }).click();
    const attention = page.getByRole('slider', { name: 'Attention of the text to each virtual token' });
    await attention.waitFor();
    await attention.focus();
    await page.keyboard.press('ArrowRight');
    expect(await attention.getAttribute('aria-valuetext')).toMatch(/ to virtual token 1: \d+(\.\d)?%$/);
    await look(page, `${mode}-see-attention`);
  }

  it('learns a prompt in a tab, from a server of static files, and shows it', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    const address = `${site.origin}/`;
    const page = await open(context, address);
    await page.getByText('This tab · CPU').waitFor(); // a GPU in software is none
    await learn(page, 'learned');
    await look(page, 'tab-learn-job');
    await page.getByRole('link', { name: 'Try it' }).click();
    await tryOut(page, 'learned');
    await look(page, 'tab-try');
    await see(page, 'tab', address);
    await page.goto(`${address}#/runs`);
    await page.getByRole('link', { name: 'learned' }).first().waitFor();
    await look(page, 'tab-runs');
    await page.goto(`${address}#/serve`);
    const download = page.getByRole('button', { name: 'Download learned' });
    await download.waitFor();
    await look(page, 'tab-serve');
    const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
    expect(file.suggestedFilename()).toBe('learned.zip');
    const zip = join(temporary, 'from-tab.zip');
    await file.saveAs(zip);

    // What leaves as a file comes in as one.
    await page.setInputFiles('input[type=file]', zip);
    await page.getByRole('button', { name: /^Remove .*from-tab\.zip$/ }).waitFor();
    await page.close();

    // A tab that was closed shows its jobs and runs again.
    const second = await open(context, `${address}#/learn`);
    await second
      .getByRole('link', { name: /learned/ })
      .first()
      .waitFor();
    await second.goto(`${address}#/try`);
    await second.getByRole('combobox', { name: /Column B/ }).waitFor();
    const choices = await second.locator('optgroup').first().locator('option').allTextContents();
    expect(choices).toContain('learned');
    await second.close();
    await context.close();
  });

  it('learns over its server, tries, sees and serves', async () => {
    const folder = join(temporary, 'studio');
    await trainAdapter({
      ...{ ...pretrained, data: rows, output: join(folder, 'learned'), maxSteps: 12, learningRate: 0.03 },
      methodOptions: { numVirtualTokens: 10 },
    });
    const labeled = ['a good film', 'a bad film', 'so nice', 'so dull'].map((text, i) => ({
      text,
      label: i % 2 ? 'bad' : 'good',
    }));
    await trainAdapter({
      ...{ ...pretrained, data: labeled, output: join(folder, 'mood'), maxSteps: 4, method: 'lora' },
      taskType: 'sequence-classification',
    });
    let studio: Studio | undefined;
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    try {
      studio = await createStudio({ ...pretrained, folder, page: site.page, port: 0 });
      const address = studio.pageUrl;
      const began = performance.now();
      const page = await open(context, address);
      await page.locator('nav').waitFor();
      console.log(`first paint over the server: ${Math.round(performance.now() - began)} ms`);
      await learn(page, 'second');
      await look(page, 'server-learn-job');
      await page.goto(`${address}#/learn`);
      await page.getByText('Examples as the model reads them').waitFor();
      await page.getByText('Trained parameters').waitFor();
      await page.getByText(/^Trains 202\.5K parameters\./).waitFor(); // P-tuning, with its defaults
      await look(page, 'server-learn');
      await page.goto(`${address}#/try`);
      await tryOut(page, 'learned');
      await page.getByRole('button', { name: 'Add a column' }).click();
      await page.getByRole('combobox', { name: /Column C/ }).selectOption('learned:mood');
      await page.getByRole('button', { name: 'Answer' }).click();
      const labels = page.getByRole('list', { name: 'Labels of column C' });
      await labels.waitFor();
      expect((await labels.locator('.name').allTextContents()).sort()).toEqual(['bad', 'good']);
      await answered(page);
      await look(page, 'server-try');
      await see(page, 'server', address);
      await page.goto(`${address}#/runs`);
      await page.getByRole('link', { name: 'learned' }).first().waitFor();
      await look(page, 'server-runs');
      await page.goto(`${address}#/serve`);
      await page.getByRole('tab', { name: 'curl' }).waitFor();
      await page.getByRole('tab', { name: 'openai (Python)' }).click();
      expect(await page.locator('pre').textContent()).toContain(`base_url="${studio.url}/v1"`);
      await look(page, 'server-serve');
      await page.close();
    } finally {
      await context.close();
      await studio?.close();
    }
  });
});
