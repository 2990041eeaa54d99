/** @file Handles output that nobody reads any more: a closed pipe or terminal. */
import { say } from '../../say.js';

/** Error codes of writing to a closed pipe, socket or terminal. */
const gone = new Set(['EPIPE', 'ECONNRESET', 'EIO', 'ENXIO']);

/**
 * If the reader of standard output is gone, ends the command like Ctrl-C, so that it saves what it has to save; a
 * command with nothing to save ends at once. Standard error is silenced.
 * @param onFailure called for other errors of writing standard output, such as a full disk
 */
export function watchOutput(onFailure: (message: string) => void): void {
  let isAsked = false;
  let isHungUp = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const isGone = gone.has(error.code ?? '') && (error.code !== 'EIO' || stream.isTTY);
      isHungUp ||= isGone && stream.isTTY;
      if (stream === process.stderr || isAsked) return;
      isAsked = true;
      if (!isGone) onFailure(say`the standard output cannot be written: ${error.message}`);
      if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit(isGone ? 0 : 1);
    });
  }
  process.on('exit', () => {
    if (!isHungUp) return;
    // Node would restore the terminal's mode, and aborts if the terminal is gone.
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  });
}
