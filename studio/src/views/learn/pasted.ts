/** @file Pasted text as a file, whose name says the format that the text has. */

/** @param text JSON lines, JSON, CSV or TSV with a line of names, or one text per line */
export function pastedFile(text: string): File {
  return new File([text], `pasted.${formatOf(text)}`, { type: 'text/plain' });
}

export function formatOf(text: string): 'jsonl' | 'json' | 'tsv' | 'csv' | 'txt' {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return isJson(trimmed) ? 'json' : 'txt';
  const lines = trimmed.split(/\r?\n/);
  if (trimmed.startsWith('{')) return isJson(lines[0]!) ? 'jsonl' : 'json';
  const [names = '', ...rows] = lines;
  const count = (line: string, separator: string) => line.split(separator).length - 1;
  const isTable = (separator: string) =>
    count(names, separator) > 0 &&
    names.split(separator).every((name) => /^["\s]*[\p{L}_][\p{L}\p{N}_ .-]{0,40}["\s]*$/u.test(name)) &&
    rows.every((row) => count(row, separator) >= count(names, separator));
  if (isTable('\t')) return 'tsv';
  return rows.length > 0 && isTable(',') ? 'csv' : 'txt';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
