"""Writes src/runs/tensorboard.fixture.json: an event file's bytes as TensorBoard's own writer has them.

    pip install tensorboard==2.21.0
    python tools/golden/make_tensorboard.py            # writes the fixture
    python tools/golden/make_tensorboard.py FILE       # reads an event file and prints what TensorBoard finds in it
"""

import io
import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

if len(sys.argv) > 1:
    for event in LegacyEventFileLoader(sys.argv[1]).Load():
        values = {value.tag: value.simple_value for value in event.summary.value}
        print(event.step, event.file_version or event.session_log.status or values)
    sys.exit()


def summary(**values):
    return Summary(value=[Summary.Value(tag=tag.replace("__", "/"), simple_value=value) for tag, value in values.items()])


time = 1700000000.25
events = [
    Event(wall_time=time, file_version="brain.Event:2"),
    Event(wall_time=time, step=1, summary=summary(train__loss=2.5, train__learning_rate=0.01, train__grad_norm=0.3, train__tokens_per_second=1234.5)),
    Event(wall_time=time, step=300, summary=summary(validation__loss=1.25, validation__accuracy=0.75)),
    Event(wall_time=time, step=301, session_log=SessionLog(status=SessionLog.START)),
]


class Buffer(io.BytesIO):
    def close(self):
        pass


buffer = Buffer()
writer = RecordWriter(buffer)
for event in events:
    writer.write(event.SerializeToString(deterministic=True))
path = Path(__file__).parent.parent.parent / "src/runs/tensorboard.fixture.json"
path.write_text(json.dumps({"time": time, "hex": buffer.getvalue().hex()}) + "\n")
