/**
 * @file For `node --import`: counts the operations on files, and the process kills itself, as `kill -9` at that moment
 *   would, just before that with the number KILL_AT. At its end it appends how many there were to the file KILL_COUNT.
 *   Before the operation with the number EXHAUST_AT it takes all descriptors that the process may have but EXHAUST_BUT.
 */
import { appendFileSync, closeSync, openSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const { KILL_AT, KILL_COUNT, EXHAUST_AT, EXHAUST_BUT } = process.env;
let operations = 0;

function exhaustDescriptors() {
  const taken = [];
  try {
    for (;;) taken.push(openSync('/dev/null'));
  } catch {}
  for (const descriptor of taken.slice(0, Number(EXHAUST_BUT))) closeSync(descriptor);
}

function count(target, names) {
  for (const name of names) {
    const original = target[name];
    target[name] = function (...args) {
      operations++;
      if (operations === Number(KILL_AT)) process.kill(process.pid, 'SIGKILL');
      if (operations === Number(EXHAUST_AT)) exhaustDescriptors();
      return original.apply(this, args);
    };
  }
}

if (isMainThread) {
  const handle = await fs.open(process.execPath);
  count(Object.getPrototypeOf(handle), ['appendFile', 'writeFile', 'write', 'sync', 'truncate', 'close']);
  await handle.close();
  count(fs, ['open', 'mkdir', 'rename', 'link', 'rm', 'rmdir', 'unlink', 'writeFile', 'copyFile']);
  syncBuiltinESMExports();
  if (KILL_COUNT) process.on('exit', () => appendFileSync(KILL_COUNT, `${operations}\n`));
}
