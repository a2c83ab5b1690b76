"""What diffusers' UNets give in float16: the random models of test/fixtures/models, run as `pipeline.to(torch.float16)` runs them.

    python training/reference/half_fixture.py

Writes test/fixtures/models/halves.safetensors, a prediction a model.
"""

from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file

MODELS = Path(__file__).parents[2] / "test/fixtures/models"


@torch.no_grad()
def prediction(name):
    given = {k: v.half() if v.is_floating_point() else v for k, v in load_file(MODELS / name / "io.safetensors").items()}
    unet = UNet2DConditionModel.from_pretrained(MODELS / name, torch_dtype=torch.float16).eval()
    added = {"text_embeds": given["in.text_embeds"], "time_ids": given["in.time_ids"]} if "in.text_embeds" in given else None
    timestep = load_file(MODELS / name / "io.safetensors")["in.timestep"]
    return unet(given["in.sample"], timestep, given["in.encoder_hidden_states"], added_cond_kwargs=added).sample


if __name__ == "__main__":
    names = ("unet-sd1", "unet-sd2", "unet-sdxl", "unet-pocket")
    save_file({name: prediction(name).float().contiguous() for name in names}, MODELS / "halves.safetensors")
