/**
 * @file A program for the test of kill -9: trains the toy model in a folder, resuming if possible, and kills itself
 *   just before a file operation. Arguments: the folder; the index of the operation.
 */
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { toyRun } from './toy-run.fixture.js';

const [path, killAt] = [process.argv[2]!, Number(process.argv[3])];
let operations = 0;

/** Makes each of an object's functions count as an operation. */
function countOperations(target: object, names: string[]): void {
  for (const name of names) {
    const original: (...args: unknown[]) => unknown = Reflect.get(target, name);
    Reflect.set(target, name, function (this: unknown, ...args: unknown[]) {
      if (++operations === killAt) process.kill(process.pid, 'SIGKILL');
      return original.apply(this, args);
    });
  }
}

const handle = await fs.open(process.execPath);
countOperations(Object.getPrototypeOf(handle), ['appendFile', 'writeFile', 'sync', 'datasync', 'truncate']);
await handle.close();
countOperations(fs, ['open', 'mkdir', 'rename', 'rm', 'unlink', 'writeFile']);
syncBuiltinESMExports();

await toyRun(path, { resume: existsSync(join(path, 'config.yaml')) });
console.log(operations);
