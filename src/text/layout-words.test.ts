import { describe, expect, it } from 'vitest';
import { languageOf } from './layout-words.js';

describe('languageOf', () => {
  it.each<[string, unknown[], unknown[], 'en' | 'zh']>([
    ['Chinese labels', ['好评'], ['房间很干净'], 'zh'],
    ['Chinese labels of English texts', ['好评'], ['a clean room'], 'zh'],
    ['English labels of Chinese texts', ['positive'], ['房间很干净'], 'en'],
    ['numbers of Chinese texts', ['1'], ['房间很干净'], 'zh'],
    ['numbers of English texts', ['1'], ['a clean room'], 'en'],
    ['a Chinese text with names in it', ['0'], ['iPhone 15 Pro 的屏幕不错'], 'zh'],
    ['an English text with a Chinese name in it', ['0'], ['The hotel 如家 is near the station'], 'en'],
    ['answers within lists', [{ text: ['北京'], answer_start: [3] }], ['x'], 'zh'],
    ['Japanese, whose labels may be Chinese characters', ['肯定'], ['部屋がきれいでした'], 'en'],
    ['Korean', ['긍정'], [], 'en'],
    ['nothing', [undefined, null], [''], 'en'],
  ])('%s', (_, completions, texts, language) => {
    expect(languageOf(completions, texts)).toBe(language);
  });
});
