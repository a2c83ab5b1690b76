"""The decoder, taught on what the denoiser makes: sharp pictures from latents that are a little off.

    python training/pocket/decoder.py --checkpoint CHECKPOINT --work WORK

An autoencoder's decoder has only ever seen latents of pictures. What a small denoiser draws is smeared, and is decoded as
a smear. Here scenes are noised up to some level and drawn again from there (SDEdit), which leaves everything where it was:
pairs of what the denoiser makes of a scene and of the scene itself. Three batches in five are such, the others plain latents, so that
pictures come back as well as before. The encoder, and so the denoiser, stay as they are. CHECKPOINT/vae is written anew.
"""

from __future__ import annotations

import argparse
import copy
import math
import multiprocessing
import os
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import autoencoder  # noqa: E402
import pool  # noqa: E402
import prompts as told  # noqa: E402
import scenes  # noqa: E402
from export import write  # noqa: E402
from norm import with_fast_norms  # noqa: E402
from sizes import SIZES, autocast, make_scheduler, to_tensor  # noqa: E402
from together import RANK, WORLD, average  # noqa: E402

SIZE = SIZES["small"]
BLOCK = 64
GUIDANCE = 2.0
STEP = 75  # of the noise schedule's thousand: as in an edit of about ten steps
LEVELS = (2, 8)  # noised to so many such steps
WINDOW = 9  # cells


@torch.no_grad()
def pairs(checkpoint: pathlib.Path, seed: int):
    """Blocks for ever: pictures uint8 [N, S, S, 3], label maps, latents, latents as the denoiser draws them again."""
    vae = AutoencoderKL.from_pretrained(checkpoint / "vae").float().eval()
    unet = UNet2DConditionModel.from_pretrained(checkpoint / "unet").float().eval()
    unet.set_attn_processor(told.GroupedAttention())
    text = CLIPTextModel.from_pretrained(checkpoint / "text_encoder").float().eval()
    words = told.Prompts(CLIPTokenizer.from_pretrained(str(checkpoint / "tokenizer")))
    alphas, rng = make_scheduler().alphas_cumprod, np.random.default_rng(seed)
    torch.manual_seed(seed)
    while True:
        pictures, labels, loose, names, *_ = zip(*pool.drawn(rng, SIZE, BLOCK))
        pictures, labels, maps = np.stack(pictures), np.stack(labels), pool.maps(loose, SIZE)
        ids = torch.stack([torch.stack([words(scenes.article(n)) for n in row] + [words("")] * (told.GROUPS - len(row))) for row in names])
        x = to_tensor(pictures)
        with autocast():
            plain = torch.cat([vae.encode(p).latent_dist.mean.float() for p in x.split(16)]) * vae.config.scaling_factor
            sides = [
                (told.encode_text(text, words("").expand_as(ids)), {m[0].numel(): told.bias_of(0 * m) for m in maps}),
                (told.encode_text(text, ids), {m[0].numel(): told.bias_of(m) for m in maps}),
            ]
            level = int(rng.integers(*LEVELS)) * STEP
            z = alphas[level].sqrt() * plain + (1 - alphas[level]).sqrt() * torch.randn_like(plain)
            for t in range(level, 0, -STEP):
                a, after = alphas[t], alphas[t - STEP] if t > STEP else torch.tensor(1.0)
                without, given = (unet(z, torch.full((BLOCK,), t), h, cross_attention_kwargs={"group_bias": b}).sample.float() for h, b in sides)
                v = without + GUIDANCE * (given - without)
                z = after.sqrt() * (a.sqrt() * z - (1 - a).sqrt() * v) + (1 - after).sqrt() * ((1 - a).sqrt() * z + a.sqrt() * v)
        yield pictures, labels, (plain / vae.config.scaling_factor).half(), (z / vae.config.scaling_factor).half()


def make(checkpoint: pathlib.Path, folder: pathlib.Path, count: int) -> None:
    """This process's blocks in `folder`, numbered; from the first that is not there."""
    torch.set_num_threads(1)
    at, parent = len(list(folder.glob(f"{RANK}-*.pt"))), os.getppid()
    for block in pairs(checkpoint, 77_000_000 + 1_000_000 * RANK + at):
        if at >= count or os.getppid() != parent:
            return
        torch.save(block, folder / f"{RANK}-{at}.part")
        (folder / f"{RANK}-{at}.part").rename(folder / f"{RANK}-{at}.pt")
        at += 1


def window(labels: np.ndarray, cells: int, rng: np.random.Generator) -> tuple[int, int]:
    """The first row and column, in cells, of a window with a thing in it."""
    ys, xs = np.nonzero(labels if labels.any() else labels == 0)
    i = int(rng.integers(len(ys)))
    y, x = (int(np.clip(c[i] // 8 - rng.integers(cells), 0, SIZE.grid - cells)) for c in (ys, xs))
    return y, x


def slopes(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x[:, :, 1:] - x[:, :, :-1], x[:, :, :, 1:] - x[:, :, :, :-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--blocks", type=int, default=64)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--peak", type=float, default=6e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only-pairs", action="store_true", help="make them and end")
    args = parser.parse_args()
    torch.set_num_threads(args.threads), torch.manual_seed(0)
    folder = args.work / "pairs"
    folder.mkdir(parents=True, exist_ok=True)
    maker = multiprocessing.Process(target=make, args=(args.checkpoint, folder, -(-args.blocks // WORLD)), daemon=True)
    maker.start()
    if args.only_pairs:
        maker.join()
        return
    vae = AutoencoderKL.from_pretrained(args.checkpoint / "vae").float()
    if RANK == 0:
        print(f"before: {autoencoder.held_out(vae, SIZE):.2f} dB", flush=True)
    learned = with_fast_norms(torch.nn.ModuleList([vae.decoder, vae.post_quant_conv])).to(memory_format=torch.channels_last)
    slow = copy.deepcopy(learned)
    optimisers = autoencoder.make_optimisers(learned)
    blocks, told_at, losses, rng = {}, time.time(), [], np.random.default_rng(1 + RANK)
    for step in range(args.steps):
        while len(blocks) < args.blocks:
            for path in sorted(folder.glob("*.pt")):
                if path.name not in blocks:
                    blocks[path.name] = torch.load(path, weights_only=False)
            if blocks:
                break
            time.sleep(1)
        done = step / args.steps
        pictures, labels, plain, drawn = blocks[list(blocks)[int(rng.integers(len(blocks)))]]
        z = drawn if rng.random() < 0.6 else plain
        # small windows first, whole pictures for the last third: normalisation sees the statistics of both
        cells, count = (WINDOW, args.batch) if done < 2 / 3 else (SIZE.grid, args.batch // 3)
        picked = [(i, *window(labels[i], cells, rng)) for i in rng.choice(BLOCK, count, replace=False)]
        cut = lambda m, f: np.stack([m[i, f * y : f * (y + cells), f * x : f * (x + cells)] for i, y, x in picked])  # noqa: E731
        x, weight = to_tensor(cut(pictures, 8)), 1 + 2 * torch.from_numpy(cut(labels, 8) > 0).float()[:, None]
        z = torch.stack([z[i, :, y : y + cells, x_ : x_ + cells] for i, y, x_ in picked]).float()
        with autocast():
            y = vae.decode(z).sample.float()
        off = (weight * ((y - x).abs() + 4 * (y - x) ** 2)).mean() / weight.mean()
        sharp = sum(F.l1_loss(p, q) for p, q in zip(slopes(y), slopes(x)))
        loss = off + sharp
        learned.zero_grad()
        loss.backward()
        average(learned.parameters())
        torch.nn.utils.clip_grad_norm_(learned.parameters(), 1.0)
        autoencoder.advance(optimisers, args.peak * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))))
        losses.append(loss.item())
        with torch.no_grad():
            torch._foreach_lerp_([*slow.parameters()], [*learned.parameters()], 1 - min(0.995, (step + 1) / (step + 10)))
        if step % 100 == 99 and RANK == 0:
            print(f"{step + 1} steps, {len(blocks)} blocks, loss {np.mean(losses):.4f}, {100 * args.batch / (time.time() - told_at):.1f} scenes/s", flush=True)
            losses, told_at = [], time.time()
    for now, kept in zip(learned.parameters(), slow.parameters()):
        now.data.copy_(kept.data)
    if RANK > 0:
        return
    print(f"after: {autoencoder.held_out(vae.eval(), SIZE):.2f} dB", flush=True)
    write(vae, args.checkpoint / "vae")


if __name__ == "__main__":
    main()
