/** @file Whether the package stays small: what npm would publish of what is built. Part of `npm run build`. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The bundled model is 13 of them; nothing else of its size belongs in, nor a second copy of it. */
const limitMegabytes = 17;

interface Packed {
  /** In bytes, compressed. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const output = execFileSync('npm pack --dry-run --json --ignore-scripts --offline', {
  cwd: join(import.meta.dirname, '..'),
  encoding: 'utf8',
  shell: true,
  stdio: ['ignore', 'pipe', 'ignore'],
  maxBuffer: 2 ** 26,
});
const [{ size, files }] = JSON.parse(output) as [Packed];
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
console.log(`the package: ${megabytes(size)} of at most ${limitMegabytes} MB, ${files.length} files`);
if (size > limitMegabytes * 1e6) {
  const largest = [...files].sort((a, b) => b.size - a.size).slice(0, 5);
  console.error(
    `It is too large. Its largest files:\n${largest.map(({ path, size }) => `  ${path} ${megabytes(size)}`).join('\n')}`,
  );
  process.exit(1);
}
