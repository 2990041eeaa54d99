/**
 * @file `npm run check:imports`: enforces the architecture's import directions, and that only the platform knows
 *   Node.js. The tables list what may import what; anything else is a violation. Prints one line per violation, and
 *   exits with code 1 if there are any.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const basics = [
  ...['errors', 'tensor', 'heap', 'random', 'nearest-name', 'schema-problems', 'secrets', 'turns'],
  ...['platform', 'embedded-model'],
];
const leaves = [...basics, 'runtime', 'formats', 'regex', 'grammar', 'tokenizer', 'tokenizer-training'];
const language = [...leaves, 'graph', 'models', 'records', 'text'];
const learning = [...language, 'attach', 'methods', 'loading', 'adapters'];
const measuring = [...learning, 'loss', 'generation', 'evaluation'];
const core = [...measuring, 'training', 'runs', 'open-pretrained'];

/**
 * For each folder of src, or file at its top, what else it may import. Read from bottom to top, it is the architecture.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  cli: ['sentences', 'index', 'graph', 'runtime', 'workspace', 'serving', 'studio'],
  studio: [...core, 'sentences', 'comparison', 'pretrained', 'hub', 'workspace', 'serving'],
  serving: [...measuring, 'prompting', 'selection', 'pretrained', 'workspace'],
  workspace: [
    ...core,
    ...[
      'sentences',
      'benchmark',
      'comparison',
      'tuning',
      'prompting',
      'search',
      'selection',
      'distribution',
      'pretrained',
      'hub',
      'hub-datasets',
    ],
  ],
  index: [
    ...core,
    'benchmark',
    'comparison',
    'tuning',
    'prompting',
    'search',
    'selection',
    'pretrained',
    'hub',
    'hub-datasets',
  ],
  pretrained: [...learning, 'open-pretrained', 'hub'],
  'open-pretrained': learning,
  browser: [...core, 'sentences'],
  'hub-datasets': ['hub', 'records'],

  benchmark: [...core, 'prompting', 'search'],
  comparison: core,
  tuning: core,
  prompting: measuring,
  search: [...measuring, 'training'],
  selection: [...measuring, 'training'],
  evaluation: [...learning, 'loss', 'generation'],
  runs: [...measuring, 'training'],
  training: [...learning, 'loss'],
  generation: learning,
  loss: learning,

  adapters: [...language, 'loading', 'attach', 'methods'],
  methods: [...language, 'loading', 'attach'],
  attach: language,
  loading: [...leaves, 'graph', 'models'],
  text: [...leaves, 'records'],
  records: leaves,
  models: [...leaves, 'graph'],

  graph: ['errors', 'tensor'],

  distribution: [...basics, 'formats'],
  hub: [...basics, 'formats'],
  formats: basics,
  regex: ['errors'],
  grammar: [],
  runtime: basics,
  tokenizer: ['errors', 'platform', 'formats', 'regex'],
  'tokenizer-training': basics,
  heap: [],
  random: [],
  tensor: ['errors'],
  errors: ['secrets'],
  say: [],
  sentences: [],
  secrets: [],
  'nearest-name': [],
  'schema-problems': ['errors', 'nearest-name'],
  'embedded-model': [],
  turns: ['platform'],
  platform: [],
};

/**
 * Additional imports of a folder's tests and fixtures: gradients are checked by running them on random numbers, and
 * changes of a model by its logits and the gradients of a training step.
 */
const testsMayAlsoImport: Readonly<Record<string, readonly string[]>> = {
  graph: ['random', 'runtime'],
  grammar: ['random'],
  models: ['evaluation', 'loading'],
  attach: ['evaluation', 'loading', 'methods', 'adapters', 'loss'],
  methods: ['evaluation', 'adapters', 'loss'],
  adapters: ['evaluation', 'generation'],
  loading: ['evaluation'],
  generation: ['evaluation'],
  training: ['evaluation', 'runs'],
  loss: ['evaluation', 'training'],
  text: ['loading'],
  records: ['hub', 'hub-datasets'],
  'tokenizer-training': ['tokenizer'],
  runtime: ['graph'],
  workspace: ['index'],
};

/**
 * Where Node's modules, its globals and onnxruntime-node may be used. All else runs in browsers too. Tests are exempt.
 */
const nodeIsKnownTo: readonly string[] = [
  'platform/node',
  'runtime/node/',
  'hub/',
  'workspace/',
  'serving/http/',
  'studio/',
  'cli/',
];
const nodeGlobals = [
  'process',
  'Buffer',
  'global',
  'setImmediate',
  'clearImmediate',
  'require',
  '__dirname',
  '__filename',
];

/**
 * The imports that package.json's `imports` maps by platform: the folder that each belongs to, and the prefixes of its
 * implementations' paths.
 */
const seams: Readonly<Record<string, { folder: string; choices: readonly string[] }>> = {
  '#platform': { folder: 'platform', choices: ['platform/node', 'platform/web'] },
  '#engine-thread': { folder: 'runtime', choices: ['runtime/node/', 'runtime/web/'] },
};

/** What runs in browsers alone: it has chosen already. */
const webPlaces = ['browser/', 'platform/', 'runtime/web/'];
const webChoices = ['platform/web', 'runtime/web/'];

/** Packages that only these places may import, so that replacing one means changing few places. Tests are exempt. */
const onlyPlacesOf: Readonly<Record<string, readonly string[]>> = {
  fflate: ['browser/'],
  'onnxruntime-node': ['runtime/'],
  '@huggingface/hub': ['hub/'],
  'hyparquet-compressors': ['records/parquet/'],
  hono: ['serving/http/', 'studio/'],
  '@hono/node-server': ['serving/http/'],
  commander: ['cli/'],
  'cli-progress': ['cli/'],
  aws4fetch: ['workspace/distribution/'],
  bullmq: ['workspace/queue/'],
  ioredis: ['workspace/queue/'],
};

/** What users of the package can import in Node.js; applications within src are limited to the same. */
const publicEntries = [
  'index',
  'graph/index',
  'runtime/index',
  'workspace/index',
  'serving/index',
  'studio/index',
];
const builtOnEntries = ['cli'];

const isTest = (path: string) => /\.(test|fixture)\.[jt]s$/.test(path);

/** `text/encode.ts` and `text/encode.js` belong to `text`, `errors.ts` and `errors.test.ts` to `errors`. */
const folderOf = (path: string) => path.replace(/[/.].*$/, '');

/**
 * Reads every TypeScript file below `src` and returns a line for each import that violates the tables and for each
 * circle.
 */
export function checkImports(src: string): { files: number; problems: string[] } {
  const problems: string[] = [];
  const imported = new Map<string, Set<string>>();
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))
    .sort();
  for (const file of files) {
    const folder = folderOf(file);
    if (!(folder in mayImport)) {
      problems.push(
        `src/${file}: "${folder}" has no row in the table of tools/check-imports.ts; add it there`,
      );
      continue;
    }
    const code = readFileSync(join(src, file), 'utf8');
    problems.push(...flagsIn(file, code));
    for (const { fileName, pos } of ts.preProcessFile(code).importedFiles) {
      const isSeam = Object.hasOwn(seams, fileName);
      const isOurs = isSeam || fileName.startsWith('.');
      const target = isSeam
        ? seams[fileName]!.folder
        : isOurs
          ? posix.join(dirname(file), fileName)
          : fileName;
      const rule = isOurs
        ? (brokenDirection(file, target) ?? brokenSeam(file, target))
        : brokenPlace(file, target);
      const line = code.slice(0, pos).split('\n').length;
      if (rule)
        problems.push(`src/${file}:${line} imports ${isOurs ? posix.join('src', target) : target}: ${rule}`);
      if (!isOurs || isTest(file) || folderOf(target) === folder) continue;
      imported.set(folder, (imported.get(folder) ?? new Set()).add(folderOf(target)));
    }
    if (knowsNode(file)) continue;
    for (const { name, line } of globalsIn(code))
      problems.push(
        `src/${file}:${line} uses ${name}: only ${nodePlaces} may, the platform has what others need`,
      );
  }
  return { files: files.length, problems: [...problems, ...circles(imported)] };
}

/** The rule that an import of our own file breaks. Both paths are relative to src. */
function brokenDirection(file: string, target: string): string | undefined {
  if (isTest(file) && target.startsWith('..')) return undefined;
  if (target.startsWith('..')) return 'the package holds src alone';
  if (isTest(target) && !isTest(file)) return 'only tests and fixtures may import one';
  const [from, to] = [folderOf(file), folderOf(target)];
  const allowed = [...mayImport[from]!, ...(isTest(file) ? (testsMayAlsoImport[from] ?? []) : [])];
  if (from === to || to === 'say') return undefined; // whoever speaks to people may say it in their language
  const isEntry = publicEntries.some((entry) => target === `${entry}.js`);
  // A program that speaks has the sentences of the library beside its own.
  if (builtOnEntries.includes(from) && !isEntry && to !== 'sentences')
    return `${from} may import public entries alone: ${publicEntries.map((entry) => `src/${entry}.ts`).join(', ')}`;
  if (allowed.includes(to)) return undefined;
  return `${from} may import ${allowed.length > 0 ? `only ${allowed.join(', ')}` : 'nothing of src'}`;
}

const knowsNode = (file: string) => isTest(file) || nodeIsKnownTo.some((place) => file.startsWith(place));
const nodePlaces = nodeIsKnownTo.map((place) => `src/${place}`).join(', ');

/** Node's globals that a file uses, except where a property or variable has the same name. */
function globalsIn(code: string): { name: string; line: number }[] {
  const found: { name: string; line: number }[] = [];
  if (!nodeGlobals.some((name) => code.includes(name))) return found;
  const source = ts.createSourceFile('file.ts', code, ts.ScriptTarget.Latest, true);
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && nodeGlobals.includes(node.text)) {
      const { parent } = node;
      const isProperty =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node);
      if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent))
        declared.add(node.text);
      else if (!isProperty)
        found.push({ name: node.text, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.filter(({ name }) => !declared.has(name));
}

/** A platform's implementation must not be named outside the implementation itself. */
function brokenSeam(file: string, target: string): string | undefined {
  for (const [name, { choices }] of Object.entries(seams)) {
    const choice = choices.find((beginning) => target.startsWith(beginning));
    const isChosen = webChoices.includes(choice ?? '') && webPlaces.some((place) => file.startsWith(place));
    if (choice && !isTest(file) && !file.startsWith(choice) && !isChosen)
      return `import it as ${name}, so that the platform is chosen`;
  }
  return undefined;
}

/** Strings with flags of ours outside the command line: not everyone who reads an error has typed a command. */
function flagsIn(file: string, code: string): string[] {
  if (isTest(file) || mayNameFlags.some((place) => file.startsWith(place))) return [];
  if (!/--[a-z]/.test(code)) return []; // most files, which then need not be parsed
  const problems: string[] = [];
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest);
  const visit = (node: ts.Node) => {
    const isText = ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node);
    const [, flag] = (isText && /(?:^|\s)(--[a-z][a-z-]+)/.exec(node.text)) || [];
    if (flag !== undefined && !foreignFlags.includes(flag)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      problems.push(
        `src/${file}:${line + 1} names the flag ${flag}: users of the library have options; say that, and the command line names the flag`,
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}

/** The command line; a card that shows commands; and a style sheet, whose variables look like flags. */
const mayNameFlags = ['cli/', 'adapters/adapter-card.ts', 'evaluation/report/html.ts'];

/** Flags of other programs, in advice to run them. */
const foreignFlags = ['--onnxruntime-node-install', '--merge', '--import'];

function brokenPlace(file: string, specifier: string): string | undefined {
  if (/^(node:|onnxruntime-node$)/.test(specifier) && !knowsNode(file))
    return `only ${nodePlaces} may, the platform has what others need`;
  const name = Object.keys(onlyPlacesOf).find((known) => `${specifier}/`.startsWith(`${known}/`));
  const places = name === undefined || isTest(file) ? undefined : onlyPlacesOf[name]!;
  if (!places || places.some((place) => file.startsWith(place))) return undefined;
  return `only ${places.map((place) => `src/${place}`).join(' and ')} may`;
}

/**
 * One line for each circle of folders, which the table itself could allow: the shortest through its first folder by
 * name.
 */
function circles(imported: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...imported.keys()].sort().flatMap((first) => {
    const paths = [[first]];
    const seen = new Set<string>();
    for (const path of paths) {
      for (const next of imported.get(path.at(-1)!) ?? []) {
        if (next === first)
          return [`src: folders import each other in a circle: ${[...path, first].join(' -> ')}`];
        if (next < first || seen.has(next)) continue;
        seen.add(next);
        paths.push([...path, next]);
      }
    }
    return [];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { files, problems } = checkImports(join(import.meta.dirname, '../src'));
  for (const problem of problems) console.error(problem);
  console.log(`import directions: ${files} files, ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
