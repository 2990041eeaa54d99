/**
 * @file Text prompts for each task, written by hand: in English, in Chinese, in the layouts of the model's corpus, with
 *   an example, and both before and after the input. The best by validation loss represents text prompts.
 */
import type { TaskName } from '../../tools/mini-corpus/tasks.js';
import type { Layout } from './condition.js';

/** No prompt: the row as the task has it. */
export const bare: Readonly<Record<TaskName, Layout>> = {
  'cat-zh': { prompt: '{input}', answer: '{completion}' },
  review: { prompt: '{input}', answer: ' {completion}' },
  sentiment: { prompt: '{input}\n', answer: '{completion}' },
  'en-zh': { prompt: '{input}\n', answer: '{completion}' },
  question: { prompt: '{input}\n', answer: '{completion}' },
};

export const textPrompts: Readonly<Record<TaskName, readonly Layout[]>> = {
  'cat-zh': [
    '描述一只可爱的猫：{input}',
    '猫：{input}',
    '我喜欢猫。{input}',
    '请写一写你的猫：{input}',
    '一只乖巧的猫，毛很柔软，喜欢晒太阳。{input}',
    '一只聪明的猫，睁着大大的眼睛，喜欢追蝴蝶。\n{input}',
    '我家的猫很可爱，大家都爱它。{input}',
    'Describe a cute cat: {input}',
    'A cute cat, all fluffy, likes to chase butterflies.\n{input}',
    '英文：a cute cat 中文：{input}',
  ].map((prompt) => ({ prompt, answer: '{completion}' })),
  review: [
    'Good review: {input}',
    'Positive review: {input}',
    'Sentiment: positive\nReview: {input}',
    'Sentiment: positive\n{input}',
    'A happy guest writes: {input}',
    'Five stars! {input}',
    'I can recommend it to everyone. {input}',
    'Good review: I saw Starlight yesterday. The acting was wonderful. It is a touching film.\nGood review: {input}',
    '好评：{input}',
    '情感：正面\n评论：{input}',
  ].map((prompt) => ({ prompt, answer: ' {completion}' })),
  sentiment: [
    { prompt: 'Review: {input} Sentiment:', answer: ' {completion}' },
    { prompt: 'Review: {input}\nSentiment:', answer: ' {completion}' },
    { prompt: '{input}\n', answer: '{Completion}' },
    { prompt: '{input} (', answer: '{completion})' },
    { prompt: '{input}\nSentiment:', answer: ' {completion}' },
    { prompt: 'Is this review positive or negative? {input}\n', answer: '{Completion}' },
    {
      prompt:
        'Review: The room was dirty. Sentiment: negative\nReview: The film was wonderful. Sentiment: positive\nReview: {input} Sentiment:',
      answer: ' {completion}',
    },
    { prompt: '评论：{input} 情感：', answer: '{completion}' },
    { prompt: '评论：{input}\n情感：', answer: '{completion}' },
  ],
  'en-zh': [
    { prompt: 'English: {input} Chinese:', answer: ' {completion}' },
    { prompt: 'English: {input}\nChinese:', answer: ' {completion}' },
    { prompt: '英文：{input} 中文：', answer: '{completion}' },
    { prompt: '英文：{input}\n中文：', answer: '{completion}' },
    { prompt: 'Translate: {input} =>', answer: ' {completion}' },
    { prompt: '翻译：{input} =>', answer: ' {completion}' },
    { prompt: '{input}\t', answer: '{completion}' },
    { prompt: '{input} =', answer: ' {completion}' },
    { prompt: '{input}（', answer: '{completion}）' },
    { prompt: '"{input}" 的意思是“', answer: '{completion}”' },
    { prompt: 'How do you say "{input}" in Chinese?', answer: ' {completion}' },
    { prompt: 'A cat is sleeping.\n一只猫在睡觉。\n{input}\n', answer: '{completion}' },
    { prompt: '请把这句话翻译成中文：{input}\n', answer: '{completion}' },
  ],
  question: [
    { prompt: '{context}Q: {question}\nA:', answer: ' {completion}' },
    { prompt: '{context}Question: {question} Answer:', answer: ' {completion}' },
    { prompt: '{context}Question: {question}\nAnswer:', answer: ' {completion}' },
    { prompt: '{context}{question}', answer: ' {Completion}.' },
    { prompt: '{context}\n{question}\n', answer: '{completion}' },
    { prompt: '{context}\n- {question}\n-', answer: ' {completion}' },
    {
      prompt:
        'Tom has a cat. Ann has two dogs.\n- Who has a cat?\n- Tom\n- How many dogs does Ann have?\n- two\n{context}\n- {question}\n-',
      answer: ' {completion}',
    },
    { prompt: 'Answer the question. {input}\n', answer: '{completion}' },
    { prompt: 'Q: What do cats eat?\nA: fish\n{context}Q: {question}\nA:', answer: ' {completion}' },
    { prompt: '问：{input}\n答：', answer: '{completion}' },
    { prompt: '问题：{input}\n答案：', answer: '{completion}' },
  ],
};
