/** @file What an ONNX file does: the types of its nodes. */

/** The fields of a message of protocol buffers: numbers, and bytes of strings and messages. */
function* fieldsOf(bytes: Uint8Array): Generator<[field: number, value: number | Uint8Array]> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const [field, wire] = [key >> 3, key & 7];
    if (wire === 0) yield [field, varint()];
    else {
      const size = wire === 2 ? varint() : wire === 5 ? 4 : 8;
      yield [field, bytes.subarray(at, at + size)];
      at += size;
    }
  }
}

const messages = (bytes: Uint8Array, field: number): Uint8Array[] =>
  [...fieldsOf(bytes)].flatMap(([own, value]) => (own === field && typeof value !== 'number' ? [value] : []));

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The nodes of a serialized ModelProto, without those of loops' bodies. */
export function onnxNodes(model: Uint8Array): OnnxNode[] {
  const [graph] = messages(model, 7);
  return messages(graph!, 1).map((node) => ({
    type: text(messages(node, 4)[0]!),
    inputs: messages(node, 1).map(text),
    outputs: messages(node, 2).map(text),
  }));
}

/** How often each type occurs, most frequent first. */
export function countsByType(nodes: readonly OnnxNode[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of nodes) counts.set(type, (counts.get(type) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
