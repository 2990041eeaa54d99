"""Makes tokenizers of every variety with the texts' ids and decoded texts, for compare-tokenizers.ts.

Each folder has a tokenizer.json; expected.json has what the Rust library gives, or its error. Made with tokenizers 0.23.3.

    python tools/conformance/make_tokenizers.py FOLDER [--fixture src/tokenizer/conformance.fixture.json.gz]
"""
import argparse
import gzip
import json
import random
import struct
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXTS = [
    "The quick brown fox can't jump over 13 lazy dogs; it's 3.14 o'clock!",
    "  Two  spaces, a tab\tand\r\nline\n\nbreaks \u00a0no-break\u3000wide \u2028sep\u0085nel ",
    "Größe, Straße, ÆØÅ, naïve façade, Žluťoučký kůň, İstanbul ıĞ, ﬁn ﬀ",
    "Cafe\u0301 re\u0301sume\u0301 a\u0308o\u0308 n\u0303 \u212b \u2126 x² ½ ① Ⅳ ﾊﾝｶｸ ＦＵＬＬ",
    "Привет, мир! Ёлка и чай — это хорошо.",
    "Γειά σου Κόσμε, ΣΟΦΟΣ ὈΔΥΣΣΕΎΣ",
    "שָׁלוֹם עולם, מה שלומך?",
    "مرحبا بالعالم، كَيْفَ حالُكَ؟ ١٢٣٤",
    "नमस्ते दुनिया, क्या हाल है? १२३ क्षत्रिय",
    "ওহে বিশ্ব, তুমি কেমন আছ? ৪৫",
    "ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਦੁਨੀਆ",
    "வணக்கம் உலகம், நலமா? கொ",
    "హలో ప్రపంచం, ఎలా ఉన్నావు",
    "สวัสดีชาวโลก ๑๒๓ น้ำ",
    "မင်္ဂလာပါ ကမ္ဘာလောက",
    "សួស្តី​ពិភពលោក",
    "你好，世界！我们在2024年学习。㐀𠀀𫝀",
    "こんにちは世界。カタカナとひらがな、ー長音 ㍿",
    "안녕하세요 세계! 한국어 각",
    "გამარჯობა მსოფლიო Ბარევ Բարեւ աշխարհ",
    "ሰላም ልዑል ᏣᎳᎩ ᚠᛇᚻ 𐌰𐌱 𞤀𞤁",
    "👩‍👩‍👧 🇩🇪🇫🇷 👍🏽 🙂 z̷͑ a\u200bb\u200dc\ufeffd \u00adsoft",
    "def f(x):\n    return x**2  # a_b $3.50 <tag/> `code` ^~|+",
    "<s>special</s> a <mask> b<mask>c  <extra>  [NEW]new NEW news new",
    "HELLO hello HeLLo don't DON'T Don'ſ 'Kelvin",
    "",
    " ",
    "a",
    "don't do not  I 'm you 've we 're she 's n't . ? ! , ' ok",
    "``quoted'' \"text\" -- 1,000,000 1234567 12 a1b2",
    "\x01\x02ctrl\x7f\x8f \ufffd \ue000 \U000e0001",
    "line▁with▁marks ▁▁ x▁",
    "<0x41><0x0A> Ġcat </w> ##ing",
]
# What the tests of the project run: one of each kind.
IN_FIXTURE = {
    "gpt2", "qwen2", "cl100k-possessive", "quicktour-whitespace", "clip", "llama-legacy", "llama-metaspace-first", "metaspace-first-quotes",
    "t5", "albert", "unigram-byte-fallback", "bert-uncased", "word-level-split", "nfkd-strip-lower", "added-3-bytes", "added-5-llama",
    "decoder-ctc", "template-types", "split-lookahead", "punctuation-merged_with_previous",
}
PAIR = ("first text", "second text")
SPECIAL = ["<unk>", "<s>", "</s>", "<pad>", "<mask>"]


def all_bytes():
    return [f"<0x{byte:02X}>" for byte in range(256)]


def bpe(size=500, byte_level=False, alphabet=None, **options):
    def make(tokenizer):
        trainer = trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=SPECIAL,
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if byte_level else [],
            continuing_subword_prefix=options.get("continuing_subword_prefix") or "",
            end_of_word_suffix=options.get("end_of_word_suffix") or "",
            limit_alphabet=alphabet or 1000,
        )
        if not options.get("continuing_subword_prefix"):
            options.pop("continuing_subword_prefix", None)
        tokenizer.train_from_iterator(TEXTS[:-1] * 2, trainer)

    return models.BPE(**options), make


def word_piece(size=500, **options):
    options = {"unk_token": "<unk>", **options}

    def make(tokenizer):
        trainer = trainers.WordPieceTrainer(
            vocab_size=size, special_tokens=SPECIAL, show_progress=False, limit_alphabet=200,
            continuing_subword_prefix=options.get("continuing_subword_prefix", "##"),
        )
        tokenizer.train_from_iterator(TEXTS * 2, trainer)

    return models.WordPiece(**options), make


def word_level(size=120):
    def make(tokenizer):
        tokenizer.train_from_iterator(
            TEXTS * 2, trainers.WordLevelTrainer(vocab_size=size, special_tokens=SPECIAL, show_progress=False)
        )

    return models.WordLevel(unk_token="<unk>"), make


def unigram(byte_fallback=False, size=260, alphabet=150):
    """Pieces of the texts with scores by a seed; made by hand, so that the marks are in them whatever the pre-tokenizer is."""

    def make(tokenizer):
        random_ = random.Random(7)
        pieces: dict[str, float] = {}
        for text in TEXTS:
            normal = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
            words = [w for w, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal)] if tokenizer.pre_tokenizer else [normal]
            for word in words:
                for _ in range(min(12, len(word))):
                    start = random_.randrange(len(word))
                    pieces.setdefault(word[start : start + random_.randint(1, 5)], -random_.uniform(2, 12))
                for character in word[:40]:
                    if random_.random() < alphabet / 200:
                        pieces.setdefault(character, -random_.uniform(8, 14))
        for token in SPECIAL + (all_bytes() if byte_fallback else []):
            pieces.pop(token, None)
        vocab = [(t, 0.0) for t in SPECIAL] + [(t, 0.0) for t in (all_bytes() if byte_fallback else [])]
        vocab += sorted(pieces.items())
        tokenizer.model = models.Unigram(vocab, unk_id=0, byte_fallback=byte_fallback)
        tokenizer.add_special_tokens(SPECIAL)

    return models.Unigram([("<unk>", 0.0)], 0), make


def spm_bpe(**options):
    """As converted from SentencePiece: bytes in the vocabulary."""
    model, train = bpe(450, unk_token="<unk>", fuse_unk=True, byte_fallback=True, alphabet=150, **options)

    def make(tokenizer):
        train(tokenizer)
        state = json.loads(tokenizer.to_str())
        vocab = state["model"]["vocab"]
        for byte in all_bytes():
            vocab.setdefault(byte, len(vocab))
        tokenizer.model = models.BPE(
            vocab=vocab, merges=[tuple(m) for m in state["model"]["merges"]], unk_token="<unk>", fuse_unk=True, byte_fallback=True
        )

    return model, make


def charsmap(mapping: dict[str, str]) -> bytes:
    """A double array (darts-clone) of few keys: one block of 256 units for each node, which is wasteful and simple."""
    keys = {key.encode(): value for key, value in mapping.items()}
    values, offsets = b"", {}
    for key, value in keys.items():
        offsets[key] = len(values)
        values += value.encode() + b"\0"
    prefixes = sorted({key[:i] for key in keys for i in range(len(key) + 1)})
    base = {prefix: 256 * (i + 1) for i, prefix in enumerate(prefixes)}
    units = [0] * (256 * (len(prefixes) + 2))

    def unit(position, prefix, label):
        """The offset is relative to the unit's own place."""
        relative = position ^ base[prefix]
        assert relative < 1 << 21
        units[position] = (relative << 10) | ((1 << 8) if prefix in keys else 0) | label

    unit(0, b"", 0)
    for prefix in prefixes:
        if prefix:
            unit(base[prefix[:-1]] ^ prefix[-1], prefix, prefix[-1])
        if prefix in keys:
            units[base[prefix]] = (1 << 31) | offsets[prefix]
    return struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + values


CHARSMAP = charsmap({"ﬁ": "fi", "Ⅳ": "IV", "½": "1/2", "\u3000": " ", "\t": " ", "e\u0301": "é", "①": "1", "ＦＵ": "FU", "Ｌ": "L", "क्ष": "X", "\r\n": " ", "🙂": ":)"})
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CL100K = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
DEEPSEEK = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

P, N, D = pre_tokenizers, normalizers, decoders
LLAMA_DECODER = D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])
BOS = dict(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
CLS = dict(single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=[("<s>", 1), ("</s>", 2)])


def cases():
    byte_level = dict(pre=P.ByteLevel(add_prefix_space=False), decoder=D.ByteLevel())

    def with_pattern(pattern, behavior="isolated", invert=False, regex=True):
        split = P.Split(Regex(pattern) if regex else pattern, behavior, invert)
        return dict(pre=P.Sequence([split, P.ByteLevel(add_prefix_space=False, use_regex=False)]), decoder=D.ByteLevel())

    yield "gpt2", bpe(byte_level=True), byte_level
    yield "gpt2-post", bpe(byte_level=True), {**byte_level, "post": processors.ByteLevel(trim_offsets=True)}
    yield "gpt2-prefix-space", bpe(byte_level=True), dict(pre=P.ByteLevel(add_prefix_space=True), decoder=D.ByteLevel())
    yield "byte-level-no-regex", bpe(byte_level=True), dict(pre=P.ByteLevel(add_prefix_space=False, use_regex=False), decoder=D.ByteLevel())
    yield "byte-level-prefix-no-regex", bpe(byte_level=True), dict(pre=P.ByteLevel(add_prefix_space=True, use_regex=False), decoder=D.ByteLevel())
    yield "byte-level-normalizer", bpe(byte_level=True), dict(norm=N.ByteLevel(), decoder=D.ByteLevel())
    yield "roberta", bpe(byte_level=True), dict(pre=P.ByteLevel(add_prefix_space=False), decoder=D.ByteLevel(), post=processors.RobertaProcessing(("</s>", 2), ("<s>", 1)))
    yield "starcoder-digits", bpe(byte_level=True), dict(pre=P.Sequence([P.Digits(True), P.ByteLevel(add_prefix_space=False)]), decoder=D.ByteLevel())
    yield "digits-runs", bpe(byte_level=True), dict(pre=P.Sequence([P.Digits(False), P.ByteLevel(add_prefix_space=False)]), decoder=D.ByteLevel())
    yield "qwen2", bpe(byte_level=True), {**with_pattern(QWEN), "norm": N.NFC()}
    yield "llama3", bpe(byte_level=True, ignore_merges=True), {**with_pattern(LLAMA3), "post": processors.Sequence([processors.ByteLevel(trim_offsets=True), processors.TemplateProcessing(**BOS)])}
    yield "o200k", bpe(byte_level=True), with_pattern(O200K)
    yield "cl100k-possessive", bpe(byte_level=True), with_pattern(CL100K)
    yield "deepseek", bpe(byte_level=True), dict(pre=P.Sequence([P.Split(Regex(r"\p{N}{1,3}"), "isolated"), P.Split(Regex("[一-龥぀-ゟ゠-ヿ]+"), "isolated"), P.Split(Regex(DEEPSEEK), "isolated"), P.ByteLevel(add_prefix_space=False, use_regex=False)]), decoder=D.ByteLevel())
    yield "bloom", bpe(byte_level=True), with_pattern(r" ?[^(\s|[.,!?…。，、।۔،])]+")
    yield "falcon", bpe(byte_level=True), dict(pre=P.Sequence([P.Punctuation("contiguous"), P.ByteLevel(add_prefix_space=False), P.Digits(False), P.Split(Regex("[0-9][0-9][0-9]"), "isolated")]), decoder=D.ByteLevel())
    for behavior in ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]:
        yield f"split-space-{behavior}", bpe(unk_token="<unk>"), dict(pre=P.Split(" ", behavior))
        yield f"split-regex-{behavior}", bpe(unk_token="<unk>", fuse_unk=True), dict(pre=P.Split(Regex(r"\w+"), behavior, invert=True))
        yield f"punctuation-{behavior}", bpe(unk_token="<unk>"), dict(pre=P.Punctuation(behavior))
    yield "split-lookahead", bpe(unk_token="<unk>"), dict(pre=P.Split(Regex(r"(?=[A-Z])|(?<=\d)"), "merged_with_next"))
    yield "split-word-bound", bpe(unk_token="<unk>"), dict(pre=P.Split(Regex(r"\b"), "isolated"))
    yield "quicktour-whitespace", bpe(unk_token="<unk>", alphabet=120), dict(pre=P.Whitespace())
    yield "whitespace-split", bpe(unk_token="<unk>", alphabet=120), dict(pre=P.WhitespaceSplit())
    yield "char-delimiter", bpe(unk_token="<unk>"), dict(pre=P.CharDelimiterSplit(","))
    yield "fixed-length", bpe(unk_token="<unk>"), dict(pre=P.FixedLength(3))
    yield "unicode-scripts", word_level(), dict(pre=P.Sequence([P.WhitespaceSplit(), P.UnicodeScripts()]))
    yield "no-pre-tokenizer", bpe(unk_token="<unk>", alphabet=150), {}
    yield "no-unk", bpe(alphabet=90), dict(pre=P.Whitespace())
    yield "fuse-unk", bpe(unk_token="<unk>", fuse_unk=True, alphabet=60), dict(pre=P.Whitespace())
    yield "openai-gpt", bpe(unk_token="<unk>", end_of_word_suffix="</w>"), dict(norm=N.BertNormalizer(lowercase=True), pre=P.BertPreTokenizer(), decoder=D.BPEDecoder(suffix="</w>"))
    yield "clip", bpe(byte_level=True, end_of_word_suffix="</w>", unk_token="<unk>"), dict(norm=N.Sequence([N.NFC(), N.Replace(Regex(r"\s+"), " "), N.Lowercase()]), pre=P.Sequence([P.Split(Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True), P.ByteLevel(add_prefix_space=False)]), decoder=D.ByteLevel(), post=processors.RobertaProcessing(("</s>", 2), ("<s>", 1), False, False))
    yield "bpe-prefix", bpe(unk_token="<unk>", continuing_subword_prefix="##"), dict(pre=P.Whitespace(), decoder=D.WordPiece(prefix="##"))
    yield "dropout-zero", bpe(unk_token="<unk>", dropout=0.0), dict(pre=P.Whitespace())
    yield "dropout", bpe(unk_token="<unk>", dropout=0.5), dict(pre=P.Whitespace())
    yield "llama-legacy", spm_bpe(), dict(norm=N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]), decoder=LLAMA_DECODER, post=processors.TemplateProcessing(**BOS))
    yield "llama-metaspace-first", spm_bpe(), dict(pre=P.Metaspace("▁", "first", split=False), decoder=LLAMA_DECODER, post=processors.TemplateProcessing(**BOS))
    yield "metaspace-always", spm_bpe(), dict(pre=P.Metaspace("▁", "always", split=True), decoder=D.Metaspace("▁", "always"))
    yield "metaspace-never", spm_bpe(), dict(pre=P.Metaspace("▁", "never", split=True), decoder=D.Metaspace("▁", "never"))
    yield "metaspace-first-split", spm_bpe(), dict(pre=P.Metaspace("▁", "first", split=True), decoder=D.Metaspace("▁", "first"))
    yield "metaspace-first-strip", spm_bpe(), dict(norm=N.Strip(), pre=P.Metaspace("▁", "first", split=True), decoder=D.Metaspace("▁", "first"))
    yield "metaspace-first-bert-clean", spm_bpe(), dict(norm=N.BertNormalizer(lowercase=False, strip_accents=True), pre=P.Metaspace("▁", "first", split=False), decoder=LLAMA_DECODER)
    yield "metaspace-first-nmt-nfkc", spm_bpe(), dict(norm=N.Sequence([N.Nmt(), N.NFKC(), N.Replace(Regex(" {2,}"), " ")]), pre=P.Metaspace("▁", "first", split=True), decoder=D.Metaspace("▁", "first"))
    yield "metaspace-first-quotes", spm_bpe(), dict(norm=N.Sequence([N.Replace("``", '"'), N.Replace("''", '"')]), pre=P.Metaspace("▁", "first", split=True), decoder=D.Metaspace("▁", "first"))
    yield "gemma", spm_bpe(), dict(norm=N.Replace(" ", "▁"), pre=P.Split(" ", "merged_with_previous"), decoder=D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse()]), post=processors.TemplateProcessing(**BOS))
    yield "t5", unigram(), dict(norm=N.Precompiled(CHARSMAP), pre=P.Sequence([P.WhitespaceSplit(), P.Metaspace("▁", "always")]), decoder=D.Metaspace("▁", "always"), post=processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]))
    yield "albert", unigram(), dict(norm=N.Sequence([N.Replace("``", '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(), N.Precompiled(CHARSMAP), N.Replace(Regex(" {2,}"), " ")]), pre=P.Metaspace("▁", "always"), decoder=D.Metaspace("▁", "always"), post=processors.TemplateProcessing(**CLS))
    yield "xlm-roberta", unigram(), dict(norm=N.Sequence([N.Precompiled(CHARSMAP), N.Strip(left=False, right=True), N.Replace(Regex(" {2,}"), "▁")]), pre=P.Metaspace("▁", "always"), decoder=D.Metaspace("▁", "always"), post=processors.TemplateProcessing(**CLS))
    yield "unigram-byte-fallback", unigram(byte_fallback=True, alphabet=80), dict(pre=P.Metaspace("▁", "first"), decoder=D.Sequence([D.ByteFallback(), D.Metaspace("▁", "first")]))
    yield "unigram-plain", unigram(), dict(pre=P.Whitespace())
    yield "unigram-no-pre", unigram(), {}
    yield "bert-uncased", word_piece(), dict(norm=N.BertNormalizer(lowercase=True), pre=P.BertPreTokenizer(), decoder=D.WordPiece(), post=processors.BertProcessing(("</s>", 2), ("<s>", 1)))
    yield "bert-cased", word_piece(), dict(norm=N.BertNormalizer(lowercase=False), pre=P.BertPreTokenizer(), decoder=D.WordPiece(cleanup=False), post=processors.TemplateProcessing(**CLS))
    yield "bert-accents-kept", word_piece(), dict(norm=N.BertNormalizer(lowercase=True, strip_accents=False), pre=P.BertPreTokenizer(), decoder=D.WordPiece())
    yield "bert-no-chinese", word_piece(), dict(norm=N.BertNormalizer(handle_chinese_chars=False, clean_text=False), pre=P.BertPreTokenizer(), decoder=D.WordPiece())
    yield "bert-dirty", word_piece(), dict(norm=N.BertNormalizer(clean_text=False, lowercase=False, strip_accents=True), pre=P.BertPreTokenizer(), decoder=D.WordPiece())
    yield "word-piece-short", word_piece(max_input_chars_per_word=6), dict(pre=P.Whitespace(), decoder=D.WordPiece("##", False))
    yield "word-piece-prefix", word_piece(continuing_subword_prefix="@@"), dict(pre=P.Whitespace(), decoder=D.WordPiece("@@", True))
    yield "word-level", word_level(), dict(pre=P.Whitespace())
    yield "word-level-split", word_level(), dict(pre=P.WhitespaceSplit(), post=processors.TemplateProcessing(**CLS))
    yield "word-level-bert", word_level(), dict(norm=N.Lowercase(), pre=P.BertPreTokenizer())
    for name in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"]:
        yield f"normalizer-{name.lower()}", bpe(unk_token="<unk>", alphabet=400), dict(norm=getattr(N, name)(), pre=P.Whitespace())
        yield f"bytes-{name.lower()}", bpe(byte_level=True), {**byte_level, "norm": getattr(N, name)()}
    yield "nfd-strip-accents", bpe(byte_level=True), {**byte_level, "norm": N.Sequence([N.NFD(), N.StripAccents()])}
    yield "nfkd-strip-lower", bpe(byte_level=True), {**byte_level, "norm": N.Sequence([N.NFKD(), N.StripAccents(), N.Lowercase()])}
    for left, right in [(True, False), (False, True), (True, True)]:
        yield f"strip-{left:d}{right:d}", bpe(byte_level=True), {**byte_level, "norm": N.Strip(left, right)}
    yield "replace-string", bpe(byte_level=True), {**byte_level, "norm": N.Replace("o", "0$1\\$&")}
    yield "replace-regex", bpe(byte_level=True), {**byte_level, "norm": N.Replace(Regex(r"[\p{P}&&[^,]]+|\d+"), "#")}
    yield "replace-empty", bpe(byte_level=True), {**byte_level, "norm": N.Replace(Regex(r"x*(?=o)"), "-")}
    yield "prepend", bpe(byte_level=True), {**byte_level, "norm": N.Prepend("^^")}
    yield "precompiled", bpe(byte_level=True), {**byte_level, "norm": N.Precompiled(CHARSMAP)}
    yield "decoder-ctc", word_level(), dict(pre=P.Whitespace(), decoder=D.CTC(pad_token="<pad>", word_delimiter_token="|", cleanup=True))
    yield "decoder-ctc-raw", word_level(), dict(pre=P.Whitespace(), decoder=D.CTC(pad_token="e", word_delimiter_token="o", cleanup=False))
    yield "decoder-replace", bpe(unk_token="<unk>"), dict(pre=P.Whitespace(), decoder=D.Sequence([D.Replace(Regex("[aeiou]"), "*"), D.Fuse()]))
    yield "decoder-strip", bpe(unk_token="<unk>"), dict(pre=P.Split(" ", "merged_with_next"), decoder=D.Strip(" ", 1, 0))
    yield "decoder-bpe", bpe(unk_token="<unk>"), dict(pre=P.Whitespace(), decoder=D.BPEDecoder(suffix="o"))
    yield "decoder-wordpiece", bpe(unk_token="<unk>"), dict(pre=P.WhitespaceSplit(), decoder=D.WordPiece("th", True))
    yield "decoder-metaspace-mark", spm_bpe(), dict(pre=P.Metaspace("_", "always"), decoder=D.Metaspace("_", "always"))
    flags = [dict(lstrip=True), dict(rstrip=True), dict(lstrip=True, rstrip=True), dict(single_word=True), dict(normalized=True), dict(normalized=True, lstrip=True, rstrip=True), dict(normalized=True, single_word=True)]
    for i, flag in enumerate(flags):
        added = [AddedToken(t, **{"normalized": False, **flag}) for t in ["<extra>", "new", "NEW", "mask>", "世界"]]
        yield f"added-{i}-bytes", bpe(byte_level=True), {**byte_level, "norm": N.Lowercase() if i != 5 else None, "added": added[:2] + added[3:]}
        yield f"added-{i}-llama", spm_bpe(), dict(norm=N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]) if i < 4 else None, pre=P.Metaspace("▁", "first", split=False) if i >= 4 else None, decoder=LLAMA_DECODER, added=added)
        yield f"added-{i}-special", unigram(), dict(pre=P.Metaspace("▁", "first"), decoder=D.Metaspace("▁", "first"), special=[AddedToken(t, **{"normalized": False, **flag}) for t in ["<mask>", "[NEW]", "news"]])
    yield "added-overlapping", bpe(byte_level=True), {**byte_level, "added": ["<extra", "<extra>", "  <extra>", "a", "aa", "ab"]}
    yield "added-in-vocabulary", bpe(byte_level=True), {**byte_level, "added": ["th", "\u0120a", "e"], "special": ["is"]}
    yield "added-normalized-special", bpe(byte_level=True), {**byte_level, "norm": N.Lowercase(), "special": [AddedToken("NEW", normalized=True), AddedToken("HELLO", normalized=True, special=True)]}
    yield "template-types", word_piece(), dict(pre=P.Whitespace(), decoder=D.WordPiece(), post=processors.TemplateProcessing(single="<s> <s> $A </s>", pair="<s> $B </s> $A", special_tokens=[("<s>", 1), ("</s>", 2)]))
    yield "post-sequence", bpe(byte_level=True), {**byte_level, "post": processors.Sequence([processors.TemplateProcessing(**CLS), processors.ByteLevel()])}
    yield "post-bert-sequence", bpe(byte_level=True), {**byte_level, "post": processors.Sequence([processors.BertProcessing(("</s>", 2), ("<s>", 1))])}


def build(model, make, norm=None, pre=None, decoder=None, post=None, added=(), special=()):
    tokenizer = Tokenizer(model)
    if norm is not None:
        tokenizer.normalizer = norm
    if pre is not None:
        tokenizer.pre_tokenizer = pre
    make(tokenizer)
    if decoder is not None:
        tokenizer.decoder = decoder
    if post is not None:
        tokenizer.post_processor = post
    tokenizer.add_tokens(list(added))
    tokenizer.add_special_tokens(list(special))
    return tokenizer


def expected(tokenizer: Tokenizer):
    rows = []
    for text in TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        whole = tokenizer.encode(text, add_special_tokens=True).ids
        rows.append([ids, whole, tokenizer.decode(whole, skip_special_tokens=False), tokenizer.decode(whole)])
    pair = [tokenizer.encode(*PAIR, add_special_tokens=flag).ids for flag in (False, True)]
    # Any ids whatever: half characters, bytes, marks.
    random_ = random.Random(1)
    size = tokenizer.get_vocab_size()
    mixed = [[random_.randrange(size) for _ in range(12)] for _ in range(20)] + [[size + 1, 5], []]
    return dict(rows=rows, pair=pair, mixed=[[ids, tokenizer.decode(ids), tokenizer.decode(ids, skip_special_tokens=False)] for ids in mixed])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fixture", type=Path, help="a .json.gz of a few of them with a few of the texts")
    options = parser.parse_args()
    count = 0
    slice_: list[dict] = []
    for name, (model, make), parts in cases():
        folder = options.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer = build(model, make, **parts)
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        result = dict(texts=TEXTS, pairTexts=PAIR, **expected(tokenizer))
        (folder / "expected.json").write_text(json.dumps(result, ensure_ascii=False))
        count += 1
        if name in IN_FIXTURE:
            few = [i for i in range(len(TEXTS)) if i % 2 == 0 or i in (23, 27)]
            result.update(texts=[TEXTS[i] for i in few], rows=[result["rows"][i] for i in few], mixed=result["mixed"][:4] + result["mixed"][-2:])
            slice_.append(dict(name=name, tokenizer=json.loads(tokenizer.to_str()), expected=result))
    if options.fixture:
        text = json.dumps(slice_, ensure_ascii=False, separators=(",", ":"))
        options.fixture.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{count} tokenizers in {options.folder}")


if __name__ == "__main__":
    main()
