/** @file The little of Protocol Buffers' wire format that writing ONNX and TensorBoard's events needs (protobuf.dev/programming-guides/encoding). */

const utf8 = new TextEncoder();

/** A message under construction: fields are appended in the order they are written. */
export class ProtobufWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Wire type 0. Negative numbers take ten bytes, as int64 does. */
  integer(field: number, value: number | bigint): this {
    this.#varint(BigInt(field << 3));
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** Wire type 5. */
  float(field: number, value: number): this {
    this.#varint(BigInt((field << 3) | 5));
    this.#append(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  /** Wire type 1. */
  double(field: number, value: number): this {
    this.#varint(BigInt((field << 3) | 1));
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
    this.#varint(BigInt((field << 3) | 2));
    this.#varint(BigInt(bytes.length));
    this.#append(bytes);
    return this;
  }

  #view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    this.#append(bytes);
  }

  #append(bytes: ArrayLike<number>): void {
    if (this.#length + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes.length));
      larger.set(this.#view());
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}
