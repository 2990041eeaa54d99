"""Makes adapters of every variety with PEFT over the tiny models of test/golden, changed as people's files differ.

    python tools/conformance/make_adapters.py FOLDER [COUNT] [SEED]

Each is a folder with adapter/ and expected.json: the base model's folder, token ids, and the logits of PEFT with the
adapter loaded over a fresh base model, or the error with which PEFT refuses it. `npx tsx
tools/conformance/check-adapters.ts FOLDER` compares. Made with torch 2.13, transformers 5.18, PEFT 0.21.
"""
import json
import random
import sys
import warnings
from pathlib import Path

import peft
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
warnings.simplefilter("ignore")
cases = Path(__file__).parents[2] / "test/golden/cases"
BASES = {"gpt2": "gpt2__base", "llama": "llama__base", "qwen3": "qwen3__base"}
TARGETS = {"gpt2": ["c_attn", "c_proj", "c_fc"], "llama": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]}
TARGETS["qwen3"] = TARGETS["llama"]


def lora_options(rng, base):
    targets = TARGETS[base]
    options = {"r": rng.choice([1, 2, 4]), "lora_alpha": rng.choice([1, 2, 3.5, 8]),
               "target_modules": rng.choice([rng.sample(targets, 2), targets[:1], "all-linear", rf".*\.({targets[0]}|{targets[1]})", None])}
    if base == "gpt2":
        options["fan_in_fan_out"] = True
    layers = "layers" if base != "gpt2" else "h"
    extras = {
        "use_rslora": [True], "use_dora": [True], "bias": ["none", "all", "lora_only"], "lora_dropout": [0.1],
        "init_lora_weights": [False, "gaussian", "orthogonal", "olora", "pissa", "pissa_niter_2", "eva"],
        "rank_pattern": [{targets[0]: 3}, {rf".*\.0\..*{targets[0]}": 3}, {rf"^.*{targets[0]}$": 2}],
        "alpha_pattern": [{targets[0]: 7}, {rf"{layers}.1": 5}],
        "layers_to_transform": [0, [1]], "layers_pattern": [layers], "exclude_modules": [[targets[1]], rf".*\.0\..*"],
        "modules_to_save": [["lm_head"], ["norm"], ["ln_f"]], "lora_bias": [True], "trainable_token_indices": [[1, 2]],
        "layer_replication": [[[0, 2], [0, 2]]], "ensure_weight_tying": [True], "use_qalora": [True],
    }
    for name, values in extras.items():
        if rng.random() < 0.12:
            options[name] = rng.choice(values)
    return options


def make_config(rng, base):
    targets = TARGETS[base]
    kinds = {
        "lora": 40, "ia3": 2, "prompt": 1, "p": 1, "prefix": 1, "adalora": 1, "loha": 1, "lokr": 1, "vera": 1, "oft": 1, "boft": 1, "hra": 1,
        "ln": 1, "fourier": 1, "tokens": 1, "vblora": 1, "cartridge": 1,
    }
    kind = rng.choices(list(kinds), list(kinds.values()))[0]
    task = rng.choice(["CAUSAL_LM"] * 6 + [None])
    if kind == "lora":
        return kind, peft.LoraConfig(task_type=task, **lora_options(rng, base))
    if kind == "ia3":
        options = rng.choice([{}, {"target_modules": targets[:2], "feedforward_modules": targets[1:2]}, {"target_modules": targets[:1], "feedforward_modules": []},
                              {"target_modules": rf".*{targets[0]}", "feedforward_modules": []}])
        return kind, peft.IA3Config(task_type=task, fan_in_fan_out=base == "gpt2", init_ia3_weights=rng.choice([True, False]), **options)
    if kind == "prompt":
        return kind, peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=rng.choice([1, 4]))
    if kind == "p":
        return kind, peft.PromptEncoderConfig(task_type="CAUSAL_LM", num_virtual_tokens=3, encoder_hidden_size=16,
                                              encoder_reparameterization_type=rng.choice(["MLP", "LSTM"]))
    if kind == "prefix":
        return kind, peft.PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3, prefix_projection=rng.choice([True, False]), encoder_hidden_size=16)
    if kind == "cartridge":
        return kind, peft.CartridgeConfig(task_type="CAUSAL_LM", num_virtual_tokens=3)
    common = {"task_type": task, "target_modules": targets[:2]}
    return kind, {
        "adalora": lambda: peft.AdaLoraConfig(total_step=10, **common), "loha": lambda: peft.LoHaConfig(**common),
        "lokr": lambda: peft.LoKrConfig(**common), "vera": lambda: peft.VeraConfig(r=4, **(common | {"target_modules": targets[:1]})),
        "oft": lambda: peft.OFTConfig(oft_block_size=4, r=0, **common), "boft": lambda: peft.BOFTConfig(boft_block_size=4, **common),
        "hra": lambda: peft.HRAConfig(r=2, **common), "ln": lambda: peft.LNTuningConfig(task_type=task),
        "fourier": lambda: peft.FourierFTConfig(n_frequency=10, **common), "vblora": lambda: peft.VBLoRAConfig(num_vectors=8, vector_length=4, r=2, topk=2, **common),
        "tokens": lambda: peft.TrainableTokensConfig(token_indices=[1, 2], task_type=task),
    }[kind]()


def change(rng, folder, kind, base):
    """A change of the files that PEFT wrote, as other versions, tools and hands make them."""
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text())
    changes = {
        "none": lambda: None,
        "fewer fields": lambda: [config.pop(name) for name in list(config) if config[name] in (None, False, [], {}) and rng.random() < 0.7],
        "unknown field": lambda: config.update(something_new={"a": 1}),
        "neutral lists": lambda: config.update({name: rng.choice([[], None]) for name in ("layer_replication", "modules_to_save", "target_parameters", "exclude_modules") if name in config}),
        "neutral maps": lambda: config.update({name: None if rng.random() < 0.5 else {} for name in ("rank_pattern", "alpha_pattern", "loftq_config", "megatron_config") if name in config}),
        "null flags": lambda: config.update({name: None for name in ("use_rslora", "use_dora", "lora_bias", "fan_in_fan_out") if name in config}),
        "alpha": lambda: config.update(lora_alpha=rng.choice([0, -2, 1.5])) if kind == "lora" else None,
        "init": lambda: config.update(init_lora_weights=rng.choice([True, False, None, "gaussian", "eva", "orthogonal", "pissa", "olora", "OLoRA", "loftq", "corda", "lora_ga", "mica", "new"])) if kind == "lora" else None,
        "variant": lambda: config.update(rng.choice([{"alora_invocation_tokens": [1]}, {"use_qalora": True}, {"use_bdlora": {}}, {"arrow_config": {}}, {"velora_config": {}}, {"exclude_modules": [TARGETS[base][0]]}, {"layers_to_transform": [0]}, {"target_modules": [TARGETS[base][1]]}, {"use_dora": True}, {"monteclora_config": {}}])) if kind == "lora" else None,
        "names": lambda: rename(rng, folder),
        "half": lambda: save_file({name: tensor.half() for name, tensor in load_file(folder / "adapter_model.safetensors").items()}, folder / "adapter_model.safetensors"),
    }
    name = rng.choices(list(changes), [4, 1, 1, 1, 1, 1, 1, 2, 3, 1, 1])[0]
    changes[name]()
    path.write_text(json.dumps(config, indent=2))
    return name


def rename(rng, folder):
    path = folder / "adapter_model.safetensors"
    tensors = load_file(path)
    how = rng.choice([
        lambda name: name.replace(".lora_A.weight", ".lora_A.default.weight").replace(".lora_B.weight", ".lora_B.default.weight"),
        lambda name: name.replace("base_model.model.", "base_model.model.base_model.model."),
        lambda name: name.removeprefix("base_model.model."),
        lambda name: name.replace(".weight", ".base_layer.weight") if "lora" not in name else name,
    ])
    save_file({how(name): tensor for name, tensor in tensors.items()}, path)


def main():
    root, count, seed = Path(sys.argv[1]), int((sys.argv[2:] or ["100"])[0]), int((sys.argv[3:] or ["1"])[0])
    for index in range(count):
        rng = random.Random(seed * 100_003 + index)
        torch.manual_seed(seed * 100_003 + index)
        base = rng.choice(list(BASES))
        source = cases / BASES[base] / "model"
        try:
            kind, config = make_config(rng, base)
            model = peft.get_peft_model(AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32, attn_implementation="eager"), config)
            for name, parameter in model.named_parameters():
                if parameter.requires_grad:
                    parameter.data = parameter.data + torch.randn_like(parameter) * 0.2
        except Exception:
            continue  # PEFT cannot make such a one
        folder = root / f"{index:04d}-{kind}-{base}"
        model.save_pretrained(folder / "adapter")
        expected = {"base": BASES[base], "ids": [rng.randrange(1, 60) for _ in range(9)], "change": change(rng, folder / "adapter", kind, base)}
        try:
            fresh = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32, attn_implementation="eager")
            loaded = peft.PeftModel.from_pretrained(fresh, folder / "adapter").eval()
            with torch.no_grad():
                logits = loaded(input_ids=torch.tensor([expected["ids"]])).logits[0][-len(expected["ids"]):]
            expected["logits"] = [[round(float(x), 6) for x in row] for row in logits]
        except Exception as error:
            expected["refused"] = f"{type(error).__name__}: {error}"[:300]
        (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
