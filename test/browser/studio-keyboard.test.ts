/** @file The studio by keys alone: from an empty page to a prompt that was learned, tried, compared and served. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained, trainAdapter } from '../../src/index.js';
import { createStudio, type Studio } from '../../src/studio/index.js';
import { chromiumPath, startChromium } from './chromium.js';
import { answered, expectNoFaults, open, patience } from './studio-page.js';
import { type StudioSite, startStudioSite } from './studio-site.js';

const rows = ['A fine evening,good', 'A dull film,bad', 'I liked it,good', 'Never again,bad'];
/** More controls than any view has. */
const mostTabs = 120;

interface Focus {
  readonly name: string;
  /** Whether an outline shows it, in sight and under nothing. */
  readonly isSeen: boolean;
}

describe.skipIf(chromiumPath === undefined)('the studio by keyboard', () => {
  let base: string;
  let site: StudioSite;
  let studio: Studio;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
    const folder = join(base, 'runs');
    const pretrained = await fromPretrained();
    const earlier = { data: [{ text: 'A cat purrs.' }], output: join(folder, 'earlier'), maxSteps: 2 };
    await trainAdapter({ ...pretrained, ...earlier });
    [site, browser] = await Promise.all([startStudioSite(), startChromium()]);
    studio = await createStudio({ ...pretrained, folder, port: 0, page: site.page });
    const context = await browser.newContext({
      ...{ viewport: { width: 1280, height: 800 }, locale: 'en-US' },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    page = await open(context, studio.pageUrl);
  });
  afterEach(expectNoFaults);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
    await site?.close();
    await rm(base, { recursive: true, force: true });
  });

  const press = (key: string) => page.keyboard.press(key);
  const focus = () => page.evaluate(focused);
  /** Where the focus comes to be, perhaps after a while. */
  const expectFocus = (name: string) =>
    expect.poll(async () => (await focus()).name, { timeout: patience }).toBe(name);

  /** On from control to control, each of which is seen and named, up to the one whose name begins so. */
  async function tabTo(name: string): Promise<void> {
    for (let i = 0; i < mostTabs; i++) {
      await press('Tab');
      const now = await focus();
      expect(now.name, 'a control without a name').not.toBe('');
      expect(now, 'the focus is not seen').toMatchObject({ isSeen: true });
      if (now.name.startsWith(name)) return;
    }
    throw new Error(`no way to ${name} by Tab`);
  }
  async function write(text: string): Promise<void> {
    await press('Control+A');
    await page.keyboard.insertText(text);
  }
  /** What a screen reader was told last. */
  const announced = () => page.locator('.unseen[role=status]').last().textContent();

  it('goes past the navigation, and sets up a run', async () => {
    await page.getByRole('heading', { name: 'Method', exact: true }).waitFor();
    await tabTo('Skip');
    await press('Enter');
    await tabTo('An example');
    await press('ArrowRight');
    await press('ArrowRight');
    await expectFocus('Paste');
    await tabTo('Rows');
    await write(['text,label', ...rows].join('\n'));
    await tabTo('Use these rows');
    await press('Enter');
    await page.getByText('Examples as the model reads them').waitFor();
    await expectFocus('Use these rows');
    await expect.poll(announced, { timeout: patience }).toBe('4 rows are read');

    await tabTo('Prompt tuning');
    await press('ArrowDown');
    await page.getByRole('radio', { name: /^P-tuning/, checked: true }).waitFor();
    await press('ArrowUp');
    await tabTo('Virtual tokens');
    await write('4');
    await tabTo('Name');
    await write('by-keys');
    await tabTo('Automatic');
    await press('ArrowRight');
    await tabTo('How many');
    await write('300');
    await page.getByText('1,024').waitFor({ timeout: patience }); // 4 virtual tokens, in 256 numbers each
    await tabTo('Start learning');
    await press('Enter');
    await page.waitForURL(/#\/learn\/./);
    await expectFocus('main');
  });

  it('stops, resumes and compares; the focus stays where it was', async () => {
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await tabTo('Stop');
    const chart = page.getByRole('slider', { name: /^Loss/ });
    const step = async () => Number(await chart.getAttribute('aria-valuenow'));
    await expect.poll(step, { timeout: patience }).toBeGreaterThan(1);
    await press('Enter');
    await expectFocus('Resume');
    await expect.poll(announced).toBe('by-keys: stopped');
    await press('Enter');
    await expectFocus('Stop');
    await press('Enter');
    await expectFocus('Resume');
    await tabTo('Compare with');
    await press('ArrowDown');
    await page.getByRole('button', { name: 'earlier · training' }).waitFor();
    await tabTo('Loss');
    await press('Home');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^Step 1: training \d+\.\d+/);
    await tabTo('Values as a table');
    await press('Enter');
    await page.getByRole('table', { name: 'Loss' }).waitFor();
  });

  it('tries what was learned, and finds how programs ask for it', async () => {
    await tabTo('Skip'); // around, from the end of the page
    for (const name of ['Open the run', 'Try it']) {
      await tabTo(name);
      await press('Enter');
      await expectFocus('main');
    }
    await tabTo('Text to continue');
    await write('A fine evening');
    await press('Control+Enter');
    await page.getByRole('slider', { name: 'Tokens, one by one' }).first().waitFor();
    await answered(page);
    expect(await announced()).toMatch(/^Column [AB] has answered/);
    await tabTo('Tokens, one by one');
    await press('ArrowRight');
    const first = page.getByRole('slider', { name: 'Tokens, one by one' }).first();
    expect(await first.getAttribute('aria-valuetext')).toMatch(/: \d+(\.\d)?%\. Likely here: /);
    await tabTo('Add a column');
    await press('Enter');
    await page.getByRole('textbox', { name: 'Your prompt' }).waitFor();
    await tabTo('Skip');
    await tabTo('Remove column C');
    await press('Enter');
    await page.getByRole('textbox', { name: 'Your prompt' }).waitFor({ state: 'detached' });
    await expectFocus('Remove column B');

    await tabTo('Skip');
    await tabTo('Serve');
    await press('Enter');
    await page.getByRole('tab', { name: 'curl' }).waitFor();
    await tabTo('curl');
    await press('ArrowRight');
    expect(await page.getByRole('tabpanel').textContent()).toContain("import OpenAI from 'openai'");
    await tabTo('Copy');
    await press('Enter');
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toContain('import OpenAI');
  });
});

declare const document: {
  activeElement: PageElement | null;
  elementFromPoint(x: number, y: number): PageElement | null;
  getElementById(id: string): PageElement | null;
};
declare const getComputedStyle: (element: PageElement) => { outlineStyle: string };
interface PageElement {
  id: string;
  tagName: string;
  textContent: string;
  labels?: Iterable<PageElement>;
  classList: { contains(name: string): boolean };
  nextElementSibling: PageElement | null;
  contains(other: PageElement | null): boolean;
  getAttribute(name: string): string | null;
  getBoundingClientRect(): { left: number; top: number; width: number; height: number };
}

/** In the page: what has the focus. */
function focused(): Focus {
  const element = document.activeElement!;
  if (element.tagName === 'BODY') return { name: 'page', isSeen: true }; // between the last control and the first
  const name =
    element.getAttribute('aria-label') ?? ([...(element.labels ?? [])][0] ?? element).textContent.trim();
  // Of a choice among few, the text beside the radio button shows the focus.
  const shown = element.classList.contains('unseen') ? element.nextElementSibling! : element;
  const { left, top, width, height } = shown.getBoundingClientRect();
  const above = document.elementFromPoint(left + Math.min(width / 2, 12), top + Math.min(height / 2, 12));
  return {
    name: element.tagName === 'MAIN' ? 'main' : name.replace(/\s+/g, ' '),
    isSeen: getComputedStyle(shown).outlineStyle !== 'none' && shown.contains(above),
  };
}
