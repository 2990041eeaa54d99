/** @file A file of candidates for selection, YAML or JSON: a list with line numbers for errors. */
import { dirname, resolve } from 'node:path';
import { isNode } from 'yaml';
import { FileError } from '../errors.js';
import { said, say } from '../say.js';
import { type Candidate, candidatesSchema } from '../selection/candidates.js';
import { readYaml } from './config-file.js';
import { findAdapter } from './find-adapter.js';

/**
 * Folders of adapters are relative to the file.
 * @throws FileError with the line, if the file is not a list of candidates
 */
export async function readCandidatesFile(path: string): Promise<Candidate[]> {
  const { document, lines, values } = await readYaml(path, 'YAML or JSON');
  const parsed = candidatesSchema.safeParse(values ?? []);
  if (!parsed.success) {
    const { path: keys, message } = parsed.error.issues[0]!;
    throw new FileError(path, placeOf(keys as (string | number)[]), said(message));
  }
  return Promise.all(
    parsed.data.map(async (candidate) =>
      candidate.adapter === undefined
        ? candidate
        : { ...candidate, adapter: await findAdapter(resolve(dirname(path), candidate.adapter)) },
    ),
  );

  /** "line 4, candidate 2, template", as far as known. */
  function placeOf(keys: (string | number)[]): string | undefined {
    const [index, key] = keys;
    if (typeof index !== 'number') return undefined;
    const node = document.getIn(keys, true) ?? document.getIn([index], true);
    const line = isNode(node) && node.range ? [say`line ${lines.linePos(node.range[0]).line}`] : [];
    return [...line, say`candidate ${index + 1}`, ...(key === undefined ? [] : [String(key)])].join(say`, `);
  }
}
