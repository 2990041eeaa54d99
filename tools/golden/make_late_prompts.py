"""Losses and gradients of late prompt tuning, layer by layer with the modules of transformers.

  python tools/golden/make_late_prompts.py test/golden/cases test/golden/late-prompts.json

torch 2.13, transformers 5.18.

The text's positions follow the prompt's in every layer. The layers below `layer` see the text alone; its hidden states
and the prompt's vectors enter `layer` together.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

cases, output = Path(sys.argv[1]), Path(sys.argv[2])
LAYER = 1
TEXT = [5, 7, 11, 13, 2, 9]


def mask_of(length):
    return torch.full((length, length), torch.finfo(torch.float32).min).triu(1)[None, None]


def first(output):
    return output[0] if isinstance(output, tuple) else output


def losses(model, prompt):
    """The sum of -log p over the text's tokens after its first."""
    count, ids = len(prompt), torch.tensor([TEXT])
    own, whole = torch.arange(count, count + len(TEXT))[None], torch.arange(count + len(TEXT))[None]
    if model.config.model_type == "gpt2":
        base = model.transformer
        hidden = base.wte(ids) + base.wpe(own)
        layers, norm = base.h, base.ln_f
        apply = lambda layer, x, positions: first(layer(x, attention_mask=mask_of(x.shape[1])))
    else:
        base = model.model
        hidden = base.embed_tokens(ids)
        layers, norm = base.layers, base.norm

        def apply(layer, x, positions):
            angles = base.rotary_emb(x, positions)
            return first(layer(x, attention_mask=mask_of(x.shape[1]), position_embeddings=angles, position_ids=positions))

    for layer in layers[:LAYER]:
        hidden = apply(layer, hidden, own)
    hidden = torch.cat([prompt[None], hidden], 1)
    for layer in layers[LAYER:]:
        hidden = apply(layer, hidden, whole)
    logits = model.lm_head(norm(hidden))[0, count:-1]
    return torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="sum")


found = []
for name in ["gpt2__base", "llama__base", "qwen3__base"]:
    model = AutoModelForCausalLM.from_pretrained(cases / name / "model", dtype=torch.float32, attn_implementation="eager")
    model.eval().requires_grad_(False)
    torch.manual_seed(0)
    prompt = torch.randn(3, model.config.hidden_size).round(decimals=3).requires_grad_()
    loss = losses(model, prompt)
    loss.backward()
    found.append(
        {
            "case": name,
            "layer": LAYER,
            "text": TEXT,
            "prompt": [round(x, 3) for x in prompt.detach().flatten().tolist()],
            "loss": loss.item(),
            "gradient": [float(f"{x:.7g}") for x in prompt.grad.flatten().tolist()],
        }
    )
output.write_text(json.dumps(found, indent=1) + "\n")
