import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordScanner, type ScanOptions } from './record-scanner.js';

fc.configureGlobal({ seed: 1 });

/** The records that a scanner finds in `text` when it comes in chunks of `chunkBytes`, each as [line, text]. */
function scan(
  text: string,
  { chunkBytes = 1 << 20, ...options }: ScanOptions & { chunkBytes?: number } = {},
): [number, string][] {
  const bytes = Buffer.from(text);
  const scanner = recordScanner('data.csv', options);
  for (let i = 0; i < bytes.length; i += chunkBytes) scanner.feed(bytes.subarray(i, i + chunkBytes));
  const { starts, ends, lines } = scanner.finish();
  return Array.from({ length: starts.length }, (_, i) => [
    lines.at(i),
    bytes.subarray(starts.at(i), ends.at(i)).toString(),
  ]);
}

describe('recordScanner', () => {
  it('finds lines, skips blank ones and a byte order mark, keeps carriage returns for the reader', () => {
    expect(scan('\ufeffa\r\n\r\n \t\nb')).toEqual([
      [1, 'a\r'],
      [4, 'b'],
    ]);
    expect(scan('')).toEqual([]);
    expect(scan('\ufeff\n\n')).toEqual([]);
    expect(scan('x\ufeff\n\ufeffy\n')).toEqual([
      [1, 'x\ufeff'],
      [2, '\ufeffy'],
    ]);
  });

  it('does not take a character for a byte order mark because it begins like one', () => {
    expect(scan('\ufec0a\n')).toEqual([[1, '\ufec0a']]);
  });

  it('keeps line breaks inside quoted CSV fields, and only there', () => {
    expect(scan('\ufeff"a\n""b""\n",c\n5" pipe,d\n', { csvSeparator: ',' })).toEqual([
      [1, '"a\n""b""\n",c'],
      [4, '5" pipe,d'],
    ]);
    expect(scan('"a\nb"\n')).toEqual([
      [1, '"a'],
      [2, 'b"'],
    ]);
  });

  it('refuses a quote that is never closed, with the line of its row', () => {
    expect(() => scan('a,b\nc,"d\n\n', { csvSeparator: ',' })).toThrow('data.csv (line 2): a double quote');
  });

  it('refuses a record without end', () => {
    const scanner = recordScanner('data.txt', {});
    const chunk = new Uint8Array(16 * 1024 * 1024).fill(0x61);
    expect(() => {
      for (let i = 0; i < 5; i++) scanner.feed(chunk);
    }).toThrow('data.txt (line 1): a record of more than 64 MiB begins here');
  });

  it('finds the same however the file is cut into chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '猫', '\ufeff') });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), fc.boolean(), (text, chunkBytes, csvQuotes) => {
        const closed = (text.match(/"/g)?.length ?? 0) % 2 === 0 ? text : `${text}"`;
        const outcome = (chunkBytes?: number) => {
          try {
            return scan(closed, { csvSeparator: csvQuotes ? ',' : undefined, chunkBytes });
          } catch (error) {
            return String(error);
          }
        };
        expect(outcome(chunkBytes)).toEqual(outcome());
      }),
    );
  });
});
