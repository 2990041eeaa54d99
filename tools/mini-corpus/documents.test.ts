/** @file The corpus: the same for the same seed, sound in both languages, and free of what is held out. */

import { describe, expect, it } from 'vitest';
import { answerRows } from './answers.js';
import { allFrames, type Document, generateDocuments, genres, namesItsTask } from './documents.js';
import { frames, tidyEnglish, Writer } from './engine/frames.js';
import { isHeldOutPair } from './engine/held-out.js';
import { seededRandom } from './engine/random.js';
import { lexicon } from './words/lexicon.js';

const documents = (options: Parameters<typeof generateDocuments>[0]): Document[] => [
  ...generateDocuments(options),
];

describe('frames', () => {
  it('fills both sides with the same words', () => {
    const writer = new Writer(seededRandom(1), lexicon, 'train');
    writer.bind('person', lexicon.tables.person!.find(({ en }) => en === 'Lucy')!);
    writer.bind('animal', lexicon.tables.animal!.find(({ en }) => en === 'owl')!);
    const [line] = frames(
      '{person} saw {animal.a}. {person.he} liked {animal.s}. | {person}看见一{animal.m}{animal}。{person.he}喜欢{animal}。',
    );
    expect(writer.fill(line!)).toEqual({
      en: 'Lucy saw an owl. She liked owls.',
      zh: '露西看见一只猫头鹰。她喜欢猫头鹰。',
    });
  });

  it('puts articles and capitals right', () => {
    const text =
      'a apple, a university, a hour, a uniform, a umbrella, a useful unusual thing, a one-way street. is that a owl?';
    expect(tidyEnglish(text)).toBe(
      'An apple, a university, an hour, a uniform, an umbrella, a useful unusual thing, a one-way street. Is that an owl?',
    );
  });

  it('names only tables and forms that exist, and leaves no language in the other', () => {
    const random = seededRandom(2);
    for (const frame of allFrames) {
      for (let i = 0; i < 5; i++) {
        const writer = new Writer(random, lexicon, 'train');
        // Slots that a genre binds under a name of its own.
        for (const [slot, table] of [
          ['hero', 'person'],
          ['friend', 'person'],
          ['a', 'person'],
          ['b', 'person'],
          ['food', 'fruit'],
        ] as const) {
          if (frame.slots.includes(slot)) writer.bind(slot, table);
        }
        const { en, zh } = writer.fill(frame);
        expect(en, frame.text.en).not.toMatch(/[{}\u3400-\u9fff]|undefined| {2}/);
        expect(zh.replace('T恤', ''), frame.text.zh).not.toMatch(/[{}A-Za-z]|undefined| /);
      }
    }
  });

  it('leave something to train on in every list', () => {
    for (const list of genres.flatMap((genre) => genre.frames)) {
      expect(
        list.some(({ heldOut }) => !heldOut),
        list[0]?.text.en,
      ).toBe(true);
    }
  });

  it('are hundreds, about 3 % of them held out', () => {
    expect(allFrames.length).toBeGreaterThan(700);
    const share = allFrames.filter(({ heldOut }) => heldOut).length / allFrames.length;
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.05);
  });
});

describe('generateDocuments', () => {
  it('gives the same for the same seed', () => {
    expect(documents({ seed: 7, count: 200 })).toEqual(documents({ seed: 7, count: 200 }));
    expect(documents({ seed: 7, count: 20 })).not.toEqual(documents({ seed: 8, count: 20 }));
  });

  it('mixes all genres and both languages, or writes those asked for', () => {
    const all = documents({ seed: 1, count: 1000 });
    expect(new Set(all.map(({ genre }) => genre))).toEqual(
      new Set(genres.filter(({ weight }) => weight > 0).map(({ name }) => name)),
    );
    expect(new Set(all.map(({ lang }) => lang))).toEqual(new Set(['en', 'zh']));
    expect(documents({ seed: 1, count: 50, genres: ['cats'] }).every(({ genre }) => genre === 'cats')).toBe(
      true,
    );
    expect(() => documents({ seed: 1, count: 1, genres: ['cat'] })).toThrow(
      'no genre "cat"; there are cats,',
    );
  });

  it('asks of a passage what the passage tells', () => {
    for (const { text, lang } of documents({ seed: 2, count: 300, genres: ['reading'] })) {
      const [passage = '', ...lines] = text.split('\n');
      expect(lines.length, text).toBeGreaterThanOrEqual(2);
      // Short or long, an English answer ends in a word of the passage, a Chinese one begins with one.
      const answers = text.matchAll(
        lang === 'en' ? /\?(?: |\n(?:- )?)(.+?)\.?$/gm : /？(?:\n(?:——)?)?([^？\n]+?)。?$/gm,
      );
      for (const [, answer = ''] of answers)
        expect(passage.toLowerCase()).toContain(
          lang === 'en' ? answer.split(' ').at(-1)!.toLowerCase() : answer[0],
        );
    }
  });

  it('writes passages with one question each, answered from the passage', () => {
    const rows = answerRows(100, 3);
    expect(rows[0]).toEqual({
      prompt:
        'Lucy ate curry and drank cola. Daniel ate spaghetti and drank mineral water. Helen ate dumpling and drank wine.\n- What did Lucy eat?\n-',
      completion: ' curry',
    });
    for (const { prompt, completion } of rows)
      expect(prompt.split('\n')[0]).toContain(completion.split(' ').at(-1));
    expect(answerRows(100, 3)).toEqual(rows);
  });

  it('leaves out what names its task', () => {
    const named = [
      'Q: Why?\nA: no',
      'A cat. Question: Why?',
      '问：为什么？',
      'Good review: fine',
      'English: a Chinese: b',
    ];
    expect(named.map(namesItsTask)).toEqual(named.map(() => true));
    expect(['A cat is here.\nWhere is it? Here.', '一只猫\ta cat', 'Bob: Hello!'].some(namesItsTask)).toBe(
      false,
    );
    const all = documents({ seed: 6, count: 600 }).filter(({ text }) => namesItsTask(text));
    expect(all.length).toBeGreaterThan(60);
    expect(documents({ seed: 6, count: 600, unnamed: true }).some(({ text }) => namesItsTask(text))).toBe(
      false,
    );
  });

  it('never trains on a held-out frame, and measures them in every document of their split', () => {
    const fixed = allFrames
      .filter(({ heldOut, slots }) => heldOut && slots.length === 0)
      .map(({ text }) => text);
    expect(fixed.length).toBeGreaterThan(0);
    const holds = ({ text }: Document) =>
      fixed.some(({ en, zh }) => text.includes(zh) || text.includes(tidyEnglish(en)));
    expect(documents({ seed: 3, count: 4000 }).filter(holds)).toEqual([]);
    expect(documents({ seed: 3, count: 400, split: 'heldout-frames' }).filter(holds).length).toBeGreaterThan(
      10,
    );
  });

  it('never trains on a held-out pair, and measures them in their split', () => {
    const words = Object.values(lexicon.tables).flat();
    // "cream" and "orange" are colours too: "a clingy cream cat".
    const colours = new Set([...lexicon.tables.colour!, ...lexicon.tables.furColour!].map(({ en }) => en));
    const nouns = words.filter(({ kind, en }) => kind === 'noun' && !colours.has(en));
    const heldOut = new Set(
      words
        .filter(({ kind }) => kind === 'adjective')
        .flatMap((adjective) =>
          nouns.filter((noun) => isHeldOutPair(adjective, noun)).map((noun) => `${adjective.en} ${noun.en}`),
        ),
    );
    // Three words in a row, so that "dark green balloon" is not "green balloon", nor "old farm cat" "old farm".
    const known = new Set(words.map(({ en }) => en));
    const pairsIn = ({ text }: Document) =>
      [...text.matchAll(/(?<=\b(\w+) )([a-z]+) ([a-z]+)\b(?=( \w+)?)/g)].flatMap(
        ([pair, before, first, second, after]) =>
          heldOut.has(pair) &&
          ![`${before} ${first}`, pair, `${second}${after}`].some((words) => known.has(words))
            ? [pair]
            : [],
      );
    const genresOfWords = ['description', 'story', 'sentences', 'cats'];
    const trained = documents({ seed: 5, count: 4000, genres: genresOfWords }).flatMap(pairsIn);
    const measured = documents({
      seed: 5,
      count: 1000,
      genres: genresOfWords,
      split: 'heldout-combinations',
    }).flatMap(pairsIn);
    expect(trained).toEqual([]);
    expect(measured.length).toBeGreaterThan(50);
  });
});
