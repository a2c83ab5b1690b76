"""Gradients that association needs, beside the fixtures of fixtures.py: test/fixtures/models/<name>/gradients.safetensors.

    python training/reference/fixtures.py && python training/reference/model_fixtures.py

Reads the models that fixtures.py saved and adds, each with loss = mean((out - in.target)^2):
- UNets: grouped cross-attention with other groups in each row of the batch (guidance's case), as the paper's sum of
  masked attentions, and the gradients to all of attn2's projections, to the text and to the last parameters of a kind;
- text encoders: new tokens' rows through the last but one layer and the pooled output;
- VAEs: both ways, to inputs and parameters.
Asserts on the way that the sum of masked attentions is one attention with an additive bias.
"""

from __future__ import annotations

import pathlib

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection

MODELS = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/models"
ITEMS, LENGTH = 3, 4

torch.set_num_threads(1)


class Attention:
    """A diffusers attention processor that hands cross-attention to `cross(q, k, v)`, all [B, heads, N, d]."""

    def __init__(self, cross):
        self.cross = cross

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **_):
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        b, n, _ = hidden_states.shape
        q, k, v = (
            f(t).view(b, -1, attn.heads, f.out_features // attn.heads).transpose(1, 2)
            for f, t in ((attn.to_q, hidden_states), (attn.to_k, context), (attn.to_v, context))
        )
        out = F.scaled_dot_product_attention(q, k, v) if encoder_hidden_states is None else self.cross(q, k, v)
        return attn.to_out[0](out.transpose(1, 2).reshape(b, n, -1))


def masked_sum(pixels, tokens):
    """out = sum_i mask_i * softmax(q k_i^T / sqrt(d)) v_i (arXiv 2403.04880, section 3.2), row by row."""

    def cross(q, k, v):
        rows = []
        for b, (own, words) in enumerate(zip(pixels[q.shape[2]], tokens)):
            out = 0
            for i in words.unique():
                ki, vi = k[b][:, words == i], v[b][:, words == i]
                out = out + (own == i)[None, :, None] * ((q[b] @ ki.transpose(1, 2) / q.shape[-1] ** 0.5).softmax(-1) @ vi)
            rows.append(out)
        return torch.stack(rows)

    return Attention(cross)


def biased(pixels, tokens):
    """The same as one attention over all tokens with an additive bias."""

    def cross(q, k, v):
        seen = pixels[q.shape[2]][:, :, None] == tokens[:, None]
        return F.scaled_dot_product_attention(q, k, v, attn_mask=torch.zeros(seen.shape).masked_fill(~seen, -1e4)[:, None])

    return Attention(cross)


def close(a, b):
    assert (a - b).norm() / b.norm() < 1e-5, (a - b).norm() / b.norm()


def last(model, kinds):
    """The last parameter of every kind (fixtures.py has the first)."""
    names = [n for n, _ in model.named_parameters()]
    return {found[-1] for k in kinds if (found := [n for n in names if n.endswith(k)])}


def save(name, io, loss, wanted):
    """Gradients of `loss` to `wanted`, by name, and everything else there is."""
    io["out.loss"] = loss
    for key, g in zip(wanted, torch.autograd.grad(loss, list(wanted.values()))):
        io[f"grad.{key}"] = g
    save_file({k: v.detach().float().contiguous() for k, v in io.items()}, MODELS / name / "gradients.safetensors")


def parameters(model, names):
    return {n: p for n, p in model.named_parameters() if n in names}


def unets():
    kinds = [
        "attn2.to_out.0.weight", "attn1.to_k.weight", "attn1.to_v.weight", "conv_shortcut.weight", "conv_out.weight", "conv_out.bias",
        "conv2.bias", "norm2.weight", "norm3.bias", "ff.net.2.bias", "proj_out.weight", "time_emb_proj.bias",
        "time_embedding.linear_2.bias", "add_embedding.linear_1.weight", "upsamplers.0.conv.bias",
    ]
    for name in ("unet-sd1", "unet-sd2", "unet-sdxl", "unet-pocket"):
        torch.manual_seed(11)
        unet = UNet2DConditionModel.from_pretrained(MODELS / name).eval()
        given = load_file(MODELS / name / "io.safetensors")
        x, text = (given[f"in.{k}"].requires_grad_() for k in ("sample", "encoder_hidden_states"))
        added = {k: given[f"in.{k}"] for k in ("text_embeds", "time_ids") if f"in.{k}" in given} or None

        def predict(processor):
            unet.set_attn_processor(processor)
            return unet(x, given["in.timestep"], text, added_cond_kwargs=added).sample

        # the first row has three items in no order, the second one item over everything
        item = torch.arange(ITEMS).repeat_interleave(LENGTH)
        tokens = torch.stack([item, torch.zeros_like(item)])
        pixels, io = {}, {"in.token_groups": tokens}
        for height, width in ((8, 16), (4, 8)):
            labels = torch.stack([torch.randint(0, ITEMS, (height * width,)), torch.zeros(height * width, dtype=torch.long)])
            pixels[height * width] = io[f"in.pixel_groups_{height}x{width}"] = labels
        out = predict(masked_sum(pixels, tokens))
        close(predict(biased(pixels, tokens)), out)
        close(out[1], given["out.sample"][1])  # one group is ordinary attention
        assert (out[0] - given["out.sample"][0]).norm() / out[0].norm() > 1e-2  # and three are not
        io |= {"out.sample": out, "in.target": torch.randn_like(out)}
        learned = {n for n, _ in unet.named_parameters() if any(f"attn2.to_{k}.weight" in n for k in "qkv")}
        wanted = {**parameters(unet, learned | last(unet, kinds)), "in.sample": x, "in.encoder_hidden_states": text}
        save(name, io, F.mse_loss(out, io["in.target"]), wanted)


def texts():
    for name in ("clip-quick-gelu", "clip-gelu", "clip-projection"):
        torch.manual_seed(12)
        projected = name == "clip-projection"
        model = (CLIPTextModelWithProjection if projected else CLIPTextModel).from_pretrained(MODELS / name).eval()
        vocab, width = model.config.vocab_size, model.config.hidden_size
        rows = (0.3 * torch.randn(3, width)).requires_grad_()
        ids = load_file(MODELS / name / "io.safetensors")["in.input_ids"].long()
        ids[0, 1:3], ids[1, 2], ids[2, 3], ids[2, 5] = torch.tensor([vocab, vocab + 1]), vocab, vocab + 2, vocab + 2
        table = model.get_input_embeddings()
        embeds = torch.cat([table.weight, rows])[ids]
        table.forward = lambda _: embeds
        # ids past the vocabulary must not pass for end tokens where the config asks for the largest id
        out = model(ids.where(ids < vocab, 3), output_hidden_states=True)
        hidden, pooled = out.hidden_states[-2], out.text_embeds if projected else out.pooler_output
        io = {
            "in.input_ids": ids, "in.new_tokens": rows, "in.target": torch.randn_like(hidden),
            "in.pooled_target": torch.randn_like(pooled), "out.penultimate": hidden, "out.pooled": pooled,
        }
        loss = F.mse_loss(hidden, io["in.target"]) + F.mse_loss(pooled, io["in.pooled_target"])
        names = last(model, ["token_embedding.weight", "v_proj.bias", "out_proj.weight", "fc2.weight", "layer_norm1.weight", "text_projection.weight"])
        save(name, io, loss, {**parameters(model, names), "in.new_tokens": rows})


def vaes():
    kinds = [
        "quant_conv.weight", "post_quant_conv.bias", "decoder.conv_in.weight", "encoder.conv_in.weight", "encoder.conv_in.bias",
        "downsamplers.0.conv.weight", "upsamplers.0.conv.weight", "conv_shortcut.weight", "group_norm.weight", "to_q.weight",
        "to_v.bias", "to_out.0.weight", "decoder.conv_out.weight", "encoder.conv_norm_out.bias",
    ]
    for name in ("vae-sd", "vae-pocket"):
        torch.manual_seed(13)
        vae = AutoencoderKL.from_pretrained(MODELS / name).eval()
        given = load_file(MODELS / name / "io.safetensors")
        pixels, latents = (given[f"in.{k}"].requires_grad_() for k in ("pixels", "latents"))
        moments, picture = vae.encode(pixels).latent_dist.parameters, vae.decode(latents).sample
        io = {"in.moments_target": torch.randn_like(moments), "in.target": torch.randn_like(picture)}
        loss = F.mse_loss(moments, io["in.moments_target"]) + F.mse_loss(picture, io["in.target"])
        save(name, io, loss, {**parameters(vae, last(vae, kinds)), "in.pixels": pixels, "in.latents": latents})


if __name__ == "__main__":
    unets(), texts(), vaes()
    print(sum(f.stat().st_size for f in MODELS.rglob("*") if f.is_file()) / 1e6, "MB")
