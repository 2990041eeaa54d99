/** @file A peer: a Python script that stays loaded and runs one measurement per line that it receives. */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A Python that has all of `modules`, or undefined. PROMPTUNE_PEER_PYTHON names one other than python3. */
export function peerPython(modules: readonly string[]): string | undefined {
  const python = process.env.PROMPTUNE_PEER_PYTHON ?? 'python3';
  const found = spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0;
  return found ? python : undefined;
}

export interface Peer<Answer> {
  /** The versions that the peer reports once it is loaded. */
  readonly versions: string;
  readonly pid: number;
  /** Sends a number and waits for the answer. */
  ask(which: number): Promise<Answer>;
  stop(): void;
}

export async function startPeer<Answer>(
  python: string,
  script: string,
  args: readonly string[],
): Promise<Peer<Answer>> {
  const child = spawn(python, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${script} ended before it answered`);
    return JSON.parse(value);
  };
  const { versions } = await next<{ versions: string }>();
  return {
    versions,
    pid: child.pid!,
    ask: (which) => {
      child.stdin.write(`${which}\n`);
      return next<Answer>();
    },
    stop: () => child.stdin.end(),
  };
}
