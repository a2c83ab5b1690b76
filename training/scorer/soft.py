"""Sprites as pocket's autoencoder gives them back: soft, and with a little of the ground at their edges.

A person names a drawing that is a little blurred as easily as a sharp one. Crops of the artwork alone are made small and
blurred too (crops.py), but that is not how an autoencoder blurs.
"""

from __future__ import annotations

import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from sprites import INK, SIDE, Bank, scenes

VAE = pathlib.Path(__file__).resolve().parents[2] / "checkpoints/pocket/vae"
PICTURE = 128


@torch.no_grad()
def softened(bank: Bank, rng: np.random.Generator, each: int = 1) -> Bank:
    """The bank, and every sprite `each` times after the autoencoder: 36 to 88 pixels wide, on a drawn ground."""
    vae, kinds, found = AutoencoderKL.from_pretrained(VAE).float().eval(), list(scenes.GROUNDS), []
    for sprite in bank.sprites.repeat(each, 1, 1, 1).split(32):
        grounds = [scenes.ground(kinds[int(rng.integers(len(kinds)))], rng, PICTURE) for _ in sprite]
        back = torch.from_numpy(np.stack(grounds)).permute(0, 3, 1, 2).float() / 255
        # from the picture to the sprite's canvas, and back again: both -1..1 from edge to edge
        wide = torch.from_numpy(rng.uniform(36, 88, len(sprite)) / PICTURE * SIDE / INK).float()
        at = torch.from_numpy(rng.uniform(-1, 1, (len(sprite), 2))).float() * (1 - wide.clamp(max=1))[:, None]
        eye = torch.eye(2).expand(len(sprite), 2, 2)
        into = torch.cat([eye / wide[:, None, None], (-at / wide[:, None])[:, :, None]], 2)
        out = torch.cat([eye * wide[:, None, None], at[:, :, None]], 2)
        laid = F.grid_sample(torch.cat([sprite[:, :3] * sprite[:, 3:], sprite[:, 3:]], 1), F.affine_grid(into, [len(sprite), 4, PICTURE, PICTURE], align_corners=False), align_corners=False)
        picture = vae.decode(vae.encode((laid[:, :3] + back * (1 - laid[:, 3:])) * 2 - 1).latent_dist.mode()).sample.clamp(-1, 1)
        rgb = F.grid_sample((picture + 1) / 2, F.affine_grid(out, [len(sprite), 3, SIDE, SIDE], align_corners=False), align_corners=False)
        found.append(torch.cat([rgb, sprite[:, 3:]], 1))
    more = Bank.__new__(Bank)
    more.sprites, more.classes = torch.cat([bank.sprites, *found]), bank.classes.repeat(1 + each)
    return more
