import { expect, it } from 'vitest';
import type { Classifier } from '../../evaluation/classifier.js';
import { ClassifierSessions } from './classifier-sessions.js';

it('lets no more be open than its limit, and closes the one that was used least recently', async () => {
  const open = new Set<string>();
  const closed: string[] = [];
  const named = (name: string) =>
    ({
      async dispose() {
        await Promise.resolve();
        open.delete(name);
        closed.push(name);
      },
    }) as unknown as Classifier;
  const sessions = new ClassifierSessions(2);
  const classifiers = new Map([...'abcde'].map((name) => [name, named(name)]));
  let most = 0;
  const run = (name: string) =>
    sessions.run(classifiers.get(name)!, async () => {
      open.add(name);
      most = Math.max(most, open.size);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return name;
    });
  expect(await Promise.all([...'abacdeabcde'].map(run))).toEqual([...'abacdeabcde']);
  expect([most, sessions.count]).toEqual([2, 2]);
  for (const name of 'aba') await run(name);
  closed.length = 0;
  await run('c');
  expect(closed).toEqual(['b']);
});
