"""Writes golden cases of bottleneck adapters: numbers from PyTorch and AdapterHub's library for test/golden.

    pip install torch==2.13.0 adapters==1.3.0 transformers==4.57.6 safetensors==0.8.0
    OMP_NUM_THREADS=1 python tools/golden/make_adapterhub_cases.py test/golden/cases

A case is a folder as test/golden/check-case.ts reads it: adapter/ as save_adapter writes it, expected.safetensors and
expected.json. The model is that of the bare case, such as gpt2__base.
"""

import json
import pathlib
import shutil
import sys

import adapters
import torch
import transformers
from safetensors.torch import save_file

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
    # BERT normalizes behind each residual, and T5 has a third kind of sub-layer.
    "bert-mlm__bottleneck-houlsby": adapters.DoubleSeqBnConfig(reduction_factor=5),
    "bert-mlm__bottleneck-pfeiffer": adapters.SeqBnConfig(reduction_factor=4),
    "bert-mlm__bottleneck-parallel": adapters.ParBnConfig(leave_out=[1]),
    "roberta-mlm__bottleneck-pfeiffer": adapters.SeqBnConfig(reduction_factor=4, mh_adapter=True),
    "t5-flan__bottleneck-houlsby": adapters.DoubleSeqBnConfig(reduction_factor=2, cross_adapter=True, leave_out=[1, 3]),
    "t5-small__bottleneck-pfeiffer": adapters.SeqBnConfig(reduction_factor=2),
}


CLASSES = {
    "gpt2": transformers.GPT2LMHeadModel,
    "bert": transformers.BertForMaskedLM,
    "roberta": transformers.RobertaForMaskedLM,
    "t5": transformers.T5ForConditionalGeneration,
}


def load_model(folder):
    model_type = json.loads((folder / "config.json").read_text())["model_type"]
    model = CLASSES[model_type].from_pretrained(folder, attn_implementation="eager").eval()
    model.config.name_or_path = f"tiny-{model_type}"  # not the path that it has here
    adapters.init(model)
    return model


def add_adapter(model, config):
    model.add_adapter(NAME, config=config)
    model.train_adapter(NAME)
    model.eval()
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(".adapters." in name)  # and not a masked language model's head
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for parameter in trained.values():  # far from the initial values, so that every part of the adapter shows
            parameter.add_(0.2 * torch.randn_like(parameter))
    return trained


def make_batch(config):
    mask = torch.tensor([[int(i < length) for i in range(max(LENGTHS))] for length in LENGTHS])
    draw = lambda: torch.randint(3, config.vocab_size, mask.shape)
    ids = torch.where(mask == 1, draw(), 0)
    if config.is_encoder_decoder:
        return {"input_ids": ids, "attention_mask": mask, "labels": torch.where(mask.flip(0) == 1, draw(), -100)}
    labels = (ids if config.model_type == "gpt2" else draw()).masked_fill(mask == 0, -100)
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
    # AdapterHub makes a head of the model's own output layer, whose shared tensors safetensors refuses; it is not wanted.
    model.save_adapter(str(folder / "adapter"), NAME, use_safetensors=True, with_head=False)
    for path in (folder / "adapter").glob("*head*"):
        path.unlink()

    batch = make_batch(model.config)
    output = model(**batch)
    output.loss.backward()
    tensors = {**batch, "logits": output.logits.detach(), "loss": output.loss.detach().reshape(1)}
    for name, parameter in trained.items():
        tensors[f"grad.{name}"] = parameter.grad.clone()
        tensors[f"param.{name}"] = parameter.detach().clone()
    generates = model.can_generate()
    row = {"input_ids": batch["input_ids"][:1], "attention_mask": batch["attention_mask"][:1]}
    for name, beams in (("greedy_row0", 1), ("beam4_row0", 4)) if generates else ():
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
    make_case(cases / name, cases / f"{name.split('__')[0]}__base" / "model", config)
    print(name)
