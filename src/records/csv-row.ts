/** @file A row of a CSV file (RFC 4180) as its fields. */

/**
 * @param text the row, with its line end or without
 * @returns undefined where a double quote is where none may be: within a field that does not begin with one, or behind
 *   the one that ends a field; or where a field in quotes does not end
 */
export function csvFields(text: string, separator: string): string[] | undefined {
  if (text === '') return [];
  const fields: string[] = [];
  for (let at = 0; ; ) {
    let field: string;
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end === undefined) return undefined;
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const start = at;
      while (at < text.length && !text.startsWith(separator, at) && lineEnd(text, at) === 0) at++;
      field = text.slice(start, at);
      if (field.includes('"')) return undefined;
    }
    fields.push(field);
    if (at === text.length || lineEnd(text, at) > 0) return fields;
    if (!text.startsWith(separator, at)) return undefined;
    at += separator.length;
  }
}

/** The place of the quote that is not doubled, from a place on. */
function closingQuote(text: string, from: number): number | undefined {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return undefined;
}

/** The length of a line end at a place; 0 where there is none. */
function lineEnd(text: string, at: number): number {
  if (text[at] === '\n') return 1;
  return text[at] === '\r' && text[at + 1] === '\n' ? 2 : 0;
}
