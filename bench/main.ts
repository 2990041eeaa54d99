/**
 * @file `npm run bench`: the speed of training and generation on this machine, and their memory. Compiles the package
 *   as it is published, creates random models, and runs each part in a process of its own. What it measured goes to
 *   bench/records/NAME.json (`--name NAME`); with `--write-docs` to bench/history too, and into the pages made of it.
 */
import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gpt2Small, makeModel } from './make-model.js';
import type { Context } from './part.js';
import { parts } from './parts/index.js';
import { commitOf, defaultName, type PartRecord, writeRecord } from './record.js';
import { formatTable, formatTargets, type Report } from './report.js';
import { writeDocs } from './write-docs.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { positionals: named, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    e2e: { type: 'string' },
    tokenizer: { type: 'string' },
    gguf: { type: 'string' },
    'write-docs': { type: 'boolean' },
  },
});
const unknown = named.find((name) => !(name in parts));
if (unknown) throw new Error(`no part is named "${unknown}"; there are ${Object.keys(parts).join(', ')}`);
if (!options.e2e !== !options.tokenizer) throw new Error('--e2e and --tokenizer go together');

const scratch = mkdtempSync(join(tmpdir(), 'promptune-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const compiled = compile(join(scratch, 'compiled'));
const context: Context = {
  model: join(scratch, 'gpt2-small'),
  smallModel: join(scratch, 'gpt2-tiny'),
  ...(options.e2e && { e2e: { data: resolve(options.e2e), tokenizer: resolve(options.tokenizer!) } }),
  ...(options.gguf && { gguf: resolve(options.gguf) }),
  peers: join(root, 'bench', 'peers'),
  scratch,
};
await makeModel(context.model, gpt2Small);
await makeModel(context.smallModel, { ...gpt2Small, n_layer: 6, n_head: 6, n_embd: 384, vocab_size: 8192 });

const date = new Date().toISOString();
const commit = commitOf(root);
const measured: Record<string, PartRecord> = {};
console.log(machine());
for (const name of named.length > 0 ? named : Object.keys(parts)) {
  const [load] = loadavg() as [number, number, number];
  console.log(`\n${name} (load ${load.toFixed(2)})`);
  let report: Report;
  try {
    report = await runPart(name);
  } catch (error) {
    console.error((error as Error).message); // what the others measure is not lost
    process.exitCode = 1;
    continue;
  }
  measured[name] = { load, report };
  console.log(formatTable(report.rows));
  for (const note of report.notes ?? []) console.log(note);
}
const targets = Object.values(measured).flatMap(({ report }) => report.targets ?? []);
if (targets.length > 0) console.log(`\n${formatTargets(targets)}`);
const about = { date, commit, machine: machine(), parts: measured };
const record = { name: options.name ?? defaultName(about), ...about };
const path = await writeRecord(join(root, 'bench', 'records'), record);
if (options['write-docs']) await writeDocs(root, [record]);
console.log(`\nThe figures are in ${relative(process.cwd(), path)}`);

/** Compiles the sources to JavaScript, so that the measured code is what users run. Types are not checked here. */
function compile(folder: string): string {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const project = join(root, 'bench', 'tsconfig.json');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project, '--outDir', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the sources do not compile:\n${stdout}`);
  const { imports, version } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8').replaceAll('./dist/', './src/'),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', version, imports }));
  for (const name of ['node_modules', 'presets']) symlinkSync(join(root, name), join(folder, name));
  return folder;
}

function runPart(name: string): Promise<Report> {
  const script = join(compiled, 'bench', 'run-part.js');
  const child = fork(script, [name, JSON.stringify(context)], { execArgv: [] });
  return new Promise((done, fail) => {
    child.once('message', (report) => done(report as Report));
    child.once('exit', (code) => fail(new Error(`the part ${name} ended with code ${code}`)));
  });
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim()}, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
}
