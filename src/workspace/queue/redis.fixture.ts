/** @file A server that says of itself what a test wants, as Redis does when a client connects, and knows no more. */
import { createServer, type Socket } from 'node:net';

export interface SaidByRedis {
  /** Fields of INFO. Default: those of a server that can hold a queue. */
  readonly info?: Readonly<Record<string, string>>;
  /** Errors, by the commands that they answer. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Says this to everything instead. */
  readonly instead?: string;
}

const fine = {
  redis_version: '7.0.15',
  role: 'master',
  cluster_enabled: '0',
  maxmemory_policy: 'noeviction',
};

/** Listens on a free port of this machine. */
export async function fakeRedis({ info, errors = {}, instead }: SaidByRedis = {}) {
  const text = Object.entries({ ...fine, ...info }).map(([name, value]) => `${name}:${value}\r\n`);
  const bulk = (content: string) => `$${Buffer.byteLength(content)}\r\n${content}\r\n`;
  const answer = (command: string): string => {
    if (instead !== undefined) return instead;
    if (errors[command] !== undefined) return `-${errors[command]}\r\n`;
    if (command === 'HELLO') return `%1\r\n${bulk('proto')}:3\r\n`;
    return command === 'INFO' ? bulk(text.join('')) : '+OK\r\n';
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      // A command is an array of strings, of which the first one is its name.
      for (const [, name] of `${data}`.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        socket.write(answer(name!.toUpperCase()));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return {
    host: `127.0.0.1:${port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
