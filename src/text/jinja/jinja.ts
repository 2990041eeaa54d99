/**
 * @file Jinja for chat templates and data templates: Jinja 3.1 with Python's values, printing what transformers prints
 *   (ImmutableSandboxedEnvironment, trim_blocks, lstrip_blocks, its own tojson). Unsupported features are refused by
 *   name when the template is parsed.
 */
import type { Statement } from './ast.js';
import { type RenderOptions, render } from './interpreter.js';
import { parse } from './parser.js';

export interface JinjaTemplate {
  /** The syntax tree, which may be changed before rendering. */
  readonly tree: Statement[];
  /** @throws Error for values that the template rejects (raise_exception) or cannot be used with */
  render(values: Readonly<Record<string, unknown>>, options?: RenderOptions): string;
}

/** @throws JinjaSyntaxError with the reason and the place, if the source is not valid Jinja */
export function parseJinja(source: string): JinjaTemplate {
  const tree = parse(source);
  return { tree, render: (values, options) => render(tree, values, options) };
}
