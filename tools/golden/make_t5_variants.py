"""Writes golden cases of T5's less usual forms: numbers from PyTorch, transformers and PEFT for test/golden.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0
    OMP_NUM_THREADS=1 python tools/golden/make_t5_variants.py test/golden/cases [CASE ...]

A case is a folder as test/golden/check-case.ts reads it. Distances reach beyond the last bucket, and the size of a head is
not that of the model divided among the heads.
"""

import copy
import json
import pathlib
import shutil
import sys

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

VOCABULARY = 24
GIVEN = (17, 9, 4)
ASKED = (14, 6, 2)
NEW_TOKENS = 8

# name: (model_type, settings, adapter). "own_head" is of this file: a head that is not the embeddings, as Flan-T5 has it.
CASES = {
    "t5-flan__base": ("t5", {"feed_forward_proj": "gated-gelu", "num_layers": 3, "num_decoder_layers": 2, "own_head": True}, None),
    "t5-small__base": ("t5", {}, None),
    "t5-small__prefix-tuning": (
        "t5",
        {},
        peft.PrefixTuningConfig(task_type="SEQ_2_SEQ_LM", num_virtual_tokens=3, token_dim=6, num_attention_heads=2),
    ),
    "t5-flan-new__prompt-tuning": (
        "t5",
        {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
        peft.PromptTuningConfig(task_type="SEQ_2_SEQ_LM", num_virtual_tokens=3),
    ),
    "t5-three__prefix-tuning": (
        "t5",
        {"num_layers": 3},
        peft.PrefixTuningConfig(task_type="SEQ_2_SEQ_LM", num_virtual_tokens=3, token_dim=6, num_attention_heads=2),
    ),
    "mt5__lora": ("mt5", {}, peft.LoraConfig(task_type="SEQ_2_SEQ_LM", r=2, init_lora_weights=False)),
    "mt5__multitask-prompt-tuning": (
        "mt5",
        {"feed_forward_proj": "gated-silu"},
        peft.MultitaskPromptTuningConfig(
            task_type="SEQ_2_SEQ_LM", num_virtual_tokens=3, num_tasks=2, num_ranks=2, num_transformer_submodules=2
        ),
    ),
}


def make_model(folder, model_type, settings):
    settings = dict(settings)
    own_head = settings.pop("own_head", False)
    spread = 0.3 if own_head else 0.7  # with more, rounding alone moves the former's gradients by 1e-4
    sizes = {
        "vocab_size": VOCABULARY,
        "d_model": 8,
        "d_kv": 3,
        "d_ff": 12,
        "num_layers": 2,
        "num_heads": 2,
        "relative_attention_num_buckets": 8,
        "relative_attention_max_distance": 12,
        "decoder_start_token_id": 0,
        "eos_token_id": 1,
        "pad_token_id": 0,
    }
    config = transformers.AutoConfig.for_model(model_type, **(sizes | settings))
    model = transformers.AutoModelForSeq2SeqLM.from_config(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():  # so that every part of the model shows, and answers vary
            scale = 0.1 if parameter.ndim == 1 else 0.15 if name == "shared.weight" else spread
            parameter.copy_(torch.randn_like(parameter) * scale + (parameter.ndim == 1))
    model.save_pretrained(folder)
    if own_head:  # as the files from before transformers 5 are
        tensors = load_file(folder / "model.safetensors")
        tensors["lm_head.weight"] = 0.5 * torch.randn(VOCABULARY, 8)
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        path = folder / "config.json"
        raw = json.loads(path.read_text())
        del raw["scale_decoder_outputs"]
        path.write_text(json.dumps(raw | {"tie_word_embeddings": False}, indent=2) + "\n")


def load_model(folder):
    model, report = transformers.AutoModelForSeq2SeqLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not report["missing_keys"] and not report["mismatched_keys"], report
    # PEFT 0.21 asks for a method that transformers 5 no longer has; only its generate() would use it.
    type(model)._prepare_encoder_decoder_kwargs_for_generation = None
    model.generation_config.eos_token_id = None
    return model.eval()


def learn(model, config):
    config = copy.deepcopy(config)
    model = peft.get_peft_model(model, config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad and "lora" not in name:
                parameter.copy_(0.5 * torch.randn_like(parameter))
    config.base_model_name_or_path = "tiny-t5"  # not the path that it has here
    return model


def make_batch(learned):
    def rows(lengths, padding):
        mask = torch.tensor([[int(i < length) for i in range(max(lengths))] for length in lengths])
        return torch.where(mask == 1, torch.randint(3, VOCABULARY, mask.shape), padding), mask

    ids, mask = rows(GIVEN, 0)
    batch = {"input_ids": ids, "attention_mask": mask, "labels": rows(ASKED, -100)[0]}
    if isinstance(learned, peft.MultitaskPromptTuningConfig):
        batch["task_ids"] = torch.tensor([1, 0, 1])
    return batch


@torch.no_grad()
def greedy(model, row):
    """By whole passes, since PEFT 0.21 does not generate with T5 under transformers 5."""
    ids = []
    for _ in range(NEW_TOKENS):
        labels = torch.tensor([[*ids, 3]])  # the last one is a place: the decoder reads those before it
        ids.append(int(model(**row, labels=labels).logits[0, -1].argmax()))
    return torch.tensor([[0, *ids]])


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


def make_case(folder, model_type, settings, learned):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    make_model(folder / "model", model_type, settings)
    model = load_model(folder / "model")
    if learned:
        model = learn(model, learned)
        model.save_pretrained(folder / "adapter", save_embedding_layers=False)
        (folder / "adapter" / "README.md").unlink()
    fresh = copy.deepcopy(model)
    batch = make_batch(learned)
    output = model(**batch)
    output.loss.backward()
    tensors = {**batch, "logits": output.logits.detach(), "loss": output.loss.detach().reshape(1)}
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    for name, parameter in trained.items():
        tensors[f"grad.{name}"] = parameter.grad.clone()
        if learned:
            tensors[f"param.{name}"] = parameter.detach().clone()
    row = {name: batch[name][:1] for name in batch if name != "labels"}
    tensors["greedy_row0"] = greedy(fresh, row)
    if not learned:
        tensors["beam4_row0"] = fresh.generate(
            **row, max_new_tokens=NEW_TOKENS, do_sample=False, num_beams=4, eos_token_id=None, pad_token_id=0
        )
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "expected.safetensors")
    model_name, method = folder.name.split("__")
    expected = {
        "adamw_lr0.01_wd0.01_losses": adamw_losses(copy.deepcopy(fresh), batch),
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
only = sys.argv[2:]
for number, (name, case) in enumerate(CASES.items()):
    if only and name not in only:
        continue
    torch.manual_seed(number)
    make_case(pathlib.Path(sys.argv[1]) / name, *case)
    print(name)
