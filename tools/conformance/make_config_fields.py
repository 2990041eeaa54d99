"""Makes models of every family whose config.json differs in one field from what transformers writes: each field once
null, once absent, once of another type, and flags the other way.

    python tools/conformance/make_config_fields.py FOLDER [SEED]

The folders are as those of make_models.py, and `npx tsx tools/conformance/check-models.ts FOLDER` compares. Made with
torch 2.13, transformers 5.18, safetensors 0.8.
"""
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path

import torch
from make_models import FAMILIES, AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, logits_of, make_config

# What differs between seeds and is tried by make_models.py, or says nothing of the numbers.
PLAIN = {"hidden_act", "activation_function", "hidden_activation", "rope_scaling", "rope_parameters", "torch_dtype", "dtype", "layer_types", "no_bias_at_all"}
SKIPPED = {"model_type", "architectures", "transformers_version", "vocab_size"}
IDS = [(i * 7) % 90 + 1 for i in range(12)]


def usual_model(family, seed, folder):
    """A model of the family in transformers' own form, and its config.json."""
    rng = random.Random(seed)
    config = make_config(rng, family)
    while PLAIN & config.keys():
        config = make_config(rng, family)
    (folder / "config.json").write_text(json.dumps(config))
    auto = AutoModelForSeq2SeqLM if family in ("t5", "mt5") else AutoModelForCausalLM
    torch.manual_seed(seed)
    model = auto.from_config(AutoConfig.from_pretrained(folder), dtype=torch.float32).eval()
    for name, parameter in model.named_parameters():
        is_scale = "norm" in name and name.endswith("weight") and not family.startswith("gemma")
        parameter.data = torch.randn_like(parameter) * 0.15 + (1 if is_scale else 0)
    model.save_pretrained(folder)
    return json.loads((folder / "config.json").read_text())


def other_types(value):
    """Values of other types, which files that were written by hand have."""
    if isinstance(value, bool):
        return [str(value).lower(), int(value)]
    if isinstance(value, (int, float)):
        return [str(value), [value], -1, 0]
    if isinstance(value, str):
        return [3, "\0", [value]]
    if isinstance(value, dict):
        return ["\0", [], {}, 3]
    return ["\0", 3, {}] if isinstance(value, list) else []


def variants(config):
    for name, value in config.items():
        if name in SKIPPED or name.endswith("_token_id"):
            continue
        yield name, "absent", {key: kept for key, kept in config.items() if key != name}
        if value is not None:
            yield name, "null", {**config, name: None}
        if isinstance(value, bool):
            yield name, "flipped", {**config, name: not value}
        for index, other in enumerate(other_types(value)):
            yield name, f"other {index + 1}", {**config, name: other}


def main():
    root, seed = Path(sys.argv[1]), int((sys.argv[2:] or ["5"])[0])
    for family in FAMILIES:
        with tempfile.TemporaryDirectory() as source:
            config = usual_model(family, seed, Path(source))
            for index, (name, what, changed) in enumerate(variants(config)):
                folder = root / f"{index:03d}-{family}-{name}-{what.replace(' ', '')}"
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "config.json").write_text(json.dumps(changed))
                shutil.copy(Path(source) / "model.safetensors", folder / "model.safetensors")
                expected = {"ids": IDS, "form": [name, what]}
                try:
                    logits = logits_of(folder, family, IDS)
                    if not torch.isfinite(logits).all():
                        raise ValueError("the logits are not finite")
                    expected["logits"] = [[round(float(x), 6) for x in row] for row in logits]
                except Exception as error:
                    expected["refused"] = f"{type(error).__name__}: {error}"[:300]
                (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
