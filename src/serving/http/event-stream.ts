/** @file Server-sent events as OpenAI's clients read them: one JSON object each, and `[DONE]` at the end. */
import { apiErrorOf } from './errors.js';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no', // nginx would keep events back
};

/** @param onLeave called where the client leaves before the end */
export function eventStream(events: AsyncGenerator<object>, onLeave: () => void): Response {
  const encoder = new TextEncoder();
  const event = (text: string) => encoder.encode(`data: ${text}\n\n`);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await events.next();
        controller.enqueue(event(next.done ? '[DONE]' : JSON.stringify(next.value)));
        if (next.done) controller.close();
      } catch (error) {
        // The status is sent already: clients know an error by its object.
        controller.enqueue(event(JSON.stringify(apiErrorOf(error).body)));
        controller.close();
      }
    },
    cancel: onLeave,
  });
  return new Response(body, { headers });
}
