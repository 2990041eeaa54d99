/**
 * @file How messages travel between the library and the thread of an engine. A platform's half has one end of each
 * kind.
 */
import type { Message, Reply } from './protocol.js';

/** One end of a way for messages. */
export interface Channel<Sent, Received> {
  /** Sends a copy of `message`; the buffers in `moved` change threads instead, and are empty here afterwards. */
  post(message: Sent, moved: ArrayBuffer[]): void;
  /** Hands over messages in the order in which they were sent. */
  onMessage(listener: (message: Received) => void): void;
}

/** The engine's end. */
export type EnginePort = Channel<Reply, Message>;

/** The library's end, which has the thread in its hand. */
export interface ThreadPort extends Channel<Message, Reply> {
  /** Tells that the thread has ended, and why if that was an error. It may tell more than once. */
  onEnd(listener: (reason?: Error) => void): void;
  terminate(): Promise<void>;
  /** Has the process wait for the thread, until `unref`. */
  ref(): void;
  unref(): void;
}
