"""The diffusers layout, in half precision."""

from __future__ import annotations

import copy
import json
import pathlib
import shutil

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from sizes import make_scheduler

INDEX = {
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


def without_free_tokens(text: CLIPTextModel, vocab: int) -> CLIPTextModel:
    """Training's own rows behind the vocabulary stay behind."""
    text = copy.deepcopy(text)
    kept = text.get_input_embeddings().weight.data[:vocab].clone()
    table = torch.nn.Embedding(*kept.shape)
    table.weight.data = kept
    text.set_input_embeddings(table)
    text.config.vocab_size = vocab
    return text


def write(model, folder: pathlib.Path) -> None:
    """In half precision, without the path that it was read from."""
    model.half().save_pretrained(folder)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config.pop("_name_or_path", None)
    path.write_text(json.dumps(config, indent=2) + "\n")


def export(out: pathlib.Path, vae: AutoencoderKL, scale: float, unet: UNet2DConditionModel, text: CLIPTextModel, tokenizer: CLIPTokenizer, words: pathlib.Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    vae = copy.deepcopy(vae)
    vae.register_to_config(scaling_factor=scale)
    write(vae.cpu(), out / "vae")
    write(copy.deepcopy(unet).cpu(), out / "unet")
    write(without_free_tokens(text.cpu(), len(tokenizer)), out / "text_encoder")
    if words != out / "tokenizer":
        shutil.copytree(words, out / "tokenizer", dirs_exist_ok=True)
    EulerDiscreteScheduler.from_config(make_scheduler().config, steps_offset=1, timestep_spacing="leading").save_pretrained(out / "scheduler")
    (out / "model_index.json").write_text(json.dumps(INDEX, indent=2) + "\n")
    total = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    print(f"exported {out}: {total / 1e6:.1f} MB", flush=True)
