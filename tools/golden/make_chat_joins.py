"""Writes test/chat-joins.fixture.json: conversations over the SentencePiece-like tokenizer and model of test/tokenizers, with
what transformers' generation adds to the decoded prompt (greedy, as the text-generation pipeline cuts it), and the ids of
whole conversations. Made with transformers 5.18, torch 2.13.

    python tools/golden/make_chat_joins.py
"""
import json
import shutil
import tempfile
from pathlib import Path

import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = Path(__file__).parents[2] / "test"
TEMPLATES = {
    "Llama 2": (
        "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token }}[INST] {{ m.content }} [/INST]"
        "{% else %} {{ m.content }} {{ eos_token }}{% endif %}{% endfor %}"
    ),
    "Mistral": (
        "{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
        "{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
    ),
    "lines": (
        "{% for m in messages %}{{ bos_token + m.role + '\\n' + m.content + eos_token + '\\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ bos_token + 'assistant\\n' }}{% endif %}"
    ),
    "special tokens": "{% for m in messages %}{{ m.content + eos_token }}{% endfor %}",
}


def main():
    transformers.logging.set_verbosity_error()
    cases = []
    for legacy in (True, False):
        for name, template in TEMPLATES.items():
            with tempfile.TemporaryDirectory() as target:
                folder = Path(target) / "model"
                shutil.copytree(ROOT / "tokenizers/sentencepiece", folder)
                path = folder / "tokenizer_config.json"
                path.write_text(json.dumps({**json.loads(path.read_text()), "chat_template": template, "legacy": legacy}))
                tokenizer = AutoTokenizer.from_pretrained(folder)
                model = AutoModelForCausalLM.from_pretrained(folder)
                rows = []
                for prompt in ("cat cat", "hello", "  two"):
                    messages = [{"role": "user", "content": prompt}]
                    ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=False)
                    whole = model.generate(ids, max_new_tokens=4, do_sample=False)[0]
                    start, end = (tokenizer.decode(i, skip_special_tokens=True) for i in (ids[0], whole))
                    answered = [*messages, {"role": "assistant", "content": "a cat"}, *messages, {"role": "assistant", "content": "The dog"}]
                    taught = tokenizer.apply_chat_template(answered, return_dict=False)
                    rows.append(dict(prompt=prompt, ids=whole[ids.shape[1]:].tolist(), text=end[len(start):], conversation=taught))
                cases.append(dict(name=f"{name}, legacy {legacy}", template=template, legacy=legacy, rows=rows))
    (ROOT / "chat-joins.fixture.json").write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n")


main()
