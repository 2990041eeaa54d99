/** @file The machine and the process, as reported by Node.js. */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host, ProcessIdentity } from './platform.js';

/** What Linux says of this process; undefined elsewhere, and in Deno without all permissions. */
function ofThisProcess(name: 'stat' | 'status'): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return readFileSync(`/proc/self/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

const stat = ofThisProcess('stat');
const self: ProcessIdentity = {
  pid: process.pid,
  started: stat === undefined ? 'unknown' : startIn(stat),
  space: processSpace(),
};

/** The scope of process numbers, which start over at every boot and in every container. */
function processSpace(): string {
  let names = hostname();
  if (stat !== undefined) {
    const start = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    names = `${start} ${readlinkSync('/proc/self/ns/pid')}`;
  }
  return createHash('sha256').update(names).digest('hex').slice(0, 12);
}

/** "pid (name) state … starttime …": the name may contain anything, so fields are counted from the last parenthesis. */
function startIn(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

/** Undefined if the process does not exist, or has ended and waits for its parent. */
async function startOf(pid: number): Promise<string | undefined> {
  if (stat !== undefined) {
    const its = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    return its && startIn(its);
  }
  try {
    process.kill(pid, 0);
    return 'unknown';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'unknown' : undefined;
  }
}

export const host: Host = {
  system: process.platform,
  architecture: process.arch,
  name: hostname(),
  process: self,
  threads: availableParallelism(),
  temporaryFolder: tmpdir(),

  async isRunning({ pid, started, space }) {
    if (space !== self.space) return undefined;
    const found = await startOf(pid);
    return found !== undefined && (started ?? found) === found;
  },

  /**
   * Linux reports private memory separately (RssAnon in /proc/self/status); elsewhere it is the whole resident size.
   */
  memoryUsage() {
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    const status = ofThisProcess('status');
    if (status === undefined) return { privateBytes: process.memoryUsage.rss(), peakBytes };
    const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(status);
    return { privateBytes: Number(anonymous?.[1] ?? 0) * 1024, peakBytes };
  },

  cacheFolder() {
    const { PROMPTUNE_CACHE, XDG_CACHE_HOME } = process.env;
    return PROMPTUNE_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'promptune');
  },
};
