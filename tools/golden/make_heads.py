"""Writes golden cases of heads: numbers from PyTorch, transformers and PEFT for test/golden, beside those of BERT.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0 safetensors==0.8.0
    OMP_NUM_THREADS=1 python tools/golden/make_heads.py test/golden/cases [NAME...]

A case is a folder as test/golden/check-case.ts reads it. Where PEFT pools the last position of a batch instead of each
row's last token (prompts before a GPT-2), the rows are of one length. So they are where transformers counts padding among the
tokens that an answer may begin with; where PEFT counts virtual tokens among them, too, the loss is computed here, of texts alone.
"""

import json
import pathlib
import shutil
import sys

import peft
import torch
import transformers
from safetensors.torch import save_file

VOCABULARY = 32
LABELS = 3
SIZES = {"vocab_size": VOCABULARY, "num_labels": LABELS, "pad_token_id": 2, "bos_token_id": 0, "eos_token_id": 1}
GPT2 = {"n_positions": 20, "n_embd": 8, "n_layer": 2, "n_head": 2}
ENCODER = {
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "max_position_embeddings": 20,
}
ROBERTA = {**ENCODER, "type_vocab_size": 1, "layer_norm_eps": 1e-5}

tuning = {"num_virtual_tokens": 3}
lora = {"r": 2, "lora_alpha": 3, "init_lora_weights": False}
CASES = {
    "gpt2-cls__base": ("GPT2", GPT2, "SequenceClassification", None, (8, 6, 4)),
    "gpt2-cls__lora": ("GPT2", GPT2, "SequenceClassification", peft.LoraConfig(**lora), (8, 6, 4)),
    "gpt2-cls__prompt-tuning": ("GPT2", GPT2, "SequenceClassification", peft.PromptTuningConfig(**tuning), (6, 6, 6)),
    "gpt2-cls__prefix-tuning": ("GPT2", GPT2, "SequenceClassification", peft.PrefixTuningConfig(**tuning), (6, 6, 6)),
    "gpt2-tok__lora": ("GPT2", GPT2, "TokenClassification", peft.LoraConfig(**lora), (8, 6, 4)),
    "bert-tok__lora": ("Bert", ENCODER, "TokenClassification", peft.LoraConfig(**lora), (8, 6, 4)),
    "roberta-cls__base": ("Roberta", ROBERTA, "SequenceClassification", None, (8, 6, 4)),
    "roberta-cls__prompt-tuning": ("Roberta", ROBERTA, "SequenceClassification", peft.PromptTuningConfig(**tuning), (8, 6, 4)),
    "gpt2-qa__base": ("GPT2", GPT2, "QuestionAnswering", None, (7, 7, 7)),
    "gpt2-qa__lora": ("GPT2", GPT2, "QuestionAnswering", peft.LoraConfig(**lora), (7, 7, 7)),
    "gpt2-qa__prompt-tuning": ("GPT2", GPT2, "QuestionAnswering", peft.PromptTuningConfig(**tuning), (8, 6, 4)),
    "bert-qa__prefix-tuning": ("Bert", ENCODER, "QuestionAnswering", peft.PrefixTuningConfig(**tuning), (7, 7, 7)),
    "roberta-qa__prompt-tuning": ("Roberta", ROBERTA, "QuestionAnswering", peft.PromptTuningConfig(**tuning), (8, 6, 4)),
    "roberta-mlm__base": ("Roberta", ROBERTA, "MaskedLM", None, (8, 6, 4)),
}
TASK_TYPES = {
    "SequenceClassification": "SEQ_CLS",
    "TokenClassification": "TOKEN_CLS",
    "QuestionAnswering": "QUESTION_ANS",
}


def make_model(family, sizes, task):
    labels = {"num_labels": 2} if task == "QuestionAnswering" else {}  # of which BERT's head has as many as its configuration says
    config = getattr(transformers, f"{family}Config")(**{**SIZES, **sizes, **labels})
    for name in ("resid_pdrop", "embd_pdrop", "attn_pdrop", "hidden_dropout_prob", "attention_probs_dropout_prob"):
        setattr(config, name, 0.0)
    model = getattr(transformers, f"{family}For{task}")(config)
    with torch.no_grad():
        for parameter in model.parameters():  # far from the initial values, so that every part of the model shows
            parameter.add_(torch.randn_like(parameter) * (0.3 if parameter.ndim > 1 else 0.1))
    return model.eval()


def make_batch(task, lengths):
    width = max(lengths)
    mask = torch.tensor([[int(i < length) for i in range(width)] for length in lengths])
    ids = torch.where(mask == 1, torch.randint(3, VOCABULARY, mask.shape), 2)
    if task == "QuestionAnswering":
        starts = torch.tensor([length // 3 for length in lengths])
        ends = torch.tensor([length - 2 for length in lengths])
        return {"input_ids": ids, "attention_mask": mask, "start_positions": starts, "end_positions": ends}
    if task == "SequenceClassification":
        labels = torch.randint(0, LABELS, (len(lengths),))
    else:
        labels = torch.randint(0, VOCABULARY if task == "MaskedLM" else LABELS, mask.shape)
        labels = labels.masked_fill(mask == 0, -100)
        labels[:, 2] = -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def answer_output(model, batch):
    """Logits [rows, length, 2] of the texts' tokens, and the loss over those of each text."""
    output = model(**batch)
    width = batch["input_ids"].shape[1]
    logits = torch.stack([output.start_logits[:, -width:], output.end_logits[:, -width:]], dim=-1)
    hidden = logits.masked_fill(batch["attention_mask"][:, :, None] == 0, float("-inf"))
    cross_entropy = torch.nn.functional.cross_entropy
    loss = (cross_entropy(hidden[..., 0], batch["start_positions"]) + cross_entropy(hidden[..., 1], batch["end_positions"])) / 2
    if output.start_logits.shape[1] == width and batch["attention_mask"].all():
        assert torch.allclose(loss, output.loss)
    return loss, logits


def run(model, batch):
    if "start_positions" in batch:
        return answer_output(model, batch)
    output = model(**batch)
    return output.loss, output.logits


def adamw_losses(model, batch):
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=0.01, weight_decay=0.01)
    losses = []
    for _ in range(4):
        optimizer.zero_grad()
        loss, _ = run(model, batch)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses


def make_case(folder, family, sizes, task, config, lengths):
    shutil.rmtree(folder, ignore_errors=True)
    model = make_model(family, sizes, task)
    model.save_pretrained(folder / "model")
    if config:
        config.task_type = TASK_TYPES[task]
        torch.manual_seed(len(folder.name))
        config.modules_to_save = None
        model = peft.get_peft_model(model, config).eval()
        config.base_model_name_or_path = "tiny-model"  # not the path that it has here
        model.save_pretrained(folder / "adapter", save_embedding_layers=False)
        (folder / "adapter" / "README.md").unlink()

    batch = make_batch(task, lengths)
    loss, logits = run(model, batch)
    loss.backward()
    tensors = {**batch, "logits": logits.detach(), "loss": loss.detach().reshape(1)}
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    for name, parameter in trained.items():
        tensors[f"grad.{name}"] = parameter.grad.clone()
        if config:
            tensors[f"param.{name}"] = parameter.detach().clone()
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "expected.safetensors")
    model_name, method = folder.name.split("__")
    expected = {
        "adamw_lr0.01_wd0.01_losses": adamw_losses(model, batch),
        "model": model_name,
        "method": method,
        "loss": loss.item(),
        "trainable": sum(parameter.numel() for parameter in trained.values()),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    }
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


torch.set_num_threads(1)
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
for number, (name, case) in enumerate(CASES.items()):
    if len(sys.argv) > 2 and name not in sys.argv[2:]:
        continue
    torch.manual_seed(number)
    make_case(pathlib.Path(sys.argv[1]) / name, *case)
    print(name)
