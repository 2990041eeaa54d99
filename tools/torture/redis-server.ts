/** @file A Redis server of our own: a free port of this machine, a folder of its own, ended by its process alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class RedisServer {
  #process: ChildProcess | undefined;

  constructor(
    readonly folder: string,
    readonly port: number,
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it with what is in its folder. @throws Error if it does not answer */
  async start(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const options = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder];
    this.#process = spawn('redis-server', [...options, '--appendonly', 'yes', '--save', ''], {
      stdio: 'ignore',
    });
    const failed = new Promise<Error>((resolve) => this.#process!.once('error', resolve));
    for (let tries = 0; tries < 100; tries++) {
      const error = await Promise.race([failed, sleep(100)]);
      if (error instanceof Error) throw error;
      if (await this.#answers()) return;
    }
    throw new Error(`redis-server does not answer on port ${this.port}`);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Forgets all that it had. Only while it does not run. */
  async empty(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      const end = (answers: boolean) => {
        socket.destroy();
        resolve(answers);
      };
      socket.once('connect', () => socket.write('PING\r\n'));
      socket.once('data', (data) => end(`${data}`.startsWith('+PONG')));
      socket.once('error', () => end(false));
    });
  }
}

/** A way to a port that can be cut: then nothing comes through, and no connection is closed. */
export class CutProxy {
  #cut = false;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(
    readonly port: number,
    target: number,
  ) {
    this.#server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (data) => {
          if (!this.#cut) to.write(data);
        });
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    }).listen(port, '127.0.0.1');
  }

  cut(): void {
    this.#cut = true;
  }

  /** Connections of before are closed: what they lost never comes. */
  heal(): void {
    this.#cut = false;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  close(): void {
    this.heal();
    this.#server.close();
  }
}
