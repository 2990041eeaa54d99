/**
 * @file `npm run check:snippets`: compiles the TypeScript of the READMEs and guides against the sources. Snippets may
 *   omit imports of public names and declarations that `snippet-globals.d.ts` has (`model`, `rows`, …). Exits with code
 *   1 if there are faults.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const pages = [
  'README.md',
  'README.zh-CN.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
];

/** In-memory files by name: a snippet with its page and line. */
const snippets = new Map<string, { text: string; page: string; line: number }>();
for (const page of pages.filter((name) => name.endsWith('.md'))) {
  const text = readFileSync(join(root, page), 'utf8');
  for (const match of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
    const line = text.slice(0, match.index).split('\n').length + 1;
    const name = join(root, 'tools', `${page.replaceAll('/', '-')}-${line}.ts`);
    snippets.set(name, { text: `${match[1]}\nexport {};\n`, page, line });
  }
}

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
Object.assign(options, { noUnusedLocals: false, noUncheckedIndexedAccess: false });
const host = ts.createCompilerHost(options);
const { fileExists, readFile, getSourceFile } = host;
host.fileExists = (name) => snippets.has(name) || fileExists(name);
host.readFile = (name) => snippets.get(name)?.text ?? readFile(name);
host.getSourceFile = (name, languageVersion, ...rest) => {
  const snippet = snippets.get(name);
  if (snippet) return ts.createSourceFile(name, snippet.text, languageVersion, true);
  return getSourceFile(name, languageVersion, ...rest);
};

/** Public names by their entry. If several entries export a name, the first counts. */
const entries = ['index', 'graph/index', 'runtime/index', 'workspace/index', 'serving/index', 'studio/index'];
const sources = ts.createProgram(
  entries.map((entry) => join(root, 'src', `${entry}.ts`)),
  options,
  host,
);
const entryOf = new Map<string, string>();
for (const entry of [...entries].reverse()) {
  const module = sources
    .getTypeChecker()
    .getSymbolAtLocation(sources.getSourceFile(join(root, 'src', `${entry}.ts`))!)!;
  const specifier = entry === 'index' ? 'promptune' : `promptune/${entry.replace('/index', '')}`;
  for (const { name } of sources.getTypeChecker().getExportsOfModule(module)) entryOf.set(name, specifier);
}
for (const snippet of snippets.values()) {
  const has = (pattern: string) => new RegExp(pattern, 's').test(snippet.text);
  const missing = [...entryOf].filter(
    ([name]) =>
      has(`(?<![.\\w'])${name}\\b(?!')`) &&
      !has(`import[^;]*\\b${name}\\b`) &&
      !has(`(?:const|function|,|{) ${name}\\b[^;]* =`),
  );
  // On the first line, so that line numbers in faults stay right.
  const imports = missing.map(([name, specifier]) => `import { ${name} } from '${specifier}'; `);
  snippet.text = imports.join('') + snippet.text;
}

const program = ts.createProgram(
  [...snippets.keys(), join(root, 'tools/snippet-globals.d.ts')],
  { ...options, verbatimModuleSyntax: false },
  host,
  sources,
);
let faults = 0;
for (const [name, { page, line }] of snippets) {
  const file = program.getSourceFile(name)!;
  for (const { start, messageText } of [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]) {
    const within = file.getLineAndCharacterOfPosition(start ?? 0).line;
    console.log(`${page}:${line + within}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
    faults++;
  }
}
console.log(`snippets: ${snippets.size} compiled, ${faults} faults`);
if (faults > 0) process.exitCode = 1;
