/** @file Flags from zod schemas: name, help, choices and default of a flag come from the schema's key. */
import { existsSync } from 'node:fs';
import { Option } from 'commander';
import type * as z from 'zod';
import { decimalNumber, labelWords, names, text, texts, wholeNumber } from './arguments.js';

/** A flag for a key of a configuration. */
export class ConfigOption extends Option {
  /**
   * @param path path of its value in the configuration
   * @param owners the alternatives that have it, such as methods. Default: all
   */
  constructor(
    flags: string,
    description: string,
    readonly path: readonly string[],
    readonly owners: readonly string[] = [],
  ) {
    super(flags, description);
  }
}

export interface FlagsOptions {
  /** Path of the values in the configuration. Default: its top level. */
  readonly path?: readonly string[];
  /** Keys to create flags for, in this order. Default: all that can be flags. */
  readonly only?: readonly string[];
}

/** One flag per key. Tables (`rankPattern`) and lists of lists are for configuration files only. */
export function flagsOf(schema: z.ZodObject, options?: FlagsOptions): ConfigOption[] {
  return flagsOfChoice([{ schema }], options);
}

/** One of several choices, such as a method, with its options. */
export interface Alternative {
  readonly name?: string;
  readonly schema: z.ZodObject;
}

/** One flag per key of any alternative. The help says which ones have it, unless all do. */
export function flagsOfChoice(
  alternatives: readonly Alternative[],
  { path = [], only }: FlagsOptions = {},
): ConfigOption[] {
  const keys = only ?? [...new Set(alternatives.flatMap(({ schema }) => Object.keys(schema.shape)))];
  const names = new Set(alternatives.flatMap(({ schema }) => Object.keys(schema.shape)));
  return keys.flatMap((key) => {
    const having = alternatives.filter(({ schema }) => key in schema.shape);
    const types = having.map(({ schema }) => schema.shape[key] as z.ZodType);
    const kind = kindOf(types[0]!);
    if (!kind) return [];
    const owners = having.length < alternatives.length ? having.map(({ name }) => name!) : [];
    const description = describe(kind, types, having, owners).replace(
      /(?<![\w^])[a-z]+[A-Z]\w*\b/g,
      (word) => (names.has(word) ? flagName(word) : word),
    );
    return [makeFlag(key, kind, types, description, [...path, key], owners)];
  });
}

/** `learningRate` is `--learning-rate`. */
export const flagName = (key: string): string =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

type Kind = keyof typeof parsers;

/** Parsers of flags' values by kind. Those of repeatable flags also get the earlier values. */
const parsers = {
  switch: undefined,
  number: decimalNumber,
  'whole number': wholeNumber,
  choice: undefined,
  text,
  path: undefined,
  name: undefined,
  uri: undefined,
  password: undefined,
  'file or number': fileOrNumber,
  names,
  texts: (written: string, earlier: unknown) => texts(written, earlier as string[] | undefined),
  paths: fileOrFiles,
  numbers: (written: string, earlier: unknown) => [
    ...((earlier as number[] | undefined) ?? []),
    decimalNumber(written),
  ],
  words: labelWords,
} as const;

const placeholders: Readonly<Record<Kind, string>> = {
  switch: '',
  number: ' <x>',
  'whole number': ' <n>',
  choice: ' <name>',
  text: ' <text>',
  path: ' <path>',
  name: ' <name>',
  uri: ' <url>',
  password: ' <key>',
  'file or number': ' <file|share|n>',
  names: ' <names>',
  texts: ' <text>',
  paths: ' <file>',
  numbers: ' <n>',
  words: ' <label=words>',
};

/** Kinds of repeatable flags, with one value per use. */
const repeated: readonly Kind[] = ['texts', 'paths', 'numbers', 'words'];

function makeFlag(
  key: string,
  kind: Kind,
  types: readonly z.ZodType[],
  description: string,
  path: readonly string[],
  owners: readonly string[],
): ConfigOption {
  const isOnByDefault = kind === 'switch' && isOn(types[0]!);
  const name = isOnByDefault ? flagName(key).replace('--', '--no-') : flagName(key);
  const option = new ConfigOption(name + placeholders[kind], description, path, owners);
  const parse = parsers[kind];
  if (parse) option.argParser<unknown>((written, earlier) => parse(written, earlier));
  if (kind === 'choice') option.choices(choicesOf(types));
  return option;
}

/** Describes a flag: choices (default: …) [alternatives that have it]. */
function describe(
  kind: Kind,
  types: readonly z.ZodType[],
  having: readonly Alternative[],
  owners: readonly string[],
): string {
  const [what = '', otherwise] = (types[0]!.description ?? '').split(/ (?=\(default: )/);
  const many = repeated.includes(kind) ? '; may be repeated' : kind === 'names' ? ', comma-separated' : '';
  const choices = choicesOf(types);
  const which = kind === 'choice' && choices.length > 0 ? `: ${choices.join(', ')}` : '';
  const isOnByDefault = kind === 'switch' && isOn(types[0]!);
  const negated = isOnByDefault ? `do not ${what}` : what;
  const without = otherwise ?? constantDefault(types, having) ?? (isOnByDefault ? '(default: do)' : '');
  const whose = owners.length > 0 ? `[${owners.join(', ')}]` : '';
  return [negated + which + many, without, whose].filter(Boolean).join(' ');
}

/** "(default: 8)", or "(default: 50 for gcg, 500 for pez)" if alternatives differ. */
function constantDefault(types: readonly z.ZodType[], having: readonly Alternative[]): string | undefined {
  const values = types.map(defaultOf);
  if (!values.every((value) => typeof value === 'string' || typeof value === 'number')) return undefined;
  const written = values.map((value) => shown(String(value)));
  const [first] = written;
  if (written.every((value) => value === first)) return `(default: ${first})`;
  return `(default: ${written.map((value, i) => `${value} for ${having[i]!.name}`).join(', ')})`;
}

/** Quotes a text with surrounding spaces, to make them visible. */
function shown(value: string): string {
  const inOneLine = value.replaceAll('\n', '\\n');
  return inOneLine.trim() === inOneLine ? inOneLine : `"${inOneLine}"`;
}

/** The parts of zod's type definitions that are used here. */
interface SchemaDef {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly defaultValue?: unknown;
}

const defOf = (type: z.ZodType) => type.def as unknown as SchemaDef;

function innermost(type: z.ZodType): z.ZodType {
  const { innerType } = defOf(type);
  return innerType ? innermost(innerType) : type;
}

const defaultOf = (type: z.ZodType): unknown => defOf(type).defaultValue;

/** Whether a switch is on unless its flag, `--no-…`, is given. */
const isOn = (type: z.ZodType): boolean => defaultOf(type) === true || type.meta()?.isOnByDefault === true;

const choicesOf = (types: readonly z.ZodType[]): string[] => [
  ...new Set(types.flatMap((type) => Object.values(defOf(innermost(type)).entries ?? {}))),
];

/** Strings without escapes. In others, \\n is a line break. */
const plainFormats = ['path', 'name', 'uri', 'password'] as const;

/** The kind of a flag; undefined for types that cannot be flags. */
function kindOf(type: z.ZodType): Kind | undefined {
  const inner = innermost(type);
  const def = defOf(inner);
  const { format } = type.meta() ?? {};
  switch (def.type) {
    case 'boolean':
      return 'switch';
    case 'number':
      return (inner as z.ZodNumber).isInt ? 'whole number' : 'number';
    case 'string':
      return plainFormats.find((known) => known === format) ?? 'text';
    case 'enum':
      return 'choice';
    case 'array': {
      const element = kindOf(def.element!);
      if (element === 'number' || element === 'whole number') return 'numbers';
      if (format === 'names') return 'names';
      return element && 'texts';
    }
    case 'record':
      return kindOf((inner as z.ZodRecord).valueType as z.ZodType) === 'texts' ? 'words' : undefined;
    case 'union':
      return kindOfUnion(def.options!.map(kindOf), format === 'path');
    default:
      return undefined;
  }
}

function kindOfUnion(kinds: readonly (Kind | undefined)[], isPath: boolean): Kind | undefined {
  if (kinds.includes('choice')) return 'text';
  if (kinds.includes('texts')) return isPath ? 'paths' : 'texts';
  if (kinds.includes('text') && kinds.includes('number')) return 'file or number';
  return kinds.find((kind) => kind !== undefined);
}

/** For one or more data files. */
function fileOrFiles(written: string, earlier: unknown): string | string[] {
  return earlier === undefined ? written : [...[earlier as string | string[]].flat(), written];
}

/** A number, unless there is a file of that name. */
function fileOrNumber(written: string): string | number {
  return existsSync(written) || Number.isNaN(Number(written)) ? written : Number(written);
}
