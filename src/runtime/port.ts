/** @file How the library and an engine's thread exchange messages. Each platform implements both ends. */
import type { Message, Reply } from './protocol.js';

/** One end of a message channel. */
export interface Channel<Sent, Received> {
  /** Sends a copy of `message`; the buffers in `moved` are transferred instead, and are empty here afterwards. */
  post(message: Sent, moved: ArrayBuffer[]): void;
  /** Delivers messages in the order in which they were sent. */
  onMessage(listener: (message: Received) => void): void;
}

/** The engine's end. */
export type EnginePort = Channel<Reply, Message>;

/** The library's end, which also controls the thread. */
export interface ThreadPort extends Channel<Message, Reply> {
  /** Calls `listener` when the thread has ended, with the reason if that was an error; possibly more than once. */
  onEnd(listener: (reason?: Error) => void): void;
  terminate(): Promise<void>;
  /** Keeps the process alive until `unref`. */
  ref(): void;
  unref(): void;
}
