"""PyTorch's side of `npm run bench`: eager, fp32, two threads, the same checkpoint and shapes. One case a process.

    python bench/pytorch.py CASE CHECKPOINT BATCH WARM_UP RUNS [--recompute]
    -> {"ms": median, "peakMB": peak resident memory} on stdout
"""

import json
import resource
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

torch.set_num_threads(2)
ITEMS, NEW = 4, 5
case, root = sys.argv[1:3]
BATCH, WARM_UP, RUNS = map(int, sys.argv[3:6])

unet = UNet2DConditionModel.from_pretrained(root, subfolder="unet", torch_dtype=torch.float32).requires_grad_(False)
text = CLIPTextModel.from_pretrained(root + "/text_encoder", torch_dtype=torch.float32).requires_grad_(False)
length, width = min(40, text.config.max_position_embeddings), text.config.hidden_size
channels, side = unet.config.in_channels, unet.config.sample_size
levels = [side >> i for i in range(len(unet.config.block_out_channels))]
bias = {}
for s in levels:
    pixels = (torch.arange(s * s) % ITEMS)[:, None]
    tokens = torch.arange(ITEMS * length)[None] // length
    bias[s * s] = torch.where(pixels == tokens, 0.0, -1e4)[None, None]


class Grouped:
    def __call__(self, attn, x, encoder_hidden_states=None, attention_mask=None, **_):
        context = x if encoder_hidden_states is None else encoder_hidden_states
        b, n, _ = x.shape
        q, k, v = (f(t).view(b, -1, attn.heads, f.out_features // attn.heads).transpose(1, 2) for f, t in ((attn.to_q, x), (attn.to_k, context), (attn.to_v, context)))
        mask = None if encoder_hidden_states is None else bias[n]
        return attn.to_out[0](F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(b, n, -1))


unet.set_attn_processor(Grouped())
if "--recompute" in sys.argv:
    unet.train(), unet.enable_gradient_checkpointing()
x = torch.randn(BATCH, channels, side, side)
t = torch.tensor([500.0] * BATCH)
hidden = torch.randn(BATCH, ITEMS * length, width)


def median(run, count):
    for _ in range(WARM_UP):
        run()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def forward():
    with torch.no_grad():
        unet(x, t, hidden)


def trainer(parameters, condition):
    opt = torch.optim.AdamW(parameters, lr=1e-4)

    def run():
        loss = F.mse_loss(unet(x, t, condition()).sample, x)
        loss.backward()
        opt.step()
        opt.zero_grad()

    return run


def tokens():
    table = text.get_input_embeddings().weight
    rows = torch.randn(ITEMS * NEW, width, requires_grad=True)
    ids = torch.full((ITEMS, length), text.config.eos_token_id)
    ids[:, 1 : 1 + NEW] = len(table) + torch.arange(ITEMS * NEW).reshape(ITEMS, NEW)

    def condition():
        embeds = torch.cat([table, rows])[ids]
        text.get_input_embeddings().forward = lambda _: embeds
        return text(ids).last_hidden_state.reshape(1, -1, width).expand(BATCH, -1, -1)

    return trainer([rows], condition)


def cross_attention():
    tuned = [p for n, p in unet.named_parameters() if ".attn2.to_" in n and "to_out" not in n]
    for p in tuned:
        p.requires_grad_()
    return trainer(tuned, lambda: hidden)


def lora():
    from peft import LoraConfig

    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
    unet.set_attn_processor(Grouped())
    return trainer([p for p in unet.parameters() if p.requires_grad], lambda: hidden)


def edit():
    vae = AutoencoderKL.from_pretrained(root, subfolder="vae", torch_dtype=torch.float32).eval()
    tokenizer = CLIPTokenizer.from_pretrained(root + "/tokenizer")
    scheduler = EulerDiscreteScheduler.from_pretrained(root, subfolder="scheduler")
    pixels = torch.rand(1, 3, side * 8, side * 8) * 2 - 1

    @torch.no_grad()
    def run():
        vae.encode(pixels)
        ids = tokenizer(["a dog"] * ITEMS + [""], padding="max_length", max_length=length, return_tensors="pt").input_ids
        encoded = text(ids).last_hidden_state
        both = torch.stack([encoded[:ITEMS].reshape(-1, width)] * 2)
        scheduler.set_timesteps(20)
        z = torch.randn(1, channels, side, side) * scheduler.init_noise_sigma
        for step in scheduler.timesteps:
            u, c = unet(scheduler.scale_model_input(torch.cat([z, z]), step), step, both).sample.chunk(2)
            z = scheduler.step(u + 3 * (c - u), step, z).prev_sample
        vae.decode(z)

    return run


run = {"forward": lambda: forward, "tokens": tokens, "cross-attention": cross_attention, "lora": lora, "edit": edit}[case]()
ms = median(run, -(-RUNS // 3) if case == "edit" else RUNS)
print(json.dumps({"ms": ms, "peakMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
