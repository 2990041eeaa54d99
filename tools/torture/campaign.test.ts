import { appendFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { useTemporaryFolder } from '../../src/formats/temporary-folder.fixture.js';
import { attemptTable, type Campaign, runCampaign } from './campaign.js';

const inFolder = useTemporaryFolder();

/** Its attempts report their number and its first random number. */
function counting(): Campaign & { made: number[] } {
  const made: number[] = [];
  return {
    made,
    about: 'counts',
    defaultCount: 3,
    start: async () => ({
      attempt: async (number, random) => {
        made.push(number);
        return { row: number % 2 ? 'odd' : 'even', outcome: `${random.below(1000)}` };
      },
    }),
  };
}

it('goes on after the attempts that were made, past a torn line, to the same as without a stop', async () => {
  const whole = await runCampaign(counting(), { count: 5, seed: 3, folder: inFolder('a'), log() {} });
  expect(new Set(whole.map(({ outcome }) => outcome)).size).toBe(5);
  const options = { seed: 3, folder: inFolder('b'), log() {} };
  await runCampaign(counting(), { ...options, count: 2 });
  await appendFile(inFolder('b/attempts-3.jsonl'), '{"row":"to');
  const next = counting();
  expect(await runCampaign(next, { ...options, count: 5 })).toEqual(whole);
  expect(next.made).toEqual([2, 3, 4]);
  expect(await runCampaign(counting(), { ...options, count: 5 })).toEqual(whole);
});

it('counts by row and outcome, with faults', () => {
  const attempts = [
    { row: 'train', outcome: 'same bytes' },
    { row: 'train', outcome: 'other bytes', fault: 'adapter differs' },
    { row: 'merge', outcome: 'same bytes' },
  ];
  expect(attemptTable(attempts)).toBe(`|  | attempts | other bytes | same bytes | faults |
| --- | --- | --- | --- | --- |
| merge | 1 | 0 | 1 | 0 |
| train | 2 | 1 | 1 | 1 |
| all | 3 | 1 | 2 | 1 |
`);
});
