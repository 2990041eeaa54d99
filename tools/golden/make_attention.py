"""Attention to virtual tokens by PEFT: src/evaluation/prompt-attention.fixture.json.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0
    OMP_NUM_THREADS=1 python tools/golden/make_attention.py > src/evaluation/prompt-attention.fixture.json

For golden cases: weights of self-attention from each token of a text to each virtual token, the mean over heads.
"""

import json
import pathlib

import peft
import torch
import transformers

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
cases = pathlib.Path(__file__).parents[2] / "test/golden/cases"
decoder, encoder = transformers.AutoModelForCausalLM, transformers.AutoModelForSequenceClassification
ids = [5, 17, 29, 9, 21]
chosen = [
    ("gpt2__prompt-tuning", "gpt2__base", decoder),
    ("llama__prefix-tuning", "llama__base", decoder),
    ("roberta-cls__prompt-tuning", "roberta-cls__base", encoder),
]
expected = {}
for case, base, kind in chosen:
    own = cases / case / "model"
    folder = own if own.exists() else cases / base / "model"
    labels = {} if kind is decoder else {"num_labels": len(json.loads((folder / "config.json").read_text())["id2label"])}
    model = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", **labels)
    model = peft.PeftModel.from_pretrained(model, cases / case / "adapter").eval()
    count = model.active_peft_config.num_virtual_tokens
    with torch.no_grad():
        inputs = torch.tensor([ids])
        output = model(input_ids=inputs, attention_mask=torch.ones_like(inputs), output_attentions=True)
    layers = [weights[0].mean(0)[-len(ids) :, :count] for weights in output.attentions]
    expected[case] = [[[round(x, 6) for x in row] for row in layer.tolist()] for layer in layers]
print(json.dumps({"ids": ids, "layers": expected}))
