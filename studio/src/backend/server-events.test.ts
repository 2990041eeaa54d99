import { expect, it } from 'vitest';
import { serverEvents } from './server-events.js';

async function eventsOf(...chunks: string[]): Promise<string[]> {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  const events: string[] = [];
  for await (const event of serverEvents(new Blob(bytes).stream() as ReadableStream<Uint8Array>))
    events.push(event);
  return events;
}

it('gives the data of events, without comments and other fields', async () => {
  expect(await eventsOf(': ping\n\nid: 3\ndata: {"a":1}\n\ndata: one\r\ndata: two\r\n\r\n')).toEqual([
    '{"a":1}',
    'one\ntwo',
  ]);
});

it('waits for the end of an event', async () => {
  expect(await eventsOf('data: un', 'finished\n')).toEqual([]);
});
