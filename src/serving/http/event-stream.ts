/** @file Server-sent events as OpenAI's clients read them: one JSON object per event, and `[DONE]` at the end. */
import { apiErrorOf } from './errors.js';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no', // stops nginx from buffering events
};

export interface StreamEnds {
  /** Called if the client disconnects before the end. */
  onLeave(): void;
  /** Called at the end, with the error if the stream ends with one. */
  onEnd(error?: unknown): void;
}

/** The next event is generated when the client, or the system's buffers, have taken the previous one. */
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
        // The status has already been sent: clients recognize an error by its object.
        controller.enqueue(event(JSON.stringify(apiErrorOf(error).body)));
        controller.close();
        onEnd(error);
      }
    },
    cancel: onLeave,
  });
  return new Response(body, { headers });
}
