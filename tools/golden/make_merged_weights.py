"""Writes what PEFT merges LoRA and IA3 into: `merged.safetensors` beside the adapter of golden cases.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0 safetensors==0.8.0
    OMP_NUM_THREADS=1 python tools/golden/make_merged_weights.py test/golden/cases/gpt2__base/model CASE_FOLDER...

The file has the tensors that merge_and_unload changed, by the names that the model's own file has for them.
"""

import pathlib
import sys

import peft
import torch
import transformers
from safetensors.torch import save_file

transformers.utils.logging.disable_progress_bar()
model_folder, *cases = sys.argv[1:]
for case in map(pathlib.Path, cases):
    base = transformers.GPT2LMHeadModel.from_pretrained(model_folder, dtype=torch.float32)
    before = {name: parameter.detach().clone() for name, parameter in base.named_parameters()}
    merged = peft.PeftModel.from_pretrained(base, case / "adapter").merge_and_unload()
    changed = {n: p.detach() for n, p in merged.named_parameters() if not torch.equal(p, before[n])}
    save_file(changed, case / "merged.safetensors")
    print(case.name, *changed)
