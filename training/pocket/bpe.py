"""A small byte-pair vocabulary in CLIP's own file format (vocab.json, merges.txt).

CLIP's format (Radford et al. 2021, simple_tokenizer.py): 256 byte symbols, the same with </w>, one token a merge,
then <|startoftext|> and <|endoftext|>. Any string can be encoded; the words pocket knows are one token each.
"""

from __future__ import annotations

import collections
import json
import pathlib

from objects import COLOURS, GROUNDS, OBJECTS

WORDS_AROUND = "a an and on the of with photo picture big small in made looks like".split()


def bytes_to_unicode() -> dict[int, str]:
    """GPT-2's map of bytes to printable characters."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {b: chr(b) for b in shown}
    for b in range(256):
        table.setdefault(b, chr(256 + len(table) - len(shown)))
    return table


def train() -> tuple[dict[str, int], list[tuple[str, str]]]:
    counts: collections.Counter[str] = collections.Counter()
    for names in [*OBJECTS.values(), *GROUNDS.values(), list(COLOURS)]:
        for name in names:
            counts.update(name.split())
    counts.update({w: 50 for w in WORDS_AROUND})
    words = {w: [*w[:-1], w[-1] + "</w>"] for w in counts}
    merges: list[tuple[str, str]] = []
    while True:
        pairs: collections.Counter[tuple[str, str]] = collections.Counter()
        for w, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += counts[w]
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        for w, symbols in words.items():
            out, i = [], 0
            while i < len(symbols):
                if tuple(symbols[i : i + 2]) == best:
                    out.append("".join(best))
                    i += 2
                else:
                    out.append(symbols[i])
                    i += 1
            words[w] = out
    table = bytes_to_unicode()
    # CLIP lists the printable bytes first, in the order of the table's construction
    symbols = [table[b] for b in [*range(33, 127), *range(161, 173), *range(174, 256)]]
    symbols += [table[b] for b in range(256) if table[b] not in set(symbols)]
    vocab = symbols + [s + "</w>" for s in symbols] + ["".join(m) for m in merges]
    vocab = list(dict.fromkeys(vocab)) + ["<|startoftext|>", "<|endoftext|>"]
    return {t: i for i, t in enumerate(vocab)}, merges


def save(folder: pathlib.Path, length: int) -> None:
    vocab, merges = train()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2))
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": length, "do_lower_case": True, "add_prefix_space": False, "errors": "replace", **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2))
