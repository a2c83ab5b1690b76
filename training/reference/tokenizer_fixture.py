"""A thousand odd strings and their ids from transformers' CLIPTokenizer.

    python training/reference/tokenizer_fixture.py                    # rewrites test/fixtures/tokenizer
    python training/reference/tokenizer_fixture.py bpe.txt.gz FOLDER  # the same with CLIP's own vocabulary
"""

import gzip
import json
import pathlib
import random
import sys

from transformers import CLIPTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "training/pocket"))
import bpe  # noqa: E402

LENGTH = 32
PIECES = [
    "a photo of", "golden retriever", "DOG", "cat's", "they're", "I'LL", "don't", "'s", "''", "3", "42", "1,000.50", "x²", "½", "٣", "Ⅷ",
    "é", "e\u0301", "ﬁ", "ß", "İstanbul", "ǅ", "ΑΣ", "ὈΔΥΣΣΕΎΣ", "Привет", "שלום", "مرحبا", "नमस्ते", "สวัสดี", "漢字", "かな", "한국어", "ＡＢＣ", "①",
    "🐶", "👩‍👩‍👧", "🇩🇪", "3️⃣", "❤️", "👍🏽", "\u200b", "\u00a0", "\u3000", "\t", "\n", "  ", "\u0000", "\u0007", "\u2028", "\ufeff", "\u00ad",
    "&amp;", "&lt;b&gt;", "<b>", "http://x.y/?q=1", "C:\\a", "...", "!!!", "?!", "—", "–", "“q”", "‘q’", "$5", "€", "#tag", "@me", "_", "a_b", "~", "`",
    "<|startoftext|>", "<|endoftext|>", "<|endoftext", "a" * 70, "pizza", "Pizza on the BEACH", "\u0300", "\U0001F9FF", "\U00020000", "'m", "'D", "’s",
]


def strings():
    rng = random.Random(0)
    yield from ["", " ", "   a   ", *PIECES]
    while True:
        joined = rng.choice(["", " ", "  "]).join(rng.choice(PIECES) for _ in range(rng.randint(1, 6)))
        yield joined
        yield "".join(chr(rng.choice([rng.randint(32, 126), rng.randint(160, 0x2FF), rng.randint(0x300, 0x3100), rng.randint(0x1F300, 0x1FAFF)])) for _ in range(rng.randint(1, 12)))


def main():
    if len(sys.argv) > 2:
        folder = pathlib.Path(sys.argv[2])
        folder.mkdir(parents=True, exist_ok=True)
        lines = gzip.open(sys.argv[1]).read().decode().split("\n")[1 : 49152 - 256 - 2 + 1]
        merges = [tuple(m.split()) for m in lines]
        table = bpe.bytes_to_unicode()
        symbols = [table[b] for b in [*range(33, 127), *range(161, 173), *range(174, 256)]]
        symbols += [table[b] for b in range(256) if table[b] not in set(symbols)]
        vocab = symbols + [s + "</w>" for s in symbols] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
        (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(vocab)}, ensure_ascii=False))
        (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    else:
        folder = ROOT / "test/fixtures/tokenizer"
        bpe.save(folder, LENGTH)
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    tokenizer = CLIPTokenizer.from_pretrained(str(folder), **special)
    cases = []
    for text in strings():
        ids = tokenizer(text, padding="max_length", truncation=True, max_length=LENGTH).input_ids
        cases.append({"text": text, "ids": ids})
        if len(cases) == 1000:
            break
    (folder / "cases.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


main()
