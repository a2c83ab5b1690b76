"""Fits the regression that tells people from other figures: checkpoints/judge's person.*.

    python fit_people.py MODEL OUT PHOTOGRAPHS SCENES

PHOTOGRAPHS and SCENES are what people.js wrote of BSDS500's train and val pictures and of drawn scenes, on which nobody is
a person; people.txt says who is on the photographs. MODEL's other tensors are kept. Prints tenfold cross-validation at the
threshold SURELY of src/engine/segmentation/person/people.ts.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

SURELY, FAR, RIDGE, ROUNDS = 0.25, 3.0, 0.03, 40


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Logistic regression with a ridge, by Newton's method; the last weight is the bias, which has none."""
    x = np.concatenate([x, np.ones((len(x), 1))], 1)
    ridge = np.full(x.shape[1], RIDGE * len(x))
    ridge[-1] = 1e-6
    w = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-(x @ w)))
        w -= np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + np.diag(ridge), x.T @ (p - y) + ridge * w)
    return w


def main(model: str, out: str, photographs: str, scenes: str) -> None:
    words = [line for line in (Path(__file__).parent / "people.txt").read_text().splitlines() if not line.startswith("#")]
    people, unsure = (set(part.split()) for part in " ".join(words).removeprefix("people:").split("unsure:"))
    rows = [(row, row["name"] in people) for row in map(json.loads, open(photographs)) if row["name"] not in unsure]
    rows += [(row, False) for row in map(json.loads, open(scenes))]
    y = np.array([is_person for _, is_person in rows], float)
    raw = np.array([row["means"] for row, _ in rows])
    mean, scale = raw.mean(0).astype(np.float16), (1 / raw.std(0)).astype(np.float16)
    x = np.clip((raw - mean.astype(float)) * scale.astype(float), -FAR, FAR)
    fold = np.random.default_rng(3).permutation(len(y)) % 10
    odds = np.zeros(len(y))
    for k in range(10):
        w = fit(x[fold != k], y[fold != k])
        odds[fold == k] = x[fold == k] @ w[:-1] + w[-1]
    area = (odds[y == 1][:, None] > odds[y == 0][None]).mean()
    said = odds >= SURELY
    print(f"{len(y)} pictures, {int(y.sum())} with people; cross-validated: area under the curve {area:.3f}, "
          f"{said[y == 1].mean():.0%} of the pictures with people are called so, {said[y == 0].mean():.1%} of those without")
    w = fit(x, y)
    tensors = load_file(model)
    tensors |= {"person.mean": mean, "person.scale": scale, "person.weight": w[:-1].astype(np.float16),
                "person.bias": w[-1:].astype(np.float16)}
    save_file(tensors, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
