"""Scenes for the UNet: a pool of encoded scenes on disk, of which the oldest are replaced while training draws from it.

Block k holds BLOCK scenes drawn from seed k, so a pool is the same wherever it is made, and a restart loses nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import pathlib
import time

import numpy as np
import torch
from diffusers import AutoencoderKL

import rich
import scenes
from sizes import DEVICE, Size, autocast, to_tensor

BLOCK = 256


def encode(vae: AutoencoderKL, size: Size, seed: int, count: int = BLOCK) -> dict:
    """Latents (not scaled), label maps of two masks (exact, loose) at two resolutions, words, kinds and colours."""
    rng, drawn = np.random.default_rng(20_000_000 + seed), []
    for _ in range(count):
        picture, labels, names, kinds, colours = rich.scene(rng, size.side)
        loose = rich.loosen(labels, rng)
        maps = [np.stack([scenes.shrink_labels(m, r) for m in (labels, loose)]) for r in (size.grid >> k for k in range(len(size.unet)))]
        drawn.append((picture, maps, names, kinds, colours))
    x = to_tensor(np.stack([d[0] for d in drawn]))
    with torch.no_grad(), autocast():
        latents = torch.cat([vae.encode(p.to(DEVICE)).latent_dist.sample().float().cpu() for p in x.split(32)])
    return {
        "latents": latents.half(),
        "maps": [torch.from_numpy(np.stack([d[1][k] for d in drawn])) for k in range(len(size.unet))],
        "names": [d[2] for d in drawn],
        "kinds": [d[3] for d in drawn],
        "colours": [d[4] for d in drawn],
    }


def path_of(folder: pathlib.Path, k: int) -> pathlib.Path:
    return folder / f"block-{k}.pt"


def make_blocks(folder: pathlib.Path, vae_folder: pathlib.Path, size: Size, wanted) -> None:
    """Makes block after block up to the number in `wanted`, for ever."""
    torch.set_num_threads(1)
    vae = AutoencoderKL.from_pretrained(vae_folder).float().to(DEVICE).eval()
    k, parent = 0, os.getppid()
    while os.getppid() == parent:
        if k > wanted.value:
            time.sleep(0.5)
            continue
        if k > wanted.value - size.pool // BLOCK and not path_of(folder, k).exists():
            part = folder / f"block-{k}.part"
            torch.save(encode(vae, size, k), part)
            part.rename(path_of(folder, k))
        k += 1


class Pool:
    """The last size.pool scenes. `batch(rng, n, seen)` waits where blocks are not made yet."""

    def __init__(self, folder: pathlib.Path, vae_folder: pathlib.Path, size: Size, seen: int):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.size, self.blocks = folder, size, {}
        self.wanted = multiprocessing.Value("l", self.newest(seen))
        self.maker = multiprocessing.Process(target=make_blocks, args=(folder, vae_folder, size, self.wanted), daemon=True)
        self.maker.start()

    def newest(self, seen: int) -> int:
        """The block that must be made next, so that a scene is drawn size.uses times in the mean."""
        return int(seen / self.size.uses) // BLOCK + min(self.size.pool // BLOCK, 8) - 1

    def refresh(self, seen: int) -> None:
        newest = self.newest(seen)
        self.wanted.value = newest
        oldest = max(0, newest + 1 - self.size.pool // BLOCK)
        for k in [k for k in self.blocks if k < oldest]:
            del self.blocks[k]
            path_of(self.folder, k).unlink(missing_ok=True)
        for k in range(oldest, newest + 1):
            if k not in self.blocks and path_of(self.folder, k).exists():
                self.blocks[k] = torch.load(path_of(self.folder, k), weights_only=False)

    def pick(self, rng: np.random.Generator, n: int, seen: int) -> list[tuple[dict, int]]:
        self.refresh(seen)
        while not self.blocks:
            if not self.maker.is_alive():
                raise SystemExit("the process that makes scenes has ended; see its message above")
            time.sleep(0.5)
            self.refresh(seen)
        kept = list(self.blocks.values())
        return [(kept[int(rng.integers(len(kept)))], int(rng.integers(BLOCK))) for _ in range(n)]
