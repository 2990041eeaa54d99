"""Losses and gradients of DPO and ORPO from TRL's own trainers, over the models and adapters of the golden cases.

  python tools/golden/make_preferences.py test/golden/cases test/golden/preferences.json

torch 2.13, transformers 5.18, PEFT 0.21, TRL 1.16, datasets 5.2.

ORPO: TRL takes the mean of -log p over all tokens of the chosen texts of a batch, prompts included. This project
takes each chosen answer's mean alone, as in the paper, so the prompts here are one token, which nothing predicts, and
the chosen answers equally long: then both are the same.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
from datasets import Dataset
from peft import PeftModel
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

cases, output = Path(sys.argv[1]), Path(sys.argv[2])
BETA = 0.3
EOS = 1
PAIRS = {
    # prompt, chosen, rejected
    "dpo": [([5, 7, 11], [13, 17], [19, 2, 23]), ([29], [31, 4, 8, 10], [6])],
    "orpo": [([5], [13, 17, 3], [19, 2]), ([29], [31, 4, 8], [6, 9, 12, 14])],
}


def tokenizer_of(size):
    """Each token is the word of its id, and the end of a text is <1>."""
    vocab = {("<1>" if id == EOS else f"t{id}"): id for id in range(size)}
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="t0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<1>", pad_token="t0", unk_token="t0")


def text(ids, before=""):
    return before + " ".join(f"t{id}" for id in ids)


def rows(pairs):
    return [{"prompt": text(p), "chosen": text(c, " "), "rejected": text(r, " ")} for p, c, r in pairs]


def numbers_of(case, loss):
    folder = cases / case
    model_folder = folder / "model"
    if not model_folder.exists():
        model_folder = cases / f"{case.split('__')[0]}__base" / "model"
    base = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32, attn_implementation="eager")
    is_prompt = "lora" not in case  # PEFT loads learned prompts for inference only
    model = PeftModel.from_pretrained(base, folder / "adapter", is_trainable=not is_prompt)
    if is_prompt:
        for parameter in model.prompt_encoder.parameters():
            parameter.requires_grad_(True)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    tokenizer = tokenizer_of(base.config.vocab_size)
    data = Dataset.from_list(rows(PAIRS[loss]))
    shared = dict(
        beta=BETA, use_cpu=True, report_to=[], per_device_train_batch_size=8, bf16=False, fp16=False,
        gradient_checkpointing=False, remove_unused_columns=False, output_dir=tempfile.mkdtemp(), max_length=32,
    )
    if loss == "dpo":
        trainer = DPOTrainer(
            model=model, args=DPOConfig(**shared), train_dataset=data, processing_class=tokenizer)
    else:
        trainer = ORPOTrainer(
            model=model, args=ORPOConfig(**shared), train_dataset=data, processing_class=tokenizer)
    # TRL names the adapter that it trains again "ref"; the reference here is the model without an adapter.
    if loss == "dpo" and "ref" in trainer.model.peft_config:
        trainer.model.delete_adapter("ref")
    trainer.model.train()
    for module in trainer.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    batch = next(iter(trainer.get_train_dataloader()))
    trainer.model.zero_grad()
    value = trainer.compute_loss(trainer.model, batch)
    value.backward()
    gradients = {
        name: parameter.grad.flatten().tolist()
        for name, parameter in trainer.model.named_parameters()
        if parameter.requires_grad and parameter.grad is not None
    }
    return {
        "case": case,
        "loss": loss,
        "beta": BETA,
        "pairs": [{"prompt": p, "chosen": [*c, EOS], "rejected": [*r, EOS]} for p, c, r in PAIRS[loss]],
        "value": value.item(),
        "gradients": {name: [round(x, 8) for x in values] for name, values in gradients.items()},
    }


found = [
    numbers_of(case, loss)
    for case, loss in [
        ("gpt2__lora", "dpo"),
        ("gpt2__prompt-tuning", "dpo"),
        ("gpt2__prefix-tuning", "dpo"),
        ("qwen2__lora", "dpo"),
        ("gpt2__lora", "orpo"),
        ("qwen2__lora", "orpo"),
    ]
]
output.write_text(json.dumps(found) + "\n")
for entry in found:
    print(entry["case"], entry["loss"], entry["value"], {k: len(v) for k, v in entry["gradients"].items()})
