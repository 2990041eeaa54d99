"""Steps of one of PEFT's methods, for `npm run bench -- peers` and `-- methods`.

    peft_train.py MODEL_FOLDER ADAPTER_FOLDER BATCHES.json THREADS

BATCHES.json is a list of batches, each a list of {"ids": [...], "labels": how many at the end count in the loss}. Writes a
line of JSON when it is ready; then reads the number of a batch from each line of its input, trains a step on that batch
(forward, backward, AdamW with a learning rate of 0) and answers {"seconds": ..., "loss": ...}.
"""

import json
import pathlib
import sys
import time

import peft
import torch
import transformers

model_folder, adapter_folder, batches_path, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
transformers.utils.logging.disable_progress_bar()
base = transformers.AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32)
# No dropout, as there is none on the other side.
base.eval()
# PEFT does not train a prompt that it has loaded, but it trains a new one whose numbers are then replaced.
config = peft.PeftConfig.from_pretrained(adapter_folder)
config.inference_mode = False
model = peft.get_peft_model(base, config)
# An encoder's own weights are in a file of ours alone: PEFT then trains one of the same size from its own start.
if not (pathlib.Path(adapter_folder) / "trainable.safetensors").exists():
    peft.set_peft_model_state_dict(model, peft.load_peft_weights(adapter_folder))
tasks = {"task_ids": lambda rows: torch.zeros(rows, dtype=torch.long)} if hasattr(config, "num_tasks") else {}
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.0)


def tensors(rows):
    """Right-padded rows as a collator makes them: padding is masked, and it and the prompt's tokens are no labels."""
    length = max(len(row["ids"]) for row in rows)
    ids, mask, labels = [], [], []
    for row in rows:
        size = len(row["ids"])
        padding = length - size
        unlabeled = size - row["labels"]
        ids.append(row["ids"] + [0] * padding)
        mask.append([1] * size + [0] * padding)
        labels.append([-100] * unlabeled + row["ids"][unlabeled:] + [-100] * padding)
    return {
        "input_ids": torch.tensor(ids),
        "attention_mask": torch.tensor(mask),
        "labels": torch.tensor(labels),
    }


with open(batches_path) as file:
    batches = [tensors(rows) for rows in json.load(file)]

versions = f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}"
print(json.dumps({"versions": versions}), flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    batch = batches[int(line)]
    loss = model(**batch, **{name: make(len(batch["input_ids"])) for name, make in tasks.items()}).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(json.dumps({"seconds": time.perf_counter() - start, "loss": loss.item()}), flush=True)
