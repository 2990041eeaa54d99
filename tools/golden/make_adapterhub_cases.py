"""Writes golden cases of bottleneck adapters: numbers from PyTorch and AdapterHub's library for test/golden.

    pip install torch==2.13.0 adapters==1.3.0 transformers==4.57.6 safetensors==0.8.0
    OMP_NUM_THREADS=1 python tools/golden/make_adapterhub_cases.py test/golden/cases

A case is a folder as test/golden/check-case.ts reads it: adapter/ as save_adapter writes it, expected.safetensors and
expected.json. The model is that of the bare case, gpt2__base.
"""

import json
import pathlib
import shutil
import sys

import adapters
import torch
import transformers
from safetensors.torch import save_file

VOCABULARY = 96
LENGTHS = (9, 7, 4)
NEW_TOKENS = 8
NAME = "tiny"

# Each kind with its defaults, and between them every option that is read: places, layers, activations, kinds of scaling.
CASES = {
    "gpt2__bottleneck-houlsby": adapters.DoubleSeqBnConfig(reduction_factor=5),
    "gpt2__bottleneck-pfeiffer": adapters.SeqBnConfig(),
    "gpt2__bottleneck-parallel": adapters.ParBnConfig(),
    "gpt2__bottleneck-parallel-learned": adapters.ParBnConfig(
        scaling="learned", mh_adapter=True, output_adapter=False, non_linearity="gelu", leave_out=[0], reduction_factor=8
    ),
    "gpt2__bottleneck-plus": adapters.AdapterPlusConfig(reduction_factor=8, stochastic_depth=0.0, leave_out=[1]),
}


def load_model(folder):
    model = transformers.GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").eval()
    model.config.name_or_path = "tiny-gpt2"  # not the path that it has here
    adapters.init(model)
    return model


def add_adapter(model, config):
    model.add_adapter(NAME, config=config)
    model.train_adapter(NAME)
    model.eval()
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for parameter in trained.values():  # far from the initial values, so that every part of the adapter shows
            parameter.add_(0.2 * torch.randn_like(parameter))
    return trained


def make_batch():
    width = max(LENGTHS)
    mask = torch.tensor([[int(i < length) for i in range(width)] for length in LENGTHS])
    ids = torch.where(mask == 1, torch.randint(3, VOCABULARY, mask.shape), 0)
    labels = ids.masked_fill(mask == 0, -100)
    labels[:, :2] = -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def adamw_losses(model, trained, batch):
    optimizer = torch.optim.AdamW(trained.values(), lr=0.01, weight_decay=0.01)
    losses = []
    for _ in range(4):
        optimizer.zero_grad()
        loss = model(**batch).loss
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses


def make_case(folder, model_folder, config):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    model = load_model(model_folder)
    trained = add_adapter(model, config)
    model.save_adapter(str(folder / "adapter"), NAME, use_safetensors=True)
    for path in (folder / "adapter").glob("*head*"):
        path.unlink()

    batch = make_batch()
    output = model(**batch)
    output.loss.backward()
    tensors = {**batch, "logits": output.logits.detach(), "loss": output.loss.detach().reshape(1)}
    for name, parameter in trained.items():
        tensors[f"grad.{name}"] = parameter.grad.clone()
        tensors[f"param.{name}"] = parameter.detach().clone()
    row = {"input_ids": batch["input_ids"][:1], "attention_mask": batch["attention_mask"][:1]}
    for name, beams in (("greedy_row0", 1), ("beam4_row0", 4)):
        generated = model.generate(
            **row, max_new_tokens=NEW_TOKENS, do_sample=False, num_beams=beams, eos_token_id=None, pad_token_id=0
        )
        tensors[name] = generated
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "expected.safetensors")
    model_name, method = folder.name.split("__")
    expected = {
        "adamw_lr0.01_wd0.01_losses": adamw_losses(model, trained, batch),
        "model": model_name,
        "method": method,
        "loss": output.loss.item(),
        "trainable": sum(parameter.numel() for parameter in trained.values()),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "adapters": adapters.__version__,
    }
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


torch.set_num_threads(1)
transformers.utils.logging.set_verbosity_error()
cases = pathlib.Path(sys.argv[1])
for number, (name, config) in enumerate(CASES.items()):
    torch.manual_seed(number)
    make_case(cases / name, cases / "gpt2__base" / "model", config)
    print(name)
