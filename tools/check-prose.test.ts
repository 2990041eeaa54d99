import { expect, it } from 'vitest';
import { britishWords, longLines } from './check-prose.js';

const long = 'x '.repeat(61);

it('sees long lines of Markdown, and neither tables nor code', () => {
  const text = ['short', long, `| ${long} |`, '```', long, '```', `- ${long}`].join('\n');
  expect(longLines('a.md', text)).toEqual([2, 7]);
});

it('sees long comments in code, and no long code', () => {
  const text = [`// ${long}`, `const a = '${long}';`, `/** ${long} */`, ` * ${long}`, `f(); // ${long}`].join(
    '\n',
  );
  expect(longLines('a.ts', text)).toEqual([1, 3, 4, 5]);
});

it('sees British spellings', () => {
  expect(britishWords('normalize\nisTokenised\nthe normalisation')).toEqual([2, 3]);
});
