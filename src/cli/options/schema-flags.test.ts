import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { UsageError } from '../../index.js';
import { messageFor } from './problems.js';
import { flagsOf, flagsOfChoice } from './schema-flags.js';

const schema = z.strictObject({
  batchSize: z.int().positive().default(8).describe('examples of a step'),
  rate: z.number().optional().describe('its height (default: that of batchSize)'),
  appendEos: z.boolean().default(true).describe('end texts'),
  kind: z.enum(['mean', 'max']).default('mean').describe('what is taken'),
  stop: z.array(z.string()).default([]).describe('ends a text'),
  data: z.union([z.string(), z.array(z.string())]).meta({ description: 'files', format: 'path' }),
  words: z.record(z.string(), z.union([z.string(), z.array(z.string())])).describe('of a label'),
  table: z.record(z.string(), z.number()).describe('for files alone'),
});

/** What a command with these flags makes of what is typed. */
function parsed(flags: ReturnType<typeof flagsOf>, ...typed: string[]) {
  const command = new Command('x').exitOverride();
  for (const flag of flags) command.addOption(flag);
  return command.parse(typed, { from: 'user' }).opts();
}

describe('flags of a schema', () => {
  it("have the schema's help, with flags for the names of options", () => {
    expect(flagsOf(schema).map(({ flags, description }) => `${flags}: ${description}`)).toEqual([
      '--batch-size <n>: examples of a step (default: 8)',
      '--rate <x>: its height (default: that of --batch-size)',
      '--no-append-eos: do not end texts (default: do)',
      '--kind <name>: what is taken: mean, max (default: mean)',
      '--stop <text>: ends a text; may be repeated',
      '--data <file>: files; may be repeated',
      '--words <label=words>: of a label; may be repeated',
    ]);
  });

  it('read values of their kinds', () => {
    const typed = ['--batch-size', '4', '--rate', '.5', '--kind', 'max', '--stop', 'a\\n', '--stop', 'b'];
    expect(parsed(flagsOf(schema), ...typed, '--no-append-eos', '--words', '1=good,great')).toEqual({
      batchSize: 4,
      rate: 0.5,
      kind: 'max',
      stop: ['a\n', 'b'],
      appendEos: false,
      words: { 1: ['good', 'great'] },
    });
    expect(parsed(flagsOf(schema), '--data', 'C:\\new')).toMatchObject({ data: 'C:\\new' });
    expect(parsed(flagsOf(schema), '--data', 'a', '--data', 'b')).toMatchObject({ data: ['a', 'b'] });
  });

  it('of alternatives name those that have them, and differing defaults', () => {
    const steps = (byDefault: number) => z.int().default(byDefault).describe('steps');
    const alternatives = [
      {
        name: 'one',
        schema: z.strictObject({ steps: steps(5), width: z.int().default(1).describe('width') }),
      },
      { name: 'two', schema: z.strictObject({ steps: steps(9) }) },
    ];
    const flags = flagsOfChoice(alternatives, { path: ['search'] });
    expect(flags.map(({ description }) => description)).toEqual([
      'steps (default: 5 for one, 9 for two)',
      'width (default: 1) [one]',
    ]);
    expect(flags.map(({ path }) => path)).toEqual([
      ['search', 'steps'],
      ['search', 'width'],
    ]);
  });
});

describe('problems of options', () => {
  const command = new Command('x');
  for (const flag of flagsOf(schema, { path: ['training'], only: ['batchSize'] })) command.addOption(flag);
  const told = (...problems: UsageError['problems']) => messageFor(new UsageError(problems), command);

  it('are reported with the flags that set them', () => {
    expect(told({ path: ['training', 'batchSize'], message: 'too small' })).toBe('--batch-size: too small');
    expect(told({ path: ['batchSize'], message: 'too small' })).toBe('--batch-size: too small');
    expect(told({ path: ['other'], message: 'unknown' })).toBe('other: unknown');
    expect(messageFor(new UsageError('say what'), command)).toBe('say what');
  });

  it('are reported with the line of the file, one problem per line', () => {
    const problem = { path: ['training', 'batchSize'], message: 'too small', file: 'a.yaml', line: 2 };
    expect(told(problem, { path: ['x'], message: 'unknown' })).toBe(
      'a.yaml (line 2): training.batchSize: too small\nx: unknown',
    );
  });
});
