"""Writes test/fixtures/single-file: what diffusers makes of checkpoints in one file (A1111, ComfyUI, Civitai).

    python training/reference/single_file_fixtures.py

names.json.gz: for SD 1.5, SD 2.1 and SDXL at their real sizes (shapes only, no memory) every tensor of the file with its
shape, and where diffusers' own converters put it. tiny.safetensors: a whole random SD 1.x in one file, in half precision,
and io.safetensors: what StableDiffusionPipeline.from_single_file draws with it.
"""
import gzip
import json
import re
import sys
import tempfile
from pathlib import Path

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.loaders import single_file_utils as oracle
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

sys.path.append(str(Path(__file__).parents[1] / "pocket"))
import bpe

OUT = Path(__file__).parents[2] / "test" / "fixtures" / "single-file"
SD = dict(down_block_types=["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"], up_block_types=["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3)
FAMILIES = {
    "sd15": dict(
        unet=dict(sample_size=64, block_out_channels=[320, 640, 1280, 1280], cross_attention_dim=768, attention_head_dim=8, **SD),
        text=[dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, hidden_act="quick_gelu", projection_dim=768)],
    ),
    "sd21": dict(
        unet=dict(sample_size=96, block_out_channels=[320, 640, 1280, 1280], cross_attention_dim=1024, attention_head_dim=[5, 10, 20, 20], use_linear_projection=True, **SD),
        text=[dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16, hidden_act="gelu", projection_dim=512)],
    ),
    "sdxl": dict(
        unet=dict(
            sample_size=128, block_out_channels=[320, 640, 1280], cross_attention_dim=2048, attention_head_dim=[5, 10, 20], use_linear_projection=True,
            transformer_layers_per_block=[1, 2, 10], addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816,
            down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"], up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
        ),
        text=[
            dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, hidden_act="quick_gelu", projection_dim=768),
            dict(hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20, hidden_act="gelu", projection_dim=1280),
        ],
    ),
}
VAE = dict(block_out_channels=[128, 256, 512, 512], layers_per_block=2, latent_channels=4, down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4)

RESNET = [("norm1", "in_layers.0"), ("conv1", "in_layers.2"), ("norm2", "out_layers.0"), ("conv2", "out_layers.3"), ("time_emb_proj", "emb_layers.1"), ("conv_shortcut", "skip_connection")]


def ldm_unet(state, config):
    """diffusers' names -> those of the original repository (openaimodel.py)."""
    layers, blocks = config.get("layers_per_block", 2), len(config["block_out_channels"])
    table = {}
    for i in range(blocks):
        for j in range(layers):
            n = 1 + i * (layers + 1) + j
            table[f"down_blocks.{i}.resnets.{j}."] = f"input_blocks.{n}.0."
            table[f"down_blocks.{i}.attentions.{j}."] = f"input_blocks.{n}.1."
        table[f"down_blocks.{i}.downsamplers.0.conv."] = f"input_blocks.{(i + 1) * (layers + 1)}.0.op."
        attends = "CrossAttn" in config["up_block_types"][i]
        for j in range(layers + 1):
            n = i * (layers + 1) + j
            table[f"up_blocks.{i}.resnets.{j}."] = f"output_blocks.{n}.0."
            table[f"up_blocks.{i}.attentions.{j}."] = f"output_blocks.{n}.1."
        table[f"up_blocks.{i}.upsamplers.0.conv."] = f"output_blocks.{i * (layers + 1) + layers}.{2 if attends else 1}.conv."
    table.update({
        "mid_block.resnets.0.": "middle_block.0.", "mid_block.attentions.0.": "middle_block.1.", "mid_block.resnets.1.": "middle_block.2.",
        "conv_in.": "input_blocks.0.0.", "conv_norm_out.": "out.0.", "conv_out.": "out.2.", "time_embedding.linear_1.": "time_embed.0.",
        "time_embedding.linear_2.": "time_embed.2.", "add_embedding.linear_1.": "label_emb.0.0.", "add_embedding.linear_2.": "label_emb.0.2.",
    })

    def name(key):
        start = next(a for a in table if key.startswith(a))
        rest = key[len(start):]
        if ".resnets." in key or key.startswith("mid_block.resnets"):
            for a, b in RESNET:
                rest = rest.replace(a + ".", b + ".")
        return "model.diffusion_model." + table[start] + rest

    return {name(k): v for k, v in state.items()}


def ldm_vae(state, config):
    last = len(config["block_out_channels"]) - 1

    def name(key):
        key = re.sub(r"up_blocks\.(\d+)", lambda m: f"up.{last - int(m[1])}", key)
        for a, b in (
            (r"down_blocks\.", "down."), (r"\.resnets\.", ".block."), (r"downsamplers\.0", "downsample"), (r"upsamplers\.0", "upsample"),
            (r"mid_block\.block\.0", "mid.block_1"), (r"mid_block\.block\.1", "mid.block_2"), (r"mid_block\.attentions\.0", "mid.attn_1"), ("conv_shortcut", "nin_shortcut"),
            ("conv_norm_out", "norm_out"), ("group_norm", "norm"), (r"to_out\.0", "proj_out"), (r"to_([qkv])", r"\1"),
        ):
            key = re.sub(a, b, key)
        return "first_stage_model." + key

    return {name(k): (v[:, :, None, None] if re.search(r"attentions.*to_.*weight", k) else v) for k, v in state.items()}


def ldm_open_clip(state, prefix, layers):
    """transformers' CLIP -> open_clip's names; q, k and v are one tensor there, and the projection lies the other way."""
    out = {}
    for key, value in state.items():
        m = re.match(r"text_model\.encoder\.layers\.(\d+)\.self_attn\.q_proj\.(weight|bias)", key)
        if m:
            parts = [state[key.replace("q_proj", f"{p}_proj")] for p in "qkv"]
            out[f"transformer.resblocks.{m[1]}.attn.in_proj_{m[2]}"] = torch.cat(parts)
        elif "k_proj" in key or "v_proj" in key or "position_ids" in key:
            continue
        elif key == "text_projection.weight":
            out["text_projection"] = value.T
        else:
            for a, b in (
                ("text_model.encoder.layers.", "transformer.resblocks."), ("text_model.final_layer_norm", "ln_final"), ("text_model.embeddings.token_embedding", "token_embedding"),
                ("text_model.embeddings.position_embedding.weight", "positional_embedding"), ("layer_norm1", "ln_1"), ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"),
                ("mlp.fc2", "mlp.c_proj"), ("self_attn.out_proj", "attn.out_proj"),
            ):
                key = key.replace(a, b)
            out[key] = value
    return {prefix + k: v for k, v in out.items()}


def names():
    result = {}
    for family, sizes in FAMILIES.items():
        with init_empty_weights():
            unet, vae = UNet2DConditionModel(**sizes["unet"]), AutoencoderKL(**VAE)
            texts = [(CLIPTextModelWithProjection if family == "sdxl" and i else CLIPTextModel)(CLIPTextConfig(**t)) for i, t in enumerate(sizes["text"])]
        file = {**ldm_unet(unet.state_dict(), sizes["unet"]), **ldm_vae(vae.state_dict(), VAE)}
        text_states = [{k if k.startswith("text_") else f"text_model.{k}": v for k, v in t.state_dict().items()} for t in texts]
        components = {"unet": unet.state_dict(), "vae": vae.state_dict(), "text_encoder": text_states[0]}
        if family == "sd15":
            file.update({f"cond_stage_model.transformer.{k}": v for k, v in text_states[0].items()})
        elif family == "sd21":
            # the file has the 24th layer and a projection too; nobody uses them
            extra = {k.replace("layers.22", "layers.23"): v for k, v in text_states[0].items() if "layers.22" in k}
            file.update(ldm_open_clip({**text_states[0], **extra, "text_projection.weight": torch.empty(1024, 1024, device="meta")}, "cond_stage_model.model.", 24))
        else:
            file.update({f"conditioner.embedders.0.transformer.{k}": v for k, v in text_states[0].items()})
            file.update(ldm_open_clip(text_states[1], "conditioner.embedders.1.model.", 32))
            components["text_encoder_2"] = text_states[1]
        # the oracle: every tensor that diffusers' converters take out of the file, under the name they give it
        by_id = {id(v): k for k, v in file.items()}
        unet_config = {**dict(unet.config), "class_embed_type": None}
        pairs = {f"unet.{k}": by_id[id(v)] for k, v in oracle.convert_ldm_unet_checkpoint(dict(file), unet_config).items()}
        for k, v in oracle.convert_ldm_vae_checkpoint(dict(file), dict(vae.config)).items():
            pairs[f"vae.{k}"] = by_id.get(id(v)) or next(n for n in file if n.startswith("first_stage_model.") and file[n].untyped_storage()._cdata == v.untyped_storage()._cdata)
        assert {k for k in pairs if k.startswith("unet.")} == {f"unet.{k}" for k in components["unet"]}
        assert {k for k in pairs if k.startswith("vae.")} == {f"vae.{k}" for k in components["vae"]}
        result[family] = {
            "file": {k: list(v.shape) for k, v in file.items()}, "pairs": pairs,
            "components": {c: {k: list(v.shape) for k, v in s.items()} for c, s in components.items()},
        }
    with gzip.GzipFile(OUT / "names.json.gz", "wb", mtime=0) as f:
        f.write(json.dumps(result).encode())


def open_clip():
    """Numbers through diffusers' converter of open_clip: fused projections are cut, the last projection is turned over."""
    torch.manual_seed(8)
    config = CLIPTextConfig(vocab_size=40, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=1, projection_dim=64, max_position_embeddings=8)
    model = CLIPTextModelWithProjection(config)
    state = {k if k.startswith("text_") else f"text_model.{k}": v for k, v in model.state_dict().items()}
    file = ldm_open_clip(state, "conditioner.embedders.1.model.", 2)
    converted = oracle.convert_open_clip_checkpoint(model, dict(file), prefix="conditioner.embedders.1.model.")
    save_file({k: v.half().contiguous() for k, v in file.items()}, OUT / "open-clip.safetensors")
    save_file({k: v.half().float().contiguous() for k, v in converted.items()}, OUT / "open-clip.converted.safetensors")


def tiny():
    torch.manual_seed(9)
    length = 16
    unet_config = dict(
        sample_size=16, block_out_channels=[32, 32], layers_per_block=1, cross_attention_dim=64, attention_head_dim=8,
        down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"], up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
    )
    vae_config = dict(block_out_channels=[32, 32], layers_per_block=1, down_block_types=["DownEncoderBlock2D"] * 2, up_block_types=["UpDecoderBlock2D"] * 2)
    with tempfile.TemporaryDirectory() as folder:
        bpe.save(Path(folder) / "tokenizer", length)
        tokenizer = CLIPTokenizer.from_pretrained(f"{folder}/tokenizer")
        vocab = len(tokenizer)
        text = CLIPTextModel(CLIPTextConfig(
            vocab_size=vocab, hidden_size=64, intermediate_size=64, num_hidden_layers=2, num_attention_heads=1, max_position_embeddings=length,
            bos_token_id=vocab - 2, eos_token_id=vocab - 1, pad_token_id=vocab - 1,
        ))
        unet, vae = UNet2DConditionModel(**unet_config), AutoencoderKL(**vae_config)
        scheduler = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, clip_sample=False, set_alpha_to_one=False)
        pipe = StableDiffusionPipeline(vae, text, tokenizer, unet, scheduler, None, None, requires_safety_checker=False)
        pipe.save_pretrained(f"{folder}/configs")
        text_state = {k if k.startswith("text_") else f"text_model.{k}": v for k, v in text.state_dict().items()}
        file = {
            **ldm_unet(unet.state_dict(), unet_config), **ldm_vae(vae.state_dict(), vae_config),
            **{f"cond_stage_model.transformer.{k}": v for k, v in text_state.items()},
            "cond_stage_model.transformer.text_model.embeddings.position_ids": torch.arange(length)[None],
            "betas": torch.zeros(1000),
        }
        save_file({k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in file.items()}, OUT / "tiny.safetensors", {"format": "pt"})
        pipe = StableDiffusionPipeline.from_single_file(str(OUT / "tiny.safetensors"), config=f"{folder}/configs", safety_checker=None)
        noise = torch.randn(1, 4, 16, 16)
        with torch.no_grad():
            out = pipe("a red apple", height=32, width=32, num_inference_steps=4, guidance_scale=3, latents=noise, output_type="latent").images
        save_file({"in.noise": noise, "out.latents": out.contiguous()}, OUT / "io.safetensors")


OUT.mkdir(exist_ok=True)
names(), open_clip(), tiny()
