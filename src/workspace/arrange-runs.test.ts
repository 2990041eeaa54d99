import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../runs/read-run.js';
import { filterRuns, runValue, sortRuns } from './arrange-runs.js';

const run = (folder: string, config: object, best?: number): RunRecord => ({
  folder,
  config: { method: 'lora', ...config },
  state: 'done',
  steps: 10,
  seconds: 1,
  loss: [{ step: 1, value: 2 }],
  validationLoss: best === undefined ? [] : [{ step: 10, value: best }],
  learningRate: [],
  gradNorm: [],
  tokensPerSecond: [],
  samples: [],
});
const runs = [
  run('a', { learningRate: 0.1, optimizer: { name: 'sgd' } }, 0.5),
  run('b', { learningRate: 0.01, methodOptions: { r: 16 } }),
  run('c', { learningRate: 0.001, method: 'ia3' }, 0.25),
];
const names = (found: readonly RunRecord[]) => found.map(({ folder }) => folder);

describe('a value of a run', () => {
  it.each([
    ['validation', 0.5],
    ['bestValidationLoss', 0.5],
    ['method', 'lora'],
    ['learningRate', 0.1],
    ['optimizer.name', 'sgd'],
    ['optimizer.toString', undefined],
    ['r', undefined],
  ])('%s', (key, value) => expect(runValue(runs[0]!, key)).toBe(value));

  it('may be an option of its method', () => expect(runValue(runs[1]!, 'r')).toBe(16));
});

it('runs are sorted by a figure or a setting, those without it last', () => {
  expect(names(sortRuns(runs, 'validation'))).toEqual(['c', 'a', 'b']);
  expect(names(sortRuns(runs, '-validation'))).toEqual(['a', 'c', 'b']);
  expect(names(sortRuns(runs, '-learningRate'))).toEqual(['a', 'b', 'c']);
});

it('runs are filtered by all conditions', () => {
  expect(names(filterRuns(runs, ['method=lora', 'r=16']))).toEqual(['b']);
  expect(filterRuns(runs, [])).toEqual(runs);
});

it.each([
  [() => filterRuns(runs, ['lora']), 'expected a condition such as method=lora, got "lora"'],
  [() => filterRuns(runs, ['rank=16']), 'no run has "rank"; expected run, model, method'],
  [() => sortRuns(runs, 'vloss'), 'no run has "vloss"'],
])('%o is refused', (arrange, message) => expect(arrange).toThrow(message));
