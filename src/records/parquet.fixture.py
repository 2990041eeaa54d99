"""Makes the Parquet files that parquet.test.ts reads, by Apache Arrow's own writer (pyarrow 26.0.1)."""

import datetime

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
