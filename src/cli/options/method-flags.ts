/** @file The options of all methods as flags, made of their schemas: a method that is registered has its flags. */
import { Option } from 'commander';
import type { z } from 'zod';
import { methods } from '../../methods/registry.js';
import { decimalNumber, text, texts } from './arguments.js';
import type { ConfigFlag } from './train-flags.js';

/** What a flag takes: nothing, a number, a text, or several numbers or texts, each with the flag again. */
type Kind = 'boolean' | 'number' | 'text' | 'numbers' | 'texts';

interface MethodOption {
  readonly key: string;
  readonly kind: Kind;
  /** Ends with the default, where that is not a constant of the schema. */
  readonly description: string;
  readonly choices: Set<string>;
  readonly byDefault: unknown;
  /** The methods that have it. */
  readonly methods: string[];
}

/** One flag for a name, whichever methods have it. Tables of values (`rankPattern`) are for configuration files alone. */
export function methodFlags(): ConfigFlag[] {
  const options = new Map<string, MethodOption>();
  for (const { name, schema } of methods) {
    for (const [key, type] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
      const kind = kindOf(type);
      if (!kind) continue;
      const { description = '' } = type;
      const byDefault = (type.def as SchemaDef).defaultValue;
      const option = options.get(key) ?? {
        key,
        kind,
        description,
        choices: new Set(),
        byDefault,
        methods: [],
      };
      for (const choice of Object.values(innermost(type).entries ?? {})) option.choices.add(choice);
      option.methods.push(name);
      options.set(key, option);
    }
  }
  return [...options.values()].map((option) => ({
    option: flagOf(option),
    path: ['methodOptions', option.key],
  }));
}

function flagOf(methodOption: MethodOption): Option {
  const { key, kind } = methodOption;
  const dashed = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const takes = { boolean: '', number: ' <n>', text: ' <text>', numbers: ' <n>', texts: ' <text>' }[kind];
  const option = new Option(dashed + takes, describe(methodOption));
  if (kind === 'number') option.argParser(decimalNumber);
  if (kind === 'text') option.argParser(text);
  if (kind === 'texts') option.argParser(texts);
  if (kind === 'numbers')
    option.argParser<number[]>((written, earlier) => [...(earlier ?? []), decimalNumber(written)]);
  return option;
}

/** What it is: its choices (default: …) [its methods]. */
function describe({ kind, description, choices, byDefault, methods: names }: MethodOption): string {
  const [what, otherwise] = description.split(/ (?=\(default: )/);
  const many = kind === 'numbers' || kind === 'texts' ? '; may be given several times' : '';
  const which = choices.size > 0 ? `: ${[...choices].join(', ')}` : '';
  const isShown = typeof byDefault === 'string' || typeof byDefault === 'number';
  const without = otherwise ?? (isShown ? `(default: ${byDefault})` : '');
  return [what + many + which, without, `[${names.join(', ')}]`].filter(Boolean).join(' ');
}

/** What is used here of the definitions behind zod's types. */
interface SchemaDef {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly defaultValue?: unknown;
}

function innermost(type: z.ZodType): SchemaDef {
  const def = type.def as SchemaDef;
  return def.innerType ? innermost(def.innerType) : def;
}

/** Undefined for what cannot be written as flags. */
function kindOf(type: z.ZodType): Kind | undefined {
  const def = innermost(type);
  switch (def.type) {
    case 'boolean':
      return 'boolean';
    case 'number':
      return 'number';
    case 'string':
    case 'enum':
      return 'text';
    case 'array':
      return kindOf(def.element!) === 'number' ? 'numbers' : 'texts';
    case 'union':
      return kindOf(def.options![0]!);
    default:
      return undefined;
  }
}
