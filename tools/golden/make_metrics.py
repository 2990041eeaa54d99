"""Writes src/evaluation/metrics/metrics.fixture.json: scores of small texts by the metrics' reference implementations.

    pip install sacrebleu==2.6.0 rouge_score==0.1.2 nltk==3.10.4 scikit-learn==1.9.1 torchmetrics
    python tools/golden/make_metrics.py MLQA/mlqa_evaluation_v1.py e2e-metrics/metrics/pymteval.py

SQuAD's rules are those of transformers' squad_metrics, which is SQuAD 2.0's own script. The two scripts that are given are
facebookresearch/MLQA at 24bf470b and tuetschek/e2e-metrics at 1b9c4d87, whose NIST is that of mteval-v13a.
"""

import importlib.metadata
import importlib.util
import json
import operator
import random
import sys
import types
from pathlib import Path


def load(path):
    # pymteval is written for Python 2 and 3, by way of a package that only divides here
    past = types.ModuleType("past")
    past.utils = types.ModuleType("past.utils")
    past.utils.old_div = operator.truediv
    sys.modules.update({"past": past, "past.utils": past.utils})
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mlqa, pymteval = load(sys.argv[1]), load(sys.argv[2])

import torch
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer
from rouge_score.tokenizers import Tokenizer
from sacrebleu.metrics import BLEU, CHRF
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef
from torchmetrics.classification import MulticlassCalibrationError
from transformers.data.metrics import squad_metrics

english = [
    ("The cat sat on the mat, didn't it?", ["The cat is sitting on the mat, isn't it?", "A cat sat down on the mat."]),
    ("It costs $3,200.50 - about 5-10% more.", ["It costs $3,200.50 (about 5-10% more).", "Its price is $3,200.50."]),
    ("the the the the the the the", ["The quick brown fox jumps over the lazy dog.", "the end"]),
    ("Tom &amp; Jerry &quot;won&quot; <skipped>it", ['Tom & Jerry "won" it', "Tom and Jerry won the race"]),
    ("He was running quickly towards relational databases", ["He runs quickly to a relational database", "A man ran towards databases"]),
    ("A restaurant near the river serves cheap Chinese food .", ["Near the river, a restaurant serves cheap Chinese food.", "There is a cheap Chinese restaurant by the river."]),
    ("Paris", ["paris.", "The city of Paris"]),
    ("caf\u00e9 na\u00efve \u2014 \u201cquoted\u201d words\u2026", ["Caf\u00e9 na\u00efve - \"quoted\" words...", "caf\u00e9"]),
    ("Yes", ["No", "Never"]),
    ("", ["An answer that was not given", "None"]),
    ("one two\tthree\u00a0four  five-\nsix", ["one two three four five six", "one three five"]),
    ("State-of-the-art models, e.g. GPT-2, in 2019.", ["State of the art models, e.g. GPT-2, in 2019!", "The models of 2019."]),
]
chinese = [
    ("一只可爱的猫，喜欢晒太阳。", ["一只可爱的小猫，喜欢在窗边晒太阳。", "这只猫喜欢太阳。"]),
    ("酒店的房间很干净，服务也好！", ["酒店房间干净，服务很好。", "房间很干净，服务也不错！"]),
    ("他在2019年用GPT-2写了“小说”……", ["2019年，他用GPT-2写了一部“小说”。", "他写小说。"]),
    ("我不知道", ["我不知道。", "不清楚"]),
    ("\U00020000字 and 中文mixed文本 ☀", ["\U00020000字和 中文mixed 文本", "mixed"]),
    ("价格是３００元（约45美元）", ["价格为300元（约45美元）", "三百元"]),
]
# So that NIST's case of sentences shorter than its n-grams is left out: pymteval counts fewer than none there.
long_english = [pair for pair in english if len(pair[0].split()) >= 5] + [
    ("X is a pub near Y in the city centre.", ["X is a pub in the city centre near Y.", "Near Y there is a pub called X."])
]


class Characters(Tokenizer):
    def tokenize(self, text):
        import re

        return re.findall(r"[a-z0-9]+|[\u3400-\u9fff]", text.lower())


def bleu_and_chrf(pairs, tokenize, refs):
    outputs = [output for output, _ in pairs]
    references = [[r[i] for _, r in pairs] for i in range(refs)]
    bleu, chrf = BLEU(tokenize=tokenize), CHRF()
    sentence = BLEU(tokenize=tokenize, effective_order=True)
    result = {
        "bleu": bleu.corpus_score(outputs, references).score,
        "bleuSignature": str(bleu.get_signature()),
        "chrf2": chrf.corpus_score(outputs, references).score,
        "chrf2Signature": str(chrf.get_signature()),
        "bleuRows": [sentence.sentence_score(o, r[:refs]).score for o, r in pairs],
        "chrf2Rows": [chrf.sentence_score(o, r[:refs]).score for o, r in pairs],
        "tokens": [bleu.tokenizer(o.rstrip()).split() for o, _ in pairs],
    }
    return result


def rouge(pairs, **options):
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], **options)
    rows = [scorer.score_multi(r, o) for o, r in pairs]
    return {kind: [row[kind].fmeasure for row in rows] for kind in ("rouge1", "rouge2", "rougeL")}


def nist(pairs):
    score = pymteval.NISTScore()
    for output, references in pairs:
        score.append(output, references)
    return score.score()


random.seed(1)
labels = ["positive", "negative", "neutral", "mixed"]
actual = [random.choice(labels[:3]) for _ in range(60)]
probabilities = []
for label in actual:
    weights = [random.random() ** 3 + (0.6 if name == label else 0) for name in labels]
    probabilities.append([w / sum(weights) for w in weights])
predicted = [labels[p.index(max(p))] for p in probabilities]
ece = MulticlassCalibrationError(num_classes=4, n_bins=15, norm="l1")
ece_value = ece(torch.tensor(probabilities, dtype=torch.float64), torch.tensor([labels.index(a) for a in actual]))

words = sorted({w for text in Path(__file__).parent.parent.parent.joinpath("LICENSE").read_text().lower().split() for w in [text] if w.isascii() and w.isalnum()})
words += "skies sky dying news flies fly tried cried enjoying enjoyment rationally finally geology theology hopefully hopping falling hissing fizzed filing failed agreed feed bled conflated troubled sized ties dies y yy by at adoption rolling controll cease rate probate replacement sensibility gyroscopic yes being".split()
stemmer = PorterStemmer()

packages = ["sacrebleu", "rouge_score", "nltk", "scikit-learn", "torchmetrics", "transformers"]
fixture = {
    "versions": {name: importlib.metadata.version(name) for name in packages},
    "english": [{"prediction": o, "references": r} for o, r in english],
    "chinese": [{"prediction": o, "references": r} for o, r in chinese],
    "sacrebleu": {
        "english1": bleu_and_chrf(english, "13a", 1),
        "english2": bleu_and_chrf(english, "13a", 2),
        "chinese1": bleu_and_chrf(chinese, "zh", 1),
        "chinese2": bleu_and_chrf(chinese, "zh", 2),
    },
    "rouge": {
        "plain": rouge(english),
        "stem": rouge(english, use_stemmer=True),
        "zh": rouge(chinese, tokenizer=Characters()),
    },
    "squad": {
        "exact": [100 * max(squad_metrics.compute_exact(r, o) for r in refs) for o, refs in english],
        "f1": [100 * max(squad_metrics.compute_f1(r, o) for r in refs) for o, refs in english],
    },
    "mlqa": {
        "exact": [100 * max(mlqa.exact_match_score(o, r, "zh") for r in refs) for o, refs in chinese],
        "f1": [100 * max(mlqa.f1_score(o, r, "zh") for r in refs) for o, refs in chinese],
    },
    "nist": {
        "rows": [{"prediction": o, "references": r} for o, r in long_english],
        "two": nist(long_english),
        "one": nist([(o, r[:1]) for o, r in long_english]),
    },
    "labels": {
        "actual": actual,
        "probabilities": [dict(zip(labels, p)) for p in probabilities],
        "accuracy": accuracy_score(actual, predicted),
        "macroF1": f1_score(actual, predicted, average="macro"),
        "mcc": matthews_corrcoef(actual, predicted),
        "ece": float(ece_value),
    },
    "stems": {word: stemmer.stem(word) for word in words},
}
path = Path(__file__).parent.parent.parent / "src/evaluation/metrics/metrics.fixture.json"
path.write_text(json.dumps(fixture, ensure_ascii=False, indent=1) + "\n")
