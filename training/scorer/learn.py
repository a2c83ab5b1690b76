"""The whole recipe of the scorer in one command; run again, it goes on where it was:

    python training/scorer/learn.py --art ART --work WORK [--samples 105000] [--from checkpoints/pocket/scorer]

Contrastive (Radford et al. 2021) over crops and their words, where many crops of a batch may share a word: crops choose
among a prompt a class, prompts choose among the batch's crops, and tinted crops choose among "a red cat", "a blue cat", ...
ART holds the artwork's two archives (sprites.py says how to get them). log.csv in WORK is the curve. With --from, the
weights of that folder are where it begins, with crops as hard as they get.
"""

from __future__ import annotations

import argparse
import copy
import math
import multiprocessing
import os
import pathlib
import time
from queue import Full

import numpy as np
import torch
import torch.nn.functional as F
from transformers import CLIPModel, CLIPTokenizer

import scorer
from crops import Crops
from muon import Muon
from soft import softened
from sprites import NAMES, banks, scenes

ROOT = pathlib.Path(__file__).resolve().parents[2]
BATCH = 64
FRESH = 0.5  # new crops a sample: the others have been seen before


def feed(art: pathlib.Path, work: pathlib.Path, seed: int, queue, hard) -> None:
    """Crops as bytes, as hard as `hard` says, until the parent ends. Softened sprites are kept in `work`: they take minutes."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng, parent, kept = np.random.default_rng(seed), os.getppid(), work / "sprites.pt"
    if not kept.exists():
        torch.save(softened(banks(art)["train"], np.random.default_rng(0)), kept.with_suffix(f".{os.getpid()}"))
        kept.with_suffix(f".{os.getpid()}").rename(kept)
    made = Crops(torch.load(kept, weights_only=False), rng)
    while os.getppid() == parent:
        x, y, c = made.sample(256, hard.value)
        block = (((x + 1) * 127.5).round().byte().numpy(), y.numpy(), c.numpy())
        while os.getppid() == parent:
            try:
                queue.put(block, timeout=2)
                break
            except Full:
                pass


class Pool:
    """The last few thousand crops: training draws from them, and waits for new ones where too few have come in."""

    def __init__(self, queue, blocks: int = 32):
        self.queue, self.blocks, self.rows, self.drawn = queue, blocks, [], 0
        while len(self.rows) < 8:
            self.take()

    def take(self) -> None:
        self.rows.append([torch.from_numpy(a) for a in self.queue.get()])
        self.rows = self.rows[-self.blocks :]

    def batch(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        self.drawn += BATCH
        if self.drawn % round(256 / FRESH) < BATCH:
            self.take()
        some = [self.rows[i] for i in torch.randint(len(self.rows), (4,)).tolist()]
        at = [torch.randperm(256)[: BATCH // 4] for _ in some]
        x, y, c = (torch.cat([row[k][i] for row, i in zip(some, at)]) for k in range(3))
        x = x.float() / 127.5 - 1
        # what is drawn twice is not quite the same twice
        x = torch.roll(x, tuple(torch.randint(-2, 3, (2,)).tolist()), (2, 3))
        return x.flip(3) if torch.rand(()) < 0.2 else x, y, c


def losses(model, words, x, y, c, rng) -> tuple[torch.Tensor, float]:
    image = scorer.embed_crops(model, x)
    scale = model.logit_scale.exp().clamp(max=100)
    pick = lambda options: options[int(rng.integers(len(options)))]  # noqa: E731
    tinted = (c >= 0).nonzero()[:, 0][:6]
    tinted = tinted[y[tinted] < len(NAMES)]
    asked = scorer.prompts(pick)
    coloured = [scenes.article(f"{k} {NAMES[y[i]]}") for i in tinted.tolist() for k in scorer.COLOURS]
    text = scorer.embed_text(model, words(asked + coloured))
    logits = scale * image @ text[: len(asked)].T
    loss = F.cross_entropy(logits, y, label_smoothing=0.03)
    # the other way: a prompt's crops of this batch, each with an equal share
    own = F.one_hot(y, len(asked)).float().T
    own = own[own.sum(1) > 0]
    back = -(own / own.sum(1, keepdim=True) * logits.T[y.bincount(minlength=len(asked)) > 0].log_softmax(1)).sum(1).mean()
    hue = 0.0
    if len(tinted):
        choices = text[len(asked) :].reshape(len(tinted), len(scorer.COLOURS), -1)
        hue = F.cross_entropy(scale * torch.einsum("nd,nkd->nk", image[tinted], choices), c[tinted])
    return loss + 0.3 * back + 0.25 * hue, (logits.argmax(1) == y).float().mean().item()


def hardness(seen: int, last: int, knows: bool) -> float:
    """Easy crops first, unless it knows them: whole shapes, cut out. Beyond 0.7 too many are such that nobody could name them."""
    return 0.7 if knows else min(0.7, seen / (0.8 * last))


def make_optimisers(model, peak: float) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the layers' matrices, AdamW for the rest."""
    inner = [p for n, p in model.named_parameters() if p.ndim == 2 and ".layers." in n]
    chosen = {id(p) for p in inner}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    return [Muon(inner, lr=4 * peak, weight_decay=0.02), torch.optim.AdamW(rest, lr=peak, betas=(0.9, 0.98), weight_decay=0.0)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--art", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "checkpoints/pocket/scorer")
    parser.add_argument("--from", type=pathlib.Path, dest="start", help="a scorer to go on from")
    parser.add_argument("--samples", type=int, default=105_000, help="in all; the learning rate falls to nothing there")
    parser.add_argument("--peak", type=float, default=1.5e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--feeders", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0, help="of the first weights and of all crops: another one makes a second judge")
    args = parser.parse_args()
    torch.manual_seed(args.seed), torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    tokenizer = CLIPTokenizer.from_pretrained(str(ROOT / "checkpoints/pocket/tokenizer"))
    model = CLIPModel.from_pretrained(args.start).float() if args.start else scorer.make(tokenizer)
    model, words = model.train(), scorer.Words(tokenizer)
    slow = copy.deepcopy(model).eval()
    optimisers = make_optimisers(model, args.peak)
    seen, used, path, log = 0, 0.0, args.work / "scorer.pt", args.work / "log.csv"
    if path.exists():
        state = torch.load(path)
        for m, s in zip((model, slow, *optimisers), state["models"]):
            m.load_state_dict(s)
        seen, used = state["seen"], state["used"]
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M weights", flush=True)
    queue, hard = multiprocessing.Queue(4), multiprocessing.Value("d", hardness(seen, args.samples, args.start is not None))
    feeders = [multiprocessing.Process(target=feed, args=(args.art, args.work, args.seed * 10**6 + seen + 1 + k, queue, hard), daemon=True) for k in range(args.feeders)]
    for f in feeders:
        f.start()
    pool, rng, start, right, total = Pool(queue), np.random.default_rng([args.seed, seen]), time.time(), [], []

    def save() -> None:
        torch.save({"models": [m.state_dict() for m in (model, slow, *optimisers)], "seen": seen, "used": used + time.time() - start}, path)
        scorer.save(slow, args.out)

    while seen < args.samples:
        hard.value = hardness(seen, args.samples, args.start is not None)
        done = seen / args.samples
        rate = min(1, (seen + BATCH) / 8_000) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        for o, most in zip(optimisers, (4 * args.peak, args.peak)):
            o.param_groups[0]["lr"] = rate * most
            o.zero_grad()
        loss, hit = losses(model, words, *pool.batch(), rng)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for o in optimisers:
            o.step()
        seen += BATCH
        with torch.no_grad():
            decay = min(0.996, (seen / BATCH + 1) / (seen / BATCH + 20))
            torch._foreach_lerp_([*slow.parameters()], [*model.parameters()], 1 - decay)
        right.append(hit), total.append(loss.item())
        if seen // BATCH % 50 == 0:
            minutes = (used + time.time() - start) / 60
            line = f"{seen},{hard.value:.2f},{minutes:.2f},{np.mean(total):.4f},{np.mean(right):.4f}"
            with log.open("a") as out:
                out.write(line + "\n")
            print(line, flush=True)
            right, total = [], []
        if seen // BATCH % 250 == 0:
            save()
    save()
    for f in feeders:
        f.terminate()


if __name__ == "__main__":
    main()
