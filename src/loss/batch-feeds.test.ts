import { describe, expect, it } from 'vitest';
import { float32Tensor, int64Tensor } from '../tensor.js';
import { batchFeeds } from './batch-feeds.js';

const example = (inputIds: number[], lossMask: number[]) => ({
  inputIds: Int32Array.from(inputIds),
  lossMask: Uint8Array.from(lossMask),
});

const plain = { predictsFirst: false, hasTasks: false, readsText: false };
const afterPrompt = { ...plain, predictsFirst: true };

describe('batchFeeds', () => {
  it('pads on the right, and names the positions that predict a label', () => {
    const examples = [example([7, 8, 9, 4], [0, 0, 1, 1]), example([5, 6], [0, 1]), example([3], [0])];
    expect(batchFeeds(examples, plain)).toEqual({
      input_ids: int64Tensor([3, 4], [7, 8, 9, 4, 5, 6, 0, 0, 3, 0, 0, 0]),
      // A label is predicted from the position before it.
      query_positions: int64Tensor([3, 2], [1, 2, 0, 0, 0, 0]),
      label_rows: int64Tensor([3], [0, 1, 2]),
      labels: int64Tensor([3], [9, 4, 6]),
    });
  });

  it('gives labels on first tokens to the prompt that predicts them, or to nobody', () => {
    const examples = [example([7, 8], [1, 1]), example([5, 6], [0, 1]), example([3], [1])];
    const others = {
      input_ids: int64Tensor([3, 2], [7, 8, 5, 6, 3, 0]),
      query_positions: int64Tensor([3, 1], [0, 0, 0]),
      label_rows: int64Tensor([2], [0, 1]),
      labels: int64Tensor([2], [8, 6]),
    };
    expect(batchFeeds(examples, afterPrompt)).toEqual({ ...others, first_labels: int64Tensor([2], [7, 3]) });
    expect(batchFeeds(examples, plain)).toEqual(others);
  });

  it('has one query a row where no row has a label, since no axis may be empty in attention', () => {
    expect(batchFeeds([example([7, 8, 9], [0, 0, 0])], afterPrompt)).toEqual({
      input_ids: int64Tensor([1, 3], [7, 8, 9]),
      query_positions: int64Tensor([1, 1], [0]),
      label_rows: int64Tensor([0], []),
      labels: int64Tensor([0], []),
      first_labels: int64Tensor([0], []),
    });
  });

  it('says which task a text belongs to, and which prompt its first token follows', () => {
    const examples = [
      { ...example([7, 8], [1, 1]), taskId: 2 },
      { ...example([5, 6], [0, 1]), taskId: 0 },
    ];
    expect(batchFeeds(examples, { ...afterPrompt, hasTasks: true })).toMatchObject({
      task_ids: int64Tensor([2], [2, 0]),
      first_labels: int64Tensor([1], [7]),
      first_prompts: int64Tensor([1], [2]),
    });
  });

  it('gives what stands before the first label to a method that reads the text, and nothing behind it', () => {
    const examples = [example([7, 8, 9], [0, 0, 1]), example([5, 6], [1, 1]), example([3], [0])];
    expect(batchFeeds(examples, { ...afterPrompt, readsText: true })).toMatchObject({
      given_mask: float32Tensor([3, 3], [1, 1, 0, 0, 0, 0, 1, 0, 0]),
      first_prompts: int64Tensor([1], [1]),
    });
  });

  it('gives what stands before the first label to an encoder, and the rest to the decoder behind its first token', () => {
    const examples = [
      { ...example([7, 8, 9, 4], [0, 0, 1, 1]), taskId: 1 },
      { ...example([5, 6], [0, 1]), taskId: 0 },
    ];
    expect(batchFeeds(examples, { ...plain, hasTasks: true, startTokenId: 2 })).toEqual({
      encoder_ids: int64Tensor([2, 2], [7, 8, 5, 0]),
      encoder_last_positions: int64Tensor([2], [1, 0]),
      input_ids: int64Tensor([2, 3], [2, 9, 4, 2, 6, 0]),
      query_positions: int64Tensor([2, 2], [0, 1, 0, 0]),
      label_rows: int64Tensor([3], [0, 1, 2]),
      labels: int64Tensor([3], [9, 4, 6]),
      task_ids: int64Tensor([2], [1, 0]),
    });
  });
});
