"""Writes test/fixtures/models/taesd: a random AutoencoderTiny (TAESD's layout) and what diffusers computes with it.

    python training/reference/tiny_autoencoder_fixture.py
"""
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from safetensors.torch import save_file

OUT = Path(__file__).parents[2] / "test" / "fixtures" / "models" / "taesd"

torch.manual_seed(11)
vae = AutoencoderTiny(encoder_block_out_channels=(8, 8, 8), decoder_block_out_channels=(8, 8, 8), num_encoder_blocks=(1, 2, 1), num_decoder_blocks=(2, 1, 1))
vae.save_pretrained(OUT)
pixels, latents = torch.rand(1, 3, 16, 24) * 2 - 1, torch.randn(1, 4, 4, 6) * 2
with torch.no_grad():
    io = {"in.pixels": pixels, "in.latents": latents, "out.latents": vae.encode(pixels).latents, "out.pixels": vae.decode(latents).sample}
save_file({k: v.contiguous() for k, v in io.items()}, OUT / "io.safetensors")
