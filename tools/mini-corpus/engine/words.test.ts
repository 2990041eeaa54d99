/** @file Word tables as written, and the forms of words. */
import { describe, expect, it } from 'vitest';
import { lexicon } from '../words/lexicon.js';
import { adjectives, chineseForms, englishForms, names, nouns, verbs } from './words.js';

const form = (words: ReturnType<typeof nouns>, name: string) =>
  words.map((word) => englishForms[name]!(word));

describe('word tables', () => {
  it('reads words, irregular forms, measure words and words without a plural', () => {
    const [mouse, rice, cream, cup] = nouns(
      'mouse (mice) 老鼠 只, ~rice 米饭 碗\n~ice cream 冰淇淋 个\ncup 杯子',
    );
    expect(mouse).toMatchObject({
      en: 'mouse',
      zh: '老鼠',
      irregular: ['mice'],
      extra: '只',
      uncountable: false,
    });
    expect(rice).toMatchObject({ en: 'rice', zh: '米饭', extra: '碗', uncountable: true });
    expect(cream).toMatchObject({ en: 'ice cream', zh: '冰淇淋' });
    expect(cup?.extra).toBe('个');
  });

  it('says what is wrong with an entry', () => {
    expect(() => nouns('mouse')).toThrow('"mouse" is not written as');
  });

  it('has each word once in a table', () => {
    for (const [name, table] of Object.entries(lexicon.tables)) {
      const english = table.map(({ en }) => en);
      expect(english, name).toEqual([...new Set(english)]);
    }
  });

  it('is large: at least 1,500 different words in each language', () => {
    const words = Object.values(lexicon.tables).flat();
    expect(new Set(words.map(({ en }) => en)).size).toBeGreaterThan(1500);
    expect(new Set(words.map(({ zh }) => zh)).size).toBeGreaterThan(1500);
  });
});

describe('forms', () => {
  it('makes plurals', () => {
    const words = nouns(
      'cat 猫, box 盒子, city 城市, day 天, potato 土豆, mouse (mice) 老鼠, ~tea 茶, washing machine 洗衣机, church 教堂',
    );
    expect(form(words, 's')).toEqual([
      'cats',
      'boxes',
      'cities',
      'days',
      'potatoes',
      'mice',
      'tea',
      'washing machines',
      'churches',
    ]);
  });

  it('makes verb forms', () => {
    const words = verbs(
      'play 玩, stop 停, carry 搬, bake 烤, lie (lied, lied) 撒谎, eat (ate, eaten) 吃, take off (took off, taken off) 脱, go 去, have 有, open 开, see (saw, seen) 看, visit 参观',
    );
    expect(form(words, 's')).toEqual([
      'plays',
      'stops',
      'carries',
      'bakes',
      'lies',
      'eats',
      'takes off',
      'goes',
      'has',
      'opens',
      'sees',
      'visits',
    ]);
    expect(form(words, 'ing')).toEqual([
      'playing',
      'stopping',
      'carrying',
      'baking',
      'lying',
      'eating',
      'taking off',
      'going',
      'having',
      'opening',
      'seeing',
      'visiting',
    ]);
    expect(form(words, 'ed').slice(0, 7)).toEqual([
      'played',
      'stopped',
      'carried',
      'baked',
      'lied',
      'ate',
      'took off',
    ]);
  });

  it('compares', () => {
    const words = adjectives('big 大, happy 高兴, nice 好, beautiful 美, good (better, best) 好');
    expect(form(words, 'er')).toEqual(['bigger', 'happier', 'nicer', 'more beautiful', 'better']);
    expect(form(words, 'est')).toEqual(['biggest', 'happiest', 'nicest', 'most beautiful', 'best']);
  });

  it('knows he from she in both languages', () => {
    const words = names('Tom 汤姆 他, Lucy 露西 她');
    expect([...form(words, 'he'), ...form(words, 'his'), ...form(words, 'him')]).toEqual([
      'he',
      'she',
      'his',
      'her',
      'him',
      'her',
    ]);
    expect(words.map((word) => chineseForms.he!(word))).toEqual(['他', '她']);
  });
});
