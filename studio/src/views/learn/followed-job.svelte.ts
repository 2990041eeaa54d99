/** @file A job whose messages are followed: its state, and what a view makes of the rest. */
import type { Backend, Job, JobMessage, JobState } from '../../backend/backend.js';

export type JobEvent = JobMessage['event'];
export type EventOfType<Type extends JobEvent['type']> = Extract<JobEvent, { type: Type }>;

/** What takes time before a step, or is being counted. */
export type Preparation = EventOfType<'download' | 'progress'>;

export abstract class FollowedJob {
  readonly id: string;
  readonly #backend: Backend;
  #job = $state.raw<Job>();
  #error = $state.raw<Error>();
  /** Messages are many, so what they change is drawn once per frame. */
  #drawn = $state.raw(0);
  #frame = 0;
  #next = 0;
  #state: JobState | undefined;
  #failure: string | undefined;

  constructor(backend: Backend, id: string) {
    this.#backend = backend;
    this.id = id;
  }

  /** Keeps what the view shows of an event. */
  protected abstract see(event: JobEvent, time: string): void;

  /** A value that messages change: whoever reads it is drawn again. */
  protected drawn<T>(value: T): T {
    void this.#drawn;
    return value;
  }

  /** Until the job is over, or the signal says so. Again after it was resumed, or where it could not be read. */
  async follow(signal: AbortSignal): Promise<void> {
    this.#error = undefined;
    try {
      this.#job = await this.#backend.job(this.id);
      this.#state = this.#job.state;
      for await (const { time, event } of this.#backend.watchJob(this.id, this.#next, signal)) {
        this.#next++;
        if (event.type === 'state') {
          this.#state = event.state;
          this.#failure = event.error;
        } else this.see(event, time);
        this.#draw();
      }
      if (signal.aborted) return;
      // On a full disk, the message that says how it ended is missing.
      this.#job = await this.#backend.job(this.id);
      this.#state = this.#job.state;
      this.#failure = this.#job.error;
      this.#draw();
    } catch (error) {
      if (!signal.aborted) this.#error = error as Error;
    }
  }

  #draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawn++;
    });
  }

  get job(): Job | undefined {
    return this.#job;
  }
  get error(): Error | undefined {
    return this.#error;
  }
  get state(): JobState | undefined {
    return this.drawn(this.#state ?? this.#job?.state);
  }
  get isOpen(): boolean {
    return this.state === 'running' || this.state === 'waiting';
  }
  /** Whether it ended before its end. */
  get canResume(): boolean {
    return this.state === 'stopped' || this.state === 'failed' || this.state === 'interrupted';
  }
  /** Why it failed, in words. */
  get failure(): string | undefined {
    return this.drawn(this.#failure ?? this.#job?.error);
  }
}
