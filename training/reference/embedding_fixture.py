"""Writes test/fixtures/embeddings: a textual inversion, and prompts that name it as transformers encodes them.

    python training/reference/embedding_fixture.py        (after fixtures.py, which makes tiny-sd)

Loaded with diffusers' load_textual_inversion, so that the name is one it knows.
"""
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import save_file

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures"
OUT = FIXTURES / "embeddings"
PROMPTS = ["a big my-toy on green grass", "my-toy", "a dog"]

torch.manual_seed(31)
OUT.mkdir(exist_ok=True)
pipe = StableDiffusionPipeline.from_pretrained(FIXTURES / "tiny-sd", safety_checker=None, requires_safety_checker=False)
width = pipe.text_encoder.config.hidden_size
save_file({"emb_params": 0.3 * torch.randn(3, width)}, OUT / "my-toy.safetensors")
pipe.load_textual_inversion(str(OUT / "my-toy.safetensors"), token="my-toy")
with torch.no_grad():
    hidden = []
    for prompt in PROMPTS:
        named = pipe.maybe_convert_prompt(prompt, pipe.tokenizer)
        ids = pipe.tokenizer(named, padding="max_length", return_tensors="pt").input_ids
        hidden.append(pipe.text_encoder(ids).last_hidden_state)
save_file({"out.hidden": torch.cat(hidden)}, OUT / "io.safetensors")
