/**
 * @file Tokens and passwords must not appear in messages: errors and the command line pass their texts through here.
 */

/** Shorter secrets could be ordinary words. */
const minLength = 8;

const known = new Set<string>();

/** Registers a token or key that no error may show. */
export function keepSecret(secret: string | undefined): void {
  if (secret && secret.length >= minLength) known.add(secret);
}

/** Between the scheme and the host of an address: a name, and often a password. */
const credentials = /(?<=[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]+@/gi;

/** A value in the query of an address, recognized by its name. */
const secretParameter =
  /(?<=[?&](?:api[-_]?key|key|token|access[-_]?token|auth|password|secret|signature)=)[^\s&#"'<>]+/gi;

/** Tokens of the Hub and keys of common services. */
const token = /\b(?:hf_|sk-|api_org_)[A-Za-z0-9_-]{8,}/g;

/** The text, with each secret replaced by `…`. */
export function withoutSecrets(text: string): string {
  let shown = text.replace(credentials, '…@').replace(secretParameter, '…').replace(token, '…');
  for (const secret of known) shown = shown.replaceAll(secret, '…');
  return shown;
}
