/** @file The queue of works that the studio shows, if there is one; its connection opens when it is first asked for. */
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import { openQueueAdmin, type QueueAdmin, workersOf } from '../workspace/index.js';
import { within } from '../workspace/queue/within.js';
import type { Queue } from './api/index.js';

/** Milliseconds to wait for an answer. */
const patience = 5000;

export class StudioQueue {
  readonly #open: () => Promise<QueueAdmin>;
  #admin: Promise<QueueAdmin> | undefined;

  /** @param url of Redis, which may have a password and is told to nobody */
  constructor(url: string, open = openQueueAdmin) {
    this.#open = () => open(url);
  }

  /** @throws what `openQueueAdmin` throws; PromptuneError (`unavailable`) where it no longer answers */
  async look(): Promise<Queue> {
    return this.#ask(async (admin) => {
      const [{ queues, workers }, failed] = await Promise.all([admin.status(), admin.failed()]);
      return {
        queues: queues.map((queue) => {
          const own = workersOf(queue, workers);
          return { ...queue, workers: own.length, done: own.reduce((sum, { done }) => sum + done, 0) };
        }),
        workers: workers.map(({ id, host, pid, machineClass, since, done, job }) => ({
          ...{ id, host, pid, machineClass: machineClass.id, since, done },
          ...(job && {
            job: { label: job.label, since: job.since, ...(job.progress && { ...job.progress }) },
          }),
        })),
        failed: failed.map(({ queue, key, label, message, at }) => ({ queue, key, label, message, at })),
      };
    });
  }

  /** Puts the works that failed back. Returns how many. */
  retry = (): Promise<number> => this.#ask((admin) => admin.retry());

  async close(): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined);
    this.#admin = undefined;
    await admin?.close();
  }

  /** A connection that fails or does not answer is left, and the next question opens another. */
  async #ask<T extends {}>(question: (admin: QueueAdmin) => Promise<T>): Promise<T> {
    this.#admin ??= this.#open();
    const asked = this.#admin;
    try {
      const answer = await within(patience, question(await asked));
      if (answer !== undefined) return answer;
      throw new PromptuneError(say`the queue does not answer; is its Redis still running?`, {
        code: 'unavailable',
      });
    } catch (error) {
      if (this.#admin === asked) this.#admin = undefined;
      void asked.then((admin) => admin.close()).catch(() => {});
      throw error;
    }
  }
}
