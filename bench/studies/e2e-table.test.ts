import { expect, it } from 'vitest';
import type { CellResult } from '../../src/comparison/cells.js';
import { e2eTable } from './e2e-table.js';

it('has means over seeds, sizes, and what was published', () => {
  const cell = (method: string, seed: number, bleu: number) => ({
    method,
    size: 'all' as const,
    seed,
    result: {
      scores: { bleu, nist: 7, 'rouge-l': 0.625 },
      trainableParameters: 1200,
    } as unknown as CellResult,
  });
  const table = e2eTable([cell('prefix', 1, 50), cell('prefix', 2, 52), cell('prompt', 1, 40)], 1e6);
  expect(table.split('\n')).toEqual([
    '| method | trained | share | seeds | BLEU | NIST | ROUGE-L | published BLEU | NIST | ROUGE-L |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| prefix | 1,200 | 0.12 % | 2 | 51.0 ± 1.4 | 7.00 ± 0.00 | 62.5 ± 0.0 | 69.7 | 8.81 | 71.4 |',
    '| prompt | 1,200 | 0.12 % | 1 | 40.0 | 7.00 | 62.5 |  |  |  |',
  ]);
});
