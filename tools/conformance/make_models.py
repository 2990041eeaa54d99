"""Makes tiny random models of every family with the varieties of config.json and of weights that people have.

    python tools/conformance/make_models.py FOLDER [COUNT] [SEED]

Each model is a folder with config.json, model.safetensors and expected.json: token ids, and the logits of transformers
for them, or the error with which transformers refuses the model. `npx tsx tools/conformance/check-models.ts FOLDER`
compares. Made with torch 2.13, transformers 5.18, safetensors 0.8.
"""
import json
import random
import sys
import warnings
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM
from transformers.utils import logging

logging.set_verbosity_error()
warnings.simplefilter("ignore")

VOCAB, HIDDEN, HEADS, LAYERS, POSITIONS = 97, 32, 4, 2, 64
EMBEDDINGS = {"gpt2": "transformer.wte.weight", "opt": "model.decoder.embed_tokens.weight", "gpt_neox": "gpt_neox.embed_in.weight",
              "t5": "shared.weight", "mt5": "shared.weight"}
HEAD = {"gpt_neox": "embed_out.weight"}
PREFIX = {"gpt2": "transformer.", "opt": "model.", "gpt_neox": "gpt_neox."}
ACTIVATIONS = ["gelu", "gelu_10", "gelu_fast", "gelu_new", "gelu_python", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate",
               "hardswish", "laplace", "leaky_relu", "linear", "mish", "quick_gelu", "relu", "relu2", "relu6", "sigmoid", "silu",
               "sqrtsoftplus", "swish", "tanh", "prelu", "xielu", "no_such_thing"]
FAMILIES = ["gpt2", "llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "phi3", "phi", "gpt_neox", "opt", "t5", "mt5"]


def rope_kind(rng, pairs):
    """The fields of one kind of rotary scaling, in one of the forms that files have."""
    key = rng.choice(["rope_type", "type"])
    kind = rng.choice(["default", "linear", "dynamic", "yarn", "llama3", "longrope", "su", "ntk-by-parts"])
    fields = {key: kind}
    if kind in ("linear", "dynamic"):
        fields["factor"] = rng.choice([1, 2, 2.0, 4.0])
    if kind == "yarn":
        fields["factor"] = rng.choice([2.0, 4.0])
        for name, values in {"beta_fast": [32, 16.0], "beta_slow": [1, 2.0], "mscale": [1.0, 0.7], "mscale_all_dim": [1.0, 0.5],
                             "attention_factor": [1.2, 1], "truncate": [True, False], "original_max_position_embeddings": [16, 32]}.items():
            if rng.random() < 0.3:
                fields[name] = rng.choice(values)
    if kind == "llama3":
        fields |= {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": rng.choice([16, 32])}
    if kind in ("longrope", "su"):
        fields["short_factor"] = [1.0 + 0.05 * i for i in range(pairs)]
        fields["long_factor"] = [1.5 + 0.1 * i for i in range(pairs)]
        if rng.random() < 0.5:
            fields["factor"] = 2.0
        if rng.random() < 0.5:
            fields["original_max_position_embeddings"] = 32
    if rng.random() < 0.15:
        fields["partial_rotary_factor"] = rng.choice([0.5, 1.0])
    if rng.random() < 0.3:
        fields["rope_theta"] = rng.choice([5000.0, 100, 10000])
    return fields


def rotary(rng, family, config, head_dim):
    if rng.random() < 0.4:
        config["rope_theta"] = rng.choice([500.0, 10000.0, 1000000])
    if rng.random() < 0.5:
        config["rope_scaling"] = rng.choice([None, {}, rope_kind(rng, head_dim // 2)])
    if rng.random() < 0.5:
        kind = rope_kind(rng, head_dim // 2)
        nested = {"full_attention": kind, "sliding_attention": {"rope_type": "default", "rope_theta": 300.0}}
        config["rope_parameters"] = rng.choice([None, kind, nested] if family == "gemma3_text" else [None, kind, kind])
    if rng.random() < 0.25:
        config["partial_rotary_factor"] = rng.choice([0.5, 0.25, 1.0])
    if rng.random() < 0.2:
        config["original_max_position_embeddings"] = 32
    if family == "gpt_neox" and rng.random() < 0.5:
        config |= {"rotary_pct": rng.choice([0.25, 0.5, 1.0]), "rotary_emb_base": rng.choice([10000, 777])}
    if family == "gemma3_text" and rng.random() < 0.5:
        config["rope_local_base_freq"] = 200.0


def make_config(rng, family):
    act = rng.choice(ACTIVATIONS) if rng.random() < 0.35 else None
    if family == "gpt2":
        config = {"vocab_size": VOCAB, "n_positions": POSITIONS, "n_embd": HIDDEN, "n_layer": LAYERS, "n_head": HEADS}
        if act:
            config["activation_function"] = act
        for name, values in {"n_inner": [None, 48], "scale_attn_weights": [False], "scale_attn_by_inverse_layer_idx": [True],
                             "reorder_and_upcast_attn": [True], "layer_norm_epsilon": [1e-3], "n_ctx": [32]}.items():
            if rng.random() < 0.2:
                config[name] = rng.choice(values)
    elif family in ("t5", "mt5"):
        config = {"vocab_size": VOCAB, "d_model": HIDDEN, "d_kv": rng.choice([8, 16]), "d_ff": 48, "num_layers": LAYERS, "num_heads": HEADS,
                  "decoder_start_token_id": 0, "pad_token_id": 0}
        if rng.random() < 0.5:
            config["num_decoder_layers"] = 1
        if rng.random() < 0.6:
            config["feed_forward_proj"] = rng.choice(["relu", "gated-gelu", "gated-silu", "gelu", "gated-relu"])
        if rng.random() < 0.3:
            config["relative_attention_num_buckets"] = 16
        if rng.random() < 0.2:
            config["scale_decoder_outputs"] = rng.choice([True, False])
    elif family == "opt":
        config = {"vocab_size": VOCAB, "hidden_size": HIDDEN, "ffn_dim": 48, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
                  "max_position_embeddings": POSITIONS}
        if act:
            config["activation_function"] = act
        for name, values in {"do_layer_norm_before": [False], "enable_bias": [False], "word_embed_proj_dim": [HIDDEN, 16],
                             "_remove_final_layer_norm": [True]}.items():
            if rng.random() < 0.2:
                config[name] = rng.choice(values)
    else:
        config = {"vocab_size": VOCAB, "hidden_size": HIDDEN, "intermediate_size": 48, "num_hidden_layers": LAYERS,
                  "num_attention_heads": HEADS, "max_position_embeddings": POSITIONS}
        head_dim = HIDDEN // HEADS
        if family not in ("gpt_neox", "phi"):
            config["num_key_value_heads"] = rng.choice([2, 4])
            if family.startswith(("gemma", "qwen3")) or rng.random() < 0.3:
                head_dim = rng.choice([8, 16])
                config["head_dim"] = head_dim
        if act:
            config[rng.choice(["hidden_act", "hidden_activation"]) if family.startswith("gemma") else "hidden_act"] = act
        rotary(rng, family, config, head_dim)
        options = {"attention_bias": [True], "mlp_bias": [True], "rms_norm_eps": [1e-3], "layer_norm_eps": [1e-3], "qk_layernorm": [True],
                   "sliding_window": [None, 4, 8], "use_sliding_window": [True, False], "max_window_layers": [0, 1, 5],
                   "layer_types": [["sliding_attention", "full_attention"]], "query_pre_attn_scalar": [16, 8],
                   "attn_logit_softcapping": [None, 5.0], "final_logit_softcapping": [None, 3.0], "use_parallel_residual": [True, False],
                   "pretraining_tp": [2], "no_bias_at_all": [True], "sliding_window_pattern": [2], "qkv_bias": [False]}
        for name, values in options.items():
            if rng.random() < 0.15:
                config[name] = rng.choice(values)
    if rng.random() < 0.5:
        config["tie_word_embeddings"] = rng.choice([True, False])
    config |= {"model_type": family, "pad_token_id": 0}
    if rng.random() < 0.3:
        config[rng.choice(["dtype", "torch_dtype"])] = rng.choice(["float32", "float16", "bfloat16", "float64"])
    return config


def store(rng, model, family, folder):
    """The weights as one of the files that people have: with the head, the embeddings or neither left out, in some type."""
    state = {name: tensor.detach().clone().contiguous() for name, tensor in model.state_dict().items()}
    embedding = EMBEDDINGS.get(family, "model.embed_tokens.weight")
    head = HEAD.get(family, "lm_head.weight")
    for extra in ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"):
        state.pop(extra, None)
    form = rng.choice(["as it is", "no head", "same head", "own head", "head alone", "no prefix"])
    if form == "no head":
        state.pop(head, None)
    elif form == "same head":
        state[head] = state[embedding].clone()
    elif form == "own head":
        state[head] = torch.randn_like(state[embedding]) * 0.3
    elif form == "head alone":
        state[head] = state.pop(embedding)
    elif form == "no prefix" and family in PREFIX:
        state = {name.removeprefix(PREFIX[family]): tensor for name, tensor in state.items()}
    kind = rng.choice([torch.float32] * 4 + [torch.float64, torch.float16, torch.bfloat16])
    save_file({name: tensor.to(kind) for name, tensor in state.items()}, folder / "model.safetensors", metadata={"format": "pt"})
    return form, str(kind)


def logits_of(folder, family, ids):
    auto = AutoModelForSeq2SeqLM if family in ("t5", "mt5") else AutoModelForCausalLM
    model = auto.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        if family in ("t5", "mt5"):
            decoder = [0, *ids[:5]]
            return model(input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([decoder])).logits[0]
        return model(input_ids=torch.tensor([ids])).logits[0]


def main():
    root, count, seed = Path(sys.argv[1]), int((sys.argv[2:] or ["100"])[0]), int((sys.argv[3:] or ["1"])[0])
    for index in range(count):
        rng = random.Random(seed * 100_003 + index)
        torch.manual_seed(seed * 100_003 + index)
        family = FAMILIES[index % len(FAMILIES)]
        config = make_config(rng, family)
        folder = root / f"{index:04d}-{family}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config, indent=1))
        ids = [rng.randrange(1, VOCAB) for _ in range(rng.choice([7, 12, 40]))]
        expected = {"ids": ids}
        try:
            auto = AutoModelForSeq2SeqLM if family in ("t5", "mt5") else AutoModelForCausalLM
            model = auto.from_config(AutoConfig.from_pretrained(folder), dtype=torch.float32).eval()
            for name, parameter in model.named_parameters():
                noise = torch.randn_like(parameter) * 0.15
                parameter.data = noise + (1 if "norm" in name and name.endswith("weight") and not family.startswith("gemma") else 0)
            expected["form"] = store(rng, model, family, folder)
            logits = logits_of(folder, family, ids)
            if not torch.isfinite(logits).all():
                raise ValueError("the logits are not finite")
            expected["logits"] = [[round(float(x), 6) for x in row] for row in logits]
        except Exception as error:
            expected["refused"] = f"{type(error).__name__}: {error}"[:300]
        (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
