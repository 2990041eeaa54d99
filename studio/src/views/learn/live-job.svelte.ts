/** @file A job that trains, while its messages arrive: curves, samples and log, from the first message on. */
import { type EventOfType, FollowedJob, type JobEvent, type Preparation } from './followed-job.svelte.js';

export interface Point {
  readonly step: number;
  readonly value: number;
}

export interface Samples {
  readonly step: number;
  readonly samples: readonly { readonly prompt: string; readonly text: string }[];
}

/** What happened, for the log: not every step. */
export interface LogEntry {
  readonly time: string;
  readonly event: EventOfType<'start' | 'resumed' | 'checkpoint' | 'warning' | 'trial'>;
}

/** Steps over which speed is averaged. */
const window = 10;

export class LiveJob extends FollowedJob {
  readonly #loss: Point[] = [];
  readonly #validation: Point[] = [];
  readonly #speeds: number[] = [];
  #samples: Samples[] = [];
  readonly #log: LogEntry[] = [];
  #start: EventOfType<'start'> | undefined;
  #lastStep: EventOfType<'step'> | undefined;
  #accuracy: number | undefined;
  #labels: EventOfType<'labels'> | undefined;
  #preparation: Preparation | undefined;
  #seconds = 0;

  protected see(event: JobEvent, time: string): void {
    switch (event.type) {
      case 'start':
        this.#preparation = undefined;
        // One that was resumed says the same again.
        if (this.#start) break;
        this.#start = event;
        this.#log.push({ time, event });
        for (const message of event.warnings ?? [])
          this.#log.push({ time, event: { type: 'warning', message } });
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
      case 'labels':
        this.#accuracy = event.accuracy;
        this.#labels = event;
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
      case 'resumed':
      case 'checkpoint':
      case 'warning':
      case 'trial':
        this.#log.push({ time, event });
    }
  }

  get loss(): readonly Point[] {
    return this.drawn([...this.#loss]);
  }
  get validation(): readonly Point[] {
    return this.drawn([...this.#validation]);
  }
  get samples(): readonly Samples[] {
    return this.drawn(this.#samples);
  }
  get log(): readonly LogEntry[] {
    return this.drawn([...this.#log]);
  }
  get start() {
    return this.drawn(this.#start);
  }
  get lastStep() {
    return this.drawn(this.#lastStep);
  }
  get accuracy(): number | undefined {
    return this.drawn(this.#accuracy);
  }
  /** What the accuracy is to be compared with, once the run is done. */
  get labels() {
    return this.drawn(this.#labels);
  }
  get preparation(): Preparation | undefined {
    return this.drawn(this.#preparation);
  }
  /** Of the steps so far. */
  get seconds(): number {
    return this.drawn(this.#seconds);
  }
  get tokensPerSecond(): number | undefined {
    const last = this.drawn(this.#speeds).slice(-window);
    return last.length === 0 ? undefined : last.reduce((sum, speed) => sum + speed, 0) / last.length;
  }
}

/** Drops the points from a step on. */
function cut(points: Point[], step: number): void {
  while (points.length > 0 && points.at(-1)!.step >= step) points.pop();
}
