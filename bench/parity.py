"""How far what dedit computed is from PyTorch: the same weights, the same inputs, fp32.

    python bench/parity.py CASE CHECKPOINT FILE      # FILE: tensors in.NAME and out.NAME, as `dedit bench` writes them
    -> {name: largest difference / largest value} on stdout
"""

import json
import sys

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from oracle import ITEMS, Texts, added, config, denoiser
from safetensors.torch import load_file

case, root, file = sys.argv[1:4]
tensors = load_file(file)
given = {n[3:]: t for n, t in tensors.items() if n.startswith("in.")}
ours = {n[4:]: t for n, t in tensors.items() if n.startswith("out.")}
names = [f"input_ids:{part}" for part in ("text_encoder", "text_encoder_2")]
ids = [given[n].long() for n in names if n in given]
items = {t.numel(): t.flatten() for n, t in given.items() if n.startswith("pixel_groups")}


def predict(unet, states, pool):
    x = given["sample"]
    return unet(x, given["timestep"], states, **added(unet, pool, len(x), x.shape[-1])).sample


def length():
    return given["encoder_hidden_states"].shape[1] // ITEMS


def text():
    hidden, pooled = Texts(root)(ids)
    return {"hidden": hidden, **({} if pooled is None else {"pooled": pooled})}


def unet_output():
    with torch.no_grad():
        return {"prediction": predict(denoiser(root, length(), items), given["encoder_hidden_states"], given.get("text_embeds"))}


def vae():
    model = AutoencoderKL.from_pretrained(root, subfolder="vae", torch_dtype=torch.float32).eval().requires_grad_(False)
    return model, config(root, "vae")["scaling_factor"]


def encode():
    model, scale = vae()
    return {"latents": model.encode(given["pixels"]).latent_dist.mean * scale}


def decode():
    model, scale = vae()
    return {"pixels": model.decode(given["latents"] / scale).sample}


def derived(unet, states, pool, wanted):
    unet.train(), unet.enable_gradient_checkpointing()
    loss = F.mse_loss(predict(unet, states, pool), given["target"])
    found = torch.autograd.grad(loss, list(wanted.values()))
    return {"loss": loss.detach(), **dict(zip(wanted, found))}


def gradients():
    unet = denoiser(root, length(), items)
    wanted = {n: p.requires_grad_() for n, p in unet.named_parameters() if n in ours}
    return derived(unet, given["encoder_hidden_states"], given.get("text_embeds"), wanted)


def token_gradients():
    model = Texts(root)
    parts = ["text_encoder", "text_encoder_2"][: len(ids)]
    rows = {part: given[f"new_tokens:{part}"].requires_grad_() for part in parts}
    hidden, pooled = model(ids, list(rows.values()))
    unet = denoiser(root, hidden.shape[1], items)
    return derived(unet, hidden.reshape(1, -1, hidden.shape[-1]), pooled, rows)


cases = {"text": text, "denoiser": unet_output, "encode": encode, "decode": decode, "gradients": gradients, "token gradients": token_gradients}
theirs = cases[case]()
assert set(theirs) == set(ours), (sorted(theirs)[:3], sorted(ours)[:3])
largest = max(t.abs().max().item() for n, t in theirs.items() if n != "loss")
errors = {}
for name, t in theirs.items():
    # a gradient that is nothing beside the others is compared in their parts
    scale = max(t.abs().max().item(), 1e-3 * largest if case.endswith("gradients") else 0)
    errors[name] = (ours[name] - t).abs().max().item() / scale
if case == "gradients":
    errors = {"worst weight": max(v for n, v in errors.items() if n != "loss"), "loss": errors["loss"]}
print(json.dumps(errors))
