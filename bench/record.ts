/** @file What a run of the benchmark leaves: its figures, with the machine, commit and day that they belong to. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { UsageError } from '../src/errors.js';
import { writeJsonAtomic } from '../src/formats/files.js';
import type { Report } from './report.js';

export interface BenchRecord {
  readonly name: string;
  /** When it began, in ISO 8601. */
  readonly date: string;
  /** The commit, with "+changes" if files differ from it. */
  readonly commit: string;
  readonly machine: string;
  readonly parts: Readonly<Record<string, PartRecord>>;
}

export interface PartRecord {
  /** The machine's load when the part began. Absent from figures that were written down before records had it. */
  readonly load?: number;
  readonly report: Report;
}

/** The commit of a working tree; "unknown" outside of git. */
export function commitOf(root: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changes = git('status', '--porcelain', '--untracked-files=no');
    return `${git('rev-parse', '--short', 'HEAD')}${changes ? '+changes' : ''}`;
  } catch {
    return 'unknown';
  }
}

/** The name of a record that was given none: its day and commit. */
export const defaultName = ({ date, commit }: Pick<BenchRecord, 'date' | 'commit'>): string =>
  `${date.slice(0, 16).replace(/[:T]/g, '-')}-${commit}`;

/** Writes FOLDER/NAME.json, and returns its path. */
export async function writeRecord(folder: string, record: BenchRecord): Promise<string> {
  if (!/^[\w.+-]+$/.test(record.name))
    throw new UsageError(`the name "${record.name}" of a record may have letters, digits and . _ + - only`);
  const path = join(folder, `${record.name}.json`);
  await writeJsonAtomic(path, record);
  return path;
}
