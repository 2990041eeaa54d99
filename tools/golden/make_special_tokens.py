"""Writes src/tokenizer/special-tokens.fixture.json: folders that name special and added tokens in every way that
transformers reads, with what AutoTokenizer makes of them. Made with transformers 5.18, tokenizers 0.23.3.

    python tools/golden/make_special_tokens.py
"""
import json
import tempfile
from pathlib import Path

from tokenizers import pre_tokenizers
from transformers import AutoTokenizer

NAMES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]
TEXT = "ab <|user|>b <s>a</s> <mask> [MASK]a <|endoftext|><|im_end|> <extra>b"
LETTERS = sorted(pre_tokenizers.ByteLevel.alphabet())
VOCAB = {t: i for i, t in enumerate([*LETTERS, "<|endoftext|>", "<|im_end|>", "<s>", "</s>", "<unk>", "<pad>", "<mask>", "ab"])}


def token(content, **flags):
    return {"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True, **flags}


def tokenizer_json(*added, post=None):
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": VOCAB[t["content"]], **t} for t in added],
        "normalizer": None, "pre_tokenizer": byte_level, "post_processor": post, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": VOCAB, "merges": [["a", "b"]]},
    }


FAST = {"tokenizer_class": "PreTrainedTokenizerFast"}
END = token("<|endoftext|>")
JSON = tokenizer_json(END)
GPT2 = {"vocab.json": VOCAB, "merges.txt": "#version: 0.2\na b\n"}


def folders():
    def fast(config=None, model_type="llama", **files):
        files = {name.replace("__", "."): content for name, content in files.items()}
        return {"config.json": {"model_type": model_type}, "tokenizer.json": JSON, "tokenizer_config.json": {**FAST, **(config or {})}, **files}

    yield "strings in tokenizer_config.json", fast({"eos_token": "<|im_end|>", "pad_token": "<pad>"})
    yield "null in tokenizer_config.json", fast({"eos_token": None, "pad_token": "<pad>"})
    yield "AddedToken objects", fast({"eos_token": {"__type": "AddedToken", **token("<|im_end|>")}, "mask_token": {"__type": "AddedToken", **token("<mask>", lstrip=True)}})
    yield "special_tokens_map.json with strings", fast(special_tokens_map__json={"eos_token": "<|im_end|>", "pad_token": "<pad>"})
    yield "special_tokens_map.json with objects", fast(special_tokens_map__json={"eos_token": token("<|im_end|>"), "mask_token": token("<mask>", lstrip=True, rstrip=True)})
    yield "special_tokens_map.json before tokenizer_config.json", fast({"eos_token": "<s>"}, special_tokens_map__json={"eos_token": "</s>"})
    yield "added_tokens_decoder before special_tokens_map.json", fast({"eos_token": "<s>", "added_tokens_decoder": {"258": token("<s>")}}, special_tokens_map__json={"eos_token": "</s>"})
    yield "added_tokens_decoder", fast({"eos_token": "</s>", "added_tokens_decoder": {"258": token("<s>", special=False), "259": token("</s>"), "264": token("<|user|>"), "265": token("<extra>", special=False, lstrip=True)}})
    yield "added_tokens_decoder changes flags", fast({"added_tokens_decoder": {"256": token("<|endoftext|>", special=False, rstrip=True)}})
    yield "additional_special_tokens", fast({"eos_token": "</s>", "additional_special_tokens": ["<|user|>", "<|im_end|>"]})
    yield "extra_special_tokens", fast({"extra_special_tokens": ["<|user|>"]})
    yield "extra_special_tokens by name", fast({"extra_special_tokens": {"user_token": "<|user|>"}})
    yield "a name of its own", fast({"user_token": "<|user|>"})
    yield "additional_special_tokens in special_tokens_map.json", fast(special_tokens_map__json={"additional_special_tokens": ["<|user|>", "<extra>"]})
    yield "added_tokens.json", fast(added_tokens__json={"<|user|>": 264, "<extra>": 265}, special_tokens_map__json={"additional_special_tokens": ["<|user|>"]})
    yield "no class, model type gpt2", {"config.json": {"model_type": "gpt2"}, "tokenizer.json": JSON, "tokenizer_config.json": {}}
    yield "no class, model type gpt2, null", {"config.json": {"model_type": "gpt2"}, "tokenizer.json": JSON, "tokenizer_config.json": {"bos_token": None}}
    yield "no class, model type llama", {"config.json": {"model_type": "llama"}, "tokenizer.json": JSON, "tokenizer_config.json": {}}
    yield "no class, model type qwen2", {"config.json": {"model_type": "qwen2"}, "tokenizer.json": JSON, "tokenizer_config.json": {}}
    yield "qwen2 with another class", {"config.json": {"model_type": "qwen2"}, "tokenizer.json": JSON, "tokenizer_config.json": {**FAST, "eos_token": "<|im_end|>"}}
    yield "mistral with LlamaTokenizer", fast({"tokenizer_class": "LlamaTokenizer"}, "mistral")
    yield "the class in config.json", {"config.json": {"model_type": "llama", "tokenizer_class": "GPT2Tokenizer"}, "tokenizer.json": JSON, "tokenizer_config.json": {}}
    yield "GPT-2 files", {"config.json": {"model_type": "gpt2"}, **GPT2}
    yield "GPT-2 files with added_tokens.json", {"config.json": {"model_type": "gpt2"}, **GPT2, "tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer"}, "added_tokens.json": {"<|user|>": 264, "<extra>": 265}, "special_tokens_map.json": {"eos_token": "<|im_end|>", "additional_special_tokens": ["<|user|>"]}}
    yield "GPT-2 files with add_bos_token", {"config.json": {"model_type": "opt"}, **GPT2, "tokenizer_config.json": {"add_bos_token": True, "bos_token": "</s>", "eos_token": "</s>", "tokenizer_class": "GPT2Tokenizer"}}
    yield "GPT-2 files with both", {"config.json": {"model_type": "gpt2"}, **GPT2, "tokenizer_config.json": {"add_bos_token": True, "add_eos_token": True, "bos_token": "<s>", "eos_token": "</s>"}}
    yield "RoBERTa's files", {"config.json": {"model_type": "roberta"}, **GPT2, "tokenizer_config.json": {"tokenizer_class": "RobertaTokenizer"}}
    yield "Qwen 2's files", {"config.json": {"model_type": "qwen2"}, **GPT2, "tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>"}}
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "ab", "##b", "##a", "<", ">", "s", "/", "|", "user"]
    for name, config in [("BERT's vocab.txt", {}), ("BERT's vocab.txt, cased", {"do_lower_case": False})]:
        yield name, {"config.json": {"model_type": "bert"}, "vocab.txt": "\n".join(words) + "\n", "tokenizer_config.json": config}


cases = []
for name, files in folders():
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            (Path(folder) / file).write_text(content if isinstance(content, str) else json.dumps(content))
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder)
        except Exception as error:
            print(name, "FAILS", type(error).__name__, str(error)[:200])
            continue
        ids = tokenizer(TEXT, add_special_tokens=False)["input_ids"]
        cases.append({
            "name": name, "files": files, "names": {n: getattr(tokenizer, n) for n in NAMES if getattr(tokenizer, n) is not None},
            "ids": ids, "whole": tokenizer(TEXT)["input_ids"], "skipped": tokenizer.decode(ids, skip_special_tokens=True),
        })
text = json.dumps({"text": TEXT, "vocab": VOCAB, "cases": cases}, ensure_ascii=False)
text = text.replace(json.dumps(VOCAB, ensure_ascii=False), '"VOCAB"')
path = Path(__file__).parents[2] / "src/tokenizer/special-tokens.fixture.json"
value = json.loads(text)
value["vocab"] = VOCAB
path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
print(len(cases), path.stat().st_size)
