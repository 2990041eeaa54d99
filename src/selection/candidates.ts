/**
 * @file Candidates for selection: prompts that are texts, given as templates, and prompts that were learned, given as
 * folders.
 */
import * as z from 'zod';
import { loadAdapter } from '../adapters/load-adapter.js';
import { refuseHead } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import { schemaProblems } from '../schema-problems.js';

const candidateSchema = z
  .strictObject({
    /** Name in tables and results. */
    name: z.string().min(1),
    /** The model's input, with a row's fields in braces. Default: the row's input. */
    template: z.string().optional(),
    /** The expected answer, in the same way. Default: that of all candidates, else the field completion or output. */
    completionTemplate: z.string().optional(),
    /** Folder of an adapter to use with it. Default: the model alone. */
    adapter: z.string().min(1).optional(),
    /** Task to use, if the adapter has several. */
    task: z.int().nonnegative().optional(),
  })
  .refine(({ adapter, task }) => task === undefined || adapter !== undefined, {
    path: ['task'],
    error: () => say`it needs an adapter`,
  });

/** At least two, with distinct names. */
export const candidatesSchema = z
  .array(candidateSchema)
  .min(2, 'expected at least two candidates to choose from')
  .superRefine((candidates, context) => {
    for (const [i, { name }] of candidates.entries())
      if (candidates.findIndex((other) => other.name === name) < i)
        context.addIssue({
          code: 'custom',
          path: [i, 'name'],
          message: say`another candidate has the name ${JSON.stringify(name)} already`,
        });
  });

/** One of the prompts that a selector chooses from. */
export type Candidate = z.output<typeof candidateSchema>;

/** @throws UsageError that names the candidate and the invalid key */
export function checkCandidates(candidates: readonly Candidate[]): Candidate[] {
  const problems = schemaProblems(candidatesSchema, candidates);
  if (problems.length === 0) return candidatesSchema.parse(candidates);
  throw new UsageError(problems.map((problem) => ({ ...problem, path: ['candidates', ...problem.path] })));
}

/** The adapter of a candidate, or undefined if it is a text only. */
export async function adapterOf(
  { name, adapter: folder, task }: Candidate,
  model: LanguageModel,
): Promise<Adapter | undefined> {
  if (folder === undefined) return undefined;
  const adapter = await loadAdapter(folder, model);
  refuseHead(adapter);
  if (adapter.tasks) return adapter.tasks.adapterFor(task ?? 0);
  if (task === undefined) return adapter;
  throw new UsageError(say`candidate ${JSON.stringify(name)}: task is ${task}, but ${folder} has no tasks`);
}
