/** @file How a token is written so that its spaces and line ends are seen. */

export const seen = (token: string): string =>
  token.replaceAll(' ', '␣').replaceAll('\n', '↵').replaceAll('\t', '⇥');
