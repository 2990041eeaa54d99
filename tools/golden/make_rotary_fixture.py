"""Writes src/models/rotary.fixture.json: rotary fields of config.json as files have them, and transformers' frequencies.

    python tools/golden/make_rotary_fixture.py

The configurations are those of tools/conformance/make_models.py. Made with torch 2.13 and transformers 5.18.
"""
import json
import random
import sys
import tempfile
from pathlib import Path

from transformers import AutoConfig, AutoModelForCausalLM

root = Path(__file__).parents[2]
sys.path.insert(0, str(root / "tools/conformance"))
from make_models import make_config  # noqa: E402

families = ["llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "phi3", "phi", "gpt_neox"]
cases = []
for index in range(300):
    rng = random.Random(index)
    config = make_config(rng, families[index % len(families)])
    if not ({"rope_scaling", "rope_parameters"} & config.keys()) and index > 40:
        continue
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(config))
        try:
            model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder))
        except Exception:
            continue
    rotary = next(module for name, module in model.named_modules() if name.endswith("rotary_emb"))
    types = model.config.layer_types if config["model_type"] == "gemma3_text" else ["layer"]
    kinds = {}
    for kind in sorted(set(types)):
        prefix = "" if kind == "layer" else f"{kind}_"
        kinds[kind] = {
            "frequencies": [float(x) for x in getattr(rotary, f"{prefix}inv_freq").double()],
            "factor": float(getattr(rotary, f"{prefix}attention_scaling")),
        }
    cases.append({"config": config, "kinds": kinds})
    if len(cases) == 70:
        break
path = root / "src/models/rotary.fixture.json"
path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print(len(cases), "configurations")
