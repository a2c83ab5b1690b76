"""How far what dedit computed is from PyTorch: the same weights, the same inputs, fp32.

    python bench/parity.py CASE CHECKPOINT FILE [--device cuda]      # FILE: tensors in.NAME and out.NAME, as `dedit bench` writes them
    -> {"parity": {name: largest difference / largest value}, "pytorch": {"ms", "cpuMs", "peakMB"} of the one run} on stdout
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from oracle import DEVICE, ITEMS, Texts, added, config, denoiser, lora
from safetensors.torch import load_file

case, root, file = sys.argv[1:4]
tensors = load_file(file, device=DEVICE)
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
given = {n[3:]: t for n, t in tensors.items() if n.startswith("in.")}
ours = {n[4:]: t for n, t in tensors.items() if n.startswith("out.")}
names = [f"input_ids:{part}" for part in ("text_encoder", "text_encoder_2")]
ids = [given[n].long() for n in names if n in given]
items = {t.numel(): t.flatten() for n, t in given.items() if n.startswith("pixel_groups")}


took = {}


def timed(run):
    start, cpu = time.perf_counter(), time.process_time()
    out = run()
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    took.update(ms=1000 * (time.perf_counter() - start), cpuMs=1000 * (time.process_time() - cpu))
    took["peakMB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return out


def predict(unet, states, pool):
    x = given["sample"]
    return unet(x, given["timestep"], states, **added(unet, pool, len(x), x.shape[-1])).sample


def length():
    return given["encoder_hidden_states"].shape[1] // ITEMS


def text():
    model = Texts(root)
    hidden, pooled = timed(lambda: model(ids))
    return {"hidden": hidden, **({} if pooled is None else {"pooled": pooled})}


def unet_output():
    unet = denoiser(root, length(), items)
    with torch.no_grad():
        return {"prediction": timed(lambda: predict(unet, *told()))}


def vae():
    model = AutoencoderKL.from_pretrained(root, subfolder="vae", torch_dtype=torch.float32).to(DEVICE).eval().requires_grad_(False)
    return model, config(root, "vae")["scaling_factor"]


def encode():
    model, scale = vae()
    return {"latents": timed(lambda: model.encode(given["pixels"])).latent_dist.mean * scale}


def decode():
    model, scale = vae()
    return {"pixels": timed(lambda: model.decode(given["latents"] / scale)).sample}


def derived(unet, condition, wanted):
    unet.train(), unet.enable_gradient_checkpointing()

    def run():
        loss = F.mse_loss(predict(unet, *condition()), given["target"])
        return loss, torch.autograd.grad(loss, list(wanted.values()))

    loss, found = timed(run)
    return {"loss": loss.detach(), **dict(zip(wanted, found))}


def told():
    return given["encoder_hidden_states"], given.get("text_embeds")


def gradients():
    unet = denoiser(root, length(), items)
    wanted = {n: p.requires_grad_() for n, p in unet.named_parameters() if n in ours}
    return derived(unet, told, wanted)


def lora_gradients():
    unet = denoiser(root, length(), items)
    given_values = {n[6:]: t for n, t in given.items() if n.startswith("value:")}
    factors = lora(unet, length(), items)
    with torch.no_grad():
        for n, p in factors.items():
            p.copy_(given_values[n])
    return derived(unet, told, factors)


def token_gradients():
    model = Texts(root)
    parts = ["text_encoder", "text_encoder_2"][: len(ids)]
    rows = {part: given[f"new_tokens:{part}"].requires_grad_() for part in parts}
    unet = denoiser(root, ids[0].shape[1], items)

    def condition():
        hidden, pooled = model(ids, list(rows.values()))
        return hidden.reshape(1, -1, hidden.shape[-1]), pooled

    return derived(unet, condition, rows)


cases = {"text": text, "denoiser": unet_output, "encode": encode, "decode": decode, "gradients": gradients, "token gradients": token_gradients, "lora gradients": lora_gradients}
theirs = cases[case]()
assert set(theirs) == set(ours), (sorted(theirs)[:3], sorted(ours)[:3])
largest = max(t.abs().max().item() for n, t in theirs.items() if n != "loss")
errors = {}
for name, t in theirs.items():
    # a gradient that is nothing beside the others is compared in their parts
    scale = max(t.abs().max().item(), 1e-3 * largest if case.endswith("gradients") else 0)
    errors[name] = (ours[name] - t).abs().max().item() / scale
if case in ("gradients", "lora gradients"):
    errors = {"worst weight": max(v for n, v in errors.items() if n != "loss"), "loss": errors["loss"]}
print(json.dumps({"parity": errors, "pytorch": took}))
