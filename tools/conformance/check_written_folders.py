"""Opens with AutoTokenizer the folders that write-folders.ts wrote, and compares ids, texts and special tokens with what
the source had in Promptune. With transformers 5.18.

    python tools/conformance/check_written_folders.py TARGET
"""
import json
import sys
from pathlib import Path

import transformers
from transformers import AutoTokenizer


def main():
    transformers.logging.set_verbosity_error()
    counts = dict(agreed=0, refused=0, different=0)
    for path in sorted(Path(sys.argv[1]).glob("*/expected.json")):
        expected = json.loads(path.read_text())
        try:
            tokenizer = AutoTokenizer.from_pretrained(path.parent)
            rows = []
            for text in expected["texts"]:
                whole = tokenizer.encode(text)
                rows.append([
                    tokenizer.encode(text, add_special_tokens=False), whole, tokenizer.decode(whole),
                    tokenizer.decode(whole, skip_special_tokens=True),
                ])
        except BaseException as error:  # the Rust library panics with a BaseException
            print(f"{path.parent.name}: AutoTokenizer refuses it: {str(error)[:100]!r}")
            counts["refused"] += 1
            continue
        ids = {name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
        wanted = {name: expected["ids"].get(name) for name in ids}
        same = rows == expected["rows"] and ids == wanted
        counts["agreed" if same else "different"] += 1
        if not same:
            print(f"{path.parent.name} differs: {ids}, expected {wanted}; " + "; ".join(
                f"{a} expected {b}" for row, other in zip(rows, expected["rows"]) for a, b in zip(row, other) if a != b)[:300])
    print(counts)
    sys.exit(counts["different"] > 0)


main()
