"""PyTorch's side of `npm run bench`: eager, two threads, the same checkpoint and shapes. One case a process. In fp32 on the CPU, or as
`--half` and `--device cuda` say: halves as dedit has them, products in fp16, what is learned and AutoencoderKL in fp32.

    python bench/pytorch.py CASE CHECKPOINT BATCH WARM_UP RUNS [--recompute] [--tiles] [--taesd] [--steps N] [--cells N] [--half] [--device cuda]
    -> {"ms": median, "cpuMs": median of processor time, "peakMB": peak resident memory} on stdout
"""

import json
import resource
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, AutoencoderTiny, EulerDiscreteScheduler
from oracle import DEVICE, DTYPE, ITEMS, NEW, Texts, added, config, denoiser, lora

case, root = sys.argv[1:3]
BATCH, WARM_UP, RUNS = map(int, sys.argv[3:6])


def option(name, usual):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else usual


GUIDANCE = 3
HALF = DTYPE == torch.float16
# as ONNX Runtime does on a GPU unless it is told not to
torch.set_float32_matmul_precision("high")

of_text, of_unet = config(root, "text_encoder"), config(root, "unet")
length, width = min(40, of_text["max_position_embeddings"]), of_unet["cross_attention_dim"]
channels, side = of_unet.get("out_channels", 4), option("--cells", of_unet["sample_size"])
pooled_width = (of_unet.get("projection_class_embeddings_input_dim") or 0) - 6 * (of_unet.get("addition_time_embed_dim") or 0)
unet = denoiser(root, length)
if "--recompute" in sys.argv:
    unet.train(), unet.enable_gradient_checkpointing()


def noise(*shape):
    return torch.randn(*shape, dtype=DTYPE)


x = noise(BATCH, channels, side, side)
t = torch.tensor([500.0] * BATCH)
hidden = noise(BATCH, ITEMS * length, width)
pooled = noise(1, pooled_width) if pooled_width else None


def finished():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def measured(run, count):
    """Medians on the clock and of processor time, in ms."""
    for _ in range(WARM_UP):
        run()
    times = []
    for _ in range(count):
        finished()
        start, cpu = time.perf_counter(), time.process_time()
        run()
        finished()
        times.append((time.perf_counter() - start, time.process_time() - cpu))
    return [statistics.median(column) * 1000 for column in zip(*times)]


def forward():
    @torch.no_grad()
    def run():
        unet(x, t, hidden, **added(unet, pooled, BATCH, side))

    return run


def euler():
    """Its sigmas go through numpy, which knows no GPU."""
    with torch.device("cpu"):
        return EulerDiscreteScheduler.from_pretrained(root, subfolder="scheduler")


def guided_step():
    scheduler = euler()
    both = noise(2, ITEMS * length, width)
    z = noise(1, channels, side, side) * scheduler.init_noise_sigma

    @torch.no_grad()
    def run():
        scheduler.set_timesteps(20)
        step = scheduler.timesteps[0]
        seen = scheduler.scale_model_input(torch.cat([z, z]), step)
        u, c = unet(seen, step, both, **added(unet, pooled, 2, side)).sample.chunk(2)
        scheduler.step(u + GUIDANCE * (c - u), step, z)

    return run


def trainer(parameters, condition):
    opt, scaler = torch.optim.AdamW(parameters, lr=1e-4), torch.amp.GradScaler(DEVICE, enabled=HALF)

    def run():
        with torch.autocast(DEVICE, DTYPE, enabled=HALF):
            states, pool = condition()
            loss = F.mse_loss(unet(x, t, states, **added(unet, pool, BATCH, side)).sample, x)
        scaler.scale(loss).backward()
        scaler.step(opt)
        scaler.update()
        opt.zero_grad()

    return run


def tokens():
    text = Texts(root)
    rows = [torch.randn(ITEMS * NEW, w, requires_grad=True) for w in text.widths]
    end = of_text.get("eos_token_id", 49407)
    ids = torch.full((ITEMS, length), end)
    ids[:, 1 : 1 + NEW] = of_text["vocab_size"] + torch.arange(ITEMS * NEW).reshape(ITEMS, NEW)

    def condition():
        states, pool = text([ids] * len(rows), rows)
        return states.reshape(1, -1, width).expand(BATCH, -1, -1), pool

    return trainer(rows, condition)


def cross_attention():
    tuned = [p for n, p in unet.named_parameters() if ".attn2.to_" in n and "to_out" not in n]
    for p in tuned:
        p.data = p.data.float()
        p.requires_grad_()
    return trainer(tuned, lambda: (hidden, pooled))


def lora_step():
    factors = list(lora(unet, length).values())
    for p in factors:
        p.data = p.data.float()
    return trainer(factors, lambda: (hidden, pooled))


def autoencoder():
    if "--taesd" in sys.argv:
        return AutoencoderTiny.from_pretrained(root + "/taesd", torch_dtype=torch.float32).to(DEVICE)
    vae = AutoencoderKL.from_pretrained(root, subfolder="vae", torch_dtype=torch.float32).to(DEVICE).eval()
    if "--tiles" in sys.argv:
        vae.enable_tiling()
        vae.tile_latent_min_size, vae.tile_sample_min_size = 64, 512
    return vae


def decode():
    vae, z = autoencoder(), torch.randn(1, channels, side, side)

    @torch.no_grad()
    def run():
        vae.decode(z)

    return run


def edit():
    vae, text = autoencoder(), Texts(root)
    ids = torch.full((ITEMS + 1, length), of_text["vocab_size"] - 1)
    ids[:-1, 1:3] = torch.tensor([1, 2])  # two words, as "a dog" is, ITEMS times, and nothing: a small vocabulary has them as well
    scheduler = euler()
    pixels = torch.rand(1, 3, side * 8, side * 8) * 2 - 1
    steps = option("--steps", 20)

    @torch.no_grad()
    def run():
        vae.encode(pixels)
        encoded, pool = text([ids] * len(text.encoders))
        both = torch.stack([encoded[:ITEMS].reshape(-1, width)] * 2)
        scheduler.set_timesteps(steps)
        z = noise(1, channels, side, side) * scheduler.init_noise_sigma
        for step in scheduler.timesteps:
            u, c = unet(scheduler.scale_model_input(torch.cat([z, z]), step), step, both, **added(unet, pool, 2, side)).sample.chunk(2)
            z = scheduler.step(u + GUIDANCE * (c - u), step, z).prev_sample
        vae.decode(z.float())

    return run


cases = {"forward": forward, "guided step": guided_step, "tokens": tokens, "cross-attention": cross_attention, "lora": lora_step, "decode": decode, "edit": edit}
ms, cpu = measured(cases[case](), -(-RUNS // 3) if case == "edit" else RUNS)
print(json.dumps({"ms": ms, "cpuMs": cpu, "peakMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
