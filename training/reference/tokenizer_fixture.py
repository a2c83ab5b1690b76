"""A thousand odd strings and their ids from transformers' CLIPTokenizer.

    python training/reference/tokenizer_fixture.py                    # rewrites test/fixtures/tokenizer
    python training/reference/tokenizer_fixture.py bpe.txt.gz FOLDER  # the same with CLIP's own vocabulary

cases.json holds the thousand; variants.json holds the same vocabulary with other special tokens, in other files, and with
tokens added, as real checkpoints have them: files that stand in the folder instead, names added, cases.
CLIP's own vocabulary is in the package open_clip_torch (bpe_simple_vocab_16e6.txt.gz).
"""

import gzip
import itertools
import json
import pathlib
import random
import shutil
import sys
import tempfile

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


NEW = ["<item-1-0>", "<item-1-01>", "<item-2-0>", "new word"]
VARIANT_PIECES = [*NEW, "<ITEM-1-0>", "<item-1-0", "New  Word", "!", "wow!!", "a dog!", "<|startoftext|>", "<|STARTOFTEXT|>", "<|EndOfText|>", "<|endoftext|>!", "<cat>", "<CAT>", "pizza", "é"]


def encode(tokenizer, text):
    return {"text": text, "ids": tokenizer(text, padding="max_length", truncation=True, max_length=LENGTH).input_ids}


def variant(folder, files, added=()):
    """The tokenizer of `folder` with `files` (name -> text, or None: absent) in the place of its own."""
    with tempfile.TemporaryDirectory() as d:
        place = pathlib.Path(d)
        for name in ["vocab.json", "merges.txt", "special_tokens_map.json", "tokenizer_config.json"]:
            if (folder / name).exists():
                shutil.copy(folder / name, place)
        for name, text in files.items():
            (place / name).unlink(missing_ok=True) if text is None else (place / name).write_text(text)
        tokenizer = CLIPTokenizer.from_pretrained(d)
        tokenizer.add_tokens(list(added))
        rng = random.Random(1)
        texts = [*VARIANT_PIECES, *(rng.choice(["", " "]).join(rng.choices(VARIANT_PIECES, k=rng.randint(2, 5))) for _ in range(100))]
        return {"files": files, "added": list(added), "cases": [encode(tokenizer, t) for t in texts]}


def variants(folder):
    special = json.loads((folder / "special_tokens_map.json").read_text())
    config = json.loads((folder / "tokenizer_config.json").read_text())
    size = len(json.loads((folder / "vocab.json").read_text()))

    def token(content, normalized):
        return {"content": content, "lstrip": False, "normalized": normalized, "rstrip": False, "single_word": False, "special": True}

    start, end = "<|startoftext|>", "<|endoftext|>"
    pad = json.dumps({**special, "pad_token": "!"})
    decoder = {"0": token("!", False), str(size - 2): token(start, True), str(size - 1): token(end, True)}
    with tempfile.TemporaryDirectory() as d:
        CLIPTokenizer.from_pretrained(str(folder)).save_pretrained(d)
        saved = {p.name: json.dumps(json.loads(p.read_text()), ensure_ascii=False) for p in pathlib.Path(d).iterdir()}
    return {
        "tokens added": variant(folder, {}, NEW),
        "SD 2: pads with ! by special_tokens_map.json": variant(folder, {"special_tokens_map.json": pad}, NEW),
        "SD 1.5: special tokens as objects": variant(folder, {"special_tokens_map.json": json.dumps({**special, **{k: token(special[k], True) for k in ["bos_token", "eos_token", "unk_token"]}})}),
        "one token in several forms": variant(folder, {"special_tokens_map.json": json.dumps({**special, **{k: token(special[k], True) for k in ["bos_token", "eos_token", "pad_token"]}})}),
        "one token as object last": variant(folder, {"special_tokens_map.json": json.dumps({**special, "pad_token": token(end, True)})}),
        "SDXL: added_tokens_decoder": variant(folder, {"tokenizer_config.json": json.dumps({**config, "pad_token": "!", "added_tokens_decoder": decoder})}),
        "the map does not count beside added_tokens_decoder": variant(folder, {"special_tokens_map.json": pad, "tokenizer_config.json": json.dumps({**config, "added_tokens_decoder": decoder})}),
        "added_tokens.json": variant(folder, {"added_tokens.json": json.dumps({"<cat>": size})}, NEW),
        "tokenizer.json alone, as transformers 5 saves": variant(folder, {"vocab.json": None, "merges.txt": None, "special_tokens_map.json": None, **saved}, NEW),
    }


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
    if not (folder / "special_tokens_map.json").exists():
        special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
        (folder / "special_tokens_map.json").write_text(json.dumps(special))
        (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, **special}))
    tokenizer = CLIPTokenizer.from_pretrained(str(folder))
    cases = [encode(tokenizer, text) for text in itertools.islice(strings(), 1000)]
    (folder / "cases.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    (folder / "variants.json").write_text(json.dumps(variants(folder)) + "\n")


main()
