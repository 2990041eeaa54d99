"""Writes src/tokenizer/unicode-tables.ts: which characters the tokenizers library treats otherwise than this Node's Unicode.

Its crates carry tables of older Unicode versions (unicode-normalization-alignments, unicode_categories). Asks it about every
code point. Made with tokenizers 0.23.3.

    python tools/golden/make_unicode_tables.py
"""
from pathlib import Path

from tokenizers import normalizers, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number: int) -> str:
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
        if number == 0:
            return text


def packed(code_points: list[int]) -> str:
    """Each run of code points as the distance from the end of the one before, and its length where that is not 1."""
    runs: list[list[int]] = []
    for c in code_points:
        if runs and runs[-1][1] == c:
            runs[-1][1] = c + 1
        else:
            runs.append([c, c + 1])
    text, at = [], 0
    for start, end in runs:
        text.append(base36(start - at) + ("" if end - start == 1 else "+" + base36(end - start)))
        at = end
    return " ".join(text)


def removed_by(normalizer) -> list[int]:
    return [c for c in CODE_POINTS if normalizer.normalize_str(chr(c)) == ""]


def bert(**options):
    return normalizers.BertNormalizer(
        **{"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False, **options}
    )


punctuation = pre_tokenizers.Punctuation()
# Decomposed by Unicode 17 and not by the crate, which knows Unicode 12.0; each is checked.
NEWER = [
    (0x32FF, 0x32FF), (0xA7F1, 0xA7F4), (0xAB69, 0xAB69), (0x105C9, 0x105C9), (0x105E4, 0x105E4), (0x10781, 0x10785),
    (0x10787, 0x107B0), (0x107B2, 0x107BA), (0x11383, 0x11383), (0x11385, 0x11385), (0x1138E, 0x1138E),
    (0x11391, 0x11391), (0x113C5, 0x113C5), (0x113C7, 0x113C8), (0x11938, 0x11938), (0x16121, 0x16128),
    (0x16D68, 0x16D6A), (0x1CCD6, 0x1CCF9), (0x1E030, 0x1E06D), (0x1F16C, 0x1F16C), (0x1FBF0, 0x1FBF9),
]
# Marks that Unicode 17 reorders by their class and the crate does not, which takes them for characters of their own.
NEWER_MARKS = [
    (0x7FD, 0x7FD), (0x897, 0x89F), (0x8CA, 0x8D3), (0x9FE, 0x9FE), (0xC3C, 0xC3C), (0xD3B, 0xD3C), (0xEBA, 0xEBA), (0x1715,
    0x1715), (0x1ABF, 0x1ADD), (0x1AE0, 0x1AEB), (0x1DF6, 0x1DFA), (0xA82C, 0xA82C), (0x10D24, 0x10D27), (0x10D69, 0x10D6D),
    (0x10EAB, 0x10EAC), (0x10EFA, 0x10EFB), (0x10EFD, 0x10EFF), (0x10F46, 0x10F50), (0x10F82, 0x10F85), (0x11070, 0x11070),
    (0x1133B, 0x1133B), (0x113CE, 0x113D0), (0x1145E, 0x1145E), (0x11839, 0x1183A), (0x1193D, 0x1193E), (0x11943, 0x11943),
    (0x119E0, 0x119E0), (0x11A34, 0x11A34), (0x11A47, 0x11A47), (0x11A99, 0x11A99), (0x11D42, 0x11D42), (0x11D44, 0x11D45),
    (0x11D97, 0x11D97), (0x11F41, 0x11F42), (0x1612F, 0x1612F), (0x16FF0, 0x16FF1), (0x1E08F, 0x1E08F), (0x1E130, 0x1E136),
    (0x1E2AE, 0x1E2AE), (0x1E2EC, 0x1E2EF), (0x1E4EC, 0x1E4EF), (0x1E5EE, 0x1E5EF), (0x1E6E3, 0x1E6E3), (0x1E6E6, 0x1E6E6),
    (0x1E6EE, 0x1E6EF), (0x1E6F5, 0x1E6F5),
]
for form in [normalizers.NFC(), normalizers.NFD(), normalizers.NFKC(), normalizers.NFKD()]:
    texts = [f"a{chr(c)}\u0334" for first, last in NEWER_MARKS for c in range(first, last + 1)]
    assert all(form.normalize_str(text) == text for text in texts)
for form in [normalizers.NFD(), normalizers.NFKC(), normalizers.NFKD()]:
    assert all(form.normalize_str(chr(c)) == chr(c) for first, last in NEWER for c in range(first, last + 1))

tables = {
    "combiningMarks": ("What StripAccents removes.", removed_by(normalizers.StripAccents())),
    "nonspacingMarks": ("What BertNormalizer removes as an accent.", removed_by(bert(strip_accents=True))),
    "controls": ("What BertNormalizer removes when it cleans a text.", removed_by(bert(clean_text=True))),
    "punctuation": (
        "What Punctuation and BertPreTokenizer split at.",
        [c for c in CODE_POINTS if len(punctuation.pre_tokenize_str(f"a{chr(c)}a")) > 1],
    ),
    "withoutDecomposition": (
        "What NFD, NFKC and NFKD leave as it is, though a later version of Unicode decomposes it.",
        [c for first, last in NEWER for c in range(first, last + 1)],
    ),
    "unorderedMarks": (
        "Marks that no normalization puts into another order, though a later version of Unicode does.",
        [c for first, last in NEWER_MARKS for c in range(first, last + 1)],
    ),
}

header = """/**
 * @file Characters that the tokenizers library treats otherwise than this Node's Unicode, since its crates have older tables.
 * Made by tools/golden/make_unicode_tables.py. Runs of code points: distance from the end of the one before, and length.
 */
"""
lines = [header]
for name, (comment, code_points) in tables.items():
    words, rows = packed(code_points).split(" "), [""]
    for word in words:
        if len(rows[-1]) + len(word) > 105:
            rows.append("")
        rows[-1] += word + " "
    text = " +\n".join(f"  '{row}'" for row in [*rows[:-1], rows[-1].rstrip()])
    lines.append(f"/** {comment} */\nexport const {name}: RegExp = fromRuns(\n{text},\n);\n")
lines.append('''function fromRuns(runs: string): RegExp {
  let at = 0;
  const ranges = runs.split(' ').map((run) => {
    const [gap, length = '1'] = run.split('+');
    const start = at + Number.parseInt(gap!, 36);
    at = start + Number.parseInt(length, 36);
    return `\\\\u{${start.toString(16)}}-\\\\u{${(at - 1).toString(16)}}`;
  });
  return new RegExp(`[${ranges.join('')}]`, 'gu');
}
''')
(Path(__file__).parents[2] / "src/tokenizer/unicode-tables.ts").write_text("\n".join(lines))
