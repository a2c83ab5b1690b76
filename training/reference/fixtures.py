"""PyTorch's side of the parity tests: tiny random models, their outputs, gradients, training curves and samples.

    python training/reference/fixtures.py            # rewrites test/fixtures/{models,tiny-sd,tiny-sdxl}
    python training/reference/fixtures.py tiny_sdxl  # one of them

Needs torch, diffusers, transformers, safetensors (none of them at run time or in the tests). Every io.safetensors
holds float32 tensors: in.<argument>, out.<name>, and for loss = mean((out - in.target)^2) grad.<parameter>.
"""

from __future__ import annotations

import json
import pathlib
import shutil
import sys

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DDIMScheduler, EulerDiscreteScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "test/fixtures"
sys.path.insert(0, str(ROOT / "training/pocket"))
import bpe  # noqa: E402

torch.set_num_threads(1)


def perturbed(model):
    """Zero biases and unit norms would hide mistakes."""
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.05 * torch.randn_like(p))
    return model.eval()


def save(folder: pathlib.Path, tensors: dict) -> None:
    save_file({k: v.detach().float().contiguous() for k, v in tensors.items()}, folder / "io.safetensors")


class Grouped:
    """The paper's own form: a sum over items of masked attentions (arXiv 2403.04880, section 3.2)."""

    groups: list | None = None  # per query length: [K, N] masks
    length = 0

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **_):
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        b, n, _ = hidden_states.shape
        q, k, v = (
            f(t).view(b, -1, attn.heads, f.out_features // attn.heads).transpose(1, 2)
            for f, t in ((attn.to_q, hidden_states), (attn.to_k, context), (attn.to_v, context))
        )
        if encoder_hidden_states is None or Grouped.groups is None:
            out = F.scaled_dot_product_attention(q, k, v)
        else:
            out = 0
            for i, mask in enumerate(Grouped.groups[n]):
                part = slice(i * Grouped.length, (i + 1) * Grouped.length)
                scores = q @ k[:, :, part].transpose(2, 3) / q.shape[-1] ** 0.5
                out = out + mask[None, None, :, None] * (scores.softmax(-1) @ v[:, :, part])
        return attn.to_out[0](out.transpose(1, 2).reshape(b, n, -1))


UNETS = {
    "unet-sd1": dict(
        block_out_channels=[16, 32], layers_per_block=2, cross_attention_dim=16, attention_head_dim=4, norm_num_groups=4,
        in_channels=4, out_channels=4, sample_size=8,
        down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"], up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
    ),
    "unet-sd2": dict(
        block_out_channels=[16, 32], layers_per_block=1, cross_attention_dim=24, attention_head_dim=[2, 4], norm_num_groups=8,
        in_channels=4, out_channels=4, sample_size=8, use_linear_projection=True,
        down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"], up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
    ),
    "unet-sdxl": dict(
        block_out_channels=[16, 32], layers_per_block=2, cross_attention_dim=16, attention_head_dim=[2, 4], norm_num_groups=4,
        in_channels=4, out_channels=4, sample_size=8, use_linear_projection=True, transformer_layers_per_block=[1, 2],
        addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=8 * 6 + 12,
        down_block_types=["DownBlock2D", "CrossAttnDownBlock2D"], up_block_types=["CrossAttnUpBlock2D", "UpBlock2D"],
    ),
    "unet-pocket": dict(
        block_out_channels=[16, 32], layers_per_block=1, cross_attention_dim=16, attention_head_dim=4, norm_num_groups=8,
        in_channels=12, out_channels=12, sample_size=8,
        down_block_types=["CrossAttnDownBlock2D"] * 2, up_block_types=["CrossAttnUpBlock2D"] * 2,
    ),
}

KINDS = [  # one parameter of every kind that there is
    "attn2.to_q.weight", "attn2.to_k.weight", "attn2.to_v.weight", "attn1.to_q.weight", "attn1.to_out.0.weight",
    "conv_in.weight", "resnets.0.conv1.weight", "resnets.0.conv1.bias", "downsamplers.0.conv.weight",
    "upsamplers.0.conv.weight", "conv_shortcut.weight", "resnets.0.norm1.weight", "resnets.0.norm1.bias",
    "transformer_blocks.0.norm2.weight", "transformer_blocks.0.norm2.bias", "ff.net.0.proj.weight",
    "time_embedding.linear_1.weight", "time_emb_proj.weight", "conv_norm_out.bias", "proj_in.weight",
    "token_embedding.weight", "q_proj.weight", "mlp.fc1.weight", "final_layer_norm.weight",
]


def chosen(model):
    """The first parameter of every kind."""
    names = [n for n, _ in model.named_parameters()]
    return {next(n for n in names if n.endswith(k)) for k in KINDS if any(n.endswith(k) for n in names)}


def gradients(model, out, inputs, tensors):
    target = torch.randn_like(out)
    tensors["in.target"] = target
    loss = F.mse_loss(out, target)
    wanted = {n: p for n, p in model.named_parameters() if n in chosen(model)}
    wanted.update({f"in.{n}": t for n, t in inputs.items()})
    for name, g in zip(wanted, torch.autograd.grad(loss, list(wanted.values()))):
        tensors[f"grad.{name}"] = g
    tensors["out.loss"] = loss


def unets():
    for name, config in UNETS.items():
        torch.manual_seed(1)
        unet = perturbed(UNet2DConditionModel(**config))
        folder = OUT / "models" / name
        unet.save_pretrained(folder)
        x = torch.randn(2, config["in_channels"], 8, 16, requires_grad=True)
        t = torch.tensor([7.0, 801.0])
        text = torch.randn(2, 12, config["cross_attention_dim"], requires_grad=True)
        tensors = {"in.sample": x, "in.timestep": t, "in.encoder_hidden_states": text}
        added = None
        if config.get("addition_embed_type"):
            added = {"text_embeds": torch.randn(2, 12), "time_ids": torch.tensor([[64.0, 128, 0, 0, 64, 128]] * 2)}
            tensors.update({f"in.{k}": v for k, v in added.items()})
        out = unet(x, t, text, added_cond_kwargs=added).sample
        tensors["out.sample"] = out
        gradients(unet, out, {"sample": x, "encoder_hidden_states": text}, tensors)
        # three items of four tokens each, in vertical thirds at the latents' own size
        labels = (torch.arange(16) * 3 // 16).expand(8, 16)
        Grouped.length, Grouped.groups = 4, {}
        for level in range(2):
            small = labels[:: 2**level, :: 2**level]
            tensors[f"in.labels_{small.shape[0]}x{small.shape[1]}"] = small.reshape(-1)
            Grouped.groups[small.numel()] = torch.stack([(small == i).reshape(-1).float() for i in range(3)])
        unet.set_attn_processor(Grouped())
        with torch.no_grad():
            tensors["out.grouped"] = unet(x, t, text, added_cond_kwargs=added).sample
        Grouped.groups = None
        save(folder, tensors)


def texts():
    for name, act, eos, projection in (("clip-quick-gelu", "quick_gelu", 59, False), ("clip-gelu", "gelu", 2, False), ("clip-projection", "gelu", 59, True)):
        torch.manual_seed(2)
        config = CLIPTextConfig(
            vocab_size=60, hidden_size=16, intermediate_size=32, num_hidden_layers=3, num_attention_heads=2, projection_dim=12,
            max_position_embeddings=10, hidden_act=act, bos_token_id=58, eos_token_id=eos, pad_token_id=1,
        )
        model = perturbed((CLIPTextModelWithProjection if projection else CLIPTextModel)(config))
        folder = OUT / "models" / name
        model.save_pretrained(folder)
        ids = torch.randint(3, 58, (3, 10))
        ids[:, 0] = 58
        for row, end in enumerate((9, 4, 6)):
            ids[row, end] = 59
            ids[row, end + 1 :] = 1
        out = model(ids, output_hidden_states=True)
        tensors = {"in.input_ids": ids, "out.last_hidden_state": out.last_hidden_state, "out.penultimate": out.hidden_states[-2]}
        tensors["out.pooled"] = out.text_embeds if projection else out.pooler_output
        gradients(model, out.last_hidden_state, {}, tensors)
        save(folder, tensors)


def vaes():
    for name, extra in (
        ("vae-sd", dict(latent_channels=4, layers_per_block=2, norm_num_groups=4)),
        ("vae-pocket", dict(latent_channels=12, layers_per_block=1, norm_num_groups=8, mid_block_add_attention=False)),
    ):
        torch.manual_seed(3)
        vae = perturbed(AutoencoderKL(
            block_out_channels=[8, 16, 16], down_block_types=["DownEncoderBlock2D"] * 3, up_block_types=["UpDecoderBlock2D"] * 3, **extra
        ))
        folder = OUT / "models" / name
        vae.save_pretrained(folder)
        pixels = torch.rand(1, 3, 16, 24) * 2 - 1
        posterior = vae.encode(pixels).latent_dist
        z = torch.randn(1, extra["latent_channels"], 4, 6)
        tensors = {
            "in.pixels": pixels, "in.latents": z, "out.mean": posterior.mean,
            "out.logvar": posterior.parameters.chunk(2, 1)[1], "out.pixels": vae.decode(z).sample,
        }
        save(folder, tensors)


LENGTH, ITEMS, NEW, BATCH, ACCUMULATION, UPDATES = 16, 3, 2, 2, 2, 10
PROMPTS = ["green grass", "a dog", "a red apple"]


def tiny_sd():
    """A whole checkpoint; ten AdamW updates of each fine-tuning stage; twenty sampling steps."""
    torch.manual_seed(4)
    folder = OUT / "tiny-sd"
    shutil.rmtree(folder, ignore_errors=True)
    bpe.save(folder / "tokenizer", LENGTH)
    tokenizer = CLIPTokenizer.from_pretrained(str(folder / "tokenizer"))
    vocab = len(tokenizer)
    text = perturbed(CLIPTextModel(CLIPTextConfig(
        vocab_size=vocab, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, projection_dim=16,
        max_position_embeddings=LENGTH, bos_token_id=vocab - 2, eos_token_id=vocab - 1, pad_token_id=vocab - 1,
    )))
    unet = perturbed(UNet2DConditionModel(**{**UNETS["unet-pocket"], "in_channels": 4, "out_channels": 4}))
    vae = perturbed(AutoencoderKL(
        block_out_channels=[8, 16, 16], down_block_types=["DownEncoderBlock2D"] * 3, up_block_types=["UpDecoderBlock2D"] * 3,
        latent_channels=4, layers_per_block=1, norm_num_groups=8, mid_block_add_attention=False, scaling_factor=0.7,
    ))
    text.save_pretrained(folder / "text_encoder"), unet.save_pretrained(folder / "unet"), vae.save_pretrained(folder / "vae")
    common = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading")
    EulerDiscreteScheduler(**common).save_pretrained(folder / "scheduler")
    (folder / "model_index.json").write_text(json.dumps({
        "_class_name": "StableDiffusionPipeline", "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
    }, indent=2))

    labels = (torch.arange(8) * 3 // 8).expand(8, 8)
    Grouped.length = LENGTH
    masks = {}
    for level in range(2):
        small = labels[:: 2**level, :: 2**level]
        masks[small.numel()] = torch.stack([(small == i).reshape(-1).float() for i in range(ITEMS)])
    unet.set_attn_processor(Grouped())
    io = {"in.labels_8x8": labels.reshape(-1), "in.labels_4x4": labels[::2, ::2].reshape(-1)}

    # --- fine-tuning: item i's prompt is its own new tokens, whose rows follow the vocabulary's ---
    x0 = torch.randn(1, 4, 8, 8)
    noise = torch.randn(UPDATES * ACCUMULATION, BATCH, 4, 8, 8)
    timesteps = torch.randint(0, 1000, (UPDATES * ACCUMULATION, BATCH))
    start = torch.randn(ITEMS * NEW, 16) * 0.3
    io.update({"in.x0": x0, "in.noise": noise, "in.timesteps": timesteps, "in.new_tokens": start})
    ids = torch.full((ITEMS, LENGTH), vocab - 1)
    ids[:, 0] = vocab - 2
    ids[:, 1 : 1 + NEW] = vocab + torch.arange(ITEMS * NEW).reshape(ITEMS, NEW)
    table = text.get_input_embeddings().weight.detach().clone()
    schedule = DDIMScheduler(**common)

    def hidden(rows):
        embeds = torch.cat([table, rows])[ids]
        original = text.get_input_embeddings().forward
        text.get_input_embeddings().forward = lambda _: embeds
        try:
            return text(ids).last_hidden_state.reshape(1, ITEMS * LENGTH, 16)
        finally:
            text.get_input_embeddings().forward = original

    def curve(name, parameters, lr, condition):
        opt = torch.optim.AdamW(parameters, lr=lr)
        losses = []
        for step in range(UPDATES * ACCUMULATION):
            Grouped.groups = masks
            noisy = schedule.add_noise(x0.expand(BATCH, -1, -1, -1), noise[step], timesteps[step])
            out = unet(noisy, timesteps[step], condition().expand(BATCH, -1, -1)).sample
            loss = F.mse_loss(out, noise[step])
            (loss / ACCUMULATION).backward()
            losses.append(loss.detach())
            if (step + 1) % ACCUMULATION == 0:
                opt.step(), opt.zero_grad()
        io[f"out.{name}.loss"] = torch.stack(losses)

    rows = start.clone().requires_grad_()
    for p in [*text.parameters(), *unet.parameters()]:
        p.requires_grad_(False)
    curve("tokens", [rows], 1e-2, lambda: hidden(rows))
    io["out.tokens.new_tokens"] = rows
    fixed = hidden(rows).detach()

    tuned = {n: p for n, p in unet.named_parameters() if ".attn2.to_" in n and "to_out" not in n}
    before = {n: p.detach().clone() for n, p in tuned.items()}
    for p in tuned.values():
        p.requires_grad_()
    curve("cross-attention", list(tuned.values()), 1e-3, lambda: fixed)
    last = list(tuned)[-1]
    io[f"out.cross-attention.{last}"] = tuned[last].clone()
    with torch.no_grad():
        for n, p in tuned.items():
            p.copy_(before[n]).requires_grad_(False)

    def low_rank(name, kinds, generator=None):
        layers = [n[: -len(".weight")] for n, _ in unet.named_parameters() if any(k in n for k in kinds) and n.endswith(".weight") and ".norm" not in n]
        lora = {}
        for layer in layers:
            module = unet.get_submodule(layer)
            a = io.get(f"in.lora.{layer}")
            if a is None:
                a = torch.randn(4, module.in_features, generator=generator) / 4
                io[f"in.lora.{layer}"] = a
            lora[layer] = (a.clone().requires_grad_(), torch.zeros(module.out_features, 4).requires_grad_())
            module.forward = lambda x, m=module, p=lora[layer]: F.linear(x, m.weight, m.bias) + x @ p[0].T @ p[1].T
        curve(name, [p for pair in lora.values() for p in pair], 1e-3, lambda: fixed)
        for layer in layers:
            del unet.get_submodule(layer).forward

    low_rank("lora", [".attn"])
    low_rank("lora-transformer", [".attn", ".ff."], torch.Generator().manual_seed(29))

    # --- sampling: three plain prompts, the empty prompt with ordinary attention ---
    def encode(prompts):
        batch = tokenizer(prompts, padding="max_length", truncation=True, max_length=LENGTH, return_tensors="pt")
        return text(batch.input_ids).last_hidden_state

    with torch.no_grad():
        cond = encode(PROMPTS).reshape(1, ITEMS * LENGTH, 16)
        uncond = encode([""])
        initial = torch.randn(1, 4, 8, 8)
        io["in.initial"] = initial
        original = torch.randn(1, 4, 8, 8)
        hard, soft = torch.zeros(8, 8), torch.zeros(8, 8)
        hard[:, 5:], soft[:, 4] = 1, 1
        io.update({"in.original": original, "in.hard": hard, "in.soft": soft})
        for kind in ("epsilon", "v_prediction"):
            for name, scheduler, regions in (
                ("euler", EulerDiscreteScheduler(prediction_type=kind, **common), False),
                ("ddim", DDIMScheduler(prediction_type=kind, clip_sample=False, set_alpha_to_one=False, **common), False),
                ("euler-regions", EulerDiscreteScheduler(prediction_type=kind, **common), True),
            ):
                scheduler.set_timesteps(20)
                x = initial * scheduler.init_noise_sigma
                for i, t in enumerate(scheduler.timesteps):
                    scaled = scheduler.scale_model_input(x, t)
                    Grouped.groups = None
                    u = unet(scaled, t, uncond).sample
                    Grouped.groups = masks
                    c = unet(scaled, t, cond).sample
                    x = scheduler.step(u + 3 * (c - u), t, x).prev_sample
                    if regions:  # put back at the level after the step, with the run's own noise
                        frozen = hard + (soft if i <= 0.6 * 20 else 0)
                        x = torch.where(frozen > 0, original + scheduler.sigmas[i + 1] * initial, x)
                io[f"out.{name}.{kind}.latents"] = x
                picture = vae.decode(x / vae.config.scaling_factor).sample
                io[f"out.{name}.{kind}.picture"] = ((picture.clamp(-1, 1) + 1) * 127.5).round()
        for name, scheduler in (("euler", EulerDiscreteScheduler(**common)), ("ddim", DDIMScheduler(**common, set_alpha_to_one=False))):
            for spacing in ("leading", "linspace", "trailing"):
                for n in (10, 20, 50):
                    s = scheduler.from_config(scheduler.config, timestep_spacing=spacing)
                    s.set_timesteps(n)
                    io[f"out.{name}.{spacing}.{n}.timesteps"] = s.timesteps.float()
                    if name == "euler":
                        io[f"out.{name}.{spacing}.{n}.sigmas"] = s.sigmas
    save(folder, io)


def tiny_sdxl():
    """A whole SDXL checkpoint in miniature, sharded and in half precision, named as Stability's files are.

    Both text encoders call their tensors text_model.…, as the real ones do: newer transformers leave the prefix out.
    """
    torch.manual_seed(5)
    folder = OUT / "tiny-sdxl"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("tokenizer", "tokenizer_2"):
        bpe.save(folder / name, LENGTH)
    vocab = len(CLIPTokenizer.from_pretrained(str(folder / "tokenizer")))
    common = dict(
        vocab_size=vocab, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=LENGTH,
        bos_token_id=vocab - 2, eos_token_id=vocab - 1, pad_token_id=vocab - 1,
    )
    text = CLIPTextModel(CLIPTextConfig(hidden_size=8, projection_dim=8, **common))
    text_2 = CLIPTextModelWithProjection(CLIPTextConfig(hidden_size=8, projection_dim=12, hidden_act="gelu", **common))
    unet = UNet2DConditionModel(**{**UNETS["unet-sdxl"], "cross_attention_dim": 16})
    vae = AutoencoderKL(
        block_out_channels=[8, 8, 8], down_block_types=["DownEncoderBlock2D"] * 3, up_block_types=["UpDecoderBlock2D"] * 3,
        latent_channels=4, norm_num_groups=8, scaling_factor=0.13,
    )
    text.half().save_pretrained(folder / "text_encoder"), text_2.half().save_pretrained(folder / "text_encoder_2")
    for name in ("text_encoder", "text_encoder_2"):
        prefixed(folder / name / "model.safetensors")
    unet.half().save_pretrained(folder / "unet", max_shard_size="200KB"), vae.half().save_pretrained(folder / "vae")
    EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading").save_pretrained(folder / "scheduler")
    (folder / "model_index.json").write_text(json.dumps({
        "_class_name": "StableDiffusionXLPipeline", "force_zeros_for_empty_prompt": True,
        "scheduler": ["diffusers", "EulerDiscreteScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
    }, indent=2))

    # what the UNet listens to, in float32 from the half-precision weights
    tokenizer = CLIPTokenizer.from_pretrained(str(folder / "tokenizer"))
    ids = tokenizer(PROMPTS, padding="max_length", truncation=True, max_length=LENGTH, return_tensors="pt").input_ids
    with torch.no_grad():
        first, second = (m.float().eval()(ids, output_hidden_states=True) for m in (text, text_2))
    hidden = torch.cat([first.hidden_states[-2], second.hidden_states[-2]], dim=2)
    save(folder, {"out.hidden": hidden, "out.pooled": second.text_embeds})


def prefixed(file: pathlib.Path) -> None:
    """Rewrites a text encoder's file with the names that Stability's and OpenAI's files have."""
    tensors = {k if k.startswith(("text_model.", "text_projection.")) else f"text_model.{k}": v for k, v in load_file(file).items()}
    save_file(tensors, file, metadata={"format": "pt"})


if __name__ == "__main__":
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            globals()[name]()
        sys.exit()
    shutil.rmtree(OUT / "models", ignore_errors=True)
    unets(), texts(), vaes(), tiny_sd(), tiny_sdxl()
    print(sum(f.stat().st_size for d in ("models", "tiny-sd") for f in (OUT / d).rglob("*") if f.is_file()) / 1e6, "MB")
