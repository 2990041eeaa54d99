/** @file A job that writes a report, while its messages arrive: its parts with their scores, and warnings. */
import {
  type EventOfType,
  FollowedJob,
  type JobEvent,
  type Preparation,
} from '../learn/followed-job.svelte.js';

export type Part = Pick<EventOfType<'scores'>, 'name' | 'scores' | 'kept'>;

export class LiveReport extends FollowedJob {
  readonly #parts: Part[] = [];
  readonly #warnings: string[] = [];
  #current: EventOfType<'part'> | undefined;
  #done = 0;
  #progress: Preparation | undefined;

  protected see(event: JobEvent): void {
    switch (event.type) {
      case 'part':
        this.#current = event;
        this.#progress = undefined;
        break;
      case 'scores': {
        // A comparison that goes on tells again what it kept.
        const at = this.#parts.findIndex(({ name }) => name === event.name);
        if (at < 0) this.#parts.push(event);
        else this.#parts[at] = event;
        this.#done = event.done;
        this.#current = undefined;
        break;
      }
      case 'download':
      case 'progress':
        this.#progress = event;
        break;
      case 'warning':
        if (!this.#warnings.includes(event.message)) this.#warnings.push(event.message);
    }
  }

  /** What is scored, in the order in which that was. */
  get parts(): readonly Part[] {
    return this.drawn([...this.#parts]);
  }
  /** What is at hand. */
  get current() {
    return this.drawn(this.#current);
  }
  get done(): number {
    return this.drawn(this.#done);
  }
  get progress(): Preparation | undefined {
    return this.drawn(this.#progress);
  }
  get warnings(): readonly string[] {
    return this.drawn([...this.#warnings]);
  }
}
