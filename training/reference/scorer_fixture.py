"""The scorer's side of the parity tests: test/fixtures/scorer/io.safetensors.

    python training/reference/scorer_fixture.py       # reads checkpoints/pocket/scorer and examples/scene.png

in.picture [48,48,3] (0..255) and in.mask [48,48] (0..1) become in.pixel_values[0] as training/scorer/README.md says; the
others are the same without a mask and in grey. in.wide [60,90,3] is a picture as others' CLIPs are given one: resized, its middle
cropped and normalised by transformers' CLIPImageProcessor (out.wide_pixels). in.input_ids [words, tokens] are padded with the end token. out.* are
CLIPModel's float32: image_embeds and text_embeds of length one, logits_per_image with logit_scale.
"""

from __future__ import annotations

import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "test/fixtures/scorer"
sys.path.insert(0, str(ROOT / "training/scorer"))
import crops  # noqa: E402

WORDS = ["a whale", "a cat", "a palm tree", "a thing", "green grass", "a red balloon", "a photo of a slice of pizza"]

torch.set_num_threads(1)


@torch.no_grad()
def main() -> None:
    model = CLIPModel.from_pretrained(ROOT / "checkpoints/pocket/scorer").float().eval()
    tokenizer = CLIPTokenizer.from_pretrained(str(ROOT / "checkpoints/pocket/tokenizer"))
    cut = Image.open(ROOT / "examples/scene.png").convert("RGB").resize((128, 128), Image.BILINEAR).crop((0, 0, 64, 64))
    picture = torch.from_numpy(np.asarray(cut.resize((crops.SIZE, crops.SIZE), Image.BILINEAR), np.float32))
    line = torch.linspace(-1.1, 1.1, crops.SIZE)
    mask = ((1.1 - (line[None] ** 2 + line[:, None] ** 2).sqrt()) * 6).clamp(0, 1)
    x = picture.permute(2, 0, 1)[None] / 255
    grey = (x * crops.LUMA).sum(1, keepdim=True).expand_as(x)
    pixels = torch.cat([crops.finish(x, mask), crops.finish(x, torch.ones_like(mask)), crops.finish(grey, mask)])
    ids = tokenizer(WORDS, padding=True, return_tensors="pt").input_ids
    out = model(input_ids=ids, pixel_values=pixels)
    wide = np.asarray(cut.resize((90, 60), Image.BILINEAR))
    size = {"height": crops.SIZE, "width": crops.SIZE}
    processor = CLIPImageProcessor(size={"shortest_edge": crops.SIZE}, crop_size=size, image_mean=[0.5, 0.4, 0.6], image_std=[0.5, 0.3, 0.4])
    io = {
        "in.wide": torch.from_numpy(wide.astype(np.float32)), "out.wide_pixels": processor(wide, return_tensors="pt").pixel_values,
        "in.picture": picture, "in.mask": mask, "in.pixel_values": pixels, "in.input_ids": ids.float(),
        "out.image_embeds": out.image_embeds, "out.text_embeds": out.text_embeds, "out.logits_per_image": out.logits_per_image,
    }  # fmt: skip
    OUT.mkdir(parents=True, exist_ok=True)
    save_file({k: v.detach().float().contiguous() for k, v in io.items()}, OUT / "io.safetensors")
    print({w: round(v, 2) for w, v in zip(WORDS, out.logits_per_image[0].tolist())})


if __name__ == "__main__":
    main()
