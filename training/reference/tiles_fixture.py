"""Writes test/fixtures/models/tiles: what diffusers' AutoencoderKL makes in tiles (`enable_tiling`) with tiny-sdxl's weights.

    python training/reference/tiles_fixture.py        (after fixtures.py, which makes tiny-sdxl)

Tiles of 32 cells, a quarter shared: 56x80 cells are two rows of three. diffusers goes on to a ragged last tile within the
last quarter, which dedit leaves out: the last 8 cells below and to the right are not compared.
"""
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from PIL import Image
from safetensors.torch import save_file

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures"
OUT = FIXTURES / "models" / "tiles"
TILE, ROWS, COLUMNS = 32, 56, 80

torch.manual_seed(12)
vae = AutoencoderKL.from_pretrained(FIXTURES / "tiny-sdxl" / "vae").eval()
vae.enable_tiling()
vae.tile_latent_min_size, vae.tile_sample_min_size = TILE, 4 * TILE
# one corner is darker than the other: group norms see that tiles differ
latents = torch.randn(1, 4, ROWS, COLUMNS) + torch.linspace(-2, 2, COLUMNS) + torch.linspace(-1, 1, ROWS)[:, None]
with torch.no_grad():
    pixels = vae.decode(latents / vae.config.scaling_factor).sample
    picture = ((pixels.clamp(-1, 1) + 1) * 127.5).round()
    encoded = vae.encode(picture / 127.5 - 1).latent_dist.mean * vae.config.scaling_factor
OUT.mkdir(exist_ok=True)
Image.fromarray(picture[0].permute(1, 2, 0).byte().numpy()).save(OUT / "decoded.png", optimize=True)
save_file({"in.latents": latents.contiguous(), "out.latents": encoded.contiguous()}, OUT / "io.safetensors")
