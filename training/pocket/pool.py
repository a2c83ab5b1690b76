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
from together import RANK

BLOCK = 256


def drawn(rng: np.random.Generator, size: Size, count: int) -> list[tuple]:
    """Picture, exact labels, loosened ones, names, kinds, colours of each of `count` scenes."""
    out = []
    for _ in range(count):
        picture, labels, names, kinds, colours = rich.scene(rng, size.side)
        out.append((picture, labels, rich.loosen(labels, rng), names, kinds, colours))
    return out


def maps(masks: list[np.ndarray], size: Size) -> list[torch.Tensor]:
    """Label maps [N, S, S] by the cells of each of the UNet's levels."""
    return [torch.from_numpy(np.stack([scenes.shrink_labels(m, size.grid >> k) for m in masks])) for k in range(len(size.unet))]


def encode(vae: AutoencoderKL, size: Size, seed: int, count: int = BLOCK) -> dict:
    """Latents (not scaled), label maps of two masks (exact, loose) at two resolutions, words, kinds and colours."""
    pictures, exact, loose, names, kinds, colours = zip(*drawn(np.random.default_rng(20_000_000 + seed), size, count))
    x = to_tensor(np.stack(pictures))
    with torch.no_grad(), autocast():
        latents = torch.cat([vae.encode(p.to(DEVICE)).latent_dist.sample().float().cpu() for p in x.split(32)])
    return {
        "latents": latents.half(),
        "maps": [torch.stack(both, 1) for both in zip(maps(exact, size), maps(loose, size))],
        "names": names,
        "kinds": kinds,
        "colours": colours,
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
        if RANK == 0:
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
            if RANK == 0 and not self.maker.is_alive():
                raise SystemExit("the process that makes scenes has ended; see its message above")
            time.sleep(0.5)
            self.refresh(seen)
        kept = list(self.blocks.values())
        return [(kept[int(rng.integers(len(kept)))], int(rng.integers(BLOCK))) for _ in range(n)]
