/**
 * @file `npm run check:hosts`: the packed package in the runtimes and bundlers of docs/bundlers.md, installed from the
 *   registry. The same program learns and generates in each, with the losses and the text of Node.js. Takes minutes.
 */
import { type ExecException, exec, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const packages =
  'bun@1.4.5 deno@2.9.6 esbuild@0.28.2 next@16.4.6 react@19 react-dom@19 rollup@4.68.8 vite@8.3.8 ' +
  'webpack@5.113.0 webpack-cli@6.0.1';
const port = 18_790;

const learn = `import { createTextGenerator, fromPretrained, trainAdapter } from 'promptune';

export async function learn() {
  const { model, tokenizer } = await fromPretrained();
  const losses = [];
  const { adapter } = await trainAdapter({
    ...{ model, tokenizer, maxSteps: 5, methodOptions: { numVirtualTokens: 4 } },
    data: [{ prompt: 'A cute cat', completion: ' sleeps.' }, { prompt: 'A big dog', completion: ' waits.' }],
    onEvent: (event) => event.type === 'step' && losses.push(event.loss),
  });
  const generator = createTextGenerator({ model, tokenizer, adapter });
  const { text } = await generator.generate('A cute cat', { maxNewTokens: 6 });
  await generator.dispose();
  return JSON.stringify({ losses, text });
}
`;

const external = "serverExternalPackages: ['promptune', 'onnxruntime-node']";
const traced = `outputFileTracingIncludes: {
    '/api/*': ['node_modules/promptune/models/**', 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/*'],
  }`;

const files: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "hosts", "private": true, "type": "module" }',
  'learn.js': learn,
  'main.js': "import { learn } from './learn.js';\nconsole.log(await learn());\n",
  'vite.config.js': `export default { build: { ssr: 'main.js', outDir: 'vite' }, ssr: { external: ['promptune'] } };\n`,
  'webpack.config.js': `export default {
  ...{ entry: './main.js', mode: 'production', target: 'node', externals: { promptune: 'module promptune' } },
  experiments: { outputModule: true },
  output: { path: import.meta.dirname + '/webpack', filename: 'main.js', module: true },
};
`,
  'rollup.config.js': `export default { input: 'main.js', external: [/^promptune/], output: { file: 'rollup/main.js' } };\n`,
  'next.config.js': `export default { ${external}, output: 'standalone', ${traced} };\n`,
  'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
  'app/page.js': 'export default () => <p>cats</p>;\n',
  'app/api/learn/route.js': `import { learn } from '../../../learn.js';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';
export const GET = async () => new Response(await learn());
`,
};

const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'promptune-hosts-'));
const run = async (command: string, cwd = folder) =>
  (await promisify(exec)(command, { cwd, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } })).stdout;
const bin = (name: string) => `node_modules/.bin/${name}`;

/** What a server of Next.js answers, which is started in a folder. */
async function answerOf(cwd: string): Promise<string> {
  const server = spawn(process.execPath, ['server.js'], {
    cwd,
    env: { ...process.env, PORT: `${port}`, HOSTNAME: '127.0.0.1' },
    stdio: 'ignore',
  });
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        return await (await fetch(`http://127.0.0.1:${port}/api/learn`)).text();
      } catch (error) {
        if (attempt === 60) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  } finally {
    server.kill();
  }
}

const hosts: Readonly<Record<string, () => Promise<string>>> = {
  Bun: () => run(`${bin('bun')} main.js`),
  'Deno, -A': () => run(`${bin('deno')} run -A main.js`),
  'Deno, four permissions': () =>
    run(`${bin('deno')} run --allow-read --allow-env --allow-sys --allow-ffi main.js`),
  async esbuild() {
    await run(
      `${bin('esbuild')} main.js --bundle --platform=node --format=esm --packages=external --outfile=e.js`,
    );
    return run('node e.js');
  },
  async 'bun build'() {
    await run(`${bin('bun')} build main.js --target=bun --packages=external --outfile=b.js`);
    return run(`${bin('bun')} b.js`);
  },
  async 'Vite, SSR'() {
    await run(`${bin('vite')} build`);
    return run('node vite/main.js');
  },
  async webpack() {
    await run(bin('webpack'));
    return run('node webpack/main.js');
  },
  async Rollup() {
    await run(`${bin('rollup')} -c`);
    return run('node rollup/main.js');
  },
  async 'Next.js, standalone'() {
    await run(`${bin('next')} build`);
    const alone = join(folder, '../', `${folder.split('/').at(-1)}-standalone`); // away from node_modules
    await cp(join(folder, '.next/standalone'), alone, { recursive: true, verbatimSymlinks: true });
    try {
      return await answerOf(alone);
    } finally {
      await rm(alone, { recursive: true });
    }
  },
};

try {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const tarball =
    process.argv[2] ??
    join(
      folder,
      (await run(`npm pack --silent --pack-destination ${folder}`, root)).trim().split('\n').at(-1)!,
    );
  await run(`npm install --ignore-scripts ${tarball} ${packages}`);
  await run('npm rebuild bun deno'); // their scripts choose the binary
  const expected = (await run('node main.js')).trim();
  console.log(`Node.js ${process.version}: ${expected}`);
  for (const [name, learnIn] of Object.entries(hosts)) {
    const found = await learnIn().catch((error: ExecException) => `${error.message}\n${error.stderr ?? ''}`);
    const isSame = found.trim() === expected;
    console.log(`${isSame ? 'the same ' : 'DIFFERENT'}  ${name}${isSame ? '' : `: ${found}`}`);
    if (!isSame) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
