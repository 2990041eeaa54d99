/** @file A program that takes the lock of every path that it reads, says whether it has it, and keeps it. */
import { createInterface } from 'node:readline';
import { isHolder, takeLock } from './lock.js';

console.log('ready');
for await (const path of createInterface(process.stdin)) {
  const lock = await takeLock(path);
  console.log(isHolder(lock) ? `${lock.pid}` : 'mine');
}
