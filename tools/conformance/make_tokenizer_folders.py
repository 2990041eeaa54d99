"""Makes folders of tokenizer files by chance, as people have them, with what AutoTokenizer makes of each, for
compare-tokenizer-folders.ts: classes and model types, fields of tokenizer_config.json, special and added tokens in old and
new files, tokenizer.json or the older vocabulary files.

Each folder has an expected.json: ids and texts, or AutoTokenizer's error. Made with transformers 5.18, tokenizers 0.23.3.

    python tools/conformance/make_tokenizer_folders.py FOLDER [COUNT] [SEED] [FIXTURE]

A fixture has some folders of each class, in one .json.gz (src/text/folder-tokenizers.fixture.json.gz).
"""
import gzip
import json
import random
import sys
from pathlib import Path

import transformers
from make_tokenizers import BOS, CHARSMAP, CLS, LLAMA3, LLAMA_DECODER, QWEN, TEXTS, bpe, build, spm_bpe, unigram, word_level, word_piece
from tokenizers import Regex, decoders, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer

P, N, D = pre_tokenizers, normalizers, decoders
MARKED = [
    "<s>a b</s> c", "a<|im_end|>b <|im_end|> c", " <mask> in <mask>.", "<|user|>hi<|user|> hi", "x<extra_id_1> y <extra_id_99>",
    "[CLS] a [SEP] b [MASK]", "<|endoftext|>Hello<|endoftext|>", "HELLO Café naïve", "it 's n't ok . Right ? ' quoted '", "<new> <New> x<new>",
]
NAMES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]


def byte_level(pattern=None, digits=False, prefix_space=False, **parts):
    first = [P.Digits(True)] if digits else [P.Split(Regex(pattern), "isolated")] if pattern else []
    last = P.ByteLevel(add_prefix_space=prefix_space, use_regex=pattern is None)
    return bpe(byte_level=True), dict(pre=P.Sequence([*first, last]) if first else last, decoder=D.ByteLevel(), **parts)


T5_PARTS = dict(pre=P.Sequence([P.WhitespaceSplit(), P.Metaspace("▁", "always")]), decoder=D.Metaspace("▁", "always"))
KINDS = {
    "byte-level": [
        lambda: byte_level(),
        lambda: byte_level(prefix_space=True),
        lambda: byte_level(digits=True),
        lambda: byte_level(QWEN, norm=N.NFC()),
        lambda: byte_level(LLAMA3, post=processors.TemplateProcessing(**BOS)),
        lambda: byte_level(post=processors.ByteLevel(trim_offsets=True)),
        lambda: byte_level(post=processors.RobertaProcessing(("</s>", 2), ("<s>", 1))),
        lambda: byte_level(norm=N.NFC()),
    ],
    "metaspace": [
        lambda: (spm_bpe(), dict(norm=N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]), decoder=LLAMA_DECODER, post=processors.TemplateProcessing(**BOS))),
        lambda: (spm_bpe(), dict(pre=P.Metaspace("▁", "first", split=False), decoder=LLAMA_DECODER, post=processors.TemplateProcessing(**BOS))),
        lambda: (spm_bpe(), dict(pre=P.Metaspace("▁", "always", split=True), decoder=D.Metaspace("▁", "always"))),
        lambda: (spm_bpe(), dict(norm=N.Replace(" ", "▁"), pre=P.Split(" ", "merged_with_previous"), decoder=D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse()]), post=processors.TemplateProcessing(**BOS))),
        lambda: (spm_bpe(), dict(norm=N.Replace(" ", "▁"), decoder=D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse()]))),
    ],
    "unigram": [
        lambda: (unigram(), dict(norm=N.Precompiled(CHARSMAP), post=processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]), **T5_PARTS)),
        lambda: (unigram(), dict(norm=N.Sequence([N.Precompiled(CHARSMAP), N.Replace(Regex(" {2,}"), "▁")]), **T5_PARTS)),
        lambda: (unigram(), dict(norm=N.NFKC(), **T5_PARTS)),
        lambda: (unigram(byte_fallback=True), dict(**T5_PARTS)),
    ],
    "word-piece": [
        lambda: (word_piece(), dict(norm=N.BertNormalizer(lowercase=True), pre=P.BertPreTokenizer(), decoder=D.WordPiece(), post=processors.TemplateProcessing(**CLS))),
        lambda: (word_piece(), dict(norm=N.BertNormalizer(lowercase=False), pre=P.BertPreTokenizer(), decoder=D.WordPiece(), post=processors.TemplateProcessing(**CLS))),
        lambda: (word_piece(), dict(norm=N.BertNormalizer(lowercase=False, strip_accents=True, handle_chinese_chars=False), pre=P.BertPreTokenizer(), decoder=D.WordPiece(cleanup=False))),
    ],
    "words": [
        lambda: (word_level(), dict(pre=P.Whitespace())),
        lambda: (bpe(unk_token="<unk>", alphabet=120), dict(pre=P.Whitespace(), norm=N.Lowercase())),
    ],
}
CLASSES = {
    "byte-level": ["GPT2Tokenizer", "GPT2TokenizerFast", "Qwen2Tokenizer", "Qwen2TokenizerFast", "GPTNeoXTokenizerFast", "GPTNeoXTokenizer", "CodeGenTokenizer", "RobertaTokenizer"],
    "metaspace": ["LlamaTokenizer", "LlamaTokenizerFast", "GemmaTokenizer", "GemmaTokenizerFast"],
    "unigram": ["T5Tokenizer", "T5TokenizerFast"],
    "word-piece": ["BertTokenizer", "BertTokenizerFast"],
    "words": [],
}
ANY_CLASS = ["PreTrainedTokenizerFast", "TokenizersBackend", None]
TYPES = {
    "byte-level": ["gpt2", "opt", "phi", "qwen2", "qwen3", "gpt_neox", "mistral", "phi3"],
    "metaspace": ["llama", "mistral", "gemma", "gemma2", "gemma3_text", "phi3"],
    "unigram": ["t5", "mt5"],
    "word-piece": ["bert"],
    "words": ["mistral", "phi3"],
}


def token(rng, content, typed=True):
    """A token as text, or as an object with flags."""
    if rng.random() < 0.5:
        return content
    flags = {name: rng.random() < 0.2 for name in ["lstrip", "rstrip", "single_word"]}
    kind = {"__type": "AddedToken"} if typed else {}
    return {**kind, "content": content, **flags, "normalized": rng.random() < 0.3, **({"special": True} if rng.random() < 0.5 else {})}


def names(rng, typed=True):
    """Some special tokens by name, most of which the vocabularies have."""
    own = dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>", sep_token="</s>", pad_token="<pad>", cls_token="<s>", mask_token="<mask>")
    other = dict(bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|pad|>", mask_token="[MASK]", eot_token="<|im_end|>", image_token="<image>")
    chosen = {}
    for source in (own, other):
        for name, content in source.items():
            if rng.random() < (0.5 if source is own else 0.12):
                chosen[name] = token(rng, content, typed) if rng.random() < 0.9 else None
    return chosen


def extras(rng):
    tokens = [token(rng, content) for content in rng.sample(["<|user|>", "<|im_end|>", "<new>", "<extra_id_1>", "</s>"], rng.randint(1, 3))]
    named = {f"t{i}_token": t if isinstance(t, str) else t["content"] for i, t in enumerate(tokens)}
    return named if rng.random() < 0.2 else tokens


def added(rng, size, state):
    """added_tokens_decoder: those of tokenizer.json, changed by chance, and new ones."""
    tokens = {str(t["id"]): {k: v for k, v in t.items() if k != "id"} for t in state.get("added_tokens", []) if rng.random() < 0.9}
    next_id = size + (rng.random() < 0.1)
    for content in rng.sample(["<|user|>", "<new>", "<|im_end|>", "New York"], rng.randint(0, 3)):
        special = rng.random() < 0.5
        tokens[str(next_id)] = dict(content=content, lstrip=rng.random() < 0.2, rstrip=rng.random() < 0.2, normalized=not special, single_word=False, special=special)
        next_id += 1
    for entry in tokens.values():
        if rng.random() < 0.1:
            entry["rstrip"] = not entry["rstrip"]
    return dict(sorted(tokens.items(), key=lambda _: rng.random()) if rng.random() < 0.3 else tokens)


FIELDS = {
    "add_bos_token": [True, False], "add_eos_token": [True, False], "add_prefix_space": [True, False], "legacy": [True, False, None],
    "do_lower_case": [True, False], "strip_accents": [True, False, None], "tokenize_chinese_chars": [True, False],
    "clean_up_tokenization_spaces": [True, False, None], "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output": [True],
    "split_special_tokens": [False, False, True], "model_max_length": [8, 1000000000000000019884624838656], "extra_ids": [0, 3, 100], "padding_side": ["left"],
    "errors": ["replace"], "use_fast": [False], "trim_offsets": [False], "sp_model_kwargs": [{}], "additional_special_tokens": [[]],
}


def write(folder, name, content):
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))


def vocabulary_files(folder, state, kind):
    """The older files that mean the same, where the class reads such."""
    model = state["model"]
    if kind == "byte-level":
        write(folder, "vocab.json", model["vocab"])
        write(folder, "merges.txt", "#version: 0.2\n" + "".join(" ".join(m if isinstance(m, list) else m.split(" ")) + "\n" for m in model["merges"]))
    else:
        write(folder, "vocab.txt", "".join(f"{t}\n" for t, _ in sorted(model["vocab"].items(), key=lambda e: e[1])))


def make(rng, folder):
    kind = rng.choice([k for k in KINDS for _ in range({"words": 1, "word-piece": 2}.get(k, 4))])
    (model, train), parts = rng.choice(KINDS[kind])()
    tokenizer = build(model, train, **parts)
    state = json.loads(tokenizer.to_str())
    size = tokenizer.get_vocab_size()
    config = {name: rng.choice(values) for name, values in FIELDS.items() if rng.random() < 0.15}
    name = rng.choice(ANY_CLASS if rng.random() < 0.3 or not CLASSES[kind] else CLASSES[kind])
    if name is not None:
        config["tokenizer_class"] = name
    if rng.random() < 0.9:
        config.update(names(rng))
    if kind == "word-piece":
        config.setdefault("unk_token", "<unk>")
    if kind == "byte-level" and config.get("add_prefix_space", 0) is None:
        del config["add_prefix_space"]
    if rng.random() < 0.3:
        config[rng.choice(["additional_special_tokens", "extra_special_tokens"])] = extras(rng)
    form = rng.choice(["none", "none", "new", "old", "old"])
    if form == "new":
        config["added_tokens_decoder"] = added(rng, size, state)
    if form == "old" and rng.random() < 0.7:
        special = names(rng, typed=False)
        if rng.random() < 0.3:
            special["additional_special_tokens"] = [token(rng, c, False) for c in rng.sample(["<|user|>", "<new>"], rng.randint(0, 2))]
        write(folder, "special_tokens_map.json", special)
    if form == "old" and rng.random() < 0.5:
        ids = list(range(size, size + 3))
        write(folder, "added_tokens.json", dict(zip(rng.sample(["<|user|>", "<new>", "<|im_end|>"], rng.randint(1, 3)), ids)))
    if rng.random() < 0.15 and state["added_tokens"]:
        entry = rng.choice(state["added_tokens"])
        entry[rng.choice(["lstrip", "rstrip", "normalized"])] = True
    if rng.random() < 0.1:
        state["truncation"] = dict(direction="Right", max_length=4, strategy="LongestFirst", stride=0)
    if kind in ("byte-level", "word-piece") and CLASSES[kind] and rng.random() < 0.2:
        vocabulary_files(folder, state, kind)
    else:
        write(folder, "tokenizer.json", state)
    if rng.random() < 0.95:
        write(folder, "tokenizer_config.json", config)
    if rng.random() < 0.9:
        write(folder, "config.json", {"model_type": rng.choice(TYPES[kind])})


def expected(folder, rng):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = []
    texts = [*TEXTS[:24:3], *MARKED, *TEXTS[24::4]]
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False)
        whole = tokenizer.encode(text)
        rows.append([ids, whole, tokenizer.decode(whole), tokenizer.decode(whole, skip_special_tokens=True)])
    pair = ["first text", "second text"]
    mixed = []
    for _ in range(6):
        ids = [rng.randrange(len(tokenizer)) for _ in range(12)]
        mixed.append([ids, tokenizer.decode(ids, skip_special_tokens=True), tokenizer.decode(ids)])
    return dict(
        texts=texts, rows=rows, pairTexts=pair, pair=[tokenizer(*pair, add_special_tokens=flag)["input_ids"] for flag in (False, True)], mixed=mixed,
        names={n: getattr(tokenizer, n) for n in NAMES}, ids={n: getattr(tokenizer, f"{n}_id") for n in NAMES}, size=len(tokenizer),
        className=type(tokenizer).__name__,
    )


def fixture_of(folders):
    """Folders of each class, up to three, with a few of the texts."""
    chosen, counts = [], {}
    for folder in folders:
        read = {path.name: path.read_text() for path in sorted(folder.iterdir())}
        result = json.loads(read.pop("expected.json"))
        name = result.get("className")
        counts[name] = counts.get(name, 0) + 1
        if name is None or counts[name] > 3:
            continue
        few = [2, 3, *range(8, 18), 18]
        result.update(texts=[result["texts"][i] for i in few], rows=[result["rows"][i] for i in few], mixed=result["mixed"][:2])
        chosen.append(dict(name=f"{folder.name}, {name}", files=read, expected=result))
    return gzip.compress(json.dumps(chosen, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0)


def main():
    transformers.logging.set_verbosity_error()
    target, count, seed = Path(sys.argv[1]), int((sys.argv + ["200"])[2]), int((sys.argv + ["200", "0"])[3 if len(sys.argv) > 3 else -1])
    errors = 0
    for i in range(count):
        rng = random.Random(f"{seed}/{i}")
        folder = target / f"{seed}-{i:04}"
        folder.mkdir(parents=True, exist_ok=True)
        make(rng, folder)
        try:
            result = expected(folder, rng)
        except BaseException as error:  # the Rust library panics with a BaseException
            result = dict(error=f"{type(error).__name__}: {error}"[:300])
            errors += 1
        write(folder, "expected.json", result)
    if len(sys.argv) > 4:
        Path(sys.argv[4]).write_bytes(fixture_of(sorted(target.iterdir())))
    print(f"{count} folders in {target}, of which AutoTokenizer refuses {errors}")


if __name__ == "__main__":
    main()
