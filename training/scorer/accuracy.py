"""What the scorer knows, on pictures that it has not seen; prints a table and, with --json, writes it.

    python training/scorer/accuracy.py --art ART [--scorer checkpoints/pocket/scorer] [--json scorer.json]

First guesses of 64 objects and "a thing" (a guess of "a thing" is wrong), by sprite, colour, size and mask; 320 crops a
row. For things that are no object and for lumps the right answer is "a thing".
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np
import torch
from transformers import CLIPModel, CLIPTokenizer

import crops
import scorer
from sprites import NAMES, THING, Bank, banks

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "checkpoints/pocket/scorer"
MASKS = {"no mask": 0.0, "exact": 0.3, "grown": 0.6, "box": 0.8, "ellipse": 0.9}


class Judge:
    """Compares crops with the first prompt of every object and "a thing"."""

    def __init__(self, folder: pathlib.Path = FOLDER):
        self.model = CLIPModel.from_pretrained(folder).float().eval()
        words = scorer.Words(CLIPTokenizer.from_pretrained(str(ROOT / "checkpoints/pocket/tokenizer")))
        with torch.no_grad():
            self.text = scorer.embed_text(self.model, words(scorer.prompts()[: THING + 1]))

    @torch.no_grad()
    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixel values [N, 3, S, S] -> logits [N, 65], the last of "a thing"."""
        parts = [scorer.embed_crops(self.model, p) for p in pixels.split(128)]
        return self.model.logit_scale.exp() * torch.cat(parts) @ self.text.T


def grey(picture: torch.Tensor) -> torch.Tensor:
    return (picture * crops.LUMA).sum(1, keepdim=True).expand_as(picture)


def wrong(rgb: torch.Tensor) -> torch.Tensor:
    """Tinted, each in one of eleven colours."""
    palette = torch.tensor(list(crops.TINTS.values())).float() / 255
    return crops.tint(rgb, palette[torch.randint(len(palette), (len(rgb),))][:, :, None, None])


def examples(bank: Bank, n: int = 320, colour: str = "own", side: int = crops.SIZE, mask: str = "exact", hard: float = 0.4):
    """Crops of one kind and their classes."""
    made = crops.Crops(bank, np.random.default_rng(7))
    which = torch.arange(n) % len(bank.classes)
    rgb, alpha = made.drawn(which, torch.zeros(n, dtype=torch.bool), hard)
    picture, seen = made.among(wrong(rgb) if colour == "wrong" else rgb, alpha, hard)
    picture = grey(picture) if colour == "grey" else picture
    picture = crops.coarse(picture, side) if side < crops.SIZE else picture
    return crops.finish(picture.clamp(0, 1), crops.masks(seen, torch.full((n,), MASKS[mask]))), bank.classes[which]


def right(judge: Judge, x: torch.Tensor, y: torch.Tensor) -> float:
    return (judge(x).argmax(1) == y).float().mean().item()


def table(judge: Judge, found: dict[str, Bank]) -> dict[str, float]:
    rows = {f"pocket's own artwork, {c} colours": right(judge, *examples(found["noto"], colour=c)) for c in ("own", "grey", "wrong")}
    for mask in MASKS:
        rows[f"mask: {mask}"] = right(judge, *examples(found["noto"], mask=mask))
    for side in (12, 16, 24, 32):
        rows[f"{side} pixels wide"] = right(judge, *examples(found["noto"], side=side))
    for name, title in (("variants", "other emoji of the same things, unseen"), ("twemoji", "Twemoji, unseen artwork")):
        for colour in ("own", "grey"):
            rows[f"{title}, {colour} colours"] = right(judge, *examples(found[name], colour=colour))
    rows["things that are no object, unseen"] = right(judge, *examples(found["others"]))
    rows["lumps"] = right(judge, *lumps(found["noto"]))
    return rows


def lumps(bank: Bank, n: int = 320) -> tuple[torch.Tensor, torch.Tensor]:
    made = crops.Crops(bank, np.random.default_rng(8))
    rgb, alpha = made.drawn(torch.arange(n) % len(bank.classes), torch.arange(n) % 4 == 0, 0.4)
    picture, seen = made.among(rgb, alpha, 0.0)
    made.lumps(picture, torch.arange(n) % 4)
    return crops.finish(picture.clamp(0, 1), crops.masks(seen)), torch.full((n,), THING)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--art", type=pathlib.Path, required=True)
    parser.add_argument("--scorer", type=pathlib.Path, default=FOLDER)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    torch.manual_seed(5), torch.set_num_threads(1)
    judge, found = Judge(args.scorer), banks(args.art)
    rows = table(judge, found)
    for name, value in rows.items():
        print(f"{name:50} {100 * value:5.1f} %")
    x, y = examples(found["noto"], colour="grey")
    guessed = judge(x).argmax(1)
    missed = {NAMES[k]: (guessed[y == k] == k).float().mean().item() for k in range(len(NAMES))}
    print("least sure in grey:", ", ".join(f"{n} {100 * v:.0f}" for n, v in sorted(missed.items(), key=lambda i: i[1])[:8]))
    if args.json:
        args.json.write_text(json.dumps({k: round(v, 4) for k, v in rows.items()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
