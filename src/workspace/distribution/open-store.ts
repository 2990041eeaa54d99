/** @file Opens a store by its URL, with the keys of the environment. */
import { folderStore } from '../../distribution/folder-store.js';
import { type S3Access, s3Store } from '../../distribution/s3-store.js';
import type { Store } from '../../distribution/store.js';
import { UsageError } from '../../errors.js';
import { say } from '../../say.js';

/**
 * Opens a store: `folder:PATH` or a path, which machines may share, or `s3://BUCKET/PREFIX`.
 * @throws UsageError for another kind of URL
 */
export function openStore(url: string): Store {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(url) ?? [];
  switch (scheme?.toLowerCase()) {
    case undefined:
      return folderStore(url);
    case 'folder':
      return folderStore(rest.replace(/^\/\/(?=\/)/, ''));
    case 's3':
      return s3Store(url, s3Access);
    default:
      throw storeError(say`expected folder:PATH or s3://BUCKET/PREFIX, got ${url}`);
  }
}

const storeError = (message: string, cause?: unknown) =>
  new UsageError([{ path: ['store'], message }], cause === undefined ? {} : { code: 'unavailable', cause });

/** As the tools of Amazon read it: keys, region and, for other services, the endpoint. */
async function s3Access(): Promise<S3Access> {
  const variables = process.env;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = variables;
  if (!accessKeyId || !secretAccessKey)
    throw storeError(say`s3: needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment`);
  const region = variables.AWS_REGION || variables.AWS_DEFAULT_REGION || 'us-east-1';
  const endpoint =
    variables.AWS_ENDPOINT_URL_S3 || variables.AWS_ENDPOINT_URL || `https://s3.${region}.amazonaws.com`;
  const { AwsClient } = await loadClient();
  const { AWS_SESSION_TOKEN: sessionToken } = variables;
  const client = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, region, service: 's3' });
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    fetch: (address, request) => client.fetch(address, request),
  };
}

async function loadClient(): Promise<typeof import('aws4fetch')> {
  try {
    return await import('aws4fetch');
  } catch (cause) {
    throw storeError(say`s3: needs the package aws4fetch: npm install aws4fetch@1.0.20`, cause);
  }
}
