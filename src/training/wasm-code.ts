/** @file Modules of WebAssembly with one function, byte by byte: the codes of WebAssembly 2.0, §5.3 to §5.5. */

/** Instructions; those that leave a value on the stack are expressions. */
export type Code = readonly number[];

export const type = { i32: 0x7f, f32: 0x7d, v128: 0x7b, none: 0x40, function: 0x60 };
export const loop = 0x03;
export const end = 0x0b;
export const branchIf = 0x0d;
export const int32 = { isLess: 0x49, add: 0x6a };

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const low = value & 0x7f;
  return value >= -0x40 && value < 0x40 ? [low] : [low | 0x80, ...signed(value >> 7)];
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const integer = (value: number): Code => [0x41, ...signed(value)];
/** Of vectors; loads and stores are followed by log2 of their alignment and by an offset. */
export const vector = (instruction: number): Code => [0xfd, ...unsigned(instruction)];
/** Moves a local along by a number. */
export const advance = (local: number, by: number): Code => [
  ...get(local),
  ...integer(by),
  int32.add,
  ...set(local),
];

const sized = (content: Code) => [...unsigned(content.length), ...content];
const list = (items: readonly Code[]) => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]) => [id, ...sized(list(items))];
const textOf = (text: string) => sized([...new TextEncoder().encode(text)]);

/**
 * A module that exports `memory` and the function `run`.
 * @param locals how many there are of each type, behind the parameters
 * @param body without its end
 * @param bytes of the memory
 */
export function moduleOf({
  parameters,
  locals,
  body,
  bytes,
}: {
  parameters: readonly number[];
  locals: readonly (readonly [count: number, type: number])[];
  body: Code;
  bytes: number;
}): Uint8Array<ArrayBuffer> {
  const code = [...list(locals.map(([count, type]) => [...unsigned(count), type])), ...body, end];
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[type.function, ...list(parameters.map((each) => [each])), 0]]),
    ...section(3, [[0]]), // the function, of type 0
    ...section(5, [[0, ...unsigned(Math.ceil(bytes / 65536))]]), // the memory
    ...section(7, [
      [...textOf('memory'), 2, 0],
      [...textOf('run'), 0, 0],
    ]),
    ...section(10, [sized(code)]),
  );
}
