"""Fits the judge of neighbouring regions: checkpoints/judge's layers.*, mean and scale.

    python fit.py MODEL OUT PAIRS [PAIRS …]

MODEL is a model.safetensors whose other tensors (the regression that tells people) are kept; PAIRS are what pairs.js
wrote. A tenth of each file, its last rows, is held back and its loss printed. The same files give the same weights.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

SEED, HIDDEN, EPOCHS, BATCH, RATE, DROPOUT, FAR = 11, (64, 32), 20, 512, 2e-3, 0.05, 5.0
PER_FILE = 150_000


def rows_of(path: str, width: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.fromfile(path, np.float32).reshape(-1, width)
    fit, held = rows[: int(0.9 * len(rows))], rows[int(0.9 * len(rows)) :]
    if len(fit) > PER_FILE:
        fit = fit[np.random.default_rng(SEED).permutation(len(fit))[:PER_FILE]]
    return fit, held


def main(model: str, out: str, files: list[str]) -> None:
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    tensors = load_file(model)
    features = len(tensors["mean"])
    parts = [rows_of(path, features + 2) for path in files]
    fit = np.concatenate([part for part, _ in parts])
    x, y = fit[:, :features], fit[:, features]
    # every picture counts the same, and every file
    weight = np.concatenate([w[:, -1] / w[:, -1].sum() for w, _ in parts]) * len(fit) / len(parts)
    weight = np.clip(weight, 0.2, 5)
    mean = x.mean(0)
    scale = 1 / np.maximum(x.std(0), 1e-3)
    mean, scale = (v.astype(np.float16).astype(np.float32) for v in (mean, scale))
    see = lambda rows: torch.from_numpy(np.clip((rows - mean) * scale, -FAR, FAR))
    sizes = [features, *HIDDEN, 1]
    layers = [torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
    net = torch.nn.Sequential(torch.nn.Dropout(DROPOUT), layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])
    steps = EPOCHS * (len(x) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    loss_of = torch.nn.functional.binary_cross_entropy_with_logits
    xs, ys, ws = see(x), torch.from_numpy(y), torch.from_numpy(weight.astype(np.float32))
    for epoch in range(EPOCHS):
        net.train()
        order = torch.randperm(len(xs))
        for k in range(len(x) // BATCH):
            rows = order[k * BATCH : (k + 1) * BATCH]
            loss = loss_of(net(xs[rows])[:, 0], ys[rows], ws[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        net.eval()
        with torch.no_grad():
            held = [loss_of(net(see(h[:, :features]))[:, 0], torch.from_numpy(h[:, features])).item() for _, h in parts]
        print(epoch + 1, " ".join(f"{Path(f).stem} {h:.4f}" for f, h in zip(files, held)), flush=True)
    tensors |= {"mean": mean, "scale": scale}
    for k, layer in enumerate(layers):
        tensors |= {f"layers.{k}.weight": layer.weight.detach().numpy(), f"layers.{k}.bias": layer.bias.detach().numpy()}
    save_file({name: tensor.astype(np.float16) for name, tensor in tensors.items()}, out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
