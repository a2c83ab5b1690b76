"""Two pictures learned together: test/fixtures/tiny-sd/joint.safetensors.

    python training/reference/joint_fixture.py      # reads test/fixtures/tiny-sd, written by fixtures.py

Picture A is that of fixtures.py (three items); B has two items and other proportions. One table of new tokens holds
both pictures' rows. Micro-steps take turns: A, B, A, B ..., and an update comes after every two, so that its gradient
is drawn from both. in.* are what fixtures.py does not have; out.* as there.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers import DDIMScheduler, UNet2DConditionModel
from fixtures import ACCUMULATION, BATCH, ITEMS, LENGTH, NEW, OUT, UPDATES, Grouped
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

MORE = 2
HEIGHT, WIDTH = 4, 16


def main() -> None:
    torch.manual_seed(9)
    folder = OUT / "tiny-sd"
    io = load_file(folder / "io.safetensors")
    text = CLIPTextModel.from_pretrained(folder / "text_encoder").eval()
    unet = UNet2DConditionModel.from_pretrained(folder / "unet").eval()
    vocab = len(CLIPTokenizer.from_pretrained(str(folder / "tokenizer")))
    for p in [*text.parameters(), *unet.parameters()]:
        p.requires_grad_(False)
    Grouped.length = LENGTH
    unet.set_attn_processor(Grouped())
    schedule = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading")
    labels_b = (torch.arange(WIDTH) * MORE // WIDTH).expand(HEIGHT, WIDTH)

    def masks(full, items):
        small = [full[:: 2**level, :: 2**level] for level in range(2)]
        return {s.numel(): torch.stack([(s == i).reshape(-1).float() for i in range(items)]) for s in small}

    x0_b = torch.randn(1, 4, HEIGHT, WIDTH)
    noise_b = torch.randn(UPDATES, BATCH, 4, HEIGHT, WIDTH)
    more = torch.randn(MORE * NEW, 16) * 0.3
    pictures = [
        (io["in.x0"], io["in.noise"][::2], masks(io["in.labels_8x8"].reshape(8, 8), ITEMS), 0, ITEMS),
        (x0_b, noise_b, masks(labels_b, MORE), ITEMS, MORE),
    ]
    timesteps = io["in.timesteps"].long()
    table = text.get_input_embeddings().weight.detach().clone()

    def hidden(rows, first, items):
        ids = torch.full((items, LENGTH), vocab - 1)
        ids[:, 0] = vocab - 2
        ids[:, 1 : 1 + NEW] = vocab + first * NEW + torch.arange(items * NEW).reshape(items, NEW)
        embeds = torch.cat([table, rows])[ids]
        original = text.get_input_embeddings().forward
        text.get_input_embeddings().forward = lambda _: embeds
        try:
            return text(ids).last_hidden_state.reshape(1, items * LENGTH, 16)
        finally:
            text.get_input_embeddings().forward = original

    def curve(parameters, lr, condition):
        opt = torch.optim.AdamW(parameters, lr=lr)
        losses = []
        for step in range(UPDATES * ACCUMULATION):
            x0, noise, groups, first, items = pictures[step % 2]
            noise = noise[step // 2]
            Grouped.groups = groups
            noisy = schedule.add_noise(x0.expand(BATCH, -1, -1, -1), noise, timesteps[step])
            out = unet(noisy, timesteps[step], condition(first, items).expand(BATCH, -1, -1)).sample
            loss = F.mse_loss(out, noise)
            (loss / ACCUMULATION).backward()
            losses.append(loss.detach())
            if (step + 1) % ACCUMULATION == 0:
                opt.step(), opt.zero_grad()
        return torch.stack(losses)

    out = {"in.x0": x0_b, "in.noise": noise_b, "in.new_tokens": more}
    rows = torch.cat([io["in.new_tokens"], more]).requires_grad_()
    out["out.tokens.loss"] = curve([rows], 1e-2, lambda first, items: hidden(rows, first, items))
    out["out.tokens.new_tokens"] = rows
    fixed = rows.detach()
    tuned = {n: p for n, p in unet.named_parameters() if ".attn2.to_" in n and "to_out" not in n}
    for p in tuned.values():
        p.requires_grad_()
    out["out.cross-attention.loss"] = curve(list(tuned.values()), 1e-3, lambda first, items: hidden(fixed, first, items))
    last = list(tuned)[-1]
    out[f"out.cross-attention.{last}"] = tuned[last]
    save_file({k: v.detach().float().contiguous() for k, v in out.items()}, folder / "joint.safetensors")
    print({k: v.flatten()[:3].tolist() for k, v in out.items() if k.endswith("loss")})


if __name__ == "__main__":
    main()
