/** @file What the studio's page shows of jobs that fail: before their first step, killed, or on a full disk. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained } from '../../src/index.js';
import type { Job } from '../../src/studio/api/index.js';
import { createStudio, type Studio } from '../../src/studio/index.js';
import { chromiumPath, startChromium } from './chromium.js';
import { expectNoFaults, look, open, patience } from './studio-page.js';
import { type StudioSite, startStudioSite } from './studio-site.js';

const rows = ['good', 'bad'].map((label, i) => JSON.stringify({ text: `film ${i}`, label })).join('\n');

describe.skipIf(chromiumPath === undefined)('jobs that fail', () => {
  let base: string;
  let folder: string;
  let site: StudioSite;
  let studio: Studio;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
    folder = join(base, 'runs');
    [site, browser] = await Promise.all([startStudioSite(), startChromium()]);
    studio = await createStudio({ ...(await fromPretrained()), folder, port: 0, page: site.page });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    page = await open(context, studio.pageUrl);
  });
  afterEach(expectNoFaults);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
    await site?.close();
    await rm(base, { recursive: true, force: true });
  });

  async function post<Answer>(path: string, body: unknown): Promise<Answer> {
    const response = await fetch(`${studio.url}/studio/api/${path}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Answer;
  }
  const store = async (name: string) =>
    (await post<{ path: string }>('data', { name, content: `${rows}\n` })).path;
  const start = (run: string, data: string, maxSteps: number) =>
    post<Job>('jobs', {
      run,
      config: { data, maxSteps, threads: 1, methodOptions: { numVirtualTokens: 4 } },
    });
  const show = (job: Job) => page.goto(`${studio.pageUrl}#/learn/${job.id}`);
  /** Until the page shows a step. */
  const learns = () =>
    expect
      .poll(
        async () => Number(await page.getByRole('slider', { name: /^Loss/ }).getAttribute('aria-valuenow')),
        { timeout: patience },
      )
      .toBeGreaterThan(0);

  it('says why one failed before its first step, and has its settings to change', async () => {
    const first = await start('first', await store('first.jsonl'), 3000);
    const data = await store('lost.jsonl');
    const second = await start('second', data, 7);
    await show(second);
    await page.getByText('Waits for the job before it.').waitFor();
    await unlink(join(folder, data));
    await post(`jobs/${first.id}/stop`, {});
    await page.getByRole('alert').getByText('lost.jsonl: it cannot be read: there is no such file').waitFor();
    await look(page, 'learn-failed');
    expect(await page.getByRole('button', { name: 'Start again' }).count()).toBe(1);
    expect(await page.getByRole('slider', { name: /^Loss/ }).count()).toBe(0);
    // Also in a browser that knows nothing of the job.
    await page.evaluate('localStorage.clear()');
    await page.getByRole('button', { name: 'Change its settings' }).click();
    await page.getByText('lost.jsonl', { exact: true }).waitFor();
    expect(await page.getByLabel('How many').inputValue()).toBe('7');
    expect(await page.getByLabel('Virtual tokens').inputValue()).toBe('4');
  });

  it('says that one was killed, and goes on from its last checkpoint', async () => {
    const job = await start('killed', await store('killed.jsonl'), 3000);
    await show(job);
    await learns();
    for (const pid of await childProcesses()) process.kill(pid, 'SIGKILL');
    await page.getByRole('alert').getByText('SIGKILL').waitFor();
    await page.getByRole('button', { name: /^(Resume|Start again)$/ }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await learns();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it.skipIf(!existsSync('/dev/full'))('says how one ended while the disk was full', async () => {
    const job = await start('full', await store('full.jsonl'), 3000);
    await show(job);
    await learns();
    const messages = join(folder, '.studio/jobs', job.id, 'messages.jsonl');
    await rename(messages, join(base, 'messages.jsonl'));
    await symlink('/dev/full', messages);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await unlink(messages);
    await rename(join(base, 'messages.jsonl'), messages);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText(/^Resumed at step \d+/).waitFor();
    const steps = (await readFile(messages, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).index);
    expect(steps).toEqual(steps.map((_, i) => i));
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
  });
});

/** Of jobs, which run in processes of their own; the browser is another one. */
async function childProcesses(): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isInteger)) {
    const [stat, command] = await Promise.all(
      ['stat', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    const parent = Number(stat!.slice(stat!.lastIndexOf(')') + 2).split(' ')[1]);
    if (parent === process.pid && command!.includes('job-process')) found.push(pid);
  }
  return found;
}
