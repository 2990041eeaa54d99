"""A step of prompt tuning by transformers and PyTorch alone, for `npm run bench -- families`.

    transformers_step.py MODEL_FOLDER STEP.json THREADS

STEP.json has the vectors of the prompt and rows {"ids": [...], "labels": how many at the end count in the loss}; a model with an encoder is
given the others. Writes a line of JSON when it is ready; then for each line of its input runs forward and backward to the prompt and answers
{"seconds": ..., "loss": ..., "peakBytes": ..., "loadSeconds": ...}.
"""

import json
import resource
import sys
import time

import torch
import transformers

model_folder, step_path, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
transformers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
start = time.perf_counter()
config = transformers.AutoConfig.from_pretrained(model_folder)
model = getattr(transformers, config.architectures[0]).from_pretrained(model_folder, dtype=torch.float32).eval()
load_seconds = time.perf_counter() - start
model.requires_grad_(False)

with open(step_path) as file:
    step = json.load(file)
prompt = torch.nn.Parameter(torch.tensor(step["prompt"]))
ids = torch.tensor([row["ids"] for row in step["rows"]])
labels = ids.clone()
labels[:, : -step["rows"][0]["labels"]] = -100
given = ids
if config.is_encoder_decoder:
    given, labels = ids[:, : -step["rows"][0]["labels"]], ids[:, -step["rows"][0]["labels"] :].contiguous()
else:
    labels = torch.cat([torch.full((len(ids), len(prompt)), -100), labels], 1)


def loss_of_step():
    texts = model.get_input_embeddings()(given)
    rows = torch.cat([prompt.expand(len(texts), *prompt.shape), texts], 1)
    return model(inputs_embeds=rows, attention_mask=torch.ones(rows.shape[:2]), labels=labels).loss


print(json.dumps({"versions": f"torch {torch.__version__}, transformers {transformers.__version__}"}), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    loss = loss_of_step()
    loss.backward()
    prompt.grad = None
    answer = {
        "seconds": time.perf_counter() - start,
        "loss": loss.item(),
        "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "loadSeconds": load_seconds,
    }
    print(json.dumps(answer), flush=True)
