"""Tiny random picture towers and a safety checker: test/fixtures/clip-vision, test/fixtures/safety-checker.

    python training/reference/clip_vision_fixture.py

io.safetensors holds in.pixel_values and what transformers' CLIPVisionModelWithProjection and diffusers'
StableDiffusionSafetyChecker make of them: out.image_embeds; out.flagged (1 or 0 a picture). Of the checker's pictures
some are flagged and some are not: its thresholds are set between their likenesses.
"""

from __future__ import annotations

import json
import pathlib

import torch
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker, cosine_distance
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPVisionConfig, CLIPVisionModelWithProjection

OUT = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures"
TOWER = dict(
    hidden_size=16, intermediate_size=32, num_hidden_layers=3, num_attention_heads=4, image_size=12, patch_size=4, projection_dim=8,
)  # fmt: skip
PROCESSOR = {
    "feature_extractor_type": "CLIPFeatureExtractor",
    "do_resize": True,
    "size": TOWER["image_size"],
    "resample": 3,
    "do_center_crop": True,
    "crop_size": TOWER["image_size"],
    "do_normalize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}


def perturbed(model):
    """Zero biases and unit norms would hide mistakes."""
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.1 * torch.randn_like(p))
    return model.eval()


def save(folder: pathlib.Path, tensors: dict) -> None:
    save_file({k: v.detach().float().contiguous() for k, v in tensors.items()}, folder / "io.safetensors")


@torch.no_grad()
def tower(act: str) -> None:
    folder = OUT / "clip-vision" / act
    model = perturbed(CLIPVisionModelWithProjection(CLIPVisionConfig(**TOWER, hidden_act=act)))
    model.save_pretrained(folder)
    pixels = torch.randn(3, 3, TOWER["image_size"], TOWER["image_size"])
    save(folder, {"in.pixel_values": pixels, "out.image_embeds": model(pixel_values=pixels).image_embeds})


@torch.no_grad()
def checker() -> None:
    folder = OUT / "safety-checker"
    config = CLIPConfig(vision_config=TOWER | dict(hidden_act="quick_gelu"), text_config=dict(projection_dim=8), projection_dim=8)
    model = perturbed(StableDiffusionSafetyChecker(config))
    pixels = 2 * torch.randn(8, 3, TOWER["image_size"], TOWER["image_size"])
    embeds = model.visual_projection(model.vision_model(pixels)[1])
    # a concept is flagged by about a quarter of the pictures, and a special one makes others stricter by 0.01
    likeness = cosine_distance(embeds, model.concept_embeds)
    model.concept_embeds_weights.copy_(likeness.topk(2, 0).values.mean(0) + 0.005 * torch.arange(17).remainder(2))
    model.concept_embeds_weights[4:] = 2
    model.special_care_embeds_weights.copy_(cosine_distance(embeds, model.special_care_embeds).topk(2, 0).values.mean(0))
    model.save_pretrained(folder)
    _, flagged = model(clip_input=pixels, images=torch.zeros(8, 4, 4, 3).numpy())
    assert 0 < sum(flagged) < 8, flagged
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR, indent=2) + "\n")
    save(folder, {"in.pixel_values": pixels, "out.flagged": torch.tensor(flagged)})


torch.manual_seed(9)
torch.set_num_threads(1)
for act in ("quick_gelu", "gelu"):
    tower(act)
checker()
