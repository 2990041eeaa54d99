import { describe, expect, it } from 'vitest';
import { FileError, UsageError } from '../errors.js';
import { Numeral } from '../formats/numeral.js';
import type { Fields } from '../records/record-formats.js';
import { readingOf, type TemplateOptions } from './template.js';

function read(fields: Fields, options?: TemplateOptions) {
  const record = { path: 'data.jsonl', place: 'line 7', fields };
  const { textOf, shape } = readingOf(record, options);
  return { ...textOf(record), shape };
}

const squad = {
  id: 'x',
  context: 'It rains.',
  question: 'Does it?',
  answers: { text: ['yes', 'Yes'], answer_start: [0, 1] },
};

describe('a shape that is recognized', () => {
  it.each<[Fields, ReturnType<typeof read>]>([
    [
      squad,
      {
        prompt: 'It rains.\nQuestion: Does it?\nAnswer:',
        completion: ' yes',
        shape: 'questions about a text (SQuAD): context and question → the first answer, or "no answer"',
      },
    ],
    [{ ...squad, answers: [{ text: 'no' }] }, expect.objectContaining({ completion: ' no' })],
    [
      { ...squad, answers: { text: [], answer_start: [] } },
      expect.objectContaining({ completion: ' no answer' }),
    ],
    [
      { instruction: 'Add', input: '1 and 2', output: '3' },
      {
        prompt: 'Add\n1 and 2',
        completion: '3',
        shape: 'instructions (Alpaca): instruction and input → output',
      },
    ],
    [
      { sentence: 'a fine film ', label: 1 },
      { prompt: 'a fine film \nLabel:', completion: ' 1', shape: 'labeled texts: sentence → label' },
    ],
    [
      { premise: 'a', hypothesis: 'b', idx: 3, label: 'neutral' },
      {
        prompt: 'a\nb\nLabel:',
        completion: ' neutral',
        shape: 'labeled texts: premise and hypothesis → label',
      },
    ],
    [
      { translation: { en: 'a cat', zh: '猫' } },
      { prompt: 'a cat =', completion: '猫', shape: 'translations: en → zh' },
    ],
    [
      { en: 'a cat', cmn: '猫' },
      { prompt: 'a cat =', completion: '猫', shape: 'translations: en → cmn' },
    ],
    [{ 'zh-TW': '貓', en_US: 'a cat' }, expect.objectContaining({ prompt: '貓 =', completion: ' a cat' })],
    [
      { review: '房间很干净', label: 1 },
      {
        prompt: '房间很干净\n标签：',
        completion: '1',
        shape: 'labeled texts: review → label, in Chinese',
      },
    ],
    [
      { text: 'a clean room', label: '好评' },
      expect.objectContaining({ prompt: 'a clean room\n标签：', completion: '好评' }),
    ],
    [
      { text: '房间很干净', label: 'positive' },
      expect.objectContaining({ prompt: '房间很干净\nLabel:', completion: ' positive' }),
    ],
    [
      { context: '北京下雨。', question: '下雪吗？', answers: { text: [] } },
      {
        prompt: '北京下雨。\n问题：下雪吗？\n答案：',
        completion: '无答案',
        shape:
          'questions about a text (SQuAD): context and question → the first answer, or "无答案", in Chinese',
      },
    ],
    [
      { question: '首都？', choices: ['上海', '北京'], answer: 1 },
      expect.objectContaining({ prompt: '问题：首都？\nA. 上海\nB. 北京\n答案：', completion: 'B' }),
    ],
    [
      { document: '今天下雨。', summary: '下雨' },
      expect.objectContaining({ prompt: '今天下雨。\n摘要：', completion: '下雨' }),
    ],
    [
      { prompt: 'a', completion: 'b' },
      { prompt: 'a', completion: 'b', shape: undefined },
    ],
    [
      { text: 'a', label: 0 },
      { prompt: 'a\nLabel:', completion: ' 0', shape: 'labeled texts: text → label' },
    ],
    [
      { Text: 'a', Label: new Numeral('1.0'), idx: 3 },
      { prompt: 'a\nLabel:', completion: ' 1.0', shape: 'labeled texts: Text → Label' },
    ],
    [
      { Prompt: 'a', ' Completion': 'b' },
      { prompt: 'a', completion: 'b', shape: undefined },
    ],
    [
      { question: '1 + 1?', answer: 2 },
      { prompt: 'Question: 1 + 1?\nAnswer:', completion: ' 2', shape: 'questions: question → answer' },
    ],
    [
      { question: 'Q', answers: '{"text": ["x", "y"], "answer_start": [1, 2]}' },
      {
        prompt: 'Question: Q\nAnswer:',
        completion: ' x',
        shape: 'questions: question → the first answer, or "no answer"',
      },
    ],
    [{ question: 'Q', answers: ['x', 'y'] }, expect.objectContaining({ completion: ' x' })],
    [
      { instruction: 'I', context: 'C', response: 'R', category: 'x' },
      { prompt: 'I\nC', completion: 'R', shape: 'instructions (Alpaca): instruction and context → response' },
    ],
    [
      { instruction: 'I', input: '', output: 'O', system: 'S', history: [['a', 'b']] },
      {
        prompt: 'S\na\nb\nI',
        completion: 'O',
        shape: 'instructions (Alpaca): system and history and instruction and input → output',
      },
    ],
    [
      { article: 'A', highlights: 'H', id: 1 },
      { prompt: 'A\nTL;DR:', completion: ' H', shape: 'texts and their summaries: article → highlights' },
    ],
    [{ document: 'A', summary: 'H' }, expect.objectContaining({ prompt: 'A\nTL;DR:', completion: ' H' })],
    [
      { inputs: 'A', targets: 'B' },
      { prompt: 'A', completion: 'B', shape: 'inputs → targets' },
    ],
    [
      { query: 'A', response: 'B' },
      { prompt: 'A', completion: 'B', shape: 'query → response' },
    ],
    [
      { source: 'A', target: 'B' },
      { prompt: 'A', completion: 'B', shape: 'source → target' },
    ],
    [
      { system_prompt: 'S', question: 'A', response: 'B' },
      {
        prompt: 'S\nA',
        completion: 'B',
        shape: 'system_prompt and question → response',
      },
    ],
    [
      { system_prompt: '', question: 'A', response: 'B' },
      expect.objectContaining({ prompt: 'A', completion: 'B' }),
    ],
    [
      { problem: 'A', solution: 'B', answer: 'C' },
      { prompt: 'A', completion: 'B', shape: 'problem → solution' },
    ],
    [{ src: 'A', tgt: 'B' }, expect.objectContaining({ prompt: 'A', completion: 'B' })],
    [{ Context: 'A', Response: 'B' }, expect.objectContaining({ prompt: 'A', completion: 'B' })],
    [
      { sentence1: 'A', sentence2: 'B', score: new Numeral('4.50') },
      {
        prompt: 'A\nB\nLabel:',
        completion: ' 4.50',
        shape: 'labeled texts: sentence1 and sentence2 → score',
      },
    ],
    [
      { question: 'Is it?', passage: 'It is.', answer: true },
      {
        prompt: 'It is.\nQuestion: Is it?\nAnswer:',
        completion: ' true',
        shape: 'questions about a text (SQuAD): passage and question → answer',
      },
    ],
    [
      { question: 'Where?', subject: 's', choices: ['here', 'there'], answer: 1 },
      {
        prompt: 'Question: Where?\nA. here\nB. there\nAnswer:',
        completion: ' B',
        shape: 'questions with choices: question and choices → the letter of answer',
      },
    ],
    [
      { question: 'Where?', choices: { text: ['here', 'there'], label: ['1', '2'] }, answerKey: '1' },
      expect.objectContaining({ completion: ' A' }),
    ],
    [
      { question: 'Where?', options: { A: 'here', B: 'there' }, answer: 'B' },
      expect.objectContaining({ prompt: 'Question: Where?\nA. here\nB. there\nAnswer:', completion: ' B' }),
    ],
    [
      { system: 'S', question: 'A', chosen: 'B', rejected: 'C' },
      { prompt: 'S\nA', completion: 'B', shape: 'system and question → chosen' },
    ],
    [
      { passage: 'A', question: 'B', label: 1 },
      { prompt: 'A\nB\nLabel:', completion: ' 1', shape: 'labeled texts: passage and question → label' },
    ],
    [
      { article: 'X.', question: 'Where?', options: "['here', 'there']", answer: 'B' },
      expect.objectContaining({
        prompt: 'X.\nQuestion: Where?\nA. here\nB. there\nAnswer:',
        completion: ' B',
      }),
    ],
    [
      { question: 'Where?', choices: ['here', 'there'], answer: 'there' },
      expect.objectContaining({ completion: ' B' }),
    ],
    [
      { prompt: 'A', chosen: 'B', rejected: 'C' },
      { prompt: 'A', completion: 'B', shape: 'prompt → chosen' },
    ],
    [
      { translation: '{"en": "a cat", "zh": "猫"}' },
      { prompt: 'a cat =', completion: '猫', shape: 'translations: en → zh' },
    ],
  ])('%j', (fields, expected) => {
    expect(read(fields)).toEqual(expected);
  });

  it.each<[Fields, string]>([
    [{ answers: "['x', 'y']" }, ' x'],
    [{ answers: "{'text': array(['x'], dtype=object), 'answer_start': array([3], dtype=int32)}" }, ' x'],
    [{ answers: "{'text': array([], dtype=object)}" }, ' no answer'],
    [{ answers: '["x"]' }, ' x'],
    [{ answer: "['x' 'y']" }, ' x'],
    [{ answer: "{'value': 'x', 'aliases': ['z']}" }, ' x'],
    [{ answer: '[0, 1]' }, ' [0, 1]'], // an interval
    [{ answer: '{2}' }, ' {2}'],
    [{ answer: [0, 1] }, ' 0'],
  ])('has the first answer of %j', (answer, completion) => {
    expect(read({ question: 'Q', ...answer })).toMatchObject({ completion });
  });

  it.each<Fields>([
    { mr: 'a', ref: 'b' },
    { 问题: 'a', 答案: 'b' },
    { id: 'a', en: 'b' },
    { en: 'a', zh: 'b', de: 'c' },
    { translation: { en: 'a' } },
  ])('is none of %j', (fields) => {
    expect(() => read(fields)).toThrow('expected prompt and completion');
  });

  it('gives way to templates, and supplies what they leave open', () => {
    expect(read(squad, { template: '{question}\n' })).toEqual({
      prompt: 'Does it?\n',
      completion: ' yes',
      shape: undefined,
    });
    expect(
      read(squad, { template: '{{ question }}', completionTemplate: '{{ answers.text[1] }}' }),
    ).toMatchObject({
      completion: 'Yes',
    });
    expect(read(squad, { template: '{{ question }} {{ answers.text[0] }}' })).toEqual({
      completion: 'Does it? yes',
      shape: undefined,
    });
  });

  it.each<[Fields, string]>([
    [{ text: 'a', label: '' }, 'the field "label" is empty; fill it in or remove the record'],
    [{ article: 'a', summary: ' ' }, 'the field "summary" is empty; fill it in or remove the record'],
    [{ ...squad, answers: { start: 1 } }, 'the field "answers" is not of the form {"text": ["…"]}'],
    [
      { question: 'Q', choices: ['a', 'b'], answer: 2 },
      'the field "answer" is "2", which is none of the choices; expected a letter, a number from 0, or a',
    ],
    [{ translation: { en: 'a', zh: null } }, 'the field "translation" has no text in "zh"'],
    [
      { messages: [{ role: 'user', content: 'a' }] },
      'these are conversations, but this model has no chat template',
    ],
  ])('names the record of what does not fit: %j', (fields, message) => {
    expect(() => read(fields)).toThrow(FileError);
    expect(() => read(fields)).toThrow(`data.jsonl (line 7): `);
    expect(() => read(fields)).toThrow(message);
  });
});

describe('a verbalizer', () => {
  const verbalizer = { 1: ['great', 'good'], 0: 'terrible' };

  it('puts the first word of a label in its place', () => {
    expect(read({ sentence: 'fine', label: 1 }, { verbalizer })).toEqual({
      prompt: 'fine\nLabel:',
      completion: ' great',
      shape: 'labeled texts: sentence → label',
    });
    expect(read({ text: 'dull', label: '0' }, { verbalizer, template: '{text} It was' })).toEqual({
      prompt: 'dull It was',
      completion: ' terrible',
      shape: undefined,
    });
    const options = {
      verbalizer,
      labelField: 'mood',
      template: '{{ x }}：',
      completionTemplate: '{{ mood }}。',
    };
    expect(read({ x: 'dull', mood: 0 }, options)).toMatchObject({
      prompt: 'dull：',
      completion: 'terrible。',
    });
  });

  it('has every label of the data', () => {
    expect(() => read({ sentence: 'a', label: 2 }, { verbalizer })).toThrow(FileError);
    expect(() => read({ sentence: 'a', label: 2 }, { verbalizer })).toThrow(
      'data.jsonl (line 7): the label "2" is not in the verbalizer, which has 0, 1',
    );
    expect(() => read({ sentence: 'a' }, { verbalizer })).toThrow('there is no field "label"');
  });

  it.each<[NonNullable<TemplateOptions['verbalizer']>, string]>([
    [{ a: 'b' }, 'expected at least two labels'],
    [{ a: 'b', c: [] }, 'the label "c" needs at least one'],
    [{ a: 'b', c: ' ' }, 'the label "c" needs at least one non-empty word'],
    [{ a: ['b', 'd'], c: ['d'] }, 'the word "d" belongs to both "a" and "c"'],
  ])('%j is refused', (wrong, message) => {
    expect(() => read({ sentence: 'a', label: 'a' }, { verbalizer: wrong })).toThrow(UsageError);
    expect(() => read({ sentence: 'a', label: 'a' }, { verbalizer: wrong })).toThrow(message);
  });
});
