/** @file The machine and the process, as Node.js tells of them. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './platform.js';

export const host: Host = {
  system: process.platform,
  architecture: process.arch,
  name: hostname(),
  processId: process.pid,
  threads: availableParallelism(),
  temporaryFolder: tmpdir(),

  async processStart(processId) {
    if (process.platform === 'linux') {
      const stat = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => undefined);
      // "pid (name) state … starttime …": the name may hold anything, so count from the last parenthesis.
      const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields?.[0] === 'Z' ? undefined : fields?.[19];
    }
    try {
      process.kill(processId, 0);
      return 'unknown';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'unknown' : undefined;
    }
  },

  /** Linux tells private memory apart (RssAnon in /proc/self/status); elsewhere it is the whole resident size. */
  memoryUsage() {
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    if (process.platform !== 'linux') return { privateBytes: process.memoryUsage.rss(), peakBytes };
    const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return { privateBytes: Number(anonymous?.[1] ?? 0) * 1024, peakBytes };
  },

  cacheFolder() {
    const { PROMPTUNE_CACHE, XDG_CACHE_HOME } = process.env;
    return PROMPTUNE_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'promptune');
  },
};
