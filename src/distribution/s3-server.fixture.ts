/** @file A server with as much of S3's API as the store uses, for tests. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** As much of S3 as the store uses: objects in memory, created only if absent where that is asked. */
export function s3Server() {
  const objects = new Map<string, Buffer>();
  const escaped = (text: string) => text.replaceAll('&', '&amp;');
  return {
    objects: objects as ReadonlyMap<string, Buffer>,
    async answer(request: IncomingMessage, response: ServerResponse) {
      const url = new URL(request.url!, 'http://localhost');
      const key = decodeURIComponent(url.pathname).replace(/^\/bucket\/?/, '');
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const end = (status: number, body?: string | Buffer) => response.writeHead(status).end(body);
      if (request.method === 'PUT') {
        if (request.headers['if-none-match'] === '*' && objects.has(key)) return end(412);
        objects.set(key, Buffer.concat(chunks));
        return end(200);
      }
      if (request.method === 'DELETE') {
        objects.delete(key);
        return end(204);
      }
      if (url.searchParams.has('list-type')) {
        const prefix = url.searchParams.get('prefix')!;
        const folders = new Set(
          [...objects.keys()]
            .filter((name) => name.startsWith(prefix))
            .map((name) => name.slice(0, name.indexOf('/', prefix.length) + 1)),
        );
        // One a page, so that pages are turned.
        const sorted = [...folders].sort();
        const at = sorted.indexOf(url.searchParams.get('continuation-token') ?? sorted[0]!);
        const next = sorted[at + 1];
        const shown =
          sorted[at] === undefined
            ? ''
            : `<CommonPrefixes><Prefix>${escaped(sorted[at])}</Prefix></CommonPrefixes>`;
        const more =
          next === undefined ? '' : `<NextContinuationToken>${escaped(next)}</NextContinuationToken>`;
        return end(200, `<ListBucketResult>${shown}${more}</ListBucketResult>`);
      }
      const found = objects.get(key);
      return found ? end(200, request.method === 'HEAD' ? undefined : found) : end(404);
    },
  };
}
