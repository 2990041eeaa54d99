/** @file What the studio's page has of its server: keys, chats, reports as jobs in their frame, a queue of works. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained, trainAdapter } from '../../src/index.js';
import type { About, Queue } from '../../src/studio/api/index.js';
import { createStudio, type Studio } from '../../src/studio/index.js';
import { chromiumPath, startChromium } from './chromium.js';
import { answered, expectNoFaults, look, open, patience } from './studio-page.js';
import { type StudioSite, startStudioSite } from './studio-site.js';

const key = 'key-of-this-test';
const rows = ['good', 'bad', 'good', 'bad'].map((label, i) => ({ text: `film ${i}`, label }));

const hour = 3_600_000;
const queue = (now: number): Queue => ({
  queues: [
    {
      name: 'promptune-2-c0ffee',
      waiting: 61,
      running: 2,
      done: 9,
      lost: 1,
      failed: 1,
      workers: 2,
      secondsLeft: 4210,
    },
  ],
  workers: [
    {
      ...{
        id: 'a',
        host: 'node-17.cluster',
        pid: 4711,
        machineClass: 'c0ffee12ab34',
        since: now - 2 * hour,
        done: 5,
      },
      job: {
        label: 'lora-all-seed-2',
        since: now - 95_000,
        stage: 'training',
        done: 120,
        total: 200,
        loss: 1.2,
      },
    },
    { id: 'b', host: 'node-18.cluster', pid: 12, machineClass: 'c0ffee12ab34', since: now - hour, done: 4 },
  ],
  failed: [
    {
      ...{ queue: 'promptune-2-c0ffee', key: 'f', label: 'prefix-tuning-all-seed-1', at: now - hour },
      message: 'the loss is NaN at step 12; lower the learning rate',
    },
  ],
});

describe.skipIf(chromiumPath === undefined)('the studio with its server', () => {
  let base: string;
  let site: StudioSite;
  let studio: Studio;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
    const folder = join(base, 'runs');
    const pretrained = await fromPretrained();
    await trainAdapter({
      ...{ ...pretrained, data: rows, output: join(folder, 'films'), maxSteps: 4 },
      methodOptions: { numVirtualTokens: 4 },
    });
    const ask = (question: string, answer: string) => ({
      messages: [
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ],
    });
    await trainAdapter({
      ...{ ...pretrained, data: [ask('How are you?', 'Fine.')], output: join(folder, 'talk'), maxSteps: 2 },
      methodOptions: { numVirtualTokens: 4 },
    });
    const sha256 = createHash('sha256').update(key).digest('hex');
    [site, browser] = await Promise.all([startStudioSite(), startChromium()]);
    const keys = [{ name: 'test', sha256, models: ['*'], studio: true }];
    studio = await createStudio({ ...pretrained, folder, port: 0, page: site.page, keys });
    page = await open(await browser.newContext({ viewport: { width: 1280, height: 900 } }), studio.pageUrl);
  });
  afterEach(expectNoFaults);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
    await site?.close();
    await rm(base, { recursive: true, force: true });
  });

  it('asks for a key, says when it is wrong, and keeps the right one', async () => {
    const field = page.getByLabel('API key');
    await field.fill('another');
    await page.keyboard.press('Enter');
    await page.getByText('The server refused this key.').waitFor();
    await look(page, 'server-key', ['en']);
    const chinese = await open(await browser.newContext({ locale: 'zh-CN' }), studio.pageUrl);
    await chinese.getByRole('dialog').waitFor();
    await look(chinese, 'server-key', ['zh']);
    await chinese.context().close();
    await field.fill(key);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Learn', level: 1 }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Learn', level: 1 }).waitFor();
  });

  it('chats in columns by Ctrl+Enter, with the prompt that was learned from a conversation', async () => {
    await page.goto(`${studio.pageUrl}#/try/talk`);
    await page.locator('fieldset.segmented label', { hasText: 'Chat' }).click();
    const question = page.getByLabel('Message to answer');
    await question.fill('How are you?');
    await question.press('Control+Enter');
    await page.getByRole('slider', { name: 'Tokens, one by one' }).nth(1).waitFor();
    await answered(page);
    await look(page, 'server-try-chat');
  });

  it('evaluates an adapter as a job, whose report opens in its frame', async () => {
    await page.goto(`${studio.pageUrl}#/runs/films`);
    await page.getByRole('link', { name: 'Evaluate' }).click();
    expect(await page.getByLabel('Adapter').inputValue()).toBe('films');
    await page.getByRole('tab', { name: 'Paste' }).click();
    await page.getByRole('textbox', { name: 'Rows' }).fill(rows.map((row) => JSON.stringify(row)).join('\n'));
    await page.getByRole('button', { name: 'Use these rows' }).click();
    await page.getByText('4 rows are read').waitFor();
    await look(page, 'server-report-evaluate');
    await page.getByText('It chooses among its own labels: bad, good.').waitFor();
    await page.getByRole('button', { name: 'Make the report' }).click();
    await page.waitForURL(/report=reports/, { timeout: patience });
    const frame = page.frameLocator('iframe');
    await frame.getByRole('heading', { name: 'Figures' }).waitFor();
    expect(await frame.locator('body').textContent()).toContain('macro-f1');
    await look(page, 'server-report');
  });

  it('shows a comparison while it is made, stops it, and goes on', async () => {
    await page.goto(`${studio.pageUrl}#/runs?new=compare`);
    await page.getByRole('heading', { name: 'Rows to learn from' }).waitFor();
    const pasted = rows.map((row) => JSON.stringify(row)).join('\n');
    await page.getByRole('tab', { name: 'Paste' }).first().click();
    await page.getByRole('textbox', { name: 'Rows' }).first().fill(pasted);
    await page.getByRole('button', { name: 'Use these rows' }).first().click();
    await page.getByText('pasted.jsonl').nth(1).waitFor(); // the rows to measure on are those of before
    await page.locator('fieldset.segmented label', { hasText: 'Labels' }).click();
    for (const method of ['Prefix tuning', 'LoRA']) await page.getByLabel(method, { exact: true }).uncheck();
    await page.getByLabel('Steps of each training').fill('2');
    await page.getByLabel('Steps of each training').blur();
    await look(page, 'server-report-compare');
    await page.getByRole('button', { name: 'Make the report' }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.getByRole('cell', { name: 'untuned' }).waitFor({ timeout: patience });
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await look(page, 'server-report-job');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.waitForURL(/report=methods/, { timeout: patience });
    const methods = page.frameLocator('iframe').locator('table').first();
    expect(await methods.textContent()).toContain('prompt-tuning');
  });

  it('benchmarks prompts that people write beside a learned one', async () => {
    // The rows and the length of each training are those of before.
    await page.goto(`${studio.pageUrl}#/runs?new=benchmark`);
    const prompts = page.getByLabel('Your prompts');
    await prompts.fill('Is this a good film? {text}');
    await prompts.blur();
    await page.getByLabel('Examples before a row').fill('1');
    await page.getByLabel('Examples before a row').blur();
    await look(page, 'server-report-benchmark');
    await page.getByRole('button', { name: 'Make the report' }).click();
    await page.waitForURL(/report=reports%2Fprompts/, { timeout: patience });
    const table = page.frameLocator('iframe').locator('table').first();
    expect(await table.textContent()).toContain('prompt 1');
    await look(page, 'server-report-of-prompts');
  });

  it('says why a job failed, and what to do', async () => {
    await page.goto(`${studio.pageUrl}#/runs?new=evaluate&adapter=films`);
    await page.getByRole('tab', { name: 'Paste' }).click();
    await page.getByRole('textbox', { name: 'Rows' }).fill('{"text":"film 0","label":"warm"}');
    await page.getByRole('button', { name: 'Use these rows' }).click();
    await page.getByText('1 row is read').waitFor();
    await page.getByRole('button', { name: 'Make the report' }).click();
    await page
      .getByRole('alert')
      .getByText(/^pasted\.jsonl \(line 1\): .+ is not one of the labels bad, good$/)
      .waitFor({ timeout: patience });
    await look(page, 'server-report-failed');
    expect(await page.getByRole('button', { name: 'Start again' }).count()).toBe(1);
    await page.getByRole('link', { name: 'Change its settings' }).click();
    expect(await page.getByLabel('Adapter').inputValue()).toBe('films');
  });

  it('says that an adapter is of another model, and how to open that', async () => {
    const run = `${studio.url}/studio/api/runs/elsewhere`;
    await page.route(run, (route) => route.fulfill({ json: { model: 'openai-community/gpt2' } }));
    await page.goto(`${studio.pageUrl}#/try/elsewhere`);
    await page.getByText('elsewhere cannot be used here').waitFor();
    await page.getByText('npx promptune studio --model openai-community/gpt2').waitFor();
    await look(page, 'server-other-model');
    await page.unroute(run);
  });

  it('says that the server is gone, and goes on when it is back', async () => {
    await page.goto(`${studio.pageUrl}#/learn`);
    await page.getByRole('heading', { name: 'Method', exact: true }).waitFor();
    await page.route('**/studio/api/**', (route) => route.abort());
    const notice = page.getByText('The server does not answer', { exact: true });
    await notice.waitFor();
    await look(page, 'server-lost');
    await page.unroute('**/studio/api/**');
    await notice.waitFor({ state: 'detached' });
  });

  it('shows a queue of works, and tries what failed again', async () => {
    let retries = 0;
    await page.route('**/studio/api/about', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as About), hasQueue: true } });
    });
    await page.route('**/studio/api/queue', (route) => route.fulfill({ json: queue(Date.now()) }));
    await page.route('**/studio/api/queue/retry', (route) => {
      retries++;
      return route.fulfill({ json: { retried: 1 } });
    });
    await page.goto(`${studio.pageUrl}#/runs`);
    await page.reload();
    await page.getByRole('tab', { name: 'Queue' }).click();
    const workers = page.getByRole('table', { name: 'Workers' });
    await workers.waitFor();
    const [first] = await workers.getByRole('row').filter({ hasText: 'node-17' }).allTextContents();
    expect(first).toContain('lora-all-seed-2 · Training 120 / 200');
    expect(await page.getByRole('table', { name: 'Queues' }).textContent()).toContain('about 1 hr 10 min');
    await page.getByRole('button', { name: 'Try all again' }).click();
    await expect.poll(() => retries).toBe(1);
    await look(page, 'server-queue');
  });
});
