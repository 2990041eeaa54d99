import { describe, expect, it } from 'vitest';
import { float32Tensor, int64Tensor } from '../tensor.js';
import type { EncodedExample } from '../text/encode.js';
import { lossFeeds, type ReadingOptions } from './inputs.js';

const example = (inputIds: number[], lossMask: number[]) => ({
  inputIds: Int32Array.from(inputIds),
  lossMask: Uint8Array.from(lossMask),
});

/** The inputs of every graph that predicts tokens, and of one whose learned prompt predicts first tokens. */
const plain = ['input_ids', 'query_positions', 'label_rows', 'labels'];
const afterPrompt = [...plain, 'first_labels'];

const feeds = (
  names: readonly string[],
  examples: readonly EncodedExample[],
  options: ReadingOptions = { countsFirst: names.includes('first_labels') },
) => lossFeeds(new Set(names), examples, options);

describe('lossFeeds', () => {
  it('pads on the right, and names the positions that predict a label', () => {
    const examples = [example([7, 8, 9, 4], [0, 0, 1, 1]), example([5, 6], [0, 1]), example([3], [0])];
    expect(feeds(plain, examples)).toEqual({
      input_ids: int64Tensor([3, 3], [7, 8, 9, 5, 0, 0, 3, 0, 0]),
      // A label is predicted from the position before it.
      query_positions: int64Tensor([3, 2], [1, 2, 0, 0, 0, 0]),
      label_rows: int64Tensor([3], [0, 1, 2]),
      labels: int64Tensor([3], [9, 4, 6]),
    });
  });

  it('leaves out tokens behind the last one that predicts a label, unless states depend on them', () => {
    const examples = [example([7, 8, 9, 4], [0, 1, 0, 0]), example([5, 6], [0, 1])];
    const inputIds = (options: Partial<ReadingOptions>) =>
      feeds(['input_ids'], examples, { countsFirst: false, ...options }).input_ids;
    expect(inputIds({})).toEqual(int64Tensor([2, 1], [7, 5]));
    expect(inputIds({ readsWholeTexts: true })).toEqual(int64Tensor([2, 4], [7, 8, 9, 4, 5, 6, 0, 0]));
  });

  it('counts labels on first tokens only if a prompt predicts them', () => {
    const examples = [example([7, 8], [1, 1]), example([5, 6], [0, 1]), example([3], [1])];
    const others = {
      input_ids: int64Tensor([3, 1], [7, 5, 3]),
      query_positions: int64Tensor([3, 1], [0, 0, 0]),
      label_rows: int64Tensor([2], [0, 1]),
      labels: int64Tensor([2], [8, 6]),
    };
    expect(feeds(afterPrompt, examples)).toEqual({ ...others, first_labels: int64Tensor([2], [7, 3]) });
    expect(feeds(plain, examples)).toEqual(others);
  });

  it('has one query per row if no row has a label, since no axis may be empty in attention', () => {
    expect(feeds(afterPrompt, [example([7, 8, 9], [0, 0, 0])])).toEqual({
      input_ids: int64Tensor([1, 3], [7, 8, 9]),
      query_positions: int64Tensor([1, 1], [0]),
      label_rows: int64Tensor([0], []),
      labels: int64Tensor([0], []),
      first_labels: int64Tensor([0], []),
    });
  });

  it('has the tasks of the batch, and that of each text and each first token among them', () => {
    const examples = [
      { ...example([7, 8], [1, 1]), taskId: 2 },
      { ...example([5, 6], [0, 1]), taskId: 0 },
    ];
    expect(feeds(['batch_tasks', 'task_ids', 'first_labels', 'first_tasks'], examples)).toEqual({
      batch_tasks: int64Tensor([2], [0, 2]),
      task_ids: int64Tensor([2], [1, 0]),
      first_labels: int64Tensor([1], [7]),
      first_tasks: int64Tensor([1], [1]),
    });
  });

  it('passes only the text before the first label to a method that reads the text', () => {
    const examples = [example([7, 8, 9], [0, 0, 1]), example([5, 6], [1, 1]), example([3], [0])];
    expect(feeds(['input_mask', 'first_labels', 'first_rows'], examples)).toEqual({
      input_mask: float32Tensor([3, 2], [1, 1, 0, 0, 1, 0]),
      first_labels: int64Tensor([1], [5]),
      first_rows: int64Tensor([1], [1]),
    });
  });

  it('counts the labels of each text, including a first one if something predicts it', () => {
    const examples = [example([7, 8, 9], [1, 0, 1]), example([5], [0])];
    expect(feeds(['label_counts'], examples, { countsFirst: false })).toEqual({
      label_counts: float32Tensor([2], [1, 0]),
    });
    expect(feeds(['label_counts'], examples, { countsFirst: true })).toEqual({
      label_counts: float32Tensor([2], [2, 0]),
    });
  });

  it('labels tokens by their own states if examples have separate labels, and passes the whole text', () => {
    const examples = [{ ...example([7, 8, 9], [1, 0, 1]), labels: Int32Array.of(4, -100, 5) }];
    expect(feeds([...plain, 'input_mask'], examples, { countsFirst: true })).toEqual({
      input_ids: int64Tensor([1, 3], [7, 8, 9]),
      query_positions: int64Tensor([1, 2], [0, 2]),
      label_rows: int64Tensor([2], [0, 1]),
      labels: int64Tensor([2], [4, 5]),
      input_mask: float32Tensor([1, 3], [1, 1, 1]),
    });
  });

  it('names the ends of answers, and where texts end', () => {
    const examples = [
      { ...example([7, 8, 9], [0, 1, 0]), labels: Int32Array.of(-100, 2, -1) },
      { ...example([5], [1]), labels: Int32Array.of(0) },
    ];
    const names = ['answer_starts', 'answer_ends', 'last_positions'];
    expect(feeds(names, examples, { countsFirst: true })).toEqual({
      answer_starts: int64Tensor([2], [1, 0]),
      answer_ends: int64Tensor([2], [2, 0]),
      last_positions: int64Tensor([2], [2, 0]),
    });
  });

  it('passes the text before the first label to the encoder, and the rest to the decoder after its first token', () => {
    const examples = [
      { ...example([7, 8, 9, 4], [0, 0, 1, 1]), taskId: 1 },
      { ...example([5, 6], [0, 1]), taskId: 0 },
    ];
    const names = [...plain, 'encoder_ids', 'encoder_last_positions', 'task_ids'];
    expect(feeds(names, examples, { countsFirst: false, startTokenId: 2 })).toEqual({
      encoder_ids: int64Tensor([2, 2], [7, 8, 5, 0]),
      encoder_last_positions: int64Tensor([2], [1, 0]),
      input_ids: int64Tensor([2, 2], [2, 9, 2, 0]),
      query_positions: int64Tensor([2, 2], [0, 1, 0, 0]),
      label_rows: int64Tensor([3], [0, 1, 2]),
      labels: int64Tensor([3], [9, 4, 6]),
      task_ids: int64Tensor([2], [1, 0]),
    });
  });

  it('names the places of rows without padding, behind the prompts that they contain', () => {
    const examples = [example([7, 8, 9, 4], [0, 0, 1, 1]), example([5, 6], [0, 1]), example([], [])];
    const names = ['token_places', 'token_starts', 'encoder_token_places'];
    expect(feeds(names.slice(0, 2), examples, { countsFirst: true })).toEqual({
      token_places: int64Tensor([5], [0, 1, 2, 3, 6]), // [7, 8, 9], [5] and, as no row is empty, one of padding
      token_starts: int64Tensor([3], [0, 3, 4]),
    });
    const reading = { countsFirst: true, startTokenId: 2, promptLength: 1, encoderPromptLength: 2 };
    expect(feeds(names, examples, reading)).toEqual({
      token_places: int64Tensor([7], [0, 1, 2, 3, 4, 6, 7]), // rows of [prompt, 2, 9], [prompt, 2] and [prompt, 2]
      token_starts: int64Tensor([3], [0, 3, 5]),
      encoder_token_places: int64Tensor([10], [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]),
    });
  });

  it('names the vectors of rows that have those in common with which they begin alike', () => {
    const texts = [[1, 2, 3, 9], [1, 2, 4, 5, 9], [1, 2, 4, 9], [7, 9], []];
    const examples = texts.map((ids) =>
      example(
        ids,
        ids.map((_, i) => Number(i === ids.length - 1)),
      ),
    );
    expect(feeds(['vector_places', 'vector_indices'], examples, { countsFirst: true })).toEqual({
      // 1, 2, 3 of the first row, 4, 5 of the second, 7 of the fourth and, as no row is empty, one of padding
      vector_places: int64Tensor([7], [0, 1, 2, 6, 7, 12, 16]),
      vector_indices: int64Tensor(
        [5, 4],
        [...[0, 1, 2, 0], ...[0, 1, 3, 4], ...[0, 1, 3, 0], ...[5, 0, 0, 0], ...[6, 0, 0, 0]],
      ),
    });
  });
});
