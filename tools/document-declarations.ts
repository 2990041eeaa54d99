/**
 * @file Puts what schemas say of their keys into the declarations, where editors show it: for every key of an exported
 *   schema (`runSchema`, each method's), its description and default become a comment before its type in dist/*.d.ts.
 *   Types made of schemas, such as `RunConfig`, keep the comments. Comments stay on the lines of their types, so that
 *   the declaration maps still fit. `npm run build` runs it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

/** The parts of zod's schemas, of methods and of shapes that are walked, whichever of them `value` is. */
interface Described {
  readonly description?: string;
  readonly shape?: Readonly<Record<string, Described>>;
  /** A method's. */
  readonly schema?: Described;
  readonly def?: {
    readonly innerType?: Described;
    readonly options?: readonly Described[];
    readonly element?: Described;
    readonly defaultValue?: unknown;
  };
}

interface Comment {
  readonly at: number;
  readonly text: string;
}

/** Comments for the keys in a type, which is that of `value`. */
function* commentsIn(type: ts.Node, value: Described): Generator<Comment> {
  if (ts.isTypeLiteralNode(type)) {
    const keys = (value.shape ?? value) as Readonly<Record<string, Described>>;
    for (const member of type.members) {
      if (!ts.isPropertySignature(member) || !member.type || !('text' in member.name)) continue;
      const key = keys[member.name.text];
      if (!key?.def) continue;
      const text = described(key);
      if (text !== undefined) yield { at: member.getStart(), text };
      yield* commentsIn(member.type, key);
    }
  } else if (ts.isTupleTypeNode(type) || ts.isTypeOperatorNode(type)) {
    const { elements } = (ts.isTypeOperatorNode(type) ? type.type : type) as ts.TupleTypeNode;
    const values = (Array.isArray(value) ? value : (value.def?.options ?? [])) as readonly Described[];
    for (const [i, part] of (elements ?? []).entries()) if (values[i]) yield* commentsIn(part, values[i]);
  } else if (ts.isTypeReferenceNode(type) || ts.isImportTypeNode(type)) {
    const inner = value.schema ?? value.def?.innerType ?? value.def?.element ?? value;
    for (const part of type.typeArguments ?? []) yield* commentsIn(part, inner);
  }
}

/** "Learning rate (default: 0.3)." */
function described({ description, def }: Described): string | undefined {
  if (description === undefined) return undefined;
  const constant = ['string', 'number', 'boolean'].includes(typeof def?.defaultValue);
  const byDefault =
    constant && !description.includes('(default: ') ? ` (default: ${JSON.stringify(def!.defaultValue)})` : '';
  const text = `${description}${byDefault}`.replaceAll('*/', '*\\/').replaceAll('\n', '\\n');
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

/** The declarations of a module with comments. @param module what the module exports */
export function withComments(declarations: string, module: Readonly<Record<string, unknown>>): string {
  const file = ts.createSourceFile('module.d.ts', declarations, ts.ScriptTarget.Latest, true);
  const comments = file.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) =>
    declarationList.declarations.flatMap(({ name, type }) => {
      const value = module[(name as ts.Identifier).text];
      return type && value ? [...commentsIn(type, value as Described)] : [];
    }),
  );
  return comments
    .sort((a, b) => b.at - a.at)
    .reduce(
      (text, { at, text: said }) => `${text.slice(0, at)}/** ${said} */ ${text.slice(at)}`,
      declarations,
    );
}

/** Adds the comments to all declarations of a folder of compiled modules. */
async function documentFolder(folder: string): Promise<number> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.d.ts'),
  );
  let documented = 0;
  for (const name of names) {
    const path = join(folder, name);
    const declarations = readFileSync(path, 'utf8');
    if (!declarations.includes('z.Zod')) continue;
    const module = await import(pathToFileURL(path.replace(/\.d\.ts$/, '.js')).href);
    const commented = withComments(declarations, module);
    if (commented === declarations) continue;
    writeFileSync(path, commented);
    documented++;
  }
  return documented;
}

if (process.argv[1] === import.meta.filename) {
  const documented = await documentFolder(resolve(process.argv[2] ?? 'dist'));
  console.log(`declarations: ${documented} files have their schemas' descriptions`);
}
