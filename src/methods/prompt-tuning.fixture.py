"""Writes prompt-tuning.fixture.json: the files that PEFT writes for a prompt before its first step, by initialization.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0 tokenizers
    python src/methods/prompt-tuning.fixture.py > src/methods/prompt-tuning.fixture.json

The model is that of a golden case, under the name `tiny-gpt2`; its tokenizer has the words below for its first tokens.
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile

import peft
import torch
import transformers
from safetensors import safe_open
from tokenizers import Tokenizer, models, pre_tokenizers

WORDS = "the a cat dog sat on mat end".split()
PROMPTS = {
    "random": {"prompt_tuning_init": "RANDOM", "num_virtual_tokens": 3},
    "sample-vocab": {"prompt_tuning_init": "SAMPLE_VOCAB", "num_virtual_tokens": 4},
    "text repeated": {"prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "the cat sat", "num_virtual_tokens": 7},
    "text cut": {"prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "a dog sat on the mat", "num_virtual_tokens": 4},
}

name = "tiny-gpt2"
case = pathlib.Path("test/golden/cases/gpt2-untied-scaled__base/model").resolve()
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    shutil.copytree(case, name)
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="end"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="end").save_pretrained(name)
    written = {}
    for title, options in PROMPTS.items():
        torch.manual_seed(1)
        base = transformers.AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32)
        needs = {"tokenizer_name_or_path": name} if options["prompt_tuning_init"] == "TEXT" else {}
        config = peft.PromptTuningConfig(task_type="CAUSAL_LM", **options, **needs)
        peft.get_peft_model(base, config).save_pretrained(title, save_embedding_layers=False)
        tensors = {}
        with safe_open(pathlib.Path(title) / "adapter_model.safetensors", "pt") as file:
            for key in file.keys():
                tensor = file.get_tensor(key)
                tensors[key] = {
                    "dtype": str(tensor.dtype).removeprefix("torch."),
                    "shape": list(tensor.shape),
                    "data": tensor.flatten().tolist(),
                }
        adapter_config = json.loads((pathlib.Path(title) / "adapter_config.json").read_text())
        written[title] = {"adapter_config": adapter_config, "tensors": tensors}
json.dump({"words": WORDS, "prompts": written}, sys.stdout, indent=1)
print()
