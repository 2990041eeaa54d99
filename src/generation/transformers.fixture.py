"""Writes transformers.fixture.json: what transformers generates with the table language model of table-decoder.fixture.ts.

Run with Python, torch and transformers 5: python transformers.fixture.py > transformers.fixture.json
"""

import itertools
import json
import random
import sys

import torch
import transformers
from transformers import GenerationConfig, GenerationMixin, LogitsProcessorList, PretrainedConfig, PreTrainedModel
from transformers.generation import logits_process as processors
from transformers.modeling_outputs import CausalLMOutput


MODES = (False, True, "never")


def scramble(value):
    value = (value + 0x9E3779B9) & 0xFFFFFFFF
    value = ((value ^ (value >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return value ^ (value >> 16)


def table_logit(seed, before, last, token):
    value = scramble(scramble(scramble(scramble(seed) + before) + last) + token)
    return (value >> 8) / 2**21 - 4


class TableConfig(PretrainedConfig):
    model_type = "table"


class TableModel(PreTrainedModel, GenerationMixin):
    config_class = TableConfig

    def __init__(self, config, seed, vocab_size):
        super().__init__(config)
        self.anchor = torch.nn.Parameter(torch.zeros(1))
        size = range(vocab_size)
        self.table = torch.tensor([[[table_logit(seed, a, b, t) for t in size] for b in size] for a in size])

    def forward(self, input_ids, **_):
        before = torch.cat((torch.zeros_like(input_ids[:, :1]), input_ids[:, :-1]), dim=1)
        return CausalLMOutput(logits=self.table[before, input_ids])

    def prepare_inputs_for_generation(self, input_ids, **_):
        return {"input_ids": input_ids}


def generate(seed, vocab_size, prompt, options):
    model = TableModel(TableConfig(vocab_size=vocab_size), seed, vocab_size)
    config = GenerationConfig(use_cache=False, pad_token_id=0, **options)
    output = model.generate(
        torch.tensor([prompt]), generation_config=config, return_dict_in_generate=True, output_scores=True
    )
    ids = output.sequences[0, len(prompt) :].tolist()
    score = output.sequences_scores[0].item() if "num_beams" in options else None
    return ids, score


def generation_cases():
    rng = random.Random(7)
    grid = itertools.product((1, 2, 3, 4), (0.0, 1.0, 2.0, -0.5), MODES, (1, 2), (1.0, 1.3), (0, 4))
    for beams, length_penalty, early, n_eos, repetition, minimum in grid:
        if beams == 1 and (length_penalty, early) != (1.0, False):
            continue
        vocab_size = rng.randint(12, 20)
        seed = rng.randrange(2**32)
        prompt = [rng.randrange(vocab_size) for _ in range(rng.randint(1, 4))]
        options = {"max_new_tokens": rng.randint(5, 14), "eos_token_id": rng.sample(range(vocab_size), n_eos)}
        if repetition != 1.0:
            options["repetition_penalty"] = repetition
        if minimum:
            options["min_new_tokens"] = minimum
        if beams > 1:
            options |= {"num_beams": beams, "length_penalty": length_penalty, "early_stopping": early}
        ids, score = generate(seed, vocab_size, prompt, options)
        yield {"seed": seed, "vocabSize": vocab_size, "prompt": prompt, "options": options, "ids": ids, "score": score}


def early_stopping_cases():
    """Seeds that were searched for: there the modes of early stopping generate different tokens."""
    searched = ((2, 0.5, 321), (2, 1.0, 9), (2, 1.0, 53), (3, 1.0, 14), (3, 1.0, 15), (3, 2.0, 120), (3, 2.0, 128))
    for (beams, length_penalty, seed), early in itertools.product(searched, MODES):
        vocab_size = 16
        prompt = [seed % 7]
        options = {"max_new_tokens": 20, "eos_token_id": [seed % 16, (seed * 5 + 3) % 16]}
        options |= {"num_beams": beams, "length_penalty": length_penalty, "early_stopping": early}
        ids, score = generate(seed, vocab_size, prompt, options)
        yield {"seed": seed, "vocabSize": vocab_size, "prompt": prompt, "options": options, "ids": ids, "score": score}


def distribution_cases():
    rng = random.Random(8)
    for temperature, top_k, top_p in itertools.product((0.6, 1.0, 1.7), (0, 1, 5), (0.05, 0.5, 0.9, 1.0)):
        seed = rng.randrange(2**32)
        vocab_size = 40
        logits = torch.tensor([[table_logit(seed, 0, 0, token) for token in range(vocab_size)]])
        chain = LogitsProcessorList([processors.TemperatureLogitsWarper(temperature)])
        if top_k > 0:
            chain.append(processors.TopKLogitsWarper(top_k))
        if top_p < 1:
            chain.append(processors.TopPLogitsWarper(top_p))
        probabilities = chain(torch.tensor([[0]]), logits).softmax(-1)[0]
        kept = {token: p for token, p in enumerate(probabilities.tolist()) if p > 0}
        options = {"temperature": temperature, "topK": top_k, "topP": top_p}
        yield {"seed": seed, "vocabSize": vocab_size, "options": options, "probabilities": kept}


def lines(cases):
    return "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]"


transformers.utils.logging.set_verbosity_error()
sys.stdout.write(
    f'{{\n"transformers": "{transformers.__version__}",\n"torch": "{torch.__version__}",\n'
    f'"generation": {lines(itertools.chain(generation_cases(), early_stopping_cases()))},\n"distributions": {lines(distribution_cases())}\n}}\n'
)
