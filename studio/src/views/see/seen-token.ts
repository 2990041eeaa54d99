/** @file How a token is written so that its spaces and line ends are seen, and that it is a part of a character. */

export const seen = (token: string): string =>
  token
    .replaceAll(' ', '␣')
    .replaceAll('\n', '↵')
    .replaceAll('\t', '⇥')
    .replaceAll(/\uFFFD+/g, '▯');
