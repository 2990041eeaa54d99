"""Writes golden cases of GPT-2 in its less usual forms: numbers from PyTorch, transformers and PEFT for test/golden.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0 safetensors==0.8.0
    OMP_NUM_THREADS=1 python tools/golden/make_gpt2_variants.py test/golden/cases

A case is a folder as test/golden/check-case.ts reads it: model/, adapter/ where one is learned, expected.safetensors and
expected.json. Several differences share a case, and the models are as small as they can be, so that the files stay tiny.
The expected numbers are float32 arithmetic on the weights as they are in the files: halves are rounded once, when written.
"""

import json
import pathlib
import shutil
import sys
import warnings

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

VOCABULARY = 32
LENGTHS = (8, 6, 4)
NEW_TOKENS = 8
VIRTUAL_TOKENS = 3

# name: (how the files are written, what config.json says, whether a prompt is learned)
CASES = {
    "gpt2-float16-sharded__base": (
        {"dtype": torch.float16, "shard_size": 2000},
        {"activation_function": "relu", "n_inner": 12},
        False,
    ),
    "gpt2-bfloat16-bare__base": (
        {"dtype": torch.bfloat16, "bare": True},
        {"activation_function": "gelu", "n_inner": None},
        False,
    ),
    "gpt2-untied-scaled__base": (
        {},
        {
            "activation_function": "silu",
            "n_inner": 20,
            "tie_word_embeddings": False,
            "scale_attn_weights": False,
            "scale_attn_by_inverse_layer_idx": True,
        },
        False,
    ),
    "gpt2-float16-bare-untied__prompt-tuning": (
        {"dtype": torch.float16, "bare": True, "shard_size": 2000},
        {
            "activation_function": "gelu_new",
            "n_inner": 12,
            "tie_word_embeddings": False,
            "scale_attn_by_inverse_layer_idx": True,
        },
        True,
    ),
}


def make_model(settings):
    config = transformers.GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=20,
        n_embd=8,
        n_layer=2,
        n_head=2,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        **settings,
    )
    model = transformers.GPT2LMHeadModel(config)
    with torch.no_grad():
        for parameter in model.parameters():  # far from the initial values, so that every part of the model shows
            parameter.add_(torch.randn_like(parameter) * (0.3 if parameter.ndim > 1 else 0.1))
    return model


def save_model(folder, model, dtype=torch.float32, bare=False, shard_size="1GB"):
    """As transformers saves it; bare: without the prefix `transformer.`, and with the masks that old files hold."""
    model.to(dtype).save_pretrained(folder, max_shard_size=shard_size)
    if not bare:
        return
    positions = model.config.n_positions
    mask = torch.tril(torch.ones(1, 1, positions, positions, dtype=torch.uint8))
    for path in folder.glob("*.safetensors"):
        tensors = {name.removeprefix("transformer."): tensor for name, tensor in load_file(path).items()}
        if path.name == "model.safetensors":
            tensors |= {f"h.{layer}.attn.bias": mask.clone() for layer in range(model.config.n_layer)}
        save_file(tensors, path, metadata={"format": "pt"})
    for index in folder.glob("*.index.json"):
        index.write_text(index.read_text().replace('"transformer.', '"'))


def load_model(folder):
    model, report = transformers.GPT2LMHeadModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not report["missing_keys"] and not report["mismatched_keys"], report
    model.generation_config.eos_token_id = None
    return model.eval()


def make_batch():
    width = max(LENGTHS)
    mask = torch.tensor([[int(i < length) for i in range(width)] for length in LENGTHS])
    ids = torch.where(mask == 1, torch.randint(3, VOCABULARY, mask.shape), 2)
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


def make_case(folder, files, settings, learns_prompt):
    shutil.rmtree(folder, ignore_errors=True)
    save_model(folder / "model", make_model(settings), **files)
    model = load_model(folder / "model")
    if learns_prompt:
        config = peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=VIRTUAL_TOKENS)
        model = peft.get_peft_model(model, config).eval()
        config.base_model_name_or_path = "tiny-gpt2"  # not the path that it has here
        model.save_pretrained(folder / "adapter", save_embedding_layers=False)
        (folder / "adapter" / "README.md").unlink()

    batch = make_batch()
    output = model(**batch)
    output.loss.backward()
    tensors = {**batch, "logits": output.logits.detach(), "loss": output.loss.detach().reshape(1)}
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    for name, parameter in trained.items():
        tensors[f"grad.{name}"] = parameter.grad.clone()
        if learns_prompt:
            tensors[f"param.{name}"] = parameter.detach().clone()
    row = {"input_ids": batch["input_ids"][:1], "attention_mask": batch["attention_mask"][:1]}
    for name, beams in (("greedy_row0", 1), ("beam4_row0", 4)):
        generated = model.generate(
            **row, max_new_tokens=NEW_TOKENS, do_sample=False, num_beams=beams, eos_token_id=None, pad_token_id=2
        )
        tensors[name] = generated
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "expected.safetensors")
    model_name, method = folder.name.split("__")
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
warnings.filterwarnings("ignore", "Position ids are not supported")
for number, (name, case) in enumerate(CASES.items()):
    torch.manual_seed(number)
    make_case(pathlib.Path(sys.argv[1]) / name, *case)
    print(name)
