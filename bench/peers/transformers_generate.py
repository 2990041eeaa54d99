"""Greedy generation with transformers, for `npm run bench -- peers`.

    transformers_generate.py MODEL_FOLDER PROMPTS.json NEW_TOKENS THREADS

PROMPTS.json is a list of batches of prompts, as token ids of one length. Writes a line of JSON when it is ready; then
reads the number of a batch from each line of its input, generates, and answers {"seconds": ..., "ids": the new tokens}.
"""

import json
import sys
import time

import torch
import transformers

model_folder, prompts_path, new_tokens, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
transformers.utils.logging.disable_progress_bar()
model = transformers.AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32).eval()
options = {"max_new_tokens": int(new_tokens), "min_new_tokens": int(new_tokens), "do_sample": False, "pad_token_id": 0}

with open(prompts_path) as file:
    batches = [torch.tensor(prompts) for prompts in json.load(file)]

print(json.dumps({"versions": f"torch {torch.__version__}, transformers {transformers.__version__}"}), flush=True)
for line in sys.stdin:
    batch = batches[int(line)]
    with torch.inference_mode():
        start = time.perf_counter()
        output = model.generate(batch, attention_mask=torch.ones_like(batch), **options)
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "ids": output[:, batch.shape[1] :].tolist()}), flush=True)
