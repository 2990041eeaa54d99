/** @file What the process holds in memory: figures that benchmarks and `--dry-run` report. */
import { readFileSync } from 'node:fs';

export interface MemoryUsage {
  /** Bytes in memory that belong to this process alone. Mapped weight files are not among them. */
  readonly privateBytes: number;
  /** Largest resident size so far, mapped files included, in bytes. */
  readonly peakBytes: number;
}

/** Linux tells private memory apart (RssAnon in /proc/self/status); elsewhere it is the whole resident size. */
export function memoryUsage(): MemoryUsage {
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  if (process.platform !== 'linux') return { privateBytes: process.memoryUsage.rss(), peakBytes };
  const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return { privateBytes: Number(anonymous?.[1] ?? 0) * 1024, peakBytes };
}
