/** @file Ctrl-C: the first one asks a command to end in order, a second one ends the process at once. */

/** What else asks for an end: `kill`, a terminal that was closed, a reader such as `head` that has seen enough. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const;

/**
 * A signal that is aborted by the first request to end. The process then takes no further notice: the next request has
 * the system's own effect.
 * @param onInterrupt is told of the first request
 * @param onSecond is told of the second one, just before the process ends
 */
export function interruptSignal(onInterrupt = () => {}, onSecond = () => {}): AbortSignal {
  const controller = new AbortController();
  const endAtOnce = (name: NodeJS.Signals) => {
    onSecond();
    stopListening(endAtOnce);
    process.kill(process.pid, name);
  };
  const endInOrder = () => {
    stopListening(endInOrder);
    for (const name of signals) process.on(name, endAtOnce);
    onInterrupt();
    controller.abort();
  };
  for (const name of signals) process.on(name, endInOrder);
  return controller.signal;
}

function stopListening(listener: (name: NodeJS.Signals) => void): void {
  for (const name of signals) process.off(name, listener);
}
