/**
 * @file Jinja, as models' chat templates and the templates of data use it: an implementation of Jinja 3.1 with
 *   Python's values, which prints what transformers prints (ImmutableSandboxedEnvironment, trim_blocks,
 *   lstrip_blocks, its own tojson). What is not supported is refused by name when the template is read.
 */
import type { Statement } from './ast.js';
import { type RenderOptions, render } from './interpreter.js';
import { parse } from './parser.js';

export interface JinjaTemplate {
  /** The syntax tree, which may be changed before rendering. */
  readonly tree: Statement[];
  /** @throws Error for what the template refuses, and what it cannot do with the values */
  render(values: Readonly<Record<string, unknown>>, options?: RenderOptions): string;
}

/** @throws JinjaSyntaxError with the reason and the place where it is no Jinja */
export function parseJinja(source: string): JinjaTemplate {
  const tree = parse(source);
  return { tree, render: (values, options) => render(tree, values, options) };
}
