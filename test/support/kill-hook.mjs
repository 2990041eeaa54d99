/**
 * @file For `node --import`: the program kills itself, as `kill -9` at that moment would, just before the first operation
 * on files that the regular expression KILL_BEFORE matches. An operation is its function's name and what it is given,
 * such as `rename run/.adapter.incomplete-… run/adapter`, or for an open file the text that is written.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const moment = new RegExp(process.env.KILL_BEFORE);

function watch(target, names) {
  for (const name of names) {
    const original = target[name];
    target[name] = function (...args) {
      const given = args.filter((arg) => typeof arg === 'string').join(' ');
      if (moment.test(`${name} ${given}`)) process.kill(process.pid, 'SIGKILL');
      return original.apply(this, args);
    };
  }
}

if (isMainThread) {
  const handle = await fs.open(process.execPath);
  watch(Object.getPrototypeOf(handle), ['appendFile', 'writeFile']);
  await handle.close();
  watch(fs, ['mkdir', 'open', 'rename', 'rm', 'unlink', 'writeFile']);
  syncBuiltinESMExports();
}
