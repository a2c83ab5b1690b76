"""How many of pocket's drawings does the scorer recognise?

    python training/pocket/recognise.py [--checkpoint checkpoints/pocket] [--seed 0] [--sheet sheet.png] [--json drawings.json]
    python training/pocket/recognise.py --drawings FOLDER

Draws "a <name>" for all objects in an elliptical region of a ground's picture, with grouped attention as an edit does
it, cuts it out of its ground, and asks the scorer (checkpoints/pocket/scorer) for its first guess of 64 objects and
"a thing". A drawing is
recognised when its first guess is right in its own colours and in grey: colour alone gives nothing away.
A FOLDER holds pictures that something else has drawn and drawings.json: [{"picture", "box": [x0, y0, x1, y1], "name"}].
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys

import numpy as np
import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
from PIL import Image, ImageDraw, ImageFilter
from transformers import CLIPTextModel, CLIPTokenizer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scorer"))
import crops  # noqa: E402
import accuracy as scoring  # noqa: E402
import prompts as told  # noqa: E402
import scenes  # noqa: E402
from sprites import ALL_NAMES, NAMES  # noqa: E402

GRID = 16
REGION = (20, 20, 108, 108)  # around the ellipse, in pixels
GROUNDS = ["blue sky", "green grass", "wooden table", "pink wall"]


@torch.no_grad()
def draw(checkpoint: pathlib.Path, guidance: float, seed: int, steps: int = 20) -> np.ndarray:
    """Every object on a ground: pictures uint8 [64, S, S, 3]."""
    vae = AutoencoderKL.from_pretrained(checkpoint / "vae").float().eval()
    unet = UNet2DConditionModel.from_pretrained(checkpoint / "unet").float().eval()
    unet.set_attn_processor(told.GroupedAttention())
    text = CLIPTextModel.from_pretrained(checkpoint / "text_encoder").float().eval()
    scheduler = EulerDiscreteScheduler.from_pretrained(checkpoint / "scheduler")
    prompts = told.Prompts(CLIPTokenizer.from_pretrained(str(checkpoint / "tokenizer")))
    n = len(NAMES)
    yy, xx = torch.meshgrid(torch.arange(GRID), torch.arange(GRID), indexing="ij")
    labels = (((yy - 7.5) ** 2 + (xx - 7.5) ** 2) <= 30).long().expand(n, -1, -1)
    empty = [prompts("")] * told.GROUPS
    words = [[prompts(GROUNDS[i % len(GROUNDS)]), prompts(scenes.article(name)), *empty[2:]] for i, name in enumerate(NAMES)]
    hidden = [told.encode_text(text, torch.stack([torch.stack(w) for w in rows])) for rows in ([empty] * n, words)]
    maps = [labels, labels[:, ::2, ::2]]
    bias = [{m[0].numel(): told.bias_of(k * m) for m in maps} for k in (0, 1)]
    scheduler.set_timesteps(steps)
    torch.manual_seed(seed)
    x = torch.randn(n, vae.config.latent_channels, GRID, GRID) * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        scaled = scheduler.scale_model_input(x, t)
        without, given = (unet(scaled, t, h, cross_attention_kwargs={"group_bias": b}).sample for h, b in zip(hidden, bias))
        x = scheduler.step(without + guidance * (given - without), t, x).prev_sample
    pictures = vae.decode(x / vae.config.scaling_factor).sample.clamp(-1, 1)
    return ((pictures.permute(0, 2, 3, 1) + 1) * 127.5).byte().numpy()


def matte(picture: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """What stands out from its ground inside the box's ellipse, 0..1: far from the plane of colours fitted to what is outside."""
    high, wide = picture.shape[:2]
    yy, xx = np.mgrid[0:high, 0:wide]
    x0, y0, x1, y1 = box
    inside = ((xx - (x0 + x1) / 2) / (x1 - x0) * 2) ** 2 + ((yy - (y0 + y1) / 2) / (y1 - y0) * 2) ** 2 <= 1.1
    design = np.stack([np.ones_like(xx), xx, yy], -1).reshape(-1, 3).astype(np.float64)
    flat, out = picture.reshape(-1, 3).astype(np.float64), ~inside.reshape(-1)
    plane = np.linalg.lstsq(design[out], flat[out], rcond=None)[0]
    off = flat - design @ plane
    # a ground's own texture is what differs outside
    apart = np.sqrt((off**2).sum(1)) / (12 + 2.5 * np.sqrt((off[out] ** 2).sum(1).mean()))
    soft = Image.fromarray((np.clip(apart - 0.5, 0, 1).reshape(high, wide) * 255).astype(np.uint8)).filter(ImageFilter.MedianFilter(5))
    return np.asarray(soft, np.float32) / 255 * inside


def crop(picture: np.ndarray, box: tuple[int, int, int, int]) -> torch.Tensor:
    """The drawing cut out, square and with 15 % to spare: pixel values [2, 3, SIZE, SIZE], in colour and in grey."""
    mask = matte(picture, box)
    ys, xs = np.nonzero(mask > 0.5)
    x0, y0, x1, y1 = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1) if len(xs) > 50 else box
    half, cx, cy = max(x1 - x0, y1 - y0) / 2 * 1.15, (x0 + x1) / 2, (y0 + y1) / 2
    rgba = np.dstack([picture, (mask * 255).astype(np.uint8)])
    cut = Image.fromarray(rgba).crop((round(cx - half), round(cy - half), round(cx + half), round(cy + half)))
    colour, alpha = (cut.convert("RGB"), cut.getchannel("A"))
    x, m = (torch.from_numpy(np.asarray(i.resize((crops.SIZE, crops.SIZE), Image.BILINEAR), np.float32)) / 255 for i in (colour, alpha))
    x = x.permute(2, 0, 1)[None]
    return crops.finish(torch.cat([x, scoring.grey(x)]), m)


def judged(judge, drawn: list[tuple[np.ndarray, tuple, str]]) -> dict[str, np.ndarray]:
    """For each (picture, box, name): is the first guess right in its own colours, in grey, in both?"""
    wanted = torch.tensor([next(k for k, names in enumerate(ALL_NAMES) if name in names) for _, _, name in drawn])
    guessed = judge(torch.cat([crop(p, b) for p, b, _ in drawn])).argmax(1).reshape(-1, 2)
    own, grey = ((guessed[:, k] == wanted).numpy() for k in (0, 1))
    return {"own colours": own, "grey": grey, "recognised": own & grey}


def report(title: str, found: dict[str, np.ndarray], names: list[str]) -> dict:
    shares = {k: round(float(v.mean()), 4) for k, v in found.items()}
    print(f"{title}: " + ", ".join(f"{k} {100 * v:.0f} %" for k, v in shares.items()), flush=True)
    never = sorted({n for n in names if not any(r for r, m in zip(found["recognised"], names) if m == n)})
    print(f"  never recognised: {', '.join(never) or 'none'}")
    return {**shares, "never": never}


def sheet(pictures, titles: list[str], known=None, wide: int = 8, side: int = 128) -> Image.Image:
    """Drawings beside each other, `side` pixels wide; red is the title of one that is not known for what it is."""
    gap = 14
    out = Image.new("RGB", (wide * (side + 4), -(-len(pictures) // wide) * (side + gap + 4)), "white")
    pen = ImageDraw.Draw(out)
    for i, picture in enumerate(pictures):
        x, y = i % wide * (side + 4), i // wide * (side + gap + 4)
        out.paste(Image.fromarray(picture).resize((side, side), Image.LANCZOS), (x, y + gap))
        pen.text((x + 2, y + 1), titles[i], fill="black" if known is None or known[i] else "red")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=pathlib.Path, default=scoring.ROOT / "checkpoints/pocket")
    parser.add_argument("--scorer", type=pathlib.Path, default=scoring.FOLDER)
    parser.add_argument("--guidance", type=float, default=2.0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="the first of them")
    parser.add_argument("--drawings", type=pathlib.Path, help="judge this folder's pictures in place of drawing")
    parser.add_argument("--sheet", type=pathlib.Path, help="what was drawn with the first seed, with its names")
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    judge = scoring.Judge(args.scorer)
    if args.drawings:
        rows = json.loads((args.drawings / "drawings.json").read_text())
        drawn = [(np.asarray(Image.open(args.drawings / r["picture"]).convert("RGB")), tuple(r["box"]), r["name"]) for r in rows]
        found = judged(judge, drawn)
        title = str(args.drawings)
    else:
        pictures = [draw(args.checkpoint, args.guidance, seed, args.steps) for seed in range(args.seed, args.seed + args.seeds)]
        drawn = [(p, REGION, name) for of_seed in pictures for p, name in zip(of_seed, NAMES)]
        found = judged(judge, drawn)
        title = f"{args.checkpoint}, guidance {args.guidance}, {args.steps} steps"
        if args.sheet:
            sheet(pictures[0], NAMES, found["recognised"][: len(NAMES)]).save(args.sheet)
    shares = report(title, found, [name for _, _, name in drawn])
    if args.json:
        args.json.write_text(json.dumps(shares, indent=1) + "\n")


if __name__ == "__main__":
    main()
