/**
 * @file The studio's page for tests: opened with what is wrong collected, looked at in both languages and themes, at
 *   the widths of a desk and a phone. Screenshots of all are kept in `screenshots/` beside this file.
 */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';

const screenshots = join(import.meta.dirname, 'screenshots');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Milliseconds; machines may be busy. */
export const patience = 180_000;

/** Words of the page by which a test finds its way, in both languages. */
const words = { en: 'English', zh: '中文' };
type Language = keyof typeof words;

declare const document: {
  documentElement: { scrollWidth: number; clientWidth: number; lang: string };
};

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** What is wrong with how views look, all of it, and with what pages ask for. */
const faults = new Set<string>();

/** Throws for what was wrong since the last call. */
export function expectNoFaults(): void {
  const found = [...faults];
  faults.clear();
  expect(found).toEqual([]);
}

export async function open(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.on('pageerror', ({ message }) => faults.add(message));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(address).origin)
      faults.add(`it asks for ${request.url()}`);
  });
  await page.goto(address);
  return page;
}

/** Chooses the language of the page, as its reader does. */
export async function speak(page: Page, language: Language): Promise<void> {
  if ((await page.evaluate(() => document.documentElement.lang)).startsWith(language)) return;
  await page.click('header summary');
  await page.click(`header details label:has-text("${words[language]}")`);
  await page.keyboard.press('Escape');
  await page.locator('header summary').blur();
}

/** What axe finds wrong with labels, roles and contrast. */
async function faultsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate('typeof axe === "object"'))) await page.evaluate(axe);
  const options = {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'],
    resultTypes: ['violations'],
    // A report's frame runs no scripts.
    iframes: false,
  };
  const found = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`);
  return (found as { violations: Violation[] }).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

const both: readonly Language[] = ['en', 'zh'];

/**
 * The page as it is now, in all its looks; each is checked.
 * @param languages behind a dialog, the page's own alone
 */
export async function look(page: Page, name: string, languages = both): Promise<void> {
  await mkdir(screenshots, { recursive: true });
  for (const language of languages) {
    await speak(page, language);
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.evaluate('scrollTo(0, 0)');
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        const path = join(screenshots, `${name}-${language}-${width}-${theme}.png`);
        await page.screenshot({ path, fullPage: true });
        // Colors are the same in both languages.
        if (language === 'en')
          for (const fault of await faultsOf(page)) faults.add(`${name}, ${width}, ${theme}: ${fault}`);
      }
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      if (scrollWidth > clientWidth) faults.add(`${name}, ${width}: it is ${scrollWidth} wide`);
    }
  }
  await speak(page, languages[0]!);
  await page.setViewportSize({ width: 1280, height: 800 });
}

export const answered = (page: Page) =>
  expect.poll(() => page.locator('main [aria-busy=true]').count(), { timeout: patience }).toBe(0);
