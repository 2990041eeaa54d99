/**
 * @file The part of Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding) that writing ONNX and
 *   TensorBoard's events needs.
 */

const utf8 = new TextEncoder();

/** A message under construction: fields are appended in the order they are written. */
export class ProtobufWriter {
  #bytes = new Uint8Array(64); // most messages are a node or a shape
  #length = 0;

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Wire type 0. Negative numbers take ten bytes, as int64 does. */
  integer(field: number, value: number | bigint): this {
    this.#varint(field << 3);
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 31) this.#varint(Number(value));
    else this.#longVarint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** Wire type 5. */
  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    this.#append(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  /** Wire type 1. */
  double(field: number, value: number): this {
    this.#varint((field << 3) | 1);
    this.#append(new Uint8Array(Float64Array.of(value).buffer));
    return this;
  }

  /** Wire type 2: text, raw bytes or a message. */
  bytes(field: number, value: string | Uint8Array | ProtobufWriter): this {
    const bytes =
      typeof value === 'string'
        ? utf8.encode(value)
        : value instanceof ProtobufWriter
          ? value.#view()
          : value;
    this.#varint((field << 3) | 2);
    this.#varint(bytes.length);
    this.#append(bytes);
    return this;
  }

  #view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** For keys and lengths, which are less than 2³¹. */
  #varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    for (; rest >= 128; rest >>= 7) this.#bytes[this.#length++] = (rest & 127) | 128;
    this.#bytes[this.#length++] = rest;
  }

  #longVarint(value: bigint): void {
    this.#reserve(10);
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 127n) | 128;
    this.#bytes[this.#length++] = Number(rest);
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#view());
    this.#bytes = larger;
  }
}
