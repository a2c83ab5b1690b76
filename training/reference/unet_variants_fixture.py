"""Writes test/fixtures/unet-variants: UNets with more conditions than text, as diffusers runs them.

    python training/reference/unet_variants_fixture.py        (after fixtures.py, which makes tiny-sd)

- inpainting: tiny-sd with a UNet of nine channels, drawn by StableDiffusionInpaintPipeline;
- turbo: tiny-sd as SD-Turbo is made (SD 2's linear projections, heads a level and exact GELU in its text encoder), drawn by
  StableDiffusionPipeline in one step without guidance;
- guided: a UNet with time_cond_proj_dim, as latent consistency distillation leaves it, for two guidance scales.
"""
import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL, EulerDiscreteScheduler, LatentConsistencyModelPipeline, StableDiffusionInpaintPipeline, StableDiffusionPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures"
TINY, OUT = FIXTURES / "tiny-sd", FIXTURES / "unet-variants"
STEPS, GUIDANCE, PROMPT, SIZE = 8, 3.0, "a red apple", 32


def unet(name, **changes):
    torch.manual_seed(21)
    config = json.loads((TINY / "unet" / "config.json").read_text())
    small = dict(block_out_channels=[8, 16], norm_num_groups=4)
    made = UNet2DConditionModel.from_config({**config, **small, **changes}).eval()
    made.save_pretrained(OUT / name)
    return made


def inpainting():
    vae = AutoencoderKL.from_pretrained(TINY / "vae").eval()
    pipe = StableDiffusionInpaintPipeline(
        vae=vae,
        text_encoder=CLIPTextModel.from_pretrained(TINY / "text_encoder"),
        tokenizer=CLIPTokenizer.from_pretrained(str(TINY / "tokenizer")),
        unet=unet("inpainting", in_channels=9),
        scheduler=EulerDiscreteScheduler.from_pretrained(TINY / "scheduler"),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    picture = torch.randint(0, 256, (1, 3, SIZE, SIZE)).float()
    mask = torch.zeros(1, 1, SIZE, SIZE)
    mask[:, :, 8:24, 12:28] = 1
    side = SIZE // pipe.vae_scale_factor
    noise = torch.randn(1, 4, side, side)
    with torch.no_grad():
        # the distribution's mean: the pipeline itself would draw from it
        left = vae.encode((picture / 127.5 - 1) * (mask < 0.5)).latent_dist.mode() * vae.config.scaling_factor
        drawn = pipe(
            PROMPT, image=picture / 255, mask_image=mask, masked_image_latents=left, latents=noise, height=SIZE, width=SIZE,
            num_inference_steps=STEPS, guidance_scale=GUIDANCE, strength=1.0, output_type="pt",
        ).images
    save_file(
        {"in.picture": picture, "in.mask": mask, "in.noise": noise, "out.left": left, "out.picture": drawn * 255},
        OUT / "inpainting.safetensors",
    )


def turbo():
    pipe = StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(TINY / "vae").eval(),
        text_encoder=CLIPTextModel.from_pretrained(TINY / "text_encoder", hidden_act="gelu"),
        tokenizer=CLIPTokenizer.from_pretrained(str(TINY / "tokenizer")),
        unet=unet("turbo", use_linear_projection=True, attention_head_dim=[1, 2]),
        scheduler=EulerDiscreteScheduler.from_pretrained(TINY / "scheduler", timestep_spacing="trailing"),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    side = SIZE // pipe.vae_scale_factor
    noise = torch.randn(1, 4, side, side)
    how = dict(latents=noise, height=SIZE, width=SIZE, num_inference_steps=1, guidance_scale=0.0)
    with torch.no_grad():
        latents, drawn = (pipe(PROMPT, **how, output_type=kind).images for kind in ("latent", "pt"))
    save_file({"in.noise": noise, "out.latents": latents, "out.picture": drawn * 255}, OUT / "turbo.safetensors")


def guided():
    made = unet("guided", time_cond_proj_dim=16)
    embed = LatentConsistencyModelPipeline.get_guidance_scale_embedding
    scales = torch.tensor([8.5, 1.5])
    sample, hidden = torch.randn(2, 4, 8, 8), torch.randn(2, 6, made.config.cross_attention_dim)
    with torch.no_grad():
        out = made(sample, torch.tensor([700, 20]), hidden, timestep_cond=embed(None, scales - 1, 16)).sample
    save_file(
        {"in.sample": sample, "in.hidden": hidden, "in.guidance": scales, "out.prediction": out},
        OUT / "guided.safetensors",
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    OUT.mkdir(exist_ok=True)
    inpainting()
    guided()
    turbo()
