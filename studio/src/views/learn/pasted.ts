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
  const [names = '', ...rows] = lines.filter((line) => line.trim() !== '');
  /** Some rows may be broken, of which whoever reads the file says more, if the first line can only be names. */
  const isTable = (separator: string) => {
    const fields = names.split(separator);
    const whole = rows.filter((row) => row.split(separator).length >= fields.length).length;
    const least = fields.every((field) => word.test(field)) ? 0.5 : 1;
    return fields.length > 1 && fields.every((field) => name.test(field)) && whole >= least * rows.length;
  };
  if (isTable('\t')) return 'tsv';
  return rows.length > 0 && isTable(',') ? 'csv' : 'txt';
}

const word = /^"?[\p{L}_][\p{L}\p{N}_-]{0,40}"?$/u;
const name = /^["\s]*[\p{L}_][\p{L}\p{N}_ .-]{0,40}["\s]*$/u;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
