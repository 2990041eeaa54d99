"""A method of PEFT's with its defaults and those of transformers' Trainer, for bench/studies/defaults.ts.

    peft_defaults.py MODEL_FOLDER TRAIN.jsonl TEST.jsonl LABELS_JSON METHOD STEPS SEED THREADS

Rows have a prompt and a completion, whose tokens and an end of text are learned. Trainer's defaults: AdamW, learning rate
5e-5 that falls linearly to 0, batches of 8, gradients clipped to 1. PEFT has no default length of a prompt: it is 20, as in
Promptune. Prints {"loss": mean per token of the test's completions, "accuracy": of the likeliest label}.
Versions: torch 2.13, transformers 5.18, peft 0.21.
"""

import json
import math
import sys

import peft
import torch
import transformers

from onednn_linear import use_onednn

folder, train_path, test_path, labels, method, steps, seed, threads = sys.argv[1:]
labels, steps = json.loads(labels), int(steps)
torch.set_num_threads(int(threads))
use_onednn()
transformers.set_seed(int(seed))
transformers.utils.logging.set_verbosity_error()
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
base = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
config = {
    "prompt-tuning": lambda: peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=20),
    "prefix-tuning": lambda: peft.PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=20),
    "p-tuning": lambda: peft.PromptEncoderConfig(task_type="CAUSAL_LM", num_virtual_tokens=20),
    "lora": lambda: peft.LoraConfig(task_type="CAUSAL_LM"),
}[method]()
model = peft.get_peft_model(base, config)
longest = base.config.max_position_embeddings - 20


def encoded(prompt, completion):
    target = tokenizer.encode(completion, add_special_tokens=False) + [tokenizer.eos_token_id]
    before = tokenizer.encode(prompt, add_special_tokens=False)[-(longest - len(target)) :]
    return before + target, len(target)


def tensors(rows):
    length = max(len(ids) for ids, _ in rows)
    padded = [ids + [0] * (length - len(ids)) for ids, _ in rows]
    mask = [[1] * len(ids) + [0] * (length - len(ids)) for ids, _ in rows]
    targets = [
        [-100] * (len(ids) - count) + ids[len(ids) - count :] + [-100] * (length - len(ids)) for ids, count in rows
    ]
    return {name: torch.tensor(rows) for name, rows in (("input_ids", padded), ("attention_mask", mask), ("labels", targets))}


def target_losses(input_ids, attention_mask, labels):
    """Each row's losses by position: those of targets, 0 elsewhere. Only logits that some row needs are computed."""
    length = labels.shape[1]
    columns = (labels != -100).any(0).nonzero().flatten()
    # Positions are counted from the end: the soft tokens of some methods stand before the input.
    kept = columns - 1 - length
    logits = model(input_ids=input_ids, attention_mask=attention_mask, logits_to_keep=kept).logits
    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels[:, columns], reduction="none")


train = [json.loads(line) for line in open(train_path, encoding="utf8")]
test = [json.loads(line) for line in open(test_path, encoding="utf8")]
examples = [encoded(row["prompt"], row["completion"]) for row in train]
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-5, weight_decay=0.0)
schedule = transformers.get_linear_schedule_with_warmup(optimizer, 0, steps)
order = []
model.train()
for step in range(steps):
    if len(order) < 8:
        order += torch.randperm(len(examples)).tolist()
    batch, order = order[:8], order[8:]
    inputs = tensors([examples[i] for i in batch])
    loss = target_losses(**inputs).sum() / (inputs["labels"] != -100).sum()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    optimizer.zero_grad()
model.eval()


@torch.no_grad()
def losses(rows):
    """The loss sum of each row's completion, and its number of tokens."""
    found = []
    for at in range(0, len(rows), 16):
        batch = tensors(rows[at : at + 16])
        found += list(zip(target_losses(**batch).sum(1).tolist(), (batch["labels"] != -100).sum(1).tolist()))
    return found


own = losses([encoded(row["prompt"], row["completion"]) for row in test])
result = {"loss": sum(loss for loss, _ in own) / sum(count for _, count in own)}
if labels:
    correct = 0
    for row in test:
        completion = row["completion"]
        before = completion[: len(completion) - len(completion.lstrip())]
        scores = [loss for loss, _ in losses([encoded(row["prompt"], before + label) for label in labels])]
        correct += labels[scores.index(min(scores))] == completion.strip()
    result["accuracy"] = correct / len(test)
assert math.isfinite(result["loss"])
print(json.dumps(result))
