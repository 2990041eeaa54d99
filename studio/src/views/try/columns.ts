/** @file What the columns of Try are, and what each asks for with the same text. */
import type { Adapter, Generation, Message } from '../../backend/backend.js';

export const kinds = ['none', 'written', 'examples', 'learned'] as const;
export type Kind = (typeof kinds)[number];

export interface Column {
  /** Unique among the columns. */
  readonly id: number;
  readonly kind: Kind;
  /** Of `learned`. */
  readonly adapter?: string;
  /** Of `written`. */
  readonly written: string;
  /** Of `examples`: a line each. */
  readonly examples: string;
}

export type Mode = 'completion' | 'chat';

export interface Settings {
  readonly temperature: number;
  readonly maxTokens: number;
  readonly topP: number;
  readonly topK: number;
  readonly repetitionPenalty: number;
  readonly seed: number;
}

export const defaultSettings: Settings = {
  temperature: 0,
  maxTokens: 64,
  topP: 1,
  topK: 50,
  repetitionPenalty: 1,
  seed: 0,
};

export const mostColumns = 6;
export const letterOf = (at: number): string => String.fromCharCode(65 + at);

export const newColumn = (id: number, kind: Kind, adapter?: string): Column => ({
  ...{ id, kind, adapter },
  written: '{input}',
  examples: '',
});

/** The model alone, and what was learned last. */
export function firstColumns(adapters: readonly Adapter[]): Column[] {
  const learned = [...adapters].sort((a, b) => b.loaded.localeCompare(a.loaded)).slice(0, 1);
  return [newColumn(1, 'none'), ...learned.map(({ id }) => newColumn(2, 'learned', id))];
}

const separator = '=>';

/** Lines of inputs and outputs; lines without the separator are left out. */
const examplesIn = (text: string): [input: string, output: string][] =>
  text.split('\n').flatMap((line) => {
    const at = line.lastIndexOf(separator);
    if (at < 0) return [];
    return [[line.slice(0, at).trim(), line.slice(at + separator.length).trim()] as [string, string]];
  });

/** @param base the id of the model alone */
export function generationOf(
  column: Column,
  { text, mode, settings, base }: { text: string; mode: Mode; settings: Settings; base: string },
): Generation {
  const { kind, adapter = base } = column;
  const { temperature, topP, topK, ...others } = settings;
  return {
    model: kind === 'learned' ? adapter : base,
    input: mode === 'chat' ? messagesOf(column, text) : promptOf(column, text),
    ...others,
    temperature,
    ...(temperature > 0 && { topP, topK }),
  };
}

function promptOf({ kind, written, examples }: Column, text: string): string {
  if (kind === 'written') return withInput(written, text);
  if (kind !== 'examples') return text;
  const lines = examplesIn(examples).map(([input, output]) => `${input} ${separator} ${output}`);
  return lines.length === 0 ? text : [...lines, `${text} ${separator}`].join('\n');
}

function messagesOf({ kind, written, examples }: Column, text: string): Message[] {
  const asked: Message = { role: 'user', content: text };
  if (kind === 'written') {
    const system = written.replace('{input}', '').trim();
    return system === '' ? [asked] : [{ role: 'system', content: system }, asked];
  }
  if (kind !== 'examples') return [asked];
  const shown = examplesIn(examples).flatMap(([input, output]): Message[] => [
    { role: 'user', content: input },
    { role: 'assistant', content: output },
  ]);
  return [...shown, asked];
}

/** Without a place for it, the text follows the prompt. */
const withInput = (written: string, text: string): string =>
  written.includes('{input}') ? written.replace('{input}', () => text) : `${written}${text}`;
