/** @file Jinja, as models' chat templates and the templates of data use it. The only file that imports @huggingface/jinja. */
import { Template } from '@huggingface/jinja';

export interface JinjaTemplate {
  /** The syntax tree, which may be changed before rendering. */
  readonly tree: JinjaNode;
  /** @throws Error for what the template refuses, and what it cannot do with the values */
  render(values: Readonly<Record<string, unknown>>): string;
}

/** A part of a syntax tree: `type` says what its other properties are. */
export interface JinjaNode {
  type: string;
  [property: string]: unknown;
}

/** @throws Error with the reason where it is no Jinja */
export function parseJinja(source: string): JinjaTemplate {
  const template = new Template(source);
  const tree = template.parsed as unknown as JinjaNode;
  useStripFunctions(tree);
  return { tree, render: (values) => template.render({ ...stripFunctions, ...values }) };
}

// The library's strip, lstrip and rstrip take white space away whatever characters they are told, and Qwen3's template says
// '\n'. Calls that name the characters are made calls of these functions instead.
const stripFunctions = {
  strip: (text: string, characters: string) => stripEnd(stripStart(text, characters), characters),
  lstrip: stripStart,
  rstrip: stripEnd,
};

function stripStart(text: string, characters: string): string {
  let from = 0;
  while (from < text.length && characters.includes(text[from]!)) from++;
  return text.slice(from);
}

function stripEnd(text: string, characters: string): string {
  let to = text.length;
  while (to > 0 && characters.includes(text[to - 1]!)) to--;
  return text.slice(0, to);
}

/** Changes `x.lstrip(characters)` to `lstrip(x, characters)` everywhere in a parsed template. */
function useStripFunctions(node: unknown): void {
  if (!(node instanceof Object)) return;
  for (const part of Object.values(node)) useStripFunctions(part);
  const { type, callee, args } = node as CallNode;
  if (type !== 'CallExpression' || args.length !== 1 || callee.type !== 'MemberExpression') return;
  if (!callee.computed && Object.hasOwn(stripFunctions, callee.property.value))
    Object.assign(node, { callee: callee.property, args: [callee.object, ...args] });
}

/** What a call looks like in a parsed template, where `type` says that it is one. */
interface CallNode {
  type: string;
  callee: { type: string; computed: boolean; object: unknown; property: { value: string } };
  args: readonly unknown[];
}
