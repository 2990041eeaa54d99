"""Makes the Parquet files that parquet.test.ts reads, by Apache Arrow's own writer (pyarrow 26.0.1)."""

import datetime
import decimal
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

answers = pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int32()))])
nested = pa.table(
    {
        "id": pa.array([1, 2, 2**60], pa.int64()),
        "question": pa.array(["Where?", "谁？", None]),
        "answers": pa.array(
            [
                {"text": ["here", "there"], "answer_start": [0, 3]},
                {"text": [], "answer_start": []},
                {"text": ["x"], "answer_start": [7]},
            ],
            answers,
        ),
        "good": [True, False, None],
        "score": [0.5, -1.0, 2.0],
        "when": pa.array([datetime.datetime(2024, 1, 2)] * 3, pa.timestamp("ms")),
    }
)
pq.write_table(nested, "parquet.fixture.parquet", compression="snappy", row_group_size=2, store_schema=False)
pairs = pa.table({"sentence": ["good film", "bad film"], "label": [1, 0]})
pq.write_table(pairs, "parquet-zstd.fixture.parquet", compression="zstd", store_schema=False)
none = pa.table({"text": pa.array([], pa.string())})
pq.write_table(none, "parquet-empty.fixture.parquet", store_schema=False)

# Numbers and times of every kind, with what text they are: Decimal's str(), isoformat(), and the fewest digits of floats.
utc = datetime.timezone.utc
kinds = {
    "decimal_small": ([decimal.Decimal("1.50"), decimal.Decimal("-0.05")], pa.decimal128(7, 2)),
    "decimal_long": ([decimal.Decimal("12345678901234567890.123456789"), decimal.Decimal("-1E-9")], pa.decimal128(38, 9)),
    "decimal_whole": ([decimal.Decimal("12345678901234567890"), decimal.Decimal("-7")], pa.decimal128(20, 0)),
    "decimal_wide": ([decimal.Decimal("9" * 60 + ".5"), decimal.Decimal("-0.1")], pa.decimal256(70, 1)),
    "int64": ([2**63 - 1, -(2**63)], pa.int64()),
    "uint64": ([2**64 - 1, 5], pa.uint64()),
    "uint32": ([2**32 - 1, 0], pa.uint32()),
    "int8": ([-128, 127], pa.int8()),
    "float64": ([1.0, 1e22], pa.float64()),
    "float32": ([0.1, -1e-30], pa.float32()),
    "float16": ([np.float16(0.1), np.float16(1 / 3)], pa.float16()),
    "date": ([datetime.date(2024, 1, 2), datetime.date(1969, 12, 31)], pa.date32()),
    "time": ([datetime.time(3, 4, 5), datetime.time(3, 4, 5, 60)], pa.time64("us")),
    "time_ms": ([datetime.time(3, 4, 5), datetime.time(23, 59, 59, 999000)], pa.time32("ms")),
    "seconds": ([datetime.datetime(2024, 1, 2, 3, 4, 5), datetime.datetime(1900, 1, 1)], pa.timestamp("s")),
    "millis": ([datetime.datetime(2024, 1, 2, 3, 4, 5, 123000), datetime.datetime(1969, 12, 31, 23, 59, 59, 999000)], pa.timestamp("ms")),
    "micros": ([datetime.datetime(2024, 1, 2, 3, 4, 5, 123456), datetime.datetime(2024, 1, 2)], pa.timestamp("us")),
    "nanos": ([1704164645123456789, 1704164645000000000], pa.timestamp("ns")),
    "utc": ([datetime.datetime(2024, 1, 2, 3, 4, 5, 6, utc), datetime.datetime(2024, 1, 2, tzinfo=utc)], pa.timestamp("us", "UTC")),
    "list": ([[decimal.Decimal("1.10"), None], []], pa.list_(pa.decimal128(5, 2))),
    "object": ([{"day": datetime.date(2024, 1, 2), "score": 1.0}, None], pa.struct([("day", pa.date32()), ("score", pa.float32())])),
    "map": ([[("a", 1.0)], [("b", 0.25)]], pa.map_(pa.string(), pa.float64())),
}
numbers = pa.table({name: pa.array(values, kind) for name, (values, kind) in kinds.items()})
pq.write_table(numbers, "parquet-numbers.fixture.parquet", store_schema=False)
pq.write_table(
    pa.table({"when": pa.array([datetime.datetime(2024, 1, 2, 3, 4, 5, 6)], pa.timestamp("ns"))}),
    "parquet-int96.fixture.parquet", store_schema=False, use_deprecated_int96_timestamps=True,
)


def text(value):
    if isinstance(value, dict):
        return {name: text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return dict(map(text, value)) if value and isinstance(value[0], tuple) else [text(inner) for inner in value]
    if isinstance(value, tuple):
        return (value[0], text(value[1]))
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return None if value is None else str(value)


rows = pq.read_table("parquet-numbers.fixture.parquet").to_pylist()
for row in rows:
    row["float32"] = np.float32(row["float32"])
    row["float16"] = np.float16(row["float16"])
with open("parquet-numbers.fixture.json", "w") as file:
    json.dump([text(row) for row in rows], file, indent=2, ensure_ascii=False)
    file.write("\n")

# Every encoding and both kinds of pages, with nulls and lists at several depths.
count = 60
words = ["", "a", "ab", "abc", "谁", "abcd"]
columns = {
    "small": ([None if i % 7 == 3 else i * i - 900 for i in range(count)], pa.int32(), "DELTA_BINARY_PACKED"),
    "large": ([(i - 30) * 2**58 for i in range(count)], pa.int64(), "DELTA_BINARY_PACKED"),
    "good": ([None if i % 11 == 5 else i % 3 == 0 for i in range(count)], pa.bool_(), "RLE"),
    "float": ([None if i % 5 == 1 else i / 8 for i in range(count)], pa.float32(), "BYTE_STREAM_SPLIT"),
    "word": ([None if i % 9 == 2 else words[i % 6] for i in range(count)], pa.string(), "DELTA_LENGTH_BYTE_ARRAY"),
    "name": ([f"name-{i // 4}-{i % 4}" for i in range(count)], pa.string(), "DELTA_BYTE_ARRAY"),
    "none": ([None] * count, pa.string(), "PLAIN"),
    "plain": ([words[i % 4] for i in range(count)], pa.string(), "PLAIN"),
    "lists": (
        [None if i % 6 == 0 else [None if j == 1 else [None, i][: j % 3] for j in range(i % 4)] for i in range(count)],
        pa.list_(pa.list_(pa.int32())), None,
    ),
    "turns": (
        [[{"role": words[j], "calls": [] if j else None} for j in range(i % 3)] for i in range(count)],
        pa.list_(pa.struct([("role", pa.string()), ("calls", pa.list_(pa.string()))])), None,
    ),
}
table = pa.table({name: pa.array(values, kind) for name, (values, kind, _) in columns.items()})
encodings = {name: encoding for name, (_, _, encoding) in columns.items() if encoding}
for version, codec in (("1.0", "lz4"), ("2.0", "gzip")):
    pq.write_table(
        table, f"parquet-encodings-v{version[0]}.fixture.parquet", compression=codec, data_page_version=version,
        use_dictionary=["lists"], column_encoding=encodings, row_group_size=25, data_page_size=64, store_schema=False,
    )
with open("parquet-encodings.fixture.json", "w") as file:
    json.dump(pq.read_table("parquet-encodings-v1.fixture.parquet").to_pylist(), file, ensure_ascii=False)
    file.write("\n")

table = pa.table({"prompt": pa.array([b"\xef\xbb\xbfabc", b"b\xff"], pa.binary()), "completion": ["x", "y"]})
pq.write_table(
    table, "parquet-bytes.fixture.parquet", compression="none", write_statistics=False, store_schema=False,
)
