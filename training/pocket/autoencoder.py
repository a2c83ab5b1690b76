"""The autoencoder: windows around objects first, whole pictures for the last fifth. Resumable at every save."""

from __future__ import annotations

import math
import multiprocessing
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

import rich
from sizes import DEVICE, Size, autocast, make_vae, to_tensor


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


def train(work: pathlib.Path, size: Size, steps: int, start: pathlib.Path | None = None) -> AutoencoderKL:
    """`steps` in all, from an edition's weights where `start` names its folder."""
    path = work / "vae.pt"
    vae = AutoencoderKL.from_pretrained(start / "vae").float() if start else make_vae(size)
    vae, peak = vae.train().to(DEVICE, memory_format=torch.channels_last), 1e-3 if start else 2e-3
    optimiser, step = torch.optim.AdamW(vae.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-4), 0
    if path.exists():
        state = torch.load(path, map_location=DEVICE)
        vae.load_state_dict(state["vae"]), optimiser.load_state_dict(state["optimiser"])
        step = state["step"]

    def save() -> None:
        torch.save({"vae": vae.state_dict(), "optimiser": optimiser.state_dict(), "step": step}, path)

    last = time.time()
    with multiprocessing.Pool(8 if DEVICE.type == "cuda" else 1) as pool:
        # small windows first, whole pictures for the last fifth: normalisation sees the statistics of both
        crops = [64 if s < 0.8 * steps else 0 for s in range(step, steps)]
        jobs = ((10_000_000 + step + i, size.batch if c else max(2, size.batch // 4), c, size.side) for i, c in enumerate(crops))
        for found in pool.imap(pictures, jobs):
            x = to_tensor(found).to(DEVICE, memory_format=torch.channels_last)
            for g in optimiser.param_groups:
                g["lr"] = peak * min(1, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
            with autocast():
                posterior = vae.encode(x).latent_dist
                y = vae.decode(posterior.sample()).sample
            loss = F.l1_loss(y.float(), x) + 4 * F.mse_loss(y.float(), x) + 1e-7 * posterior.kl().float().mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
            optimiser.step()
            step += 1
            if step % 50 == 0:
                print(f"vae {step}/{steps} {psnr(y.float(), x):.2f} dB {50 * len(x) / (time.time() - last):.1f} windows/s", flush=True)
                last = time.time()
                save()
    save()
    return vae.eval()


def psnr(y: torch.Tensor, x: torch.Tensor) -> float:
    return 10 * math.log10(4 / F.mse_loss(y, x).item())


@torch.no_grad()
def held_out(vae: AutoencoderKL, size: Size, count: int = 64) -> float:
    """dB over scenes that no training has seen (their seeds are its own)."""
    x = to_tensor(pictures((1, count, 0, size.side)))
    parts = [vae.decode(vae.encode(p.to(DEVICE)).latent_dist.mean).sample.clamp(-1, 1).cpu() for p in x.split(16)]
    return psnr(torch.cat(parts), x)
