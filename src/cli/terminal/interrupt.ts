/** @file Ctrl-C: the first one asks a command to end in order, a second one ends the process at once. */

/** What else asks for an end: `kill`, a terminal that was closed, a reader such as `head` that has seen enough. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const;

/** What people send again where they will not wait. A terminal that closes tells of it more than once, in both ways. */
const insistent: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/**
 * A signal that is aborted by the first request to end. The process then takes no further notice of Ctrl-C and `kill`:
 * the next request has the system's own effect.
 * @param onInterrupt is told of the first request
 * @param onSecond is told of the second one, just before the process ends
 */
export function interruptSignal(onInterrupt = () => {}, onSecond = () => {}): AbortSignal {
  const controller = new AbortController();
  const listen = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      onInterrupt();
      controller.abort();
    } else if (insistent.includes(name)) {
      onSecond();
      for (const each of signals) process.off(each, listen);
      process.kill(process.pid, name);
    }
  };
  for (const name of signals) process.on(name, listen);
  return controller.signal;
}
