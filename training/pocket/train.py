"""The whole recipe of the pocket checkpoint in one command, resumable, on CUDA when there is one:

    python training/pocket/train.py --vae-minutes 18 --unet-minutes 80

Stages: tokenizer -> vae -> latents -> unet (text encoder and UNet together) -> export to checkpoints/pocket.
Every stage saves under --work and goes on from there when the command is run again. A new edition need not begin
anew: with --from checkpoints/pocket the VAE and its scale stay as they are (learned items of users stay valid in
size), and the UNet and text encoder go on from that folder's weights.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import multiprocessing
import pathlib
import shutil
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DDPMScheduler, EulerDiscreteScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bpe  # noqa: E402
import scenes  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
LENGTH = 32  # tokens of a prompt
LATENT = 12  # channels of a latent: at f=8, four blur the faces
GROUPS = scenes.MAX_ITEMS
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast():
    return torch.autocast(DEVICE.type, torch.bfloat16)


def lr_at(progress: float, peak: float) -> float:
    """Linear warm-up over 3 %, then a cosine down to 2 % of the peak."""
    if progress < 0.03:
        return peak * max(progress, 1e-3) / 0.03
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1, (progress - 0.03) / 0.97))))


class Clock:
    """Minutes of training used so far, over restarts."""

    def __init__(self, minutes: float, used: float = 0.0):
        self.minutes, self.used, self.start = minutes, used, time.time()

    def elapsed(self) -> float:
        return self.used + (time.time() - self.start) / 60

    def progress(self) -> float:
        return self.elapsed() / self.minutes


# --- VAE ---------------------------------------------------------------------------------------------------------


def make_vae() -> AutoencoderKL:
    # Width at low resolution: a resnet at 128x128 costs 64 times one of the same width at 16x16.
    return AutoencoderKL(
        block_out_channels=[16, 32, 64, 128],
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        latent_channels=LATENT,
        layers_per_block=1,
        norm_num_groups=8,
        sample_size=scenes.SIZE,
        mid_block_add_attention=False,
    )


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def _pictures(args) -> np.ndarray:
    """`count` pictures; with `crop`, windows of that size around objects, where there is something to learn."""
    seed, count, crop = args
    rng = np.random.default_rng(seed)
    out = []
    while len(out) < count:
        picture, labels, _ = scenes.scene(rng)
        if not crop:
            out.append(picture)
            continue
        for _ in range(2):
            ys, xs = np.nonzero(labels if rng.random() < 0.9 else labels == 0)
            i = int(rng.integers(len(ys)))
            x, y = (int(np.clip(c[i] - rng.integers(crop), 0, scenes.SIZE - crop)) for c in (xs, ys))
            out.append(picture[y : y + crop, x : x + crop])
    return np.stack(out[:count])


def train_vae(work: pathlib.Path, minutes: float) -> AutoencoderKL:
    path = work / "vae.pt"
    vae = make_vae().to(DEVICE, memory_format=torch.channels_last)
    opt = torch.optim.AdamW(vae.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-4)
    clock, step = Clock(minutes), 0
    if path.exists():
        state = torch.load(path, map_location=DEVICE)
        vae.load_state_dict(state["vae"]), opt.load_state_dict(state["opt"])
        clock, step = Clock(minutes, state["used"]), state["step"]

    def save():
        torch.save({"vae": vae.state_dict(), "opt": opt.state_dict(), "used": clock.elapsed(), "step": step}, path)

    batch, last = (64 if DEVICE.type == "cuda" else 8), time.time()
    with multiprocessing.Pool(8 if DEVICE.type == "cuda" else 1) as pool:
        while clock.progress() < 1:
            # small windows first, whole pictures for the last fifth: normalisation sees the statistics of both
            crop = 64 if clock.progress() < 0.8 else 0
            count = batch * 4 if crop else batch
            for pictures in pool.imap(_pictures, [(10_000_000 + step + i, count, crop) for i in range(100)]):
                x = to_tensor(pictures).to(DEVICE, memory_format=torch.channels_last)
                for g in opt.param_groups:
                    g["lr"] = lr_at(clock.progress(), 2e-3)
                with autocast():
                    posterior = vae.encode(x).latent_dist
                    y = vae.decode(posterior.sample()).sample
                y = y.float()
                loss = F.l1_loss(y, x) + 4 * F.mse_loss(y, x) + 1e-7 * posterior.kl().float().mean()
                opt.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
                opt.step()
                step += 1
                if step % 50 == 0:
                    psnr = 10 * math.log10(4 / F.mse_loss(y, x).item())
                    print(f"vae step {step} {clock.elapsed():.1f} min loss {loss.item():.4f} psnr {psnr:.2f} dB {50 * len(x) / (time.time() - last):.1f} windows/s", flush=True)
                    last = time.time()
                    save()
                if clock.progress() >= 1:
                    break
    save()
    return vae.eval()


# --- latents -----------------------------------------------------------------------------------------------------


def _scene_batch(args):
    seed, count = args
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        picture, labels, names = scenes.scene(rng)
        loose = scenes.loosen(labels, rng)
        maps = [np.stack([scenes.shrink_labels(m, r) for m in (labels, loose)]) for r in (16, 8)]
        out.append((picture, maps, names))
    return out


def make_latents(work: pathlib.Path, vae: AutoencoderKL, count: int, scale: float | None = None):
    path = work / "latents.pt"
    if path.exists():
        return torch.load(path, weights_only=False)
    latents, maps, names, last = [], ([], []), [], time.time()
    with multiprocessing.Pool(8 if DEVICE.type == "cuda" else 1) as pool, torch.no_grad(), autocast():
        for batch in pool.imap(_scene_batch, [(20_000_000 + i, 32) for i in range(count // 32)]):
            x = to_tensor(np.stack([b[0] for b in batch])).to(DEVICE, memory_format=torch.channels_last)
            latents.append(vae.encode(x).latent_dist.sample().float().cpu())
            for k in (0, 1):
                maps[k].append(np.stack([b[1][k] for b in batch]))
            names.extend(b[2] for b in batch)
    latents = torch.cat(latents)
    data = {
        "latents": latents.half(),
        "scale": scale or 1 / latents.std().item(),
        "maps": [torch.from_numpy(np.concatenate(m)) for m in maps],
        "names": names,
    }
    print(f"latents {len(names)} std {latents.std():.3f} in {time.time() - last:.0f} s", flush=True)
    torch.save(data, path)
    return data


# --- text encoder and UNet ---------------------------------------------------------------------------------------


class GroupedAttention:
    """diffusers attention processor with an additive bias for each query length: grouped cross-attention.

    out = softmax(q k^T / sqrt(d) + bias) v over the concatenated tokens of all items, bias 0 for a pixel's own
    item and -inf elsewhere: the sum of masked attentions of arXiv 2403.04880, section 3.2.
    """

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, group_bias=None, **_):
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        b, n, _ = hidden_states.shape
        q, k, v = (
            f(t).view(b, -1, attn.heads, f.out_features // attn.heads).transpose(1, 2)
            for f, t in ((attn.to_q, hidden_states), (attn.to_k, context), (attn.to_v, context))
        )
        bias = group_bias[n].to(q.dtype) if encoder_hidden_states is not None and group_bias is not None else None
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return attn.to_out[0](out.transpose(1, 2).reshape(b, n, -1))


def make_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=LATENT,
        out_channels=LATENT,
        block_out_channels=[96, 192],
        layers_per_block=1,
        norm_num_groups=16,
        cross_attention_dim=128,
        attention_head_dim=4,
        down_block_types=["CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
    )


def make_text_encoder(vocab: int) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocab,
            hidden_size=128,
            intermediate_size=512,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            bos_token_id=vocab - 2,
            eos_token_id=vocab - 1,
            pad_token_id=vocab - 1,
        )
    )


def make_scheduler() -> DDPMScheduler:
    return DDPMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction", clip_sample=False
    )


class Prompts:
    """Token ids of prompts, cached."""

    def __init__(self, tokenizer):
        self.tokenizer, self.cache = tokenizer, {}

    def __call__(self, text: str) -> torch.Tensor:
        if text not in self.cache:
            ids = self.tokenizer(text, padding="max_length", truncation=True, max_length=LENGTH).input_ids
            self.cache[text] = torch.tensor(ids)
        return self.cache[text]


def conditions(data, index, rng, prompts):
    """For each sample: ids [GROUPS, LENGTH] and label maps; whole captions put everything into group 0."""
    ids, maps = [], ([], [])
    for i in index:
        names = data["names"][i]
        how = rng.random()
        if how < 0.1 or how > 0.85:
            row = [prompts("" if how < 0.1 else scenes.caption(names))] + [prompts("")] * (GROUPS - 1)
            for k in (0, 1):
                maps[k].append(torch.zeros_like(data["maps"][k][i][0]))
        else:
            style = int(rng.integers(3))
            words = [(n, scenes.article(n), "a photo of " + scenes.article(n))[style] for n in names]
            row = [prompts(w) for w in words] + [prompts("")] * (GROUPS - len(words))
            loose = int(rng.random() < 0.6)
            for k in (0, 1):
                maps[k].append(data["maps"][k][i][loose])
        ids.append(torch.stack(row))
    return torch.stack(ids), [torch.stack(m) for m in maps]


def bias_of(maps: torch.Tensor) -> torch.Tensor:
    """Label maps [B,h,w] -> additive bias [B,1,h*w,GROUPS*LENGTH]."""
    own = maps.flatten(1)[:, :, None] == torch.arange(GROUPS, device=maps.device)
    bias = torch.where(own, 0.0, -1e4).repeat_interleave(LENGTH, dim=2)
    return bias[:, None]


def encode_text(text_encoder, ids):
    """[B,G,L] -> [B,G*L,D]; each distinct prompt is encoded once."""
    flat, back = torch.unique(ids.flatten(0, 1), dim=0, return_inverse=True)
    hidden = text_encoder(flat).last_hidden_state
    return hidden[back].reshape(ids.shape[0], -1, hidden.shape[-1])


def train_unet(work, data, tokenizer, minutes, peak, fresh_schedule=False, start=None):
    path = work / "unet.pt"
    unet = UNet2DConditionModel.from_pretrained(start / "unet").float() if start else make_unet()
    unet.set_attn_processor(GroupedAttention())
    text = CLIPTextModel.from_pretrained(start / "text_encoder").float() if start else make_text_encoder(len(tokenizer))
    unet.train(), text.train()
    unet.to(DEVICE, memory_format=torch.channels_last), text.to(DEVICE)
    parameters = [*unet.parameters(), *text.parameters()]
    opt = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-2)
    ema = [copy.deepcopy(unet).eval(), copy.deepcopy(text).eval()]
    scheduler = make_scheduler()
    clock, step = Clock(minutes), 0
    if path.exists():
        state = torch.load(path, map_location=DEVICE)
        for m, s in zip([unet, text, *ema, opt], state["models"]):
            m.load_state_dict(s)
        clock, step = Clock(minutes, 0.0 if fresh_schedule else state["used"]), state["step"]

    def save():
        torch.save({"models": [m.state_dict() for m in (unet, text, *ema, opt)], "used": clock.elapsed(), "step": step}, path)

    rng = np.random.default_rng(step + 1)
    prompts = Prompts(tokenizer)
    batch = 256 if DEVICE.type == "cuda" else 32
    latents = (data["latents"].float() * data["scale"]).contiguous()
    exact = data["maps"][0][:, 0]
    losses, last = [], time.time()
    while clock.progress() < 1:
        index = rng.integers(0, len(latents), batch)
        x = latents[index].to(DEVICE, memory_format=torch.channels_last)
        ids, maps = conditions(data, index, rng, prompts)
        bias = {m[0].numel(): bias_of(m.to(DEVICE)) for m in maps}
        noise = torch.randn_like(x)
        t = torch.randint(0, 1000, (batch,), device=DEVICE)
        for g in opt.param_groups:
            g["lr"] = lr_at(clock.progress(), peak)
        with autocast():
            hidden = encode_text(text, ids.to(DEVICE))
            out = unet(scheduler.add_noise(x, noise, t), t, hidden, cross_attention_kwargs={"group_bias": bias}).sample
        # Grounds are learned within minutes; objects, a fifth of the cells, are what a person looks at.
        weight = 1 + 2 * (exact[index] > 0).float().to(DEVICE)[:, None]
        error = (out.float() - scheduler.get_velocity(x, noise, t)) ** 2
        loss = (weight * error).sum() / (weight.sum() * LATENT)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        opt.step()
        step += 1
        decay = 0.9985 if start else min(0.998, (1 + step) / (10 + step))
        with torch.no_grad():
            for slow, fast in zip(ema, (unet, text)):
                torch._foreach_lerp_([*slow.parameters()], [*fast.parameters()], 1 - decay)
        losses.append(loss.item())
        if step % 50 == 0:
            print(f"unet step {step} {clock.elapsed():.1f} min loss {np.mean(losses):.4f} {50 * batch / (time.time() - last):.1f} samples/s", flush=True)
            losses, last = [], time.time()
        if step % 400 == 0:
            save()
    save()
    return ema


# --- export ------------------------------------------------------------------------------------------------------


def export(out: pathlib.Path, vae, scale, unet, text, tokenizer_folder):
    """The diffusers layout, fp16 safetensors."""
    out.mkdir(parents=True, exist_ok=True)
    vae = copy.deepcopy(vae)
    vae.register_to_config(scaling_factor=scale)
    vae.half().save_pretrained(out / "vae")
    copy.deepcopy(unet).half().save_pretrained(out / "unet")
    copy.deepcopy(text).half().save_pretrained(out / "text_encoder")
    shutil.copytree(tokenizer_folder, out / "tokenizer", dirs_exist_ok=True)
    EulerDiscreteScheduler.from_config(make_scheduler().config, steps_offset=1, timestep_spacing="leading").save_pretrained(out / "scheduler")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "feature_extractor": [None, None],
        "safety_checker": [None, None],
        "requires_safety_checker": False,
        "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (out / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    size = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    print(f"exported {out}: {size / 1e6:.1f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "training/pocket/work")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "checkpoints/pocket")
    parser.add_argument("--vae-minutes", type=float, default=18)
    parser.add_argument("--unet-minutes", type=float, default=80)
    parser.add_argument("--scenes", type=int, default=32_000)
    parser.add_argument("--peak", type=float, default=8e-4, help="peak learning rate of UNet and text encoder")
    parser.add_argument("--from", type=pathlib.Path, dest="start", help="a pocket checkpoint to go on from")
    parser.add_argument("--fresh-schedule", action="store_true", help="go on from the UNet in --work, learning rate and minutes from the start")
    parser.add_argument("--export-only", action="store_true", help="export what --work holds now")
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(min(16, multiprocessing.cpu_count()))
    args.work.mkdir(parents=True, exist_ok=True)
    bpe.save(args.work / "tokenizer", LENGTH)
    tokenizer = CLIPTokenizer.from_pretrained(str(args.work / "tokenizer"))
    if args.export_only:
        args.vae_minutes = args.unet_minutes = 0
    if args.start:
        vae = AutoencoderKL.from_pretrained(args.start / "vae").float().to(DEVICE).eval()
        scale = vae.config.scaling_factor
    else:
        vae, scale = train_vae(args.work, args.vae_minutes or 1e-9), None
    data = make_latents(args.work, vae, args.scenes, scale)
    unet, text = train_unet(
        args.work, data, tokenizer, args.unet_minutes or 1e-9, args.peak, args.fresh_schedule, args.start
    )
    export(args.out, vae, data["scale"], unet, text, args.work / "tokenizer")


if __name__ == "__main__":
    main()
