/** @file The content of a run's folder, for comparing two runs. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** All files by path, as base64; metrics.jsonl as lines without durations. */
export async function runFolderBytes(folder: string): Promise<Record<string, unknown>> {
  const files: Record<string, unknown> = {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    files[path.slice(folder.length + 1)] =
      entry.name === 'metrics.jsonl' ? metricsWithoutTime(bytes) : bytes.toString('base64');
  }
  return files;
}

function metricsWithoutTime(bytes: Buffer): unknown[] {
  const lines = bytes.toString().split('\n');
  if (lines.pop() !== '') throw new Error('metrics.jsonl ends inside a line');
  return lines.map((line) => {
    const { seconds: _, tokensPerSecond: _speed, ...metrics } = JSON.parse(line);
    return metrics;
  });
}
