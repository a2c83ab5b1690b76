"""Writes test/fixtures/lora: LoRA files as people have them, and what diffusers computes with them.

    python training/reference/lora_fixtures.py        (after fixtures.py, which makes tiny-sd)

One random LoRA of tiny-sd (rank 2, alpha 6; attention, feed-forward and a convolution of the UNet, attention of the text
encoder) in the namings of kohya, PEFT and old diffusers; unet and text outputs at weight 0.7. sgm.json: names of SDXL
LoRAs that kohya's scripts took from the original repository, and the layers diffusers finds for them.
"""
import json
from pathlib import Path

import torch
from accelerate import init_empty_weights
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from diffusers.loaders.lora_conversion_utils import _maybe_map_sgm_blocks_to_diffusers
from safetensors.torch import save_file

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures"
OUT = FIXTURES / "lora"
RANK, ALPHA, WEIGHT = 2, 6.0, 0.7


def pipeline():
    return StableDiffusionPipeline.from_pretrained(FIXTURES / "tiny-sd", safety_checker=None, feature_extractor=None)


def layers(model, wanted):
    return {n: m for n, m in model.named_modules() if any(w in n for w in wanted) and hasattr(m, "weight") and m.weight.dim() in (2, 4)}


def outputs(pipe, io):
    ids = pipe.tokenizer(["a red apple"], padding="max_length", truncation=True, return_tensors="pt").input_ids
    with torch.no_grad():
        hidden = pipe.text_encoder(ids).last_hidden_state
        return hidden, pipe.unet(io["in.sample"], 500, io["in.hidden"]).sample


def main():
    torch.manual_seed(10)
    pipe = pipeline()
    unet = layers(pipe.unet, ("to_q", "to_k", "to_v", "to_out.0", "ff.net", "resnets.0.conv1", "proj_in"))
    text = layers(pipe.text_encoder, ("q_proj", "k_proj", "v_proj", "out_proj"))
    random = {}
    for part, found in (("unet", unet), ("text_encoder", text)):
        for name, module in found.items():
            name = name if part == "unet" or name.startswith("text_model") else f"text_model.{name}"
            out, into = module.weight.shape[:2]
            kernel = module.weight.shape[2:]
            random[part, name] = (torch.randn(RANK, into, *kernel) / 4, torch.randn(out, RANK, *[1 for _ in kernel]) / 4)

    attention = {k: v for k, v in random.items() if k[0] == "unet" and (".attn" in k[1]) and v[0].dim() == 2}
    kohya, peft, old = {}, {}, {}
    for (part, name), (down, up) in random.items():
        flat = ("lora_unet_" if part == "unet" else "lora_te_") + name.replace(".", "_")
        kohya.update({f"{flat}.lora_down.weight": down, f"{flat}.lora_up.weight": up, f"{flat}.alpha": torch.tensor(ALPHA)})
        # PEFT's file has no alpha: its scale is 1
        peft.update({f"{part}.{name}.lora_A.weight": down, f"{part}.{name}.lora_B.weight": up})
    for (part, name), (down, up) in attention.items():
        module, _, leaf = name.removesuffix(".0").rpartition(".")
        old.update({f"unet.{module}.processor.{leaf}_lora.down.weight": down, f"unet.{module}.processor.{leaf}_lora.up.weight": up})

    io = {"in.sample": torch.randn(1, 4, 8, 8), "in.hidden": torch.randn(1, 16, 16)}
    OUT.mkdir(exist_ok=True)
    for naming, tensors in (("kohya", kohya), ("peft", peft), ("old", old)):
        file = OUT / f"{naming}.safetensors"
        save_file({k: v.clone().contiguous() for k, v in tensors.items()}, file)
        fresh = pipeline()
        fresh.load_lora_weights(str(OUT), weight_name=file.name, adapter_name="x")
        fresh.set_adapters(["x"], [WEIGHT])
        io[f"out.{naming}.hidden"], io[f"out.{naming}.prediction"] = outputs(fresh, io)
    io["out.none.hidden"], io["out.none.prediction"] = outputs(pipeline(), io)
    save_file({k: v.contiguous() for k, v in io.items()}, OUT / "io.safetensors")

    config = dict(
        block_out_channels=[320, 640, 1280], layers_per_block=2, cross_attention_dim=2048, attention_head_dim=[5, 10, 20], transformer_layers_per_block=[1, 2, 10],
        down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"], up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    )
    with init_empty_weights():
        sdxl = UNet2DConditionModel(**config)
    names = []
    for block, layer in [(4, 0), (5, 1), (7, 4), (8, 9)]:
        names += [f"input_blocks_{block}_1_transformer_blocks_{layer}_attn2_to_k", f"input_blocks_{block}_1_proj_in"]
    for block, layer in [(0, 9), (2, 3), (3, 0), (5, 1)]:
        names += [f"output_blocks_{block}_1_transformer_blocks_{layer}_ff_net_0_proj", f"output_blocks_{block}_1_transformer_blocks_{layer}_attn1_to_out_0"]
    names += ["middle_block_1_transformer_blocks_3_attn2_to_v", "input_blocks_1_0_in_layers_2", "input_blocks_3_0_op", "output_blocks_2_2_conv", "middle_block_2_out_layers_3"]
    pairs = {}
    for i, name in enumerate(names):
        converted = _maybe_map_sgm_blocks_to_diffusers({f"lora_unet_{name}.lora_down.weight": i}, sdxl.config)
        pairs[name] = next(iter(converted)).removeprefix("lora_unet_").removesuffix(".lora_down.weight")
    (OUT / "sgm.json").write_text(json.dumps(pairs, indent=2) + "\n")


main()
