"""Writes src/tokenizer/edges.fixture.json: small tokenizers at the edges of the library's rules, which
tools/conformance/make_random_tokenizers.py found. Made with tokenizers 0.23.3.

    python tools/golden/make_tokenizer_edges.py
"""
import json
from pathlib import Path

from tokenizers import Tokenizer

EMPTY = dict(version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=None, pre_tokenizer=None, post_processor=None, decoder=None)


def words(*tokens):
    return dict(type="WordLevel", unk_token="<unk>", vocab={token: id for id, token in enumerate(["<unk>", *tokens])})


def unigram(*tokens):
    vocab = [[token, -1 - 0.1 * i] if isinstance(token, str) else list(token) for i, token in enumerate(tokens)]
    return dict(type="Unigram", unk_id=0, byte_fallback=False, vocab=[["<unk>", 0.0], *vocab])


def in_sequence(kind, *parts):
    return {"type": "Sequence", kind: list(parts)}


def ctc(pad):
    return dict(type="CTC", pad_token=pad, word_delimiter_token="|", cleanup=False)


METASPACE = dict(type="Metaspace", replacement="▁", prepend_scheme="first", split=False)
TIED = unigram(("aa", -5.845607593637491), ("aaaaa", -11.899728623628299), ("b", -12.3))
MARKS = unigram("a", "\u0eba", "\u0ec8", "\u0334")
CASES = [
    *(("the order of tokens by scores as its JSON parser rounds them", dict(model=TIED), "b" + "a" * count, None) for count in range(10, 16)),
    ("no token where CTC leaves nothing", dict(model=words("e", "a", "b"), decoder=in_sequence("decoders", ctc("e"), dict(type="WordPiece", prefix="##", cleanup=False))), "", [2, 1, 3, 3, 2]),
    ("one token for each byte that is no text", dict(model=words("<0xC3>", "a"), decoder=in_sequence("decoders", dict(type="ByteFallback"), ctc("x"))), "", [1, 1, 1, 2]),
    ("marks that its Unicode does not order", dict(model=MARKS, normalizer=dict(type="NFKD")), "a\u0ec8\u0eba\u0334", None),
    ("marks that its Unicode does not order in NFC", dict(model=MARKS, normalizer=dict(type="NFC")), "a\u0eba\u0334", None),
    ("a prefix before each part of a first character", dict(model=unigram(*"▁128⁄x"), normalizer=dict(type="NFKC"), pre_tokenizer=in_sequence("pretokenizers", dict(type="FixedLength", length=2), METASPACE)), "⅛x", None),
    ("a prefix before a first character and what was put before it", dict(model=unigram(*"▁xy"), normalizer=dict(type="Prepend", prepend="y"), pre_tokenizer=in_sequence("pretokenizers", dict(type="FixedLength", length=1), METASPACE)), "xx", None),
]


def main():
    fixture = []
    for name, parts, text, given in CASES:
        json_ = {**EMPTY, **parts}
        tokenizer = Tokenizer.from_str(json.dumps(json_))
        ids = given or tokenizer.encode(text, add_special_tokens=False).ids
        fixture.append(dict(name=name, tokenizer=json_, **({} if given else {"text": text}), ids=ids, decoded=tokenizer.decode(ids, skip_special_tokens=False)))
    path = Path(__file__).parents[2] / "src/tokenizer/edges.fixture.json"
    path.write_text(json.dumps(fixture, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
