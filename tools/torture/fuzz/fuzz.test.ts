import { expect, it } from 'vitest';
import { useTemporaryFolder } from '../../../src/formats/temporary-folder.fixture.js';
import { useWarmRuntime } from '../../../test/support/warm-runtime.js';
import { type Attempt, attemptRandom } from '../campaign.js';
import { fuzzAttempt } from './attempt.js';

useWarmRuntime();
const inFolder = useTemporaryFolder();

it('a short slice of the mutants is refused by errors of the project, or harmless', async () => {
  const attempts: Attempt[] = [];
  for (let number = 0; number < 130; number++)
    attempts.push(await fuzzAttempt(inFolder('files'), number, attemptRandom(5, number)));
  expect(attempts.filter(({ fault }) => fault !== undefined)).toEqual([]);
  expect(attempts.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThan(25);
}, 120_000);
