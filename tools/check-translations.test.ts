import { expect, it } from 'vitest';
import { firstDifference } from './check-translations.js';

const page = (...lines: string[]) => lines.join('\n');

const original = page(
  '# Data',
  'Text.',
  '## Read',
  '```ts',
  "read('a # b'); // what it says",
  '# not a heading',
  '```',
  '| a | b \\| c |',
  '|---|---|',
  '| 1 | 2 |',
);

const translation = page(
  '# 数据',
  '',
  '## 读取',
  '一句话。',
  '| a | b |',
  '|---|---|',
  '| 一 | 二 |',
  '```ts',
  "read('a # b'); // 它说明什么",
  '# 不是标题',
  '```',
);

it('finds nothing where headings, code and tables are the same', () => {
  expect(firstDifference(original, translation)).toBeUndefined();
});

it('names a heading of another level, and one that is missing', () => {
  expect(firstDifference(original, translation.replace('## 读取', '### 读取'))).toEqual({
    what: 'expected a heading of level 2 (line 3 of the original), found a heading of level 3',
    line: 3,
  });
  expect(firstDifference(`${original}\n## More`, translation)).toEqual({
    what: 'expected a heading of level 2 (line 11 of the original), found the end',
    line: 11,
  });
});

it('names a line of code that differs in more than its comment', () => {
  expect(firstDifference(original, translation.replace('read(', 'open('))).toEqual({
    what: `expected "read('a" (line 5 of the original), found "open('a"`,
    line: 9,
  });
});

it('takes the words of a drawing as they are, and counts its lines', () => {
  const drawing = page('```text', 'soft prompt ─ text', '```');
  expect(firstDifference(drawing, page('```text', '软提示 ─ 文本', '```'))).toBeUndefined();
  expect(firstDifference(drawing, page('```text', '软提示', '文本', '```'))).toEqual({
    what: 'expected "```" (line 3 of the original), found a line of a drawing',
    line: 3,
  });
});

it('names code that the original does not have', () => {
  expect(firstDifference(original, `${translation}\n\`\`\`\n\`\`\``)).toEqual({
    what: 'expected no more code, found "```"',
    line: 12,
  });
});

it('names code within sentences that is missing from a section, or stands in it alone', () => {
  const guide = page('# Data', '`--data` or `promptune', '  data check`', '## More', 'Nothing.');
  const translated = page('# 数据', '`promptune data check` 或 `--data`', '## 更多', '没有。');
  expect(firstDifference(guide, translated)).toBeUndefined();
  expect(firstDifference(guide, translated.replace('`--data`', '它'))).toEqual({
    what: 'expected `--data` below (line 1 of the original)',
    line: 1,
  });
  expect(firstDifference(guide, `${translated}\n\`--data\``)).toEqual({
    what: 'expected no `--data` below (line 4 of the original)',
    line: 3,
  });
});

it('names a table of another size', () => {
  expect(
    firstDifference(original, translation.replace('| 一 | 二 |', '| 一 | 二 |\n| 三 | 四 |'))?.what,
  ).toBe(
    'expected a table of 3 rows and 2 columns (line 8 of the original), found a table of 4 rows and 2 columns',
  );
  expect(firstDifference(original, translation.replace('| a | b |', '| a |'))).toEqual({
    what: 'expected a table of 3 rows and 2 columns (line 8 of the original), found a table of 3 rows and 1 columns',
    line: 5,
  });
});
