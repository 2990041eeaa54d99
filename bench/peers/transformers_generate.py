"""Greedy generation with transformers, for the parts `peers`, `llamaCpp` and `servingPeers` of `npm run bench`.

    transformers_generate.py MODEL PROMPTS.json NEW_TOKENS THREADS

MODEL is a folder or a GGUF file, whose weights are unpacked to float32. PROMPTS.json is a list of batches of prompts,
as token ids of one length. Writes a line of JSON when it is ready; then reads the number of a batch from each line of
its input, generates, and answers {"seconds": ..., "first": seconds until the first token, "ids": the new tokens}.
"""

import json
import os
import pathlib
import sys
import time

os.environ["TQDM_DISABLE"] = "1"

import torch
import transformers

model_path, prompts_path, new_tokens, threads = sys.argv[1:]
path = pathlib.Path(model_path)
source = {"gguf_file": path.name} if path.suffix == ".gguf" else {}
torch.set_num_threads(int(threads))
transformers.utils.logging.disable_progress_bar()
folder = path.parent if source else path
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **source).eval()
options = {"max_new_tokens": int(new_tokens), "min_new_tokens": int(new_tokens), "do_sample": False, "pad_token_id": 0}


class Clock(transformers.StoppingCriteria):
    """Notes when the first token has been chosen, and stops nothing."""

    first = None

    def __call__(self, ids, scores, **kwargs):
        self.first = self.first or time.perf_counter()
        return torch.zeros(ids.shape[0], dtype=torch.bool)



with open(prompts_path) as file:
    batches = [torch.tensor(prompts) for prompts in json.load(file)]

print(json.dumps({"versions": f"torch {torch.__version__}, transformers {transformers.__version__}"}), flush=True)
for line in sys.stdin:
    batch = batches[int(line)]
    with torch.inference_mode():
        start = time.perf_counter()
        clock = Clock()
        output = model.generate(batch, attention_mask=torch.ones_like(batch), stopping_criteria=[clock], **options)
        seconds = time.perf_counter() - start
    answer = {"seconds": seconds, "first": clock.first - start, "ids": output[:, batch.shape[1] :].tolist()}
    print(json.dumps(answer), flush=True)
