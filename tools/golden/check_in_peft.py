"""The loss of an adapter by PEFT: shows that what `promptune train` writes loads there, and means the same.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0
    OMP_NUM_THREADS=1 python tools/golden/check_in_peft.py MODEL_FOLDER ADAPTER_FOLDER DATA.jsonl

DATA.jsonl has one prompt and completion per line. Prints the values to compare with those of

    promptune eval --model MODEL_FOLDER --adapter ADAPTER_FOLDER --data DATA.jsonl --json

under the same names: with the adapter and without it, the mean loss of the completions' tokens, the end token among them
and a text's first token never.
"""

import json
import pathlib
import sys

import peft
import torch
import transformers
from tokenizers import Tokenizer


def encode(row, tokenizer, end):
    ids = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    prompt, completion = ids(row["prompt"]), ids(row["completion"]) + [end]
    if has_encoder:  # it reads the prompt with the tokenizer's special tokens; the labels are the decoder's
        return torch.tensor([tokenizer.encode(row["prompt"]).ids]), torch.tensor([completion])
    labels = [-100] * len(prompt) + completion
    labels[0] = -100
    return torch.tensor([prompt + completion]), torch.tensor([labels])


@torch.no_grad()
def evaluate(model, rows, **task):
    total, count = 0.0, 0
    for ids, labels in rows:
        tokens = int((labels != -100).sum())
        loss = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels, **task).loss
        total, count = total + loss.item() * tokens, count + tokens
    return {"loss": total / count, "labelTokens": count}


model_folder, adapter_folder, data = sys.argv[1:]
transformers.utils.logging.disable_progress_bar()
tokenizer = Tokenizer.from_file(str(pathlib.Path(model_folder) / "tokenizer.json"))
has_encoder = transformers.AutoConfig.from_pretrained(model_folder).is_encoder_decoder
kind = transformers.AutoModelForSeq2SeqLM if has_encoder else transformers.AutoModelForCausalLM
base = kind.from_pretrained(model_folder, dtype=torch.float32).eval()
if has_encoder:  # PEFT 0.21 asks for a method that transformers 5 no longer has; only its generate() would use it
    type(base)._prepare_encoder_decoder_kwargs_for_generation = None
with open(data, encoding="utf-8") as file:
    rows = [encode(json.loads(line), tokenizer, base.config.eos_token_id) for line in file if line.strip()]
alone = evaluate(base, rows)
adapted = peft.PeftModel.from_pretrained(base, adapter_folder).eval()
task = {"task_ids": torch.tensor([0])} if adapted.peft_type == "MULTITASK_PROMPT_TUNING" else {}
print(json.dumps({"adapter": evaluate(adapted, rows, **task), "model": alone, "peft": peft.__version__}))
