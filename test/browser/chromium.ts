/** @file A real browser for tests: the Chromium that is installed, without a window. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const paths = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Undefined where there is none. */
export const chromiumPath = paths.find((path) => path !== undefined && existsSync(path));

/** The folder of its libraries, among them a Vulkan driver without a GPU. */
export const chromiumFolder = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'].find(
  (folder) => existsSync(`${folder}/vk_swiftshader_icd.json`),
);

export const startChromium = (args: string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
  });
