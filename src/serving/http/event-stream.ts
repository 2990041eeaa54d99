/** @file Server-sent events as OpenAI's clients read them: one JSON object each, and `[DONE]` at the end. */
import { apiErrorOf } from './errors.js';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no', // nginx would keep events back
};

export interface StreamEnds {
  /** Called where the client leaves before the end. */
  onLeave(): void;
  /** Called at the end, with the error that the stream ends with. */
  onEnd(error?: unknown): void;
}

/** The next event is made when the client has read the one before, or the system's buffers have. */
export function eventStream(events: AsyncGenerator<object>, { onLeave, onEnd }: StreamEnds): Response {
  const encoder = new TextEncoder();
  const event = (text: string) => encoder.encode(`data: ${text}\n\n`);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await events.next();
        controller.enqueue(event(next.done ? '[DONE]' : JSON.stringify(next.value)));
        if (!next.done) return;
        controller.close();
        onEnd();
      } catch (error) {
        // The status is sent already: clients know an error by its object.
        controller.enqueue(event(JSON.stringify(apiErrorOf(error).body)));
        controller.close();
        onEnd(error);
      }
    },
    cancel: onLeave,
  });
  return new Response(body, { headers });
}
