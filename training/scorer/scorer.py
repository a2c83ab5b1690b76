"""The scorer: a CLIPModel small enough to live beside pocket, and the words that it compares crops with."""

from __future__ import annotations

import copy
import itertools
import json
import math
import pathlib

import torch
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from crops import GROUND_NAMES, MEAN, SIZE, TINTS
from sprites import ALL_NAMES, scenes

TEMPLATES = ["{}", "{}", "a photo of {}", "a picture of {}", "a drawing of {}"]  # the first, "a cat", is what is asked later
TOKENS = 32


def make(tokenizer: CLIPTokenizer) -> CLIPModel:
    vocab = len(tokenizer)
    text = dict(
        vocab_size=vocab, hidden_size=96, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=TOKENS,
        bos_token_id=vocab - 2, eos_token_id=vocab - 1, pad_token_id=vocab - 1, projection_dim=96, hidden_act="quick_gelu",
    )  # fmt: skip
    vision = dict(
        hidden_size=128, intermediate_size=384, num_hidden_layers=5, num_attention_heads=8, image_size=SIZE, patch_size=8,
        projection_dim=96, hidden_act="quick_gelu",
    )  # fmt: skip
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=96))
    begin_well(model)
    return model


@torch.no_grad()
def begin_well(model: CLIPModel) -> None:
    """Begins as a convolution, which learns shapes from far fewer crops than a transformer that must find out first where to
    look: every head looks at one of the eight neighbours (Cordonnier et al. 2020, d'Ascoli et al. 2021). A place is a code of
    sines and cosines in the first 16 numbers of a patch; turning that code by an offset is linear.
    """
    tower, config = model.vision_model, model.config.vision_config
    side, head = config.image_size // config.patch_size, config.hidden_size // config.num_attention_heads
    rates = math.pi / 2 * 2.0 ** -torch.arange(head // 4).float()

    def code(at: torch.Tensor) -> torch.Tensor:  # [n, 2] -> [n, head]
        angles = (at[:, :, None] * rates).flatten(1)
        return torch.cat([angles.cos(), angles.sin()], 1)

    places = torch.cartesian_prod(torch.arange(side), torch.arange(side)).float()
    table = 0.02 * torch.randn_like(tower.embeddings.position_embedding.weight)
    table[1:, :head] = code(places)
    tower.embeddings.position_embedding.weight.copy_(table)
    patch = tower.embeddings.patch_embedding.weight
    patch.copy_(torch.randn_like(patch) * 2 / patch[0].numel() ** 0.5)
    patch[:head] *= 0.1
    offsets = [o for o in itertools.product((-1, 0, 1), repeat=2) if o != (0, 0)]
    for layer in tower.encoder.layers:
        for h, offset in enumerate(offsets[: config.num_attention_heads]):
            rows, angles = slice(h * head, (h + 1) * head), (torch.tensor(offset)[:, None] * rates).flatten()
            c, s = torch.diag(angles.cos()), torch.diag(angles.sin())
            turn = torch.cat([torch.cat([c, -s], 1), torch.cat([s, c], 1)])
            layer.self_attn.q_proj.weight[rows] *= 0.1
            layer.self_attn.k_proj.weight[rows] *= 0.1
            layer.self_attn.q_proj.weight[rows, :head] += 2.8 * turn
            layer.self_attn.k_proj.weight[rows, :head] += 2.8 * torch.eye(head)


class Words:
    """Prompts to token ids, padded to the longest of a call (CLIP's text tower is causal: what follows the end changes nothing)."""

    def __init__(self, tokenizer: CLIPTokenizer):
        self.tokenizer, self.cache = tokenizer, {}

    def __call__(self, prompts: list[str]) -> torch.Tensor:
        for p in prompts:
            if p not in self.cache:
                self.cache[p] = self.tokenizer(p, truncation=True, max_length=TOKENS).input_ids
        rows = [self.cache[p] for p in prompts]
        longest = max(map(len, rows))
        return torch.tensor([r + [r[-1]] * (longest - len(r)) for r in rows])


def embed_text(model: CLIPModel, ids: torch.Tensor) -> torch.Tensor:
    out = model.text_model(input_ids=ids).pooler_output
    return torch.nn.functional.normalize(model.text_projection(out), dim=-1)


def embed_crops(model: CLIPModel, pixels: torch.Tensor) -> torch.Tensor:
    out = model.vision_model(pixel_values=pixels).pooler_output
    return torch.nn.functional.normalize(model.visual_projection(out), dim=-1)


def prompts(pick=None) -> list[str]:
    """A prompt a class: the objects, "a thing", the grounds. `pick(list)` chooses among names and templates; without it the first."""
    pick = pick or (lambda options: options[0])
    named = [scenes.article(pick(names)) for names in ALL_NAMES] + ["a thing"] + [scenes.article(pick(names)) for names in GROUND_NAMES]
    return [pick(TEMPLATES).format(n) for n in named]


def save(model: CLIPModel, folder: pathlib.Path) -> None:
    """CLIPModel's layout in half precision, and what transformers' image processor does with a crop."""
    folder.mkdir(parents=True, exist_ok=True)
    copy.deepcopy(model).half().save_pretrained(folder)
    processor = {
        "image_processor_type": "CLIPImageProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "size": {"height": SIZE, "width": SIZE},
        "resample": 2,
        "do_center_crop": False,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [MEAN] * 3,
        "image_std": [MEAN] * 3,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=2) + "\n")


COLOURS = list(TINTS)
