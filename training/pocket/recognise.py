"""How many of pocket's objects does somebody recognise who has seen the real ones?

    python training/pocket/recognise.py [--checkpoint checkpoints/pocket] [--sheet sheet.png]

A small classifier learns the 64 objects from scenes as pocket's own, then names what pocket draws for "a <name>" in an
elliptical region of each ground's picture, sampled with grouped attention as an edit samples it. Printed: its accuracy
on scenes it has not seen (the most that can be expected) and on what pocket drew.
"""

from __future__ import annotations

import argparse
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
from PIL import Image, ImageDraw
from torch import nn
from transformers import CLIPTextModel, CLIPTokenizer

import scenes
import train

NAMES = [names[0] for names in scenes.OBJECTS.values()]
CLASS = {name: k for k, names in enumerate(scenes.OBJECTS.values()) for name in names}
CROP = 48
GRID = 16
GROUNDS = ["blue sky", "green grass", "wooden table", "pink wall"]


def crop(picture: np.ndarray, box: tuple[int, int, int, int], rng: np.random.Generator | None = None) -> np.ndarray:
    """The box and a little around it, square, as [CROP, CROP, 3]; a loose one when `rng` is given."""
    x0, y0, x1, y1 = box
    loose = 1.15 if rng is None else rng.uniform(0.95, 1.4)
    half = max(x1 - x0, y1 - y0) / 2 * loose
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    if rng is not None:
        cx, cy = cx + rng.normal(0, half / 12), cy + rng.normal(0, half / 12)
    cut = Image.fromarray(picture).crop((round(cx - half), round(cy - half), round(cx + half), round(cy + half)))
    return np.asarray(cut.resize((CROP, CROP), Image.BILINEAR))


def examples(rng: np.random.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    pictures, classes = [], []
    while len(pictures) < count:
        picture, labels, names = scenes.scene(rng)
        for k, name in enumerate(names[1:], 1):
            ys, xs = np.nonzero(labels == k)
            named = CLASS.get(name)  # tinted ones are left out
            if len(xs) < 150 or named is None:
                continue
            pictures.append(crop(picture, (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1), rng))
            classes.append(named)
    return train.to_tensor(np.stack(pictures)), torch.tensor(classes)


def learn(seconds: int) -> nn.Module:
    """A classifier of crops; learns until the seconds are up."""
    import time

    def block(a: int, b: int) -> list[nn.Module]:
        return [nn.Conv2d(a, b, 3, 2, 1), nn.BatchNorm2d(b), nn.ReLU()]

    model = nn.Sequential(*block(3, 32), *block(32, 64), *block(64, 128), *block(128, 192), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(192, len(NAMES)))
    optimiser = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=1e-2)
    rng, start = np.random.default_rng(1), time.time()
    while (spent := time.time() - start) < seconds:
        x, y = examples(rng, 96)
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * (1 - spent / seconds) + 1e-5
        # what pocket draws is soft: the classifier is not to live on sharp edges
        if rng.random() < 0.5:
            x = F.interpolate(F.avg_pool2d(x, 3, 2, 1), size=CROP, mode="bilinear")
        loss = F.cross_entropy(model(x), y, label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.eval()


@torch.no_grad()
def draw(checkpoint: pathlib.Path, guidance: float, seed: int) -> tuple[np.ndarray, list[int]]:
    """Every object on a ground: pictures uint8 [N, S, S, 3] and their classes."""
    vae = AutoencoderKL.from_pretrained(checkpoint / "vae").float().eval()
    unet = UNet2DConditionModel.from_pretrained(checkpoint / "unet").float().eval()
    unet.set_attn_processor(train.GroupedAttention())
    text = CLIPTextModel.from_pretrained(checkpoint / "text_encoder").float().eval()
    scheduler = EulerDiscreteScheduler.from_pretrained(checkpoint / "scheduler")
    prompts = train.Prompts(CLIPTokenizer.from_pretrained(str(checkpoint / "tokenizer")))
    n = len(NAMES)
    yy, xx = torch.meshgrid(torch.arange(GRID), torch.arange(GRID), indexing="ij")
    labels = (((yy - 7.5) ** 2 + (xx - 7.5) ** 2) <= 30).long().expand(n, -1, -1)
    empty = [prompts("")] * train.GROUPS
    words = [[prompts(GROUNDS[i % len(GROUNDS)]), prompts(scenes.article(name)), *empty[2:]] for i, name in enumerate(NAMES)]
    hidden = [train.encode_text(text, torch.stack([torch.stack(w) for w in rows])) for rows in ([empty] * n, words)]
    maps = [labels, labels[:, ::2, ::2]]
    bias = [{m[0].numel(): train.bias_of(k * m) for m in maps} for k in (0, 1)]
    scheduler.set_timesteps(20)
    torch.manual_seed(seed)
    x = torch.randn(n, vae.config.latent_channels, GRID, GRID) * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        scaled = scheduler.scale_model_input(x, t)
        without, given = (unet(scaled, t, h, cross_attention_kwargs={"group_bias": b}).sample for h, b in zip(hidden, bias))
        x = scheduler.step(without + guidance * (given - without), t, x).prev_sample
    pictures = vae.decode(x / vae.config.scaling_factor).sample.clamp(-1, 1)
    return ((pictures.permute(0, 2, 3, 1) + 1) * 127.5).byte().numpy(), list(range(n))


def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> str:
    with torch.no_grad():
        ranked = model(x).argsort(1, descending=True)
    first, five = ((ranked[:, :k] == y[:, None]).any(1).float().mean().item() for k in (1, 5))
    return f"first guess {100 * first:.0f} %, among five {100 * five:.0f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=pathlib.Path, nargs="+", default=[train.ROOT / "checkpoints/pocket"])
    parser.add_argument("--guidance", type=float, nargs="+", default=[2.0])
    parser.add_argument("--seconds", type=int, default=240, help="how long the classifier learns")
    parser.add_argument("--sheet", type=pathlib.Path, help="what the first checkpoint drew, with its names")
    args = parser.parse_args()
    torch.manual_seed(0)
    model = learn(args.seconds)
    print(f"scenes it has not seen: {accuracy(model, *examples(np.random.default_rng(99), 600))}", flush=True)
    for checkpoint in args.checkpoint:
        for guidance in args.guidance:
            drawn = [draw(checkpoint, guidance, seed) for seed in (0, 1)]
            crops = np.stack([crop(p, (20, 20, 108, 108)) for pictures, _ in drawn for p in pictures])
            classes = torch.tensor([c for _, classes in drawn for c in classes])
            print(f"{checkpoint}, guidance {guidance}: {accuracy(model, train.to_tensor(crops), classes)}", flush=True)
            if args.sheet:
                sheet(drawn[0][0]).save(args.sheet)
                args.sheet = None


def sheet(pictures: np.ndarray, wide: int = 8) -> Image.Image:
    side = pictures.shape[1]
    out = Image.new("RGB", (wide * side, -(-len(pictures) // wide) * (side + 12)), "white")
    pen = ImageDraw.Draw(out)
    for i, picture in enumerate(pictures):
        x, y = i % wide * side, i // wide * (side + 12)
        out.paste(Image.fromarray(picture), (x, y + 12))
        pen.text((x + 2, y), NAMES[i], fill="black")
    return out


if __name__ == "__main__":
    main()
