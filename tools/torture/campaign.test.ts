import { appendFile, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { useTemporaryFolder } from '../../src/formats/temporary-folder.fixture.js';
import { attemptRandom, attemptTable, type Campaign, runCampaign } from './campaign.js';

const inFolder = useTemporaryFolder();

/** Its attempts report their number and its first random number. */
function counting(): Campaign & { made: number[] } {
  const made: number[] = [];
  return {
    made,
    about: 'counts',
    defaultCount: 3,
    isParallel: true,
    start: async () => ({
      attempt: async (number, random) => {
        made.push(number);
        return { row: number % 2 ? 'odd' : 'even', outcome: `${random.below(1000)}` };
      },
    }),
  };
}

it('goes on after the attempts that were made, past a torn line, to the same as without a stop', async () => {
  const whole = await runCampaign(counting(), {
    count: 5,
    seed: 3,
    jobs: 1,
    folder: inFolder('a'),
    log() {},
  });
  expect(new Set(whole.map(({ outcome }) => outcome)).size).toBe(5);
  const options = { seed: 3, jobs: 1, folder: inFolder('b'), log() {} };
  await runCampaign(counting(), { ...options, count: 2 });
  await appendFile(inFolder('b/attempts-3.jsonl'), '{"row":"to');
  const next = counting();
  expect(await runCampaign(next, { ...options, count: 5 })).toEqual(whole);
  expect(next.made).toEqual([2, 3, 4]);
  expect(await runCampaign(counting(), { ...options, count: 5 })).toEqual(whole);
});

it('makes several attempts at once, to the same as one by one', async () => {
  const options = { count: 7, seed: 3, log() {} };
  const whole = await runCampaign(counting(), { ...options, jobs: 1, folder: inFolder('one') });
  let open = 0;
  let most = 0;
  const slow = counting();
  const { attempt } = await slow.start('');
  slow.start = async () => ({
    async attempt(number, ...rest) {
      most = Math.max(most, ++open);
      // The earlier an attempt, the longer it takes.
      for (let turn = 0; turn < 20 - number; turn++) await Promise.resolve();
      open--;
      return attempt(number, ...rest);
    },
  });
  expect(await runCampaign(slow, { ...options, jobs: 3, folder: inFolder('three') })).toEqual(whole);
  expect(most).toBe(3);
  const written = (name: string) => readFile(inFolder(`${name}/attempts-3.jsonl`), 'utf8');
  expect(await written('three')).toBe(await written('one'));
});

it('draws for neighboring attempts are unrelated', () => {
  const draws = Array.from({ length: 1000 }, (_, number) => attemptRandom(1, number).below(10));
  const same = draws.filter((draw, i) => draw === draws[i + 1]).length;
  expect(same).toBeGreaterThan(50);
  expect(same).toBeLessThan(150);
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
