import { expect, it } from 'vitest';
import { describeProblem, FileError, optionError, PromptuneError, UsageError } from './errors.js';
import { keepSecret } from './secrets.js';

it('a usage error has all problems, in words and as data', () => {
  const problems = [
    { path: ['optimizer', 'weightDecay'], message: 'expected a number', file: 'run.yaml', line: 3 },
    { path: ['methods', 0], message: 'the name is unknown' },
    { path: [], message: 'there is nothing to do' },
  ];
  const error = new UsageError(problems);
  expect(error.problems).toEqual(problems);
  expect(error.message).toBe(
    'run.yaml (line 3): optimizer.weightDecay: expected a number; methods.0: the name is unknown; there is nothing to do',
  );
  expect(JSON.parse(JSON.stringify(error.problems))).toEqual(problems);
});

it('a usage error in words alone is about no option', () => {
  expect(new UsageError('say what to do').problems).toEqual([]);
  const { message, problems } = optionError('schedule.name', 'expected linear or cosine');
  expect(message).toBe('schedule.name: expected linear or cosine');
  expect(problems).toEqual([{ path: ['schedule', 'name'], message: 'expected linear or cosine' }]);
});

it('a problem of a whole file has no option', () => {
  expect(describeProblem({ path: [], message: 'expected keys and values', file: 'a.yaml' })).toBe(
    'a.yaml: expected keys and values',
  );
});

it('each kind of error has a code, which can be made exact', () => {
  const cause = new Error('gone');
  expect(new PromptuneError('x').code).toBe('failed');
  expect(new UsageError('x').code).toBe('invalid-option');
  expect(new FileError('a', undefined, 'x').code).toBe('damaged-file');
  const exact = new FileError('a', 'line 2', 'x', { code: 'not-found', cause });
  expect([exact.code, exact.cause, exact.message]).toEqual(['not-found', cause, 'a (line 2): x']);
});

it('no error shows a registered secret', () => {
  keepSecret('correct horse battery');
  keepSecret('short');
  for (const error of [
    new PromptuneError('the server said: correct horse battery is short'),
    new UsageError([{ path: ['token'], message: 'got correct horse battery is short' }]),
    new FileError('a', undefined, 'it holds correct horse battery is short'),
  ]) {
    expect(error.message).toContain('… is short');
    expect(error.stack).not.toContain('horse');
  }
});
