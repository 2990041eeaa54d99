"""A head's probabilities by PEFT: shows that what `promptune train --task-type` writes loads there, and means the same.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0
    OMP_NUM_THREADS=1 python tools/golden/check_head_in_peft.py MODEL_FOLDER ADAPTER_FOLDER < TEXTS

For every line of TEXTS, prints the values to compare with

    promptune classify --model MODEL_FOLDER --adapter ADAPTER_FOLDER --json < TEXTS

under the same names. Each text runs alone, because PEFT pools the last position of a batch, padding included.
"""

import json
import pathlib
import sys

import peft
import torch
import transformers
from tokenizers import Tokenizer

model_folder, adapter_folder = map(pathlib.Path, sys.argv[1:])
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
tokenizer = Tokenizer.from_file(str(model_folder / "tokenizer.json"))
names = json.loads((adapter_folder / "adapter_config.json").read_text())["id2label"]
base = transformers.AutoModelForSequenceClassification.from_pretrained(
    model_folder, num_labels=len(names), dtype=torch.float32
)
model = peft.PeftModel.from_pretrained(base, adapter_folder).eval()
for line in sys.stdin:
    text = line.rstrip("\n")
    if not text.strip():
        continue
    ids = torch.tensor([tokenizer.encode(text).ids])
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
    shares = logits.softmax(-1).tolist()
    probabilities = {names[str(i)]: share for i, share in enumerate(shares)}
    print(json.dumps({"text": text, "label": max(probabilities, key=probabilities.get), "probabilities": probabilities}))
