"""Makes tokenizers by chance: any normalizers, pre-tokenizers, model, decoders, post-processor and added tokens together,
whether anybody would combine them or not, with texts of thirty scripts, half of them by chance as well.

    python tools/conformance/make_random_tokenizers.py FOLDER [COUNT] [SEED]

The folders are as those of make_tokenizers.py, and `npx tsx tools/conformance/compare-tokenizers.ts FOLDER` compares.
Made with tokenizers 0.23.3.
"""
import json
import random
import sys
import unicodedata
from pathlib import Path

import make_tokenizers as make
from make_tokenizers import BOS, CHARSMAP, CL100K, CLS, DEEPSEEK, LLAMA3, O200K, PAIR, QWEN, bpe, build, spm_bpe, unigram, word_level, word_piece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors

P, N, D = pre_tokenizers, normalizers, decoders
# One block of each script, with its marks and digits.
SCRIPTS = [
    (0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x4FF), (0x531, 0x58F), (0x591, 0x5F4), (0x600, 0x6FF), (0x700, 0x74A),
    (0x900, 0x97F), (0x981, 0x9FE), (0xA01, 0xA75), (0xB82, 0xBFA), (0xC00, 0xC7F), (0xD00, 0xD7F), (0xE01, 0xE5B), (0xE81, 0xEDF), (0xF00, 0xFD4),
    (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x137C), (0x13A0, 0x13FD), (0x1780, 0x17F9), (0x1820, 0x1878), (0x1E00, 0x1FFE),
    (0x2000, 0x206F), (0x2100, 0x218B), (0x2460, 0x24FF), (0x3000, 0x30FF), (0x4E00, 0x4F00), (0xAC00, 0xAD00), (0xFB00, 0xFB4F), (0xFE70, 0xFEFC),
    (0xFF01, 0xFFEE), (0x10330, 0x1034A), (0x1D400, 0x1D4FF), (0x1F1E6, 0x1F1FF), (0x1F600, 0x1F64F), (0x1F3FB, 0x1F3FF), (0x20000, 0x20040),
]


def is_assigned(character):
    """New characters are of other kinds in other versions of Unicode."""
    return unicodedata.category(character) != "Cn"


def random_text(rng):
    words = []
    for _ in range(rng.randint(1, 8)):
        first, last = rng.choice(SCRIPTS)
        words.append("".join(filter(is_assigned, (chr(rng.randint(first, last)) for _ in range(rng.randint(1, 7))))))
    return rng.choice(["", " ", "\n"]) + rng.choice([" ", "", "  ", "\t", "▁", ", "]).join(words) + rng.choice(["", " ", "\r\n"])


def normalizer(rng):
    return rng.choice([
        N.NFC, N.NFD, N.NFKC, N.NFKD, N.Lowercase, N.StripAccents, N.Nmt, N.ByteLevel,
        lambda: N.Strip(rng.random() < 0.5, rng.random() < 0.5), lambda: N.Prepend(rng.choice(["▁", "x ", "é"])),
        lambda: N.Replace(rng.choice([" ", "a", "``", "é"]), rng.choice(["▁", "", "''", " "])),
        lambda: N.Replace(Regex(rng.choice([r"\s+", r" {2,}", r"\p{Nd}", r"[\p{P}&&[^,]]", r"\p{Mn}+", r"(?<=\w)\W", r"\bthe\b"])), rng.choice(["▁", "", " ", "#"])),
        lambda: N.BertNormalizer(rng.random() < 0.5, rng.random() < 0.5, rng.choice([None, True, False]), rng.random() < 0.5),
        lambda: N.Precompiled(CHARSMAP),
    ])()


BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
SCHEMES = ["always", "first", "never"]


def pre_tokenizer(rng):
    patterns = [QWEN, LLAMA3, O200K, CL100K, DEEPSEEK, r"\s+", r"\p{L}+|\p{N}", r"\w+|[^\w\s]+", r"(?<!\p{L})\p{Lu}", r"[一-龥]+", r"\d(?=(\d{3})+\b)", r"(?i)the|and"]
    return rng.choice([
        P.Whitespace, P.WhitespaceSplit, P.BertPreTokenizer,
        lambda: P.ByteLevel(rng.random() < 0.5, use_regex=rng.random() < 0.5), lambda: P.Metaspace(rng.choice(["▁", "▁", "_"]), rng.choice(SCHEMES), rng.random() < 0.6),
        lambda: P.Digits(rng.random() < 0.5), lambda: P.Punctuation(rng.choice(BEHAVIORS)), lambda: P.CharDelimiterSplit(rng.choice([",", " ", "▁"])),
        lambda: P.FixedLength(rng.randint(1, 5)), lambda: P.Split(rng.choice([" ", "a", "▁", ". "]), rng.choice(BEHAVIORS), rng.random() < 0.3),
        lambda: P.Split(Regex(rng.choice(patterns)), rng.choice(BEHAVIORS), rng.random() < 0.3), lambda: P.Split(Regex(rng.choice(patterns)), "isolated"),
    ])()


def decoder(rng):
    return rng.choice([
        D.ByteLevel, D.ByteFallback, D.Fuse, lambda: D.Metaspace(rng.choice(["▁", "_"]), rng.choice(SCHEMES)), lambda: D.WordPiece(rng.choice(["##", "▁"]), rng.random() < 0.5),
        lambda: D.Replace(rng.choice(["▁", "a", " "]), rng.choice([" ", "", "é"])), lambda: D.Replace(Regex(r"\s+|[aeiou]+"), rng.choice([" ", ""])),
        lambda: D.Strip(rng.choice([" ", "a", "▁"]), rng.randint(0, 2), rng.randint(0, 2)), lambda: D.BPEDecoder(rng.choice(["</w>", "e", " "])),
        lambda: D.CTC(rng.choice(["<pad>", "e"]), rng.choice(["|", "▁"]), rng.random() < 0.5),
    ])()


def several(rng, one, sequence, least=0):
    parts = [one(rng) for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3]))]
    if not parts:
        return None if least == 0 else one(rng)
    return parts[0] if len(parts) == 1 and rng.random() < 0.8 else sequence(parts)


def model(rng):
    flags = {"unk_token": "<unk>", "fuse_unk": rng.random() < 0.5, "ignore_merges": rng.random() < 0.2}
    return rng.choice([
        lambda: bpe(byte_level=True), lambda: bpe(byte_level=True, ignore_merges=True), lambda: bpe(alphabet=rng.choice([90, 200, 400]), **flags),
        lambda: bpe(end_of_word_suffix="</w>", **flags), lambda: bpe(continuing_subword_prefix="##", **flags), spm_bpe, unigram,
        lambda: unigram(byte_fallback=True, alphabet=80), lambda: word_piece(max_input_chars_per_word=rng.choice([6, 100])), word_level,
    ])()


def post_processor(rng):
    return rng.choice([
        lambda: None, lambda: processors.TemplateProcessing(**BOS), lambda: processors.TemplateProcessing(**CLS), lambda: processors.BertProcessing(("</s>", 2), ("<s>", 1)),
        lambda: processors.RobertaProcessing(("</s>", 2), ("<s>", 1)), lambda: processors.ByteLevel(trim_offsets=True),
        lambda: processors.Sequence([processors.ByteLevel(), processors.TemplateProcessing(**CLS)]),
    ])()


def added(rng):
    """No two that normalize alike, of which the library takes one by chance."""
    contents = ["<extra>", "new", "世界", "th", " a", "<|im_end|>", "é", "▁x", "İ"]
    flags = ["lstrip", "rstrip", "single_word", "normalized"]
    return [AddedToken(content, **{flag: rng.random() < 0.3 for flag in flags}) for content in rng.sample(contents, rng.choice([0, 0, 1, 2, 4]))]


def main():
    root, count, seed = Path(sys.argv[1]), int((sys.argv[2:] or ["100"])[0]), int((sys.argv[3:] or ["1"])[0])
    fixed = list(make.TEXTS)
    made = 0
    for index in range(count):
        rng = random.Random(seed * 100_003 + index)
        make.TEXTS[:] = fixed
        try:
            own, make_ = model(rng)
            parts = dict(norm=several(rng, normalizer, N.Sequence), pre=several(rng, pre_tokenizer, P.Sequence), decoder=several(rng, decoder, D.Sequence),
                         post=post_processor(rng), added=added(rng), special=added(rng))
            tokenizer = build(own, make_, **parts)
            written = tokenizer.to_str()
            tokenizer = Tokenizer.from_str(written)
            make.TEXTS[:] = [*rng.sample(fixed, 16), *(random_text(rng) for _ in range(24))]
            result = dict(texts=list(make.TEXTS), pairTexts=PAIR, **make.expected(tokenizer))
        except BaseException as error:  # the library refuses the parts, or panics
            if isinstance(error, KeyboardInterrupt):
                raise
            continue
        folder = root / f"{index:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tokenizer.json").write_text(written)
        (folder / "expected.json").write_text(json.dumps(result, ensure_ascii=False))
        made += 1
    print(f"{made} tokenizers in {root}")


if __name__ == "__main__":
    main()
