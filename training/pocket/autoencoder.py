"""The autoencoder: windows around objects first, whole pictures for the last third. Resumable at every save."""

from __future__ import annotations

import copy
import math
import multiprocessing
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

import rich
import widen
from muon import Muon
from norm import with_fast_norms
from sizes import DEVICE, Size, autocast, make_vae, to_tensor
from together import RANK, WORLD, average


def pictures(args) -> np.ndarray:
    """`count` pictures; with `crop`, windows of that size around objects, where there is something to learn."""
    seed, count, crop, side = args
    rng, out = np.random.default_rng(seed), []
    while len(out) < count:
        picture, labels, *_ = rich.scene(rng, side)
        if not crop:
            out.append(picture)
            continue
        for _ in range(2):
            ys, xs = np.nonzero(labels if labels.any() and rng.random() < 0.9 else labels == 0)
            i = int(rng.integers(len(ys)))
            x, y = (int(np.clip(c[i] - rng.integers(crop), 0, side - crop)) for c in (xs, ys))
            out.append(picture[y : y + crop, x : x + crop])
    return np.stack(out[:count])


def make_optimisers(model: torch.nn.Module) -> list[torch.optim.Optimizer]:
    """Muon for the convolutions, at three times the learning rate: at equal steps it is ahead of AdamW, which has the rest."""
    matrices = [p for p in model.parameters() if p.dim() == 4 and min(p.shape[:2]) > 3]
    chosen = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    return [Muon(matrices, lr=0), torch.optim.AdamW(rest, lr=0, betas=(0.9, 0.99), weight_decay=1e-4)]


def advance(optimisers: list[torch.optim.Optimizer], rate: float) -> None:
    for optimiser, times in zip(optimisers, (3, 1)):
        optimiser.param_groups[0]["lr"] = times * rate
        optimiser.step()


def train(work: pathlib.Path, size: Size, steps: int, start: pathlib.Path | None = None) -> AutoencoderKL:
    """`steps` in all, averaged at the end; from an edition's weights where `start` names its folder, as wide as `size` says. Latents'
    first channels stay near what they were in that edition, so that its denoiser knows them."""
    path = work / "vae.pt"
    old = AutoencoderKL.from_pretrained(start / "vae").float().eval().to(DEVICE) if start else None
    had = old.config.latent_channels if old else 0
    vae = with_fast_norms(widen.autoencoder(old.cpu(), size.vae, size.latent) if old else make_vae(size))
    vae = vae.train().to(DEVICE, memory_format=torch.channels_last)
    slow = copy.deepcopy(vae)
    peak = 1e-3 if old else 2e-3
    optimisers = make_optimisers(vae)
    models, step = [vae, slow, *optimisers], 0
    if path.exists():
        state = torch.load(path, map_location=DEVICE)
        for m, kept in zip(models, state["models"]):
            m.load_state_dict(kept)
        step = state["step"]
    if old:
        old.to(DEVICE, memory_format=torch.channels_last)
        variance = old.encode(to_tensor(pictures((2, 64, 0, size.side))).to(DEVICE)).latent_dist.mean.var().item()

    def save() -> None:
        if RANK == 0:
            torch.save({"models": [m.state_dict() for m in models], "step": step}, path)

    last = time.time()
    torch.manual_seed(step * WORLD + RANK)
    with multiprocessing.Pool(8 if DEVICE.type == "cuda" else 1) as pool:
        # small windows first, whole pictures for the last third: normalisation sees the statistics of both
        crops = [64 if s < 0.7 * steps else 0 for s in range(step, steps)]
        jobs = (
            (10_000_000 + (step + i) * WORLD + RANK, size.batch if c else max(2, size.batch // 4), c, size.side)
            for i, c in enumerate(crops)
        )
        for found in pool.imap(pictures, jobs):
            x = to_tensor(found).to(DEVICE, memory_format=torch.channels_last)
            rate = min(1, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
            with autocast():
                posterior = vae.encode(x).latent_dist
                y = vae.decode(posterior.sample()).sample.float()
            loss = F.l1_loss(y, x) + 4 * F.mse_loss(y, x) + 1e-7 * posterior.kl().float().mean()
            if old:
                with torch.no_grad(), autocast():
                    before = old.encode(x).latent_dist.mean.float()
                loss = loss + 0.02 * F.mse_loss(posterior.mean[:, :had].float(), before) / variance
            vae.zero_grad()
            loss.backward()
            average(vae.parameters())
            torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
            advance(optimisers, peak * rate)
            step += 1
            with torch.no_grad():
                torch._foreach_lerp_([*slow.parameters()], [*vae.parameters()], 1 - min(0.998, (step + 1) / (step + 10)))
            if step % 50 == 0 and RANK == 0:
                print(f"vae {step}/{steps} {psnr(y, x):.2f} dB {50 * len(x) / (time.time() - last):.1f} windows/s", flush=True)
                last = time.time()
                save()
    save()
    slow = slow.eval()
    if old and had < size.latent:
        with torch.no_grad():
            z = slow.encode(to_tensor(pictures((2, 64, 0, size.side))).to(DEVICE)).latent_dist.mean
        widen.level(slow, z.std((0, 2, 3)), had)
    return slow


def psnr(y: torch.Tensor, x: torch.Tensor) -> float:
    return 10 * math.log10(4 / F.mse_loss(y, x).item())


@torch.no_grad()
def held_out(vae: AutoencoderKL, size: Size, count: int = 64) -> float:
    """dB over scenes that no training has seen (their seeds are its own)."""
    x = to_tensor(pictures((1, count, 0, size.side)))
    parts = [vae.decode(vae.encode(p.to(DEVICE)).latent_dist.mean).sample.clamp(-1, 1).cpu() for p in x.split(16)]
    return psnr(torch.cat(parts), x)
