/** @file Where JSON values end within a text, and the texts of an object's members as they were written. */

/** The index behind the object or list that begins at `from`; undefined if the text ends before it does. */
export function endOfJson(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      const end = endOfString(text, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return undefined;
}

function endOfString(text: string, from: number): number | undefined {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return undefined;
}

/**
 * The members of an object, as they stand in its text, so that numbers keep all their digits.
 * @param text a JSON object
 */
export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    const keyEnd = endOfString(text, at)!;
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const from = text.slice(keyEnd).search(/[^\s:]/) + keyEnd;
    const isNested = /[[{]/.test(text[from]!);
    const end = isNested ? endOfJson(text, from)! : text[from] === '"' ? endOfString(text, from)! : undefined;
    at = end ?? text.slice(from).search(/[\s,}]/) + from;
    members.set(key, text.slice(from, at));
  }
  return members;
}

/** @param text a JSON list of objects */
export function objectsOf(text: string): string[] {
  const objects: string[] = [];
  for (let at = text.indexOf('{'); at >= 0; ) {
    const end = endOfJson(text, at)!;
    objects.push(text.slice(at, end));
    at = text.indexOf('{', end);
  }
  return objects;
}
