"""Writes golden cases of context-aware prompt tuning: numbers from PyTorch, transformers and PEFT for test/golden.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0 safetensors==0.8.0
    OMP_NUM_THREADS=1 python tools/golden/make_cpt.py test/golden/cases

The models are those of the bare cases (gpt2__base, llama__base) that are there already. The balls are small, so that four
steps of AdamW leave them and are put back; the loss has the labels of the examples, with and without decay.
"""

import json
import pathlib
import shutil
import sys

import peft
import torch
import transformers
from safetensors.torch import save_file

LENGTHS = (9, 6, 4)
NEW_TOKENS = 8
# Three examples: format, input, format, label, each with 4 more than the one before.
TYPES = [[1, 2, 2, 3, 4], [1, 2, 3, 3, 4, 4, 3], [1, 2, 2, 2, 3, 4]]
CASES = {
    "gpt2__cpt": {"opt_projection_epsilon": 0.3, "opt_projection_format_epsilon": 0.15},
    "llama__cpt-decay": {
        "opt_projection_epsilon": 0.2,
        "opt_projection_format_epsilon": 0.1,
        "opt_weighted_loss_type": "decay",
        "opt_loss_decay_factor": 0.7,
    },
}


def make_batch(vocabulary):
    width = max(LENGTHS)
    mask = torch.tensor([[int(i < length) for i in range(width)] for length in LENGTHS])
    ids = torch.where(mask == 1, torch.randint(3, vocabulary, mask.shape), 2)
    labels = ids.masked_fill(mask == 0, -100)
    labels[:, :2] = -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def adamw_losses(model, batch):
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=0.01, weight_decay=0.01)
    losses = []
    for _ in range(4):
        optimizer.zero_grad()
        loss = model(**batch).loss
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses


def make_case(folder, settings):
    shutil.rmtree(folder, ignore_errors=True)
    model_name, method = folder.name.split("__")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder.parent / f"{model_name}__base" / "model").eval()
    vocabulary = model.config.vocab_size
    types = [kind + 4 * example for example, kinds in enumerate(TYPES) for kind in kinds]
    config = peft.CPTConfig(
        task_type="CAUSAL_LM",
        cpt_token_ids=torch.randint(3, vocabulary, (len(types),)).tolist(),
        cpt_mask=[1] * len(types),
        cpt_tokens_type_mask=types,
        **settings,
    )
    model = peft.get_peft_model(model, config).eval()
    config.base_model_name_or_path = "tiny-model"  # not the path that it has here
    model.save_pretrained(folder / "adapter", save_embedding_layers=False)
    (folder / "adapter" / "README.md").unlink()

    batch = make_batch(vocabulary)
    output = model(**batch)
    output.loss.backward()
    tensors = {**batch, "logits": output.logits.detach(), "loss": output.loss.detach().reshape(1)}
    row = {"input_ids": batch["input_ids"][:1], "attention_mask": batch["attention_mask"][:1]}
    generation = {"max_new_tokens": NEW_TOKENS, "do_sample": False, "pad_token_id": 2, "eos_token_id": None}
    tensors["greedy_row0"] = model.generate(**row, **generation)[0]
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    for name, parameter in trained.items():
        tensors[f"grad.{name}"] = parameter.grad.clone()
        tensors[f"param.{name}"] = parameter.detach().clone()
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "expected.safetensors")
    expected = {
        "adamw_lr0.01_wd0.01_losses": adamw_losses(model, batch),
        "model": model_name,
        "method": method,
        "loss": output.loss.item(),
        "trainable": sum(parameter.numel() for parameter in trained.values()),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    }
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


torch.set_num_threads(1)
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
for number, (name, settings) in enumerate(CASES.items()):
    torch.manual_seed(number)
    make_case(pathlib.Path(sys.argv[1]) / name, settings)
    print(name)
