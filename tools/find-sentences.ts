/** @file The sentences that the source says (`src/say.ts`), for the check that each of them has its Chinese. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { keyOf } from '../src/say.js';

/** A sentence and where it is said. */
export interface FoundSentence {
  readonly key: string;
  /** `text/chat.ts`, below the folder. */
  readonly file: string;
}

/** All templates with the tag `say` in the TypeScript files of a folder, but not in tests. */
export function findSentences(folder: string): FoundSentence[] {
  return sourceFiles(folder).flatMap((file) => {
    const code = readFileSync(join(folder, file), 'utf8');
    return code.includes('say`') ? sentencesIn(code).map((key) => ({ key, file })) : [];
  });
}

/** All code of a folder but tests and catalogs, for sentences that are constants. */
export const sourceText = (folder: string): string =>
  sourceFiles(folder)
    .filter((file) => !/messages\/|sentences\//.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');

function sourceFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name)).sort();
}

/** The keys of the sentences in a file, those within others included. */
function sentencesIn(code: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText(source) === 'say')
      found.push(keyOf(partsOf(node.template)));
    ts.forEachChild(node, visit);
  };
  const source = ts.createSourceFile('a.ts', code, ts.ScriptTarget.Latest);
  visit(source);
  return found;
}

const partsOf = (template: ts.TemplateLiteral): string[] =>
  ts.isNoSubstitutionTemplateLiteral(template)
    ? [template.text]
    : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];
