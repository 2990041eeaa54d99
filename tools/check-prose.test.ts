import { expect, it } from 'vitest';
import { britishWords, brokenLinks, chineseFaults, longLines } from './check-prose.js';

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

it('sees half-width punctuation and spaces in Chinese, and leaves code, links and tables alone', () => {
  const good = [
    '20 个 token，见[生成](generation.md)：`标签:x`（默认）。',
    '| 默认（1） | `--a`（2） |',
    '**方法。** 见下文',
    '```',
    '代码,x',
    '```',
  ];
  expect(chineseFaults(good.join('\n'))).toEqual([]);
  expect(chineseFaults('见下文,如此\n20个\n用`a`\n如此， 见\n如此 。\n默认(1)')).toEqual([1, 2, 3, 4, 5, 6]);
});

it('sees links to pages and headings that do not exist, and leaves those of code and of the web alone', () => {
  const pages = new Map([
    ['README.md', '# A page\n## Where `it` ends, and why\n```\n# no heading\n```'],
    ['docs/a.md', '# A'],
  ]);
  const text = [
    '[a](a.md) [up](../README.md#where-it-ends-and-why) [here](#own) [web](https://example.com/x.md)',
    '## Own',
    '[b](b.md) and [c](../README.md#no-heading)',
    '```',
    '[d](d.md)',
    '```',
  ].join('\n');
  pages.set('docs/page.md', text);
  expect(brokenLinks('docs/page.md', text, (path) => pages.get(path))).toEqual([
    { line: 3, link: 'b.md' },
    { line: 3, link: '../README.md#no-heading' },
  ]);
});
