"""Writes golden cases of less usual forms of decoders: numbers from PyTorch, transformers and PEFT.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0 safetensors==0.8.0
    OMP_NUM_THREADS=1 python tools/golden/make_decoder_variants.py test/golden/cases

A case is a folder as test/golden/check-case.ts reads it. Several differences share a case: scalings of rotary positions,
sliding windows shorter than the text (with a learned prefix before it, and while generating), caps, parallel layers.
A case marked "old" has config.json as versions of transformers before 5 wrote it.
"""

import copy
import json
import pathlib
import shutil
import sys
import warnings

import peft
import torch
import transformers
from safetensors.torch import save_file

VOCABULARY = 32
LENGTHS = (8, 6, 4)
NEW_TOKENS = 8
VIRTUAL_TOKENS = 3

LLAMA = {"num_key_value_heads": 1, "hidden_act": "silu", "tie_word_embeddings": True}
PROMPT = {"kind": peft.PromptTuningConfig, "num_virtual_tokens": VIRTUAL_TOKENS}
PREFIX = {"kind": peft.PrefixTuningConfig, "num_virtual_tokens": VIRTUAL_TOKENS}
LORA = {"kind": peft.LoraConfig, "r": 2, "target_modules": "all-linear", "init_lora_weights": False}

# name: (model type, what config.json says beside the sizes, what is learned, whether config.json is "old")
CASES = {
    "llama-llama3__base": (
        "llama",
        LLAMA
        | {
            "attention_bias": True,
            "mlp_bias": True,
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 100.0,
                "factor": 4.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 10,
            },
        },
        None,
        "new",
    ),
    # Written as before transformers 5: rope_theta and rope_scaling.
    "llama-yarn-old__prompt-tuning": (
        "llama",
        LLAMA
        | {
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 50.0,
                "factor": 4.0,
                "original_max_position_embeddings": 6,
                "beta_fast": 2.0,
                "beta_slow": 0.5,
            }
        },
        PROMPT,
        "old",
    ),
    "llama-linear__prefix-tuning": (
        "llama",
        LLAMA | {"rope_parameters": {"rope_type": "linear", "rope_theta": 100.0, "factor": 2.5}},
        PREFIX,
        "new",
    ),
    # Longer than max_position_embeddings, so that the base grows; nothing is learned before the text.
    "llama-dynamic__lora": (
        "llama",
        LLAMA
        | {
            "max_position_embeddings": 6,
            "rope_parameters": {"rope_type": "dynamic", "rope_theta": 100.0, "factor": 4.0},
        },
        LORA,
        "new",
    ),
    "mistral-window__prompt-tuning": ("mistral", LLAMA | {"sliding_window": 4}, PROMPT, "new"),
    "qwen3-window__prefix-tuning": (
        "qwen3",
        LLAMA
        | {
            "head_dim": 8,
            "use_sliding_window": True,
            "sliding_window": 4,
            "max_window_layers": 1,
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 50.0,
                "factor": 2.0,
                "original_max_position_embeddings": 16,
                "attention_factor": 1.3,
                "truncate": False,
            },
        },
        PREFIX,
        "new",
    ),
    "gemma2__base": (
        "gemma2",
        {
            "num_key_value_heads": 1,
            "head_dim": 8,
            "sliding_window": 3,
            "query_pre_attn_scalar": 12,
            "attn_logit_softcapping": 1.5,
            "final_logit_softcapping": 2.0,
        },
        None,
        "new",
    ),
    "gemma2__prompt-tuning": (
        "gemma2",
        {
            "num_key_value_heads": 1,
            "head_dim": 8,
            "sliding_window": 5,
            "query_pre_attn_scalar": 12,
            "attn_logit_softcapping": 1.5,
            "final_logit_softcapping": 2.0,
        },
        PROMPT,
        "new",
    ),
    "gemma3__lora": (
        "gemma3_text",
        {
            "num_key_value_heads": 1,
            "head_dim": 8,
            "sliding_window": 3,
            "query_pre_attn_scalar": 12,
            "layer_types": ["sliding_attention", "full_attention"],
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "rope_theta": 1000.0, "factor": 2.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 10.0},
            },
        },
        LORA,
        "new",
    ),
    "phi3__lora": (
        "phi3",
        {
            "num_key_value_heads": 1,
            "sliding_window": 5,
            "original_max_position_embeddings": 24,
            "max_position_embeddings": 48,
            "rope_parameters": {
                "rope_type": "longrope",
                "rope_theta": 100.0,
                "partial_rotary_factor": 0.5,
                "short_factor": [1.5],
                "long_factor": [3.0],
                "original_max_position_embeddings": 24,
            },
        },
        LORA,
        "new",
    ),
    "phi3-plain__base": ("phi3", {"num_key_value_heads": 2, "tie_word_embeddings": True}, None, "new"),
    "phi__base": (
        "phi",
        {"num_key_value_heads": 1, "qk_layernorm": True, "intermediate_size": 12},
        None,
        "new",
    ),
    "phi__prefix-tuning": ("phi", {"intermediate_size": 12}, PREFIX, "new"),
    "gpt_neox-serial__prompt-tuning": (
        "gpt_neox",
        {
            "use_parallel_residual": False,
            "hidden_act": "gelu_new",
            "tie_word_embeddings": True,
            "rope_parameters": {"rope_type": "default", "rope_theta": 100.0, "partial_rotary_factor": 0.5},
        },
        PROMPT,
        "new",
    ),
    "opt__base": ("opt", {"ffn_dim": 12}, None, "new"),
    "opt-after__prompt-tuning": (
        "opt",
        {"ffn_dim": 12, "do_layer_norm_before": False, "tie_word_embeddings": False, "enable_bias": False},
        PROMPT,
        "new",
    ),
}


def make_model(model_type, settings):
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": 8,
        "intermediate_size": 12,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 24,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "pad_token_id": 2,
    }
    config = transformers.AutoConfig.for_model(model_type, **(sizes | settings))
    model = transformers.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():  # far from the initial values, so that every part of the model shows
            parameter.add_(torch.randn_like(parameter) * (0.3 if parameter.ndim > 1 else 0.1))
    return model


def write_old_rotary_fields(folder):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    scaling = config.pop("rope_parameters")
    config["rope_theta"] = scaling.pop("rope_theta")
    config["rope_scaling"] = {"type": scaling.pop("rope_type"), **scaling}
    path.write_text(json.dumps(config, indent=2) + "\n")


def load_model(folder):
    model, report = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not report["missing_keys"] and not report["mismatched_keys"], report
    model.generation_config.eos_token_id = None
    return model.eval()


def make_batch():
    width = max(LENGTHS)
    mask = torch.tensor([[int(i < length) for i in range(width)] for length in LENGTHS])
    ids = torch.where(mask == 1, torch.randint(3, VOCABULARY, mask.shape), 2)
    labels = ids.masked_fill(mask == 0, -100)
    labels[:, :2] = -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def learn(model, settings):
    settings = dict(settings)
    kind = settings.pop("kind")
    config = model.config
    if kind is peft.PrefixTuningConfig:  # PEFT derives the width from hidden_size, which heads need not make up
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        settings |= {"token_dim": heads * head_dim, "num_attention_heads": heads}
    adapter = kind(task_type="CAUSAL_LM", **settings)
    model = peft.get_peft_model(model, adapter).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad and isinstance(adapter, peft.PrefixTuningConfig):
                parameter.mul_(0.5)
    adapter.base_model_name_or_path = "tiny-decoder"  # not the path that it has here
    return model


def adamw_losses(model, batch):
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=0.01, weight_decay=0.01)
    losses = []
    for _ in range(4):
        optimizer.zero_grad()
        loss = model(**batch).loss
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses


def make_case(folder, model_type, settings, learned, files):
    shutil.rmtree(folder, ignore_errors=True)
    make_model(model_type, settings).save_pretrained(folder / "model")
    if files == "old":
        write_old_rotary_fields(folder / "model")
    model = load_model(folder / "model")
    if learned:
        model = learn(model, learned)
        model.save_pretrained(folder / "adapter", save_embedding_layers=False)
        (folder / "adapter" / "README.md").unlink()

    fresh = copy.deepcopy(model)
    batch = make_batch()
    output = model(**batch)
    output.loss.backward()
    tensors = {**batch, "logits": output.logits.detach(), "loss": output.loss.detach().reshape(1)}
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    for name, parameter in trained.items():
        if parameter.grad is None or parameter.grad.abs().max() < 1e-6:
            continue  # a bias of keys that do not turn changes no attention: its gradient is rounding alone
        tensors[f"grad.{name}"] = parameter.grad.clone()
        if learned:
            tensors[f"param.{name}"] = parameter.detach().clone()
    row = {"input_ids": batch["input_ids"][:1], "attention_mask": batch["attention_mask"][:1]}
    for name, beams in (("greedy_row0", 1), ("beam4_row0", 4)):
        # A fresh copy each: in transformers, dynamic rotary positions remember the longest text so far.
        generated = copy.deepcopy(fresh).generate(
            **row, max_new_tokens=NEW_TOKENS, do_sample=False, num_beams=beams, eos_token_id=None, pad_token_id=2
        )
        tensors[name] = generated
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "expected.safetensors")
    model_name, method = folder.name.split("__")
    expected = {
        "adamw_lr0.01_wd0.01_losses": adamw_losses(copy.deepcopy(fresh), batch),
        "model": model_name,
        "method": method,
        "loss": output.loss.item(),
        "trainable": sum(parameter.numel() for parameter in trained.values()),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    }
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


torch.set_num_threads(1)
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
warnings.filterwarnings("ignore", "Position ids are not supported")
only = sys.argv[2:]
for number, (name, case) in enumerate(CASES.items()):
    if only and name not in only:
        continue
    torch.manual_seed(number)
    make_case(pathlib.Path(sys.argv[1]) / name, *case)
    print(name)
