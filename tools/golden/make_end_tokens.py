"""Writes src/models/end-tokens.fixture.json: what config.json and generation_config.json say of end tokens, and the ids that
`generate` ends at, for every type of model that is supported. Made with transformers 5.18, torch 2.13.

    python tools/golden/make_end_tokens.py
"""
import json
import tempfile
from pathlib import Path

import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

SIZES = dict(
    hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1, head_dim=8, vocab_size=60,
    max_position_embeddings=32,
)
T5 = dict(d_model=8, d_ff=8, d_kv=8, num_layers=1, num_heads=1, vocab_size=60, decoder_start_token_id=0)
OWN_SIZES = {
    "gpt2": dict(n_embd=8, n_layer=1, n_head=1, n_positions=32, vocab_size=60),
    "opt": dict(hidden_size=8, ffn_dim=8, num_hidden_layers=1, num_attention_heads=1, vocab_size=60, max_position_embeddings=32, word_embed_proj_dim=8),
    "phi3": {**SIZES, "pad_token_id": 0},
    "t5": T5,
    "mt5": T5,
}
TYPES = "gpt2 llama mistral qwen2 qwen3 gemma gemma2 gemma3_text phi3 gpt_neox phi opt t5 mt5".split()
IN_CONFIG = [{}, {"eos_token_id": None}, {"eos_token_id": 7}, {"eos_token_id": [7, 8]}]
IN_GENERATION_CONFIG = [None, {}, {"eos_token_id": None}, {"eos_token_id": 9}, {"eos_token_id": [9, 5]}]


def ends(kind, in_config, generation_config):
    auto = AutoModelForSeq2SeqLM if kind in ("t5", "mt5") else AutoModelForCausalLM
    sizes = OWN_SIZES.get(kind, SIZES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        auto.from_config(AutoConfig.for_model(kind, **sizes)).save_pretrained(folder)
        (folder / "config.json").write_text(json.dumps({"model_type": kind, **sizes, **in_config}))
        (folder / "generation_config.json").unlink(missing_ok=True)
        if generation_config is not None:
            (folder / "generation_config.json").write_text(json.dumps(generation_config))
        model = auto.from_pretrained(folder)
        found = model._prepare_generation_config(None)[0].eos_token_id
    return [] if found is None else found if isinstance(found, list) else [found]


def main():
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    cases = []
    for config in IN_CONFIG:
        for generation_config in IN_GENERATION_CONFIG:
            found = {kind: ends(kind, config, generation_config) for kind in TYPES}
            assert len({json.dumps(ids) for ids in found.values()}) == 1, found  # the types' own defaults never count
            case = {"config": config, "ends": found["gpt2"]}
            cases.append(case if generation_config is None else {**case, "generationConfig": generation_config})
    fixture = Path(__file__).parents[2] / "src/models/end-tokens.fixture.json"
    fixture.write_text("[\n" + ",\n".join(f"  {json.dumps(case)}" for case in cases) + "\n]\n")


main()
