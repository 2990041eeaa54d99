/** @file Ctrl-C: the first one lets a command shut down cleanly, a second one ends the process at once. */

/** Also sent by `kill`, a closed terminal, or a reader such as `head` that has finished. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const;

/** Signals that people repeat when they will not wait. A closing terminal sends several others. */
const insistent: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/**
 * A signal that is aborted by the first request to end. Afterwards Ctrl-C and `kill` have their default effect.
 * @param onInterrupt called on the first request
 * @param onSecond called on the second one, just before the process ends
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
  onShellEnd(() => listen('SIGTERM'));
  return controller.signal;
}

const shellCheckMs = 500;

/**
 * npm (`npx`, `npm run`) starts a command in a shell and sends the signals it gets to that shell, which ends and leaves
 * the command running. So the end of the shell is taken as the signal.
 */
function onShellEnd(listener: () => void): void {
  if (process.env.npm_command === undefined) return;
  const { ppid } = process;
  const timer = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(timer);
    listener();
  }, shellCheckMs);
  timer.unref();
}
