/** @file English words of the view See. */
import { inEnglish } from '../../../../src/say.js';

export const see = {
  title: 'See',
  lead: 'What a prompt learned: its vectors among the words of the model, and who looks at them.',
  adapter: 'Learned prompt',
  parts: { map: 'Map', distances: 'Distances', attention: 'Attention' },
  none: 'Nothing to see yet',
  noneText: 'Learn a prompt; its vectors and the attention to them are here then.',
  learn: 'Learn one',
  noVectors: (method: string) =>
    `${method} learns no vectors in the space of the words, so there is no map of them. The attention to it can be seen.`,
  noAttention: (method: string) => `${method} has no virtual tokens that a text could look at.`,
  map: {
    label: 'Vectors among the vocabulary',
    hint: 'Arrow keys move from vector to vector.',
    vector: (number: number) => `Vector ${number}`,
    legend: {
      vector: 'learned vector',
      start: 'where it started',
      near: 'nearest word',
      other: 'other words',
    },
    explained: (x: string, y: string) =>
      `By direction, on the two axes in which vectors and their nearest words differ most (${x} and ${y} of it).`,
    norm: 'Length',
    norms: (low: string, high: string) => `half of all words: ${low} to ${high}`,
    moved: 'Moved in training',
    steps: (steps: string) => inEnglish`in ${steps} step|steps`,
    nearest: 'Nearest words',
    nearestText: 'By cosine similarity, with the distance.',
    away: (distance: string) => `${distance} away`,
    range: 'What is shown',
    ranges: { all: 'All vectors', near: 'Around this one' },
    said: (number: number, words: string, norm: string) =>
      `Vector ${number}: nearest ${words}; length ${norm}`,
    table: 'All vectors as a table',
    number: 'Vector',
  },
  distances: {
    measure: 'Measure',
    measures: { similarities: 'Direction', distances: 'Distance' },
    labels: { similarities: 'How alike the vectors are', distances: 'How far apart the vectors are' },
    texts: {
      similarities: 'Cosine similarity: 1 for the same direction, 0 for none in common.',
      distances: 'Euclidean distance in the space of the words; 0 for the same vector.',
    },
    said: (row: number, column: number, value: string) => `Vectors ${row} and ${column}: ${value}`,
    tables: { similarities: 'Similarities as a table', distances: 'Distances as a table' },
    pairs: { similarities: 'Most alike', distances: 'Nearest to each other' },
    pair: (a: string, b: string) => `${a} and ${b}`,
  },
  attention: {
    label: 'Attention of the text to each virtual token',
    text: 'Text',
    placeholder: 'A text as you would give it for an answer …',
    show: 'Show',
    layer: 'Layer',
    all: 'All, on average',
    byToken: 'By token of the text',
    byLayer: 'By layer, the text on average',
    said: (token: string, vector: number, share: string) => `${token} to virtual token ${vector}: ${share}`,
    saidLayer: (layer: number, vector: number, share: string) =>
      `Layer ${layer} to virtual token ${vector}: ${share}`,
    share: (share: string) => `${share} of all attention goes to the prompt; the rest stays in the text.`,
    table: 'Shares as a table',
    virtual: 'Virtual token',
    token: 'Token',
    empty: 'Write a text to see which virtual tokens it looks at.',
  },
  heat: {
    help: 'Arrow keys move from cell to cell.',
    low: 'low',
    high: 'high',
  },
};
