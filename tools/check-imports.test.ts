/** @file The import check on small source trees, each with one violation. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkImports, mayImport } from './check-imports.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The problems that the check finds in a src with these files. */
function problemsOf(files: Record<string, string>): string[] {
  const src = mkdtempSync(join(tmpdir(), 'promptune-imports-'));
  folders.push(src);
  for (const [path, code] of Object.entries(files)) {
    mkdirSync(dirname(join(src, path)), { recursive: true });
    writeFileSync(join(src, path), code);
  }
  return checkImports(src).problems;
}

describe('directions between folders', () => {
  it('allows imports downwards, of a leaf, and within a folder', () => {
    const files = {
      'workspace/job.ts': "import { train } from '../training/train.js';",
      'training/train.ts':
        "import '../methods/method.js';\nimport './step.js';\nexport * from '../errors.js';",
      'training/step.ts': "import { fileSystem } from '#platform';",
      'attach/method.ts': "import type { Model } from '../models/model.js';",
      'graph/operators/shaping.ts': "import { addDims } from '../dims.js';\nimport '../../tensor.js';",
      'hub/index.ts': "import '../formats/json.js';",
      'index.ts': "export * from './pretrained.js';\nexport * from './training/train.js';",
    };
    expect(problemsOf(files)).toEqual([]);
  });

  it('names file, line, target and what the folder may import', () => {
    const code = "/** @file Rows. */\nimport { x } from '../tensor.js';\n\nimport '../hub/index.js';";
    expect(problemsOf({ 'graph/rows.ts': code })).toEqual([
      'src/graph/rows.ts:4 imports src/hub/index.js: graph may import only errors, tensor',
    ]);
    expect(problemsOf({ 'errors.ts': "import './tensor.js';" })).toEqual([
      'src/errors.ts:1 imports src/tensor.js: errors may import only secrets',
    ]);
  });

  it.each([
    ['a type', "import type { Y } from '../cli/y.js';"],
    ['a re-export', "export { y } from '../cli/y.js';"],
    ['a dynamic import', "const y = await import('../cli/y.js');"],
    ['a type in place', "let y: import('../cli/y.js').Y;"],
    ['an import over several lines', "import {\n  y,\n} from '../cli/y.js';"],
    ['an import after a template', 'const text = `a $' + "{1 + 1} b`;\nimport '../cli/y.js';"],
  ])('sees %s', (_, code) => {
    const problems = problemsOf({ 'text/x.ts': code });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('imports src/cli/y.js: text may import only');
  });

  it.each([
    ['training', 'generation'],
    ['training', 'evaluation'],
    ['generation', 'training'],
    ['generation', 'evaluation'],
    ['models', 'methods'],
    ['text', 'models'],
    ['graph', 'runtime'],
    ['runtime', 'graph'],
    ['formats', 'hub'],
    ['records', 'hub'],
    ['models', 'hub'],
    ['loading', 'hub'],
    ['text', 'hub'],
    ['index', 'cli'],
    ['workspace', 'index'],
    ['workspace', 'cli'],
  ])('%s must not import %s', (from, to) => {
    expect(mayImport[from]).not.toContain(to);
  });

  it('lets the command line import public entries and its own files alone', () => {
    const files = {
      'cli/commands/train.ts': [
        "import { trainAdapter } from '../../index.js';",
        "import { runJob } from '../../workspace/index.js';",
        "import { text } from '../options/arguments.js';",
        "import { runTrainJob } from '../../workspace/jobs/train-job.js';",
        "import type { Tensor } from '../../tensor.js';",
      ].join('\n'),
    };
    const rule =
      'cli may import public entries alone: src/index.ts, src/graph/index.ts, src/runtime/index.ts, src/workspace/index.ts, src/serving/index.ts, src/studio/index.ts';
    expect(problemsOf(files)).toEqual([
      `src/cli/commands/train.ts:4 imports src/workspace/jobs/train-job.js: ${rule}`,
      `src/cli/commands/train.ts:5 imports src/tensor.js: ${rule}`,
    ]);
  });

  it('takes no import in a comment or a string for one', () => {
    expect(
      problemsOf({ 'graph/x.ts': "// import '../cli/y.js';\nconst text = \"import '../cli/y.js'\";" }),
    ).toEqual([]);
  });

  it('asks for a row where a folder has none', () => {
    expect(problemsOf({ 'server/main.ts': '' })).toEqual([
      'src/server/main.ts: "server" has no row in the table of tools/check-imports.ts; add it there',
    ]);
  });

  it('reports a circle of folders once', () => {
    const files = {
      'models/a.ts': "import '../methods/b.js';",
      'methods/b.ts': "import '../models/c.js';",
      'models/c.ts': "import '../errors.js';",
    };
    expect(problemsOf(files).filter((problem) => problem.includes('circle'))).toEqual([
      'src: folders import each other in a circle: methods -> models -> methods',
    ]);
  });
});

describe('tests and fixtures', () => {
  it('may import what their folder needs to be tested, and helpers outside src', () => {
    const code = "import '../runtime/index.js';\nimport '../random.js';\nimport '../../test/support/x.js';";
    expect(problemsOf({ 'graph/a.test.ts': code, 'graph/b.fixture.ts': code })).toEqual([]);
    expect(problemsOf({ 'graph/c.test.ts': "import '../cli/main.js';" })).toEqual([
      'src/graph/c.test.ts:1 imports src/cli/main.js: graph may import only errors, tensor, random, runtime',
    ]);
  });

  it('beside a file at the top follow its row', () => {
    expect(problemsOf({ 'random.test.ts': "import './random.js';" })).toEqual([]);
  });

  it('stay out of what is published', () => {
    const code = "import './b.fixture.js';\nimport '../../test/support/x.js';";
    expect(problemsOf({ 'text/a.ts': code })).toEqual([
      'src/text/a.ts:1 imports src/text/b.fixture.js: only tests and fixtures may import one',
      'src/text/a.ts:2 imports test/support/x.js: the package holds src alone',
    ]);
  });
});

describe('Node.js', () => {
  it('is known to the platform, the runtime, the Hub, the workspace and the command line, and to tests', () => {
    const code = "import { readFile } from 'node:fs/promises';\nprocess.exit(Buffer.length);";
    const places = [
      'platform/node.ts',
      'platform/node-files.ts',
      'hub/cache.ts',
      'workspace/a.ts',
      'cli/main.ts',
      'text/a.test.ts',
    ];
    expect(problemsOf(Object.fromEntries(places.map((path) => [path, code])))).toEqual([]);
  });

  it.each([
    ['a module', "import { join } from 'node:path';", 'imports node:path'],
    ['a type of one', "import type { FileHandle } from 'node:fs/promises';", 'imports node:fs/promises'],
    ['ONNX Runtime', "import { Tensor } from 'onnxruntime-node';", 'imports onnxruntime-node'],
    ['a global', 'const id = process.pid;', 'uses process'],
    ['a global as a type', 'let bytes: Buffer;', 'uses Buffer'],
  ])('is not known elsewhere: %s', (_, code, problem) => {
    const only =
      'only src/platform/node, src/runtime/node/, src/hub/, src/workspace/, src/serving/http/, src/studio/, src/cli/ may, the platform has what others need';
    expect(problemsOf({ 'text/a.ts': code })).toEqual([`src/text/a.ts:1 ${problem}: ${only}`]);
  });

  it('has globals whose names others may use', () => {
    const code = 'const { process } = host;\nshow(process, host.process, { process: 1 });';
    expect(problemsOf({ 'text/a.ts': code })).toEqual([]);
  });

  it('is chosen as the platform, never named', () => {
    expect(problemsOf({ 'text/a.ts': "import { join } from '../platform/node.js';" })).toEqual([
      'src/text/a.ts:1 imports src/platform/node.js: import it as #platform, so that the platform is chosen',
    ]);
    expect(problemsOf({ 'graph/a.ts': "import { join } from '#platform';" })).toEqual([
      'src/graph/a.ts:1 imports src/platform: graph may import only errors, tensor',
    ]);
  });
});

describe('flags', () => {
  it('are spoken of by the command line alone', () => {
    const files = {
      'cli/a.ts': "throw new Error('give it with --adapter');",
      'text/a.ts': '// With --chat or without.\nthrow new Error("leave out --chat");',
      'text/b.ts': "const a = 'an option, not a flag: --';\nlet i = 2;\nwhile (--i > 0) ;",
      'text/c.test.ts': "const flag = '--chat';",
    };
    expect(problemsOf(files)).toEqual([
      'src/text/a.ts:2 names the flag --chat: users of the library have options; say that, and the command line names the flag',
    ]);
  });
});

describe('packages that one place hides', () => {
  it('are imported there, and in tests', () => {
    const files = {
      'text/tokenizer.ts': "import { Tokenizer } from '@huggingface/tokenizers';",
      'records/records.ts': "import { parse } from 'some-parser';",
      'text/tokenizer.test.ts': "import { Tokenizer } from '@huggingface/tokenizers';",
    };
    expect(problemsOf(files)).toEqual([]);
  });

  it.each([
    ['hyparquet-compressors', 'src/records/parquet/'],
    ['@huggingface/hub', 'src/hub/'],
    ['commander/esm.mjs', 'src/cli/'],
    ['cli-progress', 'src/cli/'],
  ])('%s is imported by %s alone', (specifier, place) => {
    expect(problemsOf({ 'text/x.ts': `import '${specifier}';` })).toEqual([
      `src/text/x.ts:1 imports ${specifier}: only ${place} may`,
    ]);
  });
});

it('the table of ARCHITECTURE.md has every folder, above all that it may import', () => {
  const page = readFileSync(join(import.meta.dirname, '../ARCHITECTURE.md'), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => [...line.split('|')[1]!.matchAll(/`([\w-]+)[^`]*`/g)].map(([, folder]) => folder!));
  const firstRow = (folder: string) => rows.findIndex((row) => row.includes(folder));
  const lastRow = (folder: string) => rows.findLastIndex((row) => row.includes(folder));
  const wrong = Object.entries(mayImport).flatMap(([folder, imports]) =>
    imports
      .filter((imported) => lastRow(folder) > firstRow(imported))
      .map((imported) => `${folder} > ${imported}`),
  );
  expect(Object.keys(mayImport).filter((folder) => firstRow(folder) < 0)).toEqual([]);
  expect(wrong).toEqual([]);
});
