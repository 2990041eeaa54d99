/** @file What becomes of a command whose output goes nowhere any more: a reader that is gone, or a closed terminal. */

/** Of a write to a pipe, a socket or a terminal that nobody is at the other end of. */
const gone = new Set(['EPIPE', 'ECONNRESET', 'EIO', 'ENXIO']);

/**
 * Where the reader of the standard output is gone, the command is asked to end as by Ctrl-C, and saves what it has to
 * save; one that has nothing to save ends at once. What would go to the standard error is left out.
 * @param onFailure is told what else keeps the standard output from being written, such as a full disk
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
      if (!isGone) onFailure(`the standard output cannot be written: ${error.message}`);
      if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit(isGone ? 0 : 1);
    });
  }
  process.on('exit', () => {
    if (!isHungUp) return;
    // Node would set the terminal back as it was, and aborts where there is none any more.
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  });
}
