/** @file Server-sent events as OpenAI's clients read them: one JSON object per event, and `[DONE]` at the end. */
import { apiErrorOf } from './errors.js';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no', // otherwise nginx buffers events
};

export interface StreamEnds {
  /** Called if the client disconnects before the end, or does not read. */
  onLeave(): void;
  /** Called at the end, with the error that the stream ends with, if any. */
  onEnd(error?: unknown): void;
}

export interface StreamTimes {
  /** Milliseconds without an event until a comment is sent, so that proxies keep the connection; 0 sends none. */
  readonly pingMs: number;
  /** Milliseconds that a client may leave what it was sent unread, before it is cut off. */
  readonly stallMs: number;
}

/** The next event is made once the client, or the system's buffers, have taken the one before. */
export function eventStream(
  events: AsyncGenerator<object>,
  { onLeave, onEnd }: StreamEnds,
  { pingMs, stallMs }: StreamTimes,
): Response {
  const encoder = new TextEncoder();
  const event = (text: string) => encoder.encode(`data: ${text}\n\n`);
  // One line break: some clients take an empty line for an event without data.
  const ping = encoder.encode(': ping\n');
  let pending: Promise<IteratorResult<object>> | undefined;
  let stalled: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(stalled);
      try {
        pending ??= events.next();
        const next = pingMs > 0 ? await unlessLate(pending, pingMs) : await pending;
        if (next === undefined) {
          controller.enqueue(ping);
        } else {
          pending = undefined;
          controller.enqueue(event(next.done ? '[DONE]' : JSON.stringify(next.value)));
          if (next.done) {
            controller.close();
            onEnd();
            return;
          }
        }
        stalled = setTimeout(() => {
          controller.error(new Error(`the client read nothing for ${stallMs / 1000} s`));
          onLeave();
        }, stallMs).unref();
      } catch (error) {
        // The status has been sent: clients detect an error by its object.
        controller.enqueue(event(JSON.stringify(apiErrorOf(error).body)));
        controller.close();
        onEnd(error);
      }
    },
    cancel() {
      clearTimeout(stalled);
      onLeave();
    },
  });
  return new Response(body, { headers });
}

/** What a promise gives; undefined where it takes longer. */
export async function unlessLate<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms).unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
