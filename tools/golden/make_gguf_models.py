"""Makes tiny models of test/golden/cases into GGUF files, as llama.cpp's converter does, and a copy of GPT-2's tokenizer.

    python tools/golden/make_gguf_models.py gpt2 test/golden/cases/gpt2__base/model gpt2.gguf
    python tools/golden/make_gguf_models.py llama test/golden/cases/llama__base/model llama.gguf
    python tools/golden/make_gguf_models.py vocabulary FOLDER-WITH-VOCAB-AND-MERGES gpt2-vocabulary.gguf

A fourth argument is the type of the matrices: F32 (the default), F16, Q8_0, Q4_0 or Q4_1.
"""

import json
import pathlib
import sys

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFWriter, quants


def read_safetensors(path):
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    for name, entry in json.loads(raw[8 : 8 + size]).items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        assert entry["dtype"] == "F32"
        data = np.frombuffer(raw[8 + size + begin : 8 + size + end], np.float32)
        yield name, data.reshape(entry["shape"])


def permute(weight, heads):
    """From halves to pairs, as the converter's LlamaModel.permute."""
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


LLAMA = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
GPT2 = {
    "ln_1": "attn_norm",
    "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}
OUTER = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "transformer.wte": "token_embd",
    "transformer.wpe": "position_embd",
    "transformer.ln_f": "output_norm",
}


def add_tensor(writer, name, data, kind):
    if data.ndim == 1 or data.shape[-1] % quants.GGML_QUANT_SIZES[kind][0] != 0 or kind == Type.F32:
        writer.add_tensor(name, np.ascontiguousarray(data))
    elif kind == Type.F16:
        writer.add_tensor(name, data.astype(np.float16))
    else:
        writer.add_tensor(name, quants.quantize(np.ascontiguousarray(data), kind), raw_dtype=kind)


def model(writer, architecture, folder, kind):
    config = json.loads((folder / "config.json").read_text())
    llama = architecture == "llama"
    get = (lambda a, b: config[a]) if llama else (lambda a, b: config[b])
    writer.add_context_length(get("max_position_embeddings", "n_positions"))
    writer.add_embedding_length(get("hidden_size", "n_embd"))
    writer.add_block_count(get("num_hidden_layers", "n_layer"))
    writer.add_head_count(get("num_attention_heads", "n_head"))
    if llama:
        writer.add_feed_forward_length(config["intermediate_size"])
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
        rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
        theta = config.get("rope_theta") or rope["rope_theta"]
        writer.add_rope_freq_base(theta)
        if rope.get("rope_type") == "llama3":
            writer.add_tensor("rope_freqs.weight", llama3_factors(config, rope, theta))
    else:
        writer.add_feed_forward_length(config["n_inner"] or 4 * config["n_embd"])
        writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    for name, data in read_safetensors(folder / "model.safetensors"):
        module, _, part = name.rpartition(".")
        if module in OUTER:
            add_tensor(writer, f"{OUTER[module]}.{part}", data, kind)
            continue
        _, _, layer, rest = module.split(".", 3)
        if rest in ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj") and part == "weight":
            data = data.T
        if rest == "self_attn.q_proj":
            data = permute(data, config["num_attention_heads"])
        if rest == "self_attn.k_proj":
            data = permute(data, config["num_key_value_heads"])
        add_tensor(writer, f"blk.{layer}.{(LLAMA if llama else GPT2)[rest]}.{part}", data, kind)


def llama3_factors(config, rope, theta):
    size = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    wavelengths = 2 * np.pi * theta ** (np.arange(0, size, 2) / size)
    turns = rope["original_max_position_embeddings"] / wavelengths
    low, high, factor = rope["low_freq_factor"], rope["high_freq_factor"], rope["factor"]
    smooth = np.clip((turns - low) / (high - low), 0, 1)
    return (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)


def vocabulary(writer, folder):
    vocab = json.loads((folder / "vocab.json").read_text())
    tokens = sorted(vocab, key=vocab.get)
    merges = (folder / "merges.txt").read_text().split("\n")[1:]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token == "<|endoftext|>" else 1 for token in tokens])
    writer.add_token_merges([merge for merge in merges if merge])
    writer.add_bos_token_id(vocab["<|endoftext|>"])
    writer.add_eos_token_id(vocab["<|endoftext|>"])


def byte_vocabulary(writer, size):
    """Bytes in GPT-2's alphabet, as many as there is room for, `th`, and one that ends a text."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]
    tokens = letters[: size - 2] + ["th", "<end>"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * (size - 1) + [3])
    writer.add_token_merges(["t h"])
    writer.add_eos_token_id(size - 1)


def main(what, folder, target, kind="F32"):
    folder = pathlib.Path(folder)
    writer = GGUFWriter(target, "gpt2" if what == "vocabulary" else what)
    if what == "vocabulary":
        vocabulary(writer, folder)
    else:
        model(writer, what, folder, Type[kind])
        byte_vocabulary(writer, json.loads((folder / "config.json").read_text())["vocab_size"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
