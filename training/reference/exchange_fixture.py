"""Writes test/fixtures/exchange/io.safetensors: what diffusers computes with files that dedit wrote beside it.

    DEDIT_WRITE_EXCHANGE=1 npx vitest run test/engine/finetune/exchange.test.ts      (writes the files; fails once)
    python training/reference/exchange_fixture.py

Textual inversions (one file an item, of one text encoder or of both) and LoRA, loaded with diffusers' own loaders; the
singular values of what cross-attention learned, from NAME-deltas.safetensors, which are not kept.
"""
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from safetensors.torch import load_file, save_file

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures"
OUT = FIXTURES / "exchange"
PROMPTS, RANK = ["<item-1>", "a red <item-2>"], 4


def opened(name, kind):
    cls = StableDiffusionXLPipeline if name == "tiny-sdxl" else StableDiffusionPipeline
    pipe = cls.from_pretrained(FIXTURES / name, torch_dtype=torch.float32, **({} if name == "tiny-sdxl" else {"safety_checker": None, "feature_extractor": None}))
    folder = OUT / f"{name}-{kind}"
    for item in (1, 2):
        tensors = load_file(folder / f"item-{item}.safetensors")
        if name == "tiny-sd":
            pipe.load_textual_inversion(str(folder / f"item-{item}.safetensors"))
            continue
        for key, encoder, tokenizer in (("clip_l", pipe.text_encoder, pipe.tokenizer), ("clip_g", pipe.text_encoder_2, pipe.tokenizer_2)):
            pipe.load_textual_inversion(tensors[key], token=f"<item-{item}>", text_encoder=encoder, tokenizer=tokenizer)
    pipe.load_lora_weights(folder, weight_name="pytorch_lora_weights.safetensors")
    return pipe


def main():
    torch.manual_seed(19)
    io = {"in.sample": torch.randn(1, 4, 8, 8)}
    for name in ("tiny-sd", "tiny-sdxl"):
        for kind in ("lora", "extracted"):
            pipe = opened(name, kind)
            out, added = f"out.{name}-{kind}.", {}
            with torch.no_grad():
                if name == "tiny-sdxl":
                    hidden, _, pooled, _ = pipe.encode_prompt(PROMPTS, device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False)
                    side = 8.0 * pipe.vae_scale_factor
                    added = {"added_cond_kwargs": {"text_embeds": pooled[:1], "time_ids": torch.tensor([[side, side, 0, 0, side, side]])}}
                    io[out + "pooled"] = pooled
                else:
                    hidden, _ = pipe.encode_prompt(PROMPTS, "cpu", 1, False)
                io[out + "prediction"] = pipe.unet(io["in.sample"], 500, hidden[:1], **added).sample
            io[out + "hidden"] = hidden
        deltas = [t.double() for t in load_file(OUT / f"{name}-deltas.safetensors").values()]
        squares = [torch.linalg.svdvals(d) ** 2 for d in deltas]
        io[f"out.{name}.kept"] = torch.tensor([sum(s[:RANK].sum() for s in squares) / sum(s.sum() for s in squares)]).float()
    save_file({k: v.contiguous().clone() for k, v in io.items()}, OUT / "io.safetensors")


main()
