"""What people name pocket's drawings when they are not told what they show.

    python training/pocket/readers.py sheets --checkpoint checkpoints/pocket --seed 20 --to DIR
    python training/pocket/readers.py compare DIR reader1.json reader2.json [--scorer checkpoints/pocket/scorer]

`sheets` draws every object once and lays the drawings, numbered in a shuffled order, on four pages; DIR/truth.npz is for
nobody's eyes. A reader's answers are JSON, {"1": "dog", "2": "?", ...}: any words, "?" where one can't tell. A drawing is named
right when the answer has one of the object's names in it, or is a part of one.
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np

import recognise
from sprites import ALL_NAMES, NAMES

PAGE = 16
SIDE = 288


def sheets(checkpoint: pathlib.Path, seed: int, to: pathlib.Path) -> None:
    pictures = recognise.draw(checkpoint, 2.0, seed)
    order = np.random.default_rng(seed).permutation(len(pictures))
    to.mkdir(parents=True, exist_ok=True)
    np.savez(to / "truth.npz", pictures=pictures, order=order)
    for first in range(0, len(order), PAGE):
        here = range(first, min(first + PAGE, len(order)))
        page = recognise.sheet([pictures[order[i]] for i in here], [str(i + 1) for i in here], wide=4, side=SIDE)
        page.save(to / f"page-{first // PAGE + 1}.png")


def is_right(answer: str, k: int) -> bool:
    said = answer.lower().strip()
    return said != "?" and any(name in said or (len(said) > 2 and said in name) for name in ALL_NAMES[k])


def compare(folder: pathlib.Path, answers: list[pathlib.Path], scorer: pathlib.Path) -> None:
    truth = np.load(folder / "truth.npz")
    judge = recognise.scoring.Judge(scorer)
    seen = recognise.judged(judge, [(p, recognise.REGION, n) for p, n in zip(truth["pictures"], NAMES)])["recognised"]
    print(f"the scorer recognises {seen.sum()} of {len(seen)}")
    for path in answers:
        said = json.loads(path.read_text())
        right = np.zeros(len(seen), bool)
        for i, k in enumerate(truth["order"]):
            right[k] = is_right(said[str(i + 1)], k)
        missed = [NAMES[k] for k in np.nonzero(~right)[0]]
        print(f"{path}: {right.sum()} named right, agrees with the scorer in {100 * (right == seen).mean():.0f} %; not: {', '.join(missed) or 'none'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_subparsers(dest="what", required=True)
    draws = what.add_parser("sheets")
    draws.add_argument("--checkpoint", type=pathlib.Path, default=recognise.scoring.ROOT / "checkpoints/pocket")
    draws.add_argument("--seed", type=int, default=0)
    draws.add_argument("--to", type=pathlib.Path, required=True)
    compares = what.add_parser("compare")
    compares.add_argument("folder", type=pathlib.Path)
    compares.add_argument("answers", type=pathlib.Path, nargs="+")
    compares.add_argument("--scorer", type=pathlib.Path, default=recognise.scoring.FOLDER)
    args = parser.parse_args()
    if args.what == "sheets":
        sheets(args.checkpoint, args.seed, args.to)
    else:
        compare(args.folder, args.answers, args.scorer)


if __name__ == "__main__":
    main()
