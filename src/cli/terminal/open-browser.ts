/** @file Opens an address in the user's browser. */
import { spawn } from 'node:child_process';

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Does nothing where there is no browser: the address has been printed. */
export function openBrowser(address: string): void {
  const [program, ...first] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program!, [...first, address], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
