"""Whether two adapters mean the same in PEFT: a soft prompt, say, and the prefix that `promptune export` made of it.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0
    OMP_NUM_THREADS=1 python tools/golden/compare_in_peft.py MODEL_FOLDER ADAPTER_FOLDER OTHER_FOLDER

Prints the largest difference between their logits of the same text tokens, for rows of drawn tokens without padding, and
for each of them that of the same rows in a batch, shorter ones padded on the left, from the rows alone.
"""

import json
import sys

import peft
import torch
import transformers


@torch.no_grad()
def text_logits(adapter, rows):
    """Of each row alone, and of all in one batch that is padded on the left: PEFT gives a prompt's rows as well."""
    base = transformers.AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32).eval()
    model = peft.PeftModel.from_pretrained(base, adapter).eval()
    alone = [model(input_ids=row[None], attention_mask=torch.ones_like(row[None])).logits[0, -len(row):] for row in rows]
    length = max(len(row) for row in rows)
    ids = torch.stack([torch.cat([row.new_zeros(length - len(row)), row]) for row in rows])
    mask = torch.stack([torch.cat([row.new_zeros(length - len(row)), torch.ones_like(row)]) for row in rows])
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    padded = model(input_ids=ids, attention_mask=mask, position_ids=positions).logits[:, -length:]
    return alone, [padded[i, -len(row):] for i, row in enumerate(rows)]


def largest_difference(a, b):
    return max((x - y).abs().max().item() for x, y in zip(a, b))


model_folder, *adapters = sys.argv[1:]
transformers.utils.logging.disable_progress_bar()
torch.manual_seed(0)
size = transformers.AutoConfig.from_pretrained(model_folder).vocab_size
rows = [torch.randint(size, (length,)) for length in (3, 9, 17)]
(first, first_padded), (second, second_padded) = (text_logits(adapter, rows) for adapter in adapters)
print(json.dumps({
    "largestLogit": max(x.abs().max().item() for x in first),
    "alone": largest_difference(first, second),
    "leftPaddedAndAlone": [largest_difference(first, first_padded), largest_difference(second, second_padded)],
}))
