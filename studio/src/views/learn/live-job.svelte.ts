/** @file A job while its messages arrive: its state, curves, samples and log, from the first message on. */
import type { Backend, Job, JobMessage, JobState } from '../../backend/backend.js';

export interface Point {
  readonly step: number;
  readonly value: number;
}

export interface Samples {
  readonly step: number;
  readonly samples: readonly { readonly prompt: string; readonly text: string }[];
}

type Event = JobMessage['event'];
type OfType<Type extends Event['type']> = Extract<Event, { type: Type }>;

/** What happened, for the log: not every step. */
export interface LogEntry {
  readonly time: string;
  readonly event: OfType<'start' | 'resumed' | 'checkpoint' | 'warning' | 'trial'>;
}

/** What takes time before the first step. */
export type Preparation = OfType<'download' | 'progress'>;

/** Steps over which speed is averaged. */
const window = 10;

export class LiveJob {
  readonly id: string;
  readonly #backend: Backend;
  #job = $state.raw<Job>();
  #error = $state.raw<Error>();
  /** Messages are many, so what they change is drawn once per frame. */
  #drawn = $state.raw(0);
  #frame = 0;

  #state: JobState | undefined;
  #failure: string | undefined;
  readonly #loss: Point[] = [];
  readonly #validation: Point[] = [];
  readonly #speeds: number[] = [];
  #samples: Samples[] = [];
  readonly #log: LogEntry[] = [];
  #start: OfType<'start'> | undefined;
  #lastStep: OfType<'step'> | undefined;
  #accuracy: number | undefined;
  #preparation: Preparation | undefined;
  #seconds = 0;

  constructor(backend: Backend, id: string) {
    this.#backend = backend;
    this.id = id;
  }

  /** Until the job is over, or the signal says so. */
  async follow(signal: AbortSignal): Promise<void> {
    try {
      this.#job = await this.#backend.job(this.id);
      this.#state = this.#job.state;
      for await (const { time, event } of this.#backend.watchJob(this.id, this.#next, signal)) {
        this.#next++;
        this.#see(event, time);
        this.#draw();
      }
      if (!signal.aborted) this.#job = await this.#backend.job(this.id);
    } catch (error) {
      if (!signal.aborted) this.#error = error as Error;
    }
  }
  #next = 0;

  #draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawn++;
    });
  }

  #see(event: Event, time: string): void {
    switch (event.type) {
      case 'state':
        this.#state = event.state;
        this.#failure = event.error;
        break;
      case 'start':
        this.#start = event;
        this.#preparation = undefined;
        this.#log.push({ time, event });
        break;
      case 'step': {
        const { step, loss, tokensPerSecond, seconds } = event;
        // After a resume, steps since the last checkpoint come again.
        cut(this.#loss, step);
        cut(this.#validation, step);
        this.#loss.push({ step, value: loss });
        this.#speeds.push(tokensPerSecond);
        this.#seconds += seconds;
        this.#lastStep = event;
        break;
      }
      case 'validation':
        cut(this.#validation, event.step);
        this.#validation.push({ step: event.step, value: event.loss });
        this.#accuracy = event.accuracy;
        break;
      case 'sample':
        this.#samples = [
          ...this.#samples.filter(({ step }) => step < event.step),
          { step: event.step, samples: event.samples },
        ];
        break;
      case 'download':
      case 'progress':
        this.#preparation = event;
        break;
      default:
        this.#log.push({ time, event });
    }
  }

  get job(): Job | undefined {
    return this.#job;
  }
  get error(): Error | undefined {
    return this.#error;
  }
  get state(): JobState | undefined {
    void this.#drawn;
    return this.#state ?? this.#job?.state;
  }
  /** Why it failed, in words. */
  get failure(): string | undefined {
    void this.#drawn;
    return this.#failure ?? this.#job?.error;
  }
  get loss(): readonly Point[] {
    void this.#drawn;
    return [...this.#loss];
  }
  get validation(): readonly Point[] {
    void this.#drawn;
    return [...this.#validation];
  }
  get samples(): readonly Samples[] {
    void this.#drawn;
    return this.#samples;
  }
  get log(): readonly LogEntry[] {
    void this.#drawn;
    return [...this.#log];
  }
  get start() {
    void this.#drawn;
    return this.#start;
  }
  get lastStep() {
    void this.#drawn;
    return this.#lastStep;
  }
  get accuracy(): number | undefined {
    void this.#drawn;
    return this.#accuracy;
  }
  get preparation(): Preparation | undefined {
    void this.#drawn;
    return this.#preparation;
  }
  /** Of the steps so far. */
  get seconds(): number {
    void this.#drawn;
    return this.#seconds;
  }
  get tokensPerSecond(): number | undefined {
    void this.#drawn;
    const last = this.#speeds.slice(-window);
    return last.length === 0 ? undefined : last.reduce((sum, speed) => sum + speed, 0) / last.length;
  }
}

/** Drops the points from a step on. */
function cut(points: Point[], step: number): void {
  while (points.length > 0 && points.at(-1)!.step >= step) points.pop();
}
