/** @file What happened in a job: a file with a line per message, which is read from any of them on, and followed. */
import { appendFile, open, readFile, truncate } from 'node:fs/promises';
import { withFileErrors } from '../formats/files.js';
import type { JobMessage } from './api/index.js';

export type JobLogEvent = JobMessage['event'];

export class JobLog {
  readonly #path: string;
  /** Number of messages, those included that are being written. */
  #length: number;
  /** Bytes of the lines in the file. */
  #size: number;
  #pending = '';
  /** Whether a write is to come that takes along what is pending. */
  #isWriteDue = false;
  #writing: Promise<void> = Promise.resolve();
  #waiting: (() => void)[] = [];
  #isOver = true;
  #error: unknown;

  private constructor(path: string, { length, size }: { length: number; size: number }) {
    this.#path = path;
    this.#length = length;
    this.#size = size;
  }

  /**
   * Opens the log at a path, where there may be none. A line that was cut off when a process was killed is removed.
   * @returns the log, and the messages that it has
   */
  static async open(path: string): Promise<{ log: JobLog; messages: JobMessage[] }> {
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const size = bytes.lastIndexOf('\n') + 1;
    if (size < bytes.length) await truncate(path, size);
    const lines = bytes.toString('utf8', 0, size).split('\n').slice(0, -1);
    const messages = lines.map((line) => JSON.parse(line) as JobMessage);
    return { log: new JobLog(path, { length: lines.length, size }), messages };
  }

  get length(): number {
    return this.#length;
  }

  /** Readers wait for more messages from now on, until `finish`. */
  begin(): void {
    this.#isOver = false;
  }

  append(event: JobLogEvent): void {
    const message: JobMessage = { index: this.#length++, time: new Date().toISOString(), event };
    this.#pending += `${JSON.stringify(message)}\n`;
    if (this.#isWriteDue) return;
    this.#isWriteDue = true;
    this.#writing = this.#writing.then(() => this.#write());
  }

  /**
   * Resolves when all is written. Readers come to an end.
   * @throws FileError where the last messages could not be written
   */
  async finish(): Promise<void> {
    await this.#writing;
    this.#isOver = true;
    this.#wake();
    if (this.#error !== undefined) throw this.#error;
  }

  /** The messages from an index on, those to come included until `finish`. */
  async *read(from = 0, signal?: AbortSignal): AsyncGenerator<JobMessage> {
    const wake = () => this.#wake();
    signal?.addEventListener('abort', wake);
    let position = 0;
    let index = 0;
    try {
      while (!signal?.aborted) {
        const isLast = this.#isOver;
        const lines = await this.#lines(position, this.#size);
        position += lines.bytes;
        for (const line of lines.lines) if (index++ >= from) yield JSON.parse(line) as JobMessage;
        if (position < this.#size || isLast !== this.#isOver) continue;
        if (isLast || signal?.aborted) return;
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      signal?.removeEventListener('abort', wake);
    }
  }

  /** Whole lines between two places of the file, up to `mostBytes` where a line is not longer. */
  async #lines(from: number, to: number): Promise<{ lines: string[]; bytes: number }> {
    if (to <= from) return { lines: [], bytes: 0 };
    const file = await open(this.#path);
    try {
      for (let size = Math.min(mostBytes, to - from); ; size = Math.min(2 * size, to - from)) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, from);
        const bytes = buffer.lastIndexOf('\n', bytesRead - 1) + 1;
        if (bytes > 0) return { lines: buffer.toString('utf8', 0, bytes - 1).split('\n'), bytes };
        if (size >= to - from) return { lines: [], bytes: to - from };
      }
    } finally {
      await file.close();
    }
  }

  /** What cannot be written, as on a full disk, is written with the next message. */
  async #write(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    this.#isWriteDue = false;
    try {
      await withFileErrors(this.#path, 'written', () => appendFile(this.#path, text));
      this.#size += Buffer.byteLength(text);
      this.#error = undefined;
    } catch (error) {
      this.#pending = text + this.#pending;
      this.#error = error;
      await truncate(this.#path, this.#size).catch(() => {}); // a part of it may be there
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

const mostBytes = 2 ** 18;
