"""The whole recipe of the pocket checkpoint in one command; run again, it goes on where it was, at any step:

    python training/pocket/train.py --work WORK --out OUT [--size small] [--from checkpoints/pocket]

or, on several cores or GPUs, `torchrun --nproc-per-node 2 training/pocket/train.py ...`.

Stages: autoencoder -> text encoder and UNet together (the pool of scenes is made beside them) -> export. With --from, all
of them go on from that folder's weights; with --keep-autoencoder that one stays as it is. The learning rate stays at its peak for as long as one lets it run; --anneal N then lets it
fall over N samples, which is where the last gain comes from, and ends. WORK/log.csv is the curve.
"""

from __future__ import annotations

import argparse
import copy
import math
import multiprocessing
import pathlib
import signal
import sys
import time

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import autoencoder  # noqa: E402
import pool as scene_pool  # noqa: E402
import widen  # noqa: E402
from export import export  # noqa: E402
from norm import with_fast_norms  # noqa: E402
from prompts import FREE, KINDS, GroupedAttention, Prompts, bias_of, conditions, encode_text  # noqa: E402
from sizes import DEVICE, SIZES, Size, autocast, make_scheduler, make_text_encoder, make_unet  # noqa: E402
from together import RANK, WORLD, any_of, average, wait  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKENIZER = ROOT / "checkpoints/pocket/tokenizer"  # the scorer's too: a vocabulary is for ever (bpe.py made it)
HEADER = "seen,minutes,loss,held_out,at_100,at_300,at_500,at_700,at_900,samples_per_s\n"


def widened(text: CLIPTextModel, vocab: int) -> CLIPTextModel:
    """With rows for the free tokens behind the vocabulary: Gaussian, with its mean and standard deviation."""
    old = text.get_input_embeddings()
    rows = old.weight.mean(0) + old.weight.std(0) * torch.randn(KINDS * FREE, old.weight.shape[1])
    new = torch.nn.Embedding(vocab + KINDS * FREE, old.weight.shape[1])
    new.weight.data = torch.cat([old.weight.data, rows.detach()])
    text.set_input_embeddings(new)
    return text


class Denoiser:
    """UNet and text encoder: trained, averaged, saved together."""

    def __init__(self, size: Size, tokenizer: CLIPTokenizer, scale: float, start: pathlib.Path | None, peak: float, gamma: float):
        unet = UNet2DConditionModel.from_pretrained(start / "unet").float() if start else make_unet(size)
        text = CLIPTextModel.from_pretrained(start / "text_encoder").float() if start else make_text_encoder(size, len(tokenizer))
        if unet.config.in_channels < size.latent:
            unet = widen.denoiser(unet, size.latent)
        with_fast_norms(unet).set_attn_processor(GroupedAttention())
        self.now = torch.nn.ModuleList([unet.to(DEVICE, memory_format=torch.channels_last), widened(text, len(tokenizer)).to(DEVICE)]).train()
        self.slow = copy.deepcopy(self.now).eval()
        self.optimiser = torch.optim.AdamW(self.now.parameters(), lr=peak, betas=(0.9, 0.99), weight_decay=1e-2, fused=True)
        self.scheduler, self.prompts = make_scheduler(), Prompts(tokenizer)
        self.scale, self.peak, self.gamma = scale, peak, gamma
        self.seen, self.steps, self.used = 0, 0, 0.0

    def state(self) -> dict:
        return {"models": [m.state_dict() for m in (self.now, self.slow, self.optimiser)], "counts": (self.seen, self.steps, self.used)}

    def load(self, state: dict) -> None:
        for m, s in zip((self.now, self.slow, self.optimiser), state["models"]):
            m.load_state_dict(s)
        self.seen, self.steps, self.used = state["counts"]

    def error(self, model, picked, t: torch.Tensor, noise: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
        """Squared error of v for each sample, objects' cells three times: grounds are learned within minutes, and objects, a
        fifth of the cells, are what a person looks at."""
        x = torch.stack([block["latents"][i] for block, i in picked]).float().to(DEVICE) * self.scale
        ids, maps = conditions(picked, rng, self.prompts)
        bias = {m[0].numel(): bias_of(m.to(DEVICE)) for m in maps}
        with autocast():
            hidden = encode_text(model[1], ids.to(DEVICE))
            out = model[0](self.scheduler.add_noise(x, noise, t), t, hidden, cross_attention_kwargs={"group_bias": bias}).sample
        exact = torch.stack([block["maps"][0][i][0] for block, i in picked]).to(DEVICE)
        weight = 1 + 2 * (exact > 0).float()[:, None]
        error = weight * (out.float() - self.scheduler.get_velocity(x, noise, t)) ** 2
        return error.sum((1, 2, 3)) / weight.sum((1, 2, 3)) / x.shape[1]

    def step(self, picked, rate: float, rng: np.random.Generator) -> float:
        n = len(picked)
        shape = (n, *picked[0][0]["latents"].shape[1:])
        # a shape is decided while little but noise is seen: two in five samples are of the noisier half alone
        low = torch.where(torch.rand(n, device=DEVICE) < 0.4, 500, 0)
        t = (low + torch.rand(n, device=DEVICE) * (1000 - low)).long()
        error = self.error(self.now, picked, t, torch.randn(shape, device=DEVICE), rng)
        signal_to_noise = (a := self.scheduler.alphas_cumprod.to(DEVICE)[t]) / (1 - a)
        # min-SNR-gamma for v (Hang et al. 2023, equation 6 divided by SNR + 1), to a mean of one; gamma 0 leaves v as it is
        weight = signal_to_noise.clamp(max=self.gamma) / (signal_to_noise + 1) if self.gamma else torch.ones_like(error)
        loss = (weight * error).sum() / weight.sum()
        self.now.zero_grad()
        loss.backward()
        average(self.now.parameters())
        torch.nn.utils.clip_grad_norm_(self.now.parameters(), 1.0)
        self.optimiser.param_groups[0]["lr"] = self.peak * rate * min(1, (self.steps + 1) / 150)
        self.optimiser.step()
        self.seen, self.steps = self.seen + n * WORLD, self.steps + 1
        with torch.no_grad():
            decay = min(0.998, (self.steps + 1) / (self.steps + 10))
            torch._foreach_lerp_([*self.slow.parameters()], [*self.now.parameters()], 1 - decay)
        return error.mean().item()

    @torch.no_grad()
    def held_out(self, block: dict) -> list[float]:
        """The averaged model's error on scenes it has not seen, with the same words and noise each time, at five noise levels."""
        generator = torch.Generator().manual_seed(3)
        picked = [(block, i) for i in range(64)]
        noise = torch.randn((64, *block["latents"].shape[1:]), generator=generator).to(DEVICE)
        levels = (100, 300, 500, 700, 900)
        t = [torch.full((64,), level, device=DEVICE) for level in levels]
        return [self.error(self.slow, picked, at, noise, np.random.default_rng(4)).mean().item() for at in t]


def learn(model: Denoiser, pool: scene_pool.Pool, block: dict, work: pathlib.Path, size: Size, args) -> None:
    """Trains until it is told to stop (SIGTERM, SIGINT), or until --samples, or until --anneal has run out."""
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _: stop.append(n))
    log, rng = work / "log.csv", np.random.default_rng(model.seen + 1 + RANK)
    if RANK == 0 and not log.exists():
        log.write_text(HEADER)
    before, saved, losses, told = time.time(), time.time(), [], (time.time(), model.seen)
    end, began = args.samples or math.inf, model.seen
    if args.anneal:
        began = anneal_from(work, model.seen)
        end = began + args.anneal
    torch.manual_seed(model.seen + RANK)
    while not any_of(bool(stop)) and model.seen < end:
        rate = 1 - (model.seen - began) / args.anneal * 0.98 if args.anneal else 1.0
        losses.append(model.step(pool.pick(rng, args.batch or size.batch, model.seen), rate, rng))
        now = time.time()
        model.used, before = model.used + (now - before) / 60, now
        if RANK == 0 and (now - saved > 60 * args.save_minutes or model.seen >= end):
            levels = model.held_out(block)
            speed = (model.seen - told[1]) / (now - told[0])
            row = [np.mean(losses), np.mean(levels), *levels]
            line = f"{model.seen},{model.used:.1f}," + ",".join(f"{v:.4f}" for v in row) + f",{speed:.1f}\n"
            with log.open("a") as out:
                out.write(line)
            print(line, end="", flush=True)
            save(model, work)
            losses, told, saved = [], (time.time(), model.seen), time.time()
    save(model, work)


def anneal_from(work: pathlib.Path, seen: int) -> int:
    """Where the fall began: the first call's count, kept for the calls after it."""
    path = work / "anneal.txt"
    if RANK == 0 and not path.exists():
        path.write_text(str(seen))
    wait()
    return int(path.read_text())


def save(model: Denoiser, work: pathlib.Path) -> None:
    """Written beside, then put in place: a kill leaves the one before."""
    if RANK > 0:
        return
    torch.save(model.state(), work / "unet.part")
    (work / "unet.part").rename(work / "unet.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--from", type=pathlib.Path, dest="start", help="a pocket checkpoint to go on from")
    parser.add_argument("--keep-autoencoder", action="store_true", help="with --from: its autoencoder as it is")
    parser.add_argument("--vae-steps", type=int, default=6000)
    parser.add_argument("--samples", type=int, help="stop there")
    parser.add_argument("--anneal", type=int, help="let the learning rate fall over this many samples, then stop")
    parser.add_argument("--peak", type=float, default=4e-4, help="learning rate of UNet and text encoder")
    parser.add_argument("--gamma", type=float, default=0.0, help="min-SNR-gamma, as 5; 0: every noise level counts alike")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--threads", type=int, default=min(16, multiprocessing.cpu_count()) if WORLD == 1 else 1)
    parser.add_argument("--save-minutes", type=float, default=4)
    parser.add_argument("--export-only", action="store_true", help="export what --work holds now, averaged")
    args = parser.parse_args()
    torch.manual_seed(0), torch.set_num_threads(args.threads)
    size = SIZES[args.size]
    args.work.mkdir(parents=True, exist_ok=True)
    tokenizer = CLIPTokenizer.from_pretrained(str(TOKENIZER))
    vae_folder = args.start / "vae" if args.keep_autoencoder else args.work / "vae"
    if not vae_folder.exists():
        vae = autoencoder.train(args.work, size, args.vae_steps, args.start)
        if RANK == 0:
            vae.cpu().save_pretrained(vae_folder)
        wait()
    vae = AutoencoderKL.from_pretrained(vae_folder).float().to(DEVICE).eval()
    path = args.work / "held-out.pt"
    if RANK == 0 and not path.exists():
        torch.save(scene_pool.encode(vae, size, -1, 64), path)
        print(f"autoencoder: {autoencoder.held_out(vae, size):.2f} dB on scenes it has not seen", flush=True)
    wait()
    block = torch.load(path, weights_only=False)
    scale = vae.config.scaling_factor if args.keep_autoencoder else 1 / block["latents"].float().std().item()
    model = Denoiser(size, tokenizer, scale, args.start, args.peak, args.gamma)
    if (args.work / "unet.pt").exists():
        model.load(torch.load(args.work / "unet.pt", map_location=DEVICE))
    if not args.export_only:
        learn(model, scene_pool.Pool(args.work / "pool", vae_folder, size, model.seen), block, args.work, size, args)
    if RANK == 0:
        export(args.out, vae, scale, *model.slow, tokenizer, TOKENIZER)


if __name__ == "__main__":
    main()
