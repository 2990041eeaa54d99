"""Makes src/formats/gguf.fixture.gguf: a tensor of every type that Promptune reads, beside the numbers that the
reference implementation (the Python package `gguf`) reads from it, as float32 tensors named `expected.TYPE`; and a
metadata key of every type.

    python tools/golden/make_gguf_fixture.py src/formats/gguf.fixture.gguf
"""

import sys

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFWriter, quants

ROWS, COLUMNS = 2, 256


def quantized(rng, kind):
    floats = rng.normal(0, 0.05, (ROWS, COLUMNS)).astype(np.float32)
    try:
        return quants.quantize(floats, kind)
    except NotImplementedError:
        # The package does not make these types, so random bytes stand for them, with scales that are finite.
        block, size = quants.GGML_QUANT_SIZES[kind]
        data = rng.integers(0, 256, (ROWS, COLUMNS // block, size), dtype=np.uint8)
        for at in {Type.Q4_K: (0, 2), Type.Q5_K: (0, 2), Type.Q6_K: (208,)}[kind]:
            scale = rng.normal(0, 0.01, (ROWS, COLUMNS // block, 1)).astype(np.float16)
            data[:, :, at : at + 2] = scale.view(np.uint8)
        return data.reshape(ROWS, -1)


def main(path):
    rng = np.random.default_rng(7)
    writer = GGUFWriter(path, "test")
    writer.add_uint8("u8", 255)
    writer.add_int8("i8", -128)
    writer.add_uint16("u16", 65535)
    writer.add_int16("i16", -32768)
    writer.add_uint32("u32", 4294967295)
    writer.add_int32("i32", -2147483648)
    writer.add_float32("f32", 0.1)
    writer.add_bool("bool", True)
    writer.add_string("string", "猫 and 🐈")
    writer.add_array("array", ["a", "", "b"])
    writer.add_uint64("u64", 2**64 - 1)
    writer.add_int64("i64", -5)
    writer.add_float64("f64", 0.1)
    names = "F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q4_K Q5_K Q6_K".split()
    for name in names:
        kind = Type[name]
        data = quantized(rng, kind)
        writer.add_tensor(name, data, raw_dtype=kind)
        writer.add_tensor(f"expected.{name}", quants.dequantize(data, kind).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(sys.argv[1])
