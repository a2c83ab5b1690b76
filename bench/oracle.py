"""What bench/pytorch.py and bench/parity.py share: a checkpoint's models with D-Edit's grouped cross-attention, in fp32 on the CPU
unless `--half` or `--device cuda` say otherwise."""

import json
import os
import pathlib
import sys

import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 2)))
DEVICE = "cuda" if "cuda" in sys.argv else "cpu"
torch.set_default_device(DEVICE)
DTYPE = torch.float16 if "--half" in sys.argv else torch.float32
ITEMS, NEW = 4, 5


def config(root, part):
    return json.loads((pathlib.Path(root) / part / "config.json").read_text())


class Grouped:
    """Every pixel listens to the tokens of its own item: pixel i to item i mod ITEMS, or as `items` say by pixel count."""

    def __init__(self, length, items=None):
        self.length, self.items, self.bias = length, items or {}, {}

    def __call__(self, attn, x, encoder_hidden_states=None, attention_mask=None, **_):
        context = x if encoder_hidden_states is None else encoder_hidden_states
        b, n, _ = x.shape
        q, k, v = (f(t).view(b, -1, attn.heads, f.out_features // attn.heads).transpose(1, 2) for f, t in ((attn.to_q, x), (attn.to_k, context), (attn.to_v, context)))
        mask = None if encoder_hidden_states is None else self.of(n).to(q.dtype)
        return attn.to_out[0](F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(b, n, -1))

    def of(self, pixels):
        if pixels not in self.bias:
            items = self.items.get(pixels, torch.arange(pixels) % ITEMS)[:, None]
            tokens = torch.arange(ITEMS * self.length)[None] // self.length
            self.bias[pixels] = torch.where(items == tokens, 0.0, -1e4)[None, None]
        return self.bias[pixels]


class Texts:
    """One CLIP text encoder (SD), or two whose last hidden states but one are joined (SDXL)."""

    def __init__(self, root):
        self.two = (pathlib.Path(root) / "text_encoder_2").exists()
        self.encoders = [CLIPTextModel.from_pretrained(root + "/text_encoder", torch_dtype=DTYPE).to(DEVICE).requires_grad_(False)]
        if self.two:
            self.encoders.append(CLIPTextModelWithProjection.from_pretrained(root + "/text_encoder_2", torch_dtype=DTYPE).to(DEVICE).requires_grad_(False))
        self.tables = [e.get_input_embeddings().weight for e in self.encoders]

    def __call__(self, ids, rows=None):
        """ids: one [N, L] an encoder; rows: new tokens behind its vocabulary. -> hidden [N, L, D], pooled [N, P] or None"""
        outs = []
        for k, encoder in enumerate(self.encoders):
            own = ids[k]
            if rows is not None:
                embeds = torch.cat([self.tables[k], rows[k].to(self.tables[k].dtype)])[own]
                encoder.get_input_embeddings().forward = lambda _, embeds=embeds: embeds
            outs.append(encoder(own, output_hidden_states=True))
        if not self.two:
            return outs[0].last_hidden_state, None
        return torch.cat([o.hidden_states[-2] for o in outs], -1), outs[1].text_embeds

    @property
    def widths(self):
        return [e.config.hidden_size for e in self.encoders]


def denoiser(root, length, items=None):
    unet = UNet2DConditionModel.from_pretrained(root, subfolder="unet", torch_dtype=DTYPE).to(DEVICE).requires_grad_(False)
    unet.set_attn_processor(Grouped(length, items))
    return unet


def lora(unet, length, items=None):
    """Rank 4 beside all attention. -> its factors by the names that dedit gives them"""
    from peft import LoraConfig

    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
    unet.set_attn_processor(Grouped(length, items))
    return {n.replace(".default", ""): p for n, p in unet.named_parameters() if p.requires_grad}


def added(unet, pooled, batch, side):
    """SDXL's pooled text and sizes in pixels."""
    if pooled is None:
        return {}
    sizes = torch.tensor([[8.0 * side, 8 * side, 0, 0, 8 * side, 8 * side]]).expand(batch, -1)
    return {"added_cond_kwargs": {"text_embeds": pooled.mean(0, keepdim=True).expand(batch, -1), "time_ids": sizes}}
