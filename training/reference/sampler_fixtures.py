"""Writes test/fixtures/samplers: what diffusers' schedulers draw with the tiny-sd checkpoint (io, and edm for noise by its sigma).

    python training/reference/sampler_fixtures.py        (after fixtures.py, which makes tiny-sd)

One prompt, ordinary attention, with and without guidance. Stochastic schedulers take their noise from the file, so that
the other side can take the very same.
"""
import sys
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL, DDIMScheduler, DPMSolverMultistepScheduler, EDMDPMSolverMultistepScheduler, EDMEulerScheduler,
    EulerAncestralDiscreteScheduler, EulerDiscreteScheduler, LCMScheduler, TCDScheduler, UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures"
TINY = FIXTURES / "tiny-sd"
COMMON = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)
ZERO = dict(rescale_betas_zero_snr=True, timestep_spacing="trailing", prediction_type="v_prediction")
DPM = dict(algorithm_type="dpmsolver++", solver_order=2, solver_type="midpoint")
SDE = {**DPM, "algorithm_type": "sde-dpmsolver++"}

# name -> (scheduler, steps, guidance); 1 is no guidance: the model is asked once a step
CASES = {
    "lcm.leading.4": (LCMScheduler(**COMMON), 4, 1),
    "lcm.leading.7": (LCMScheduler(**COMMON), 7, 1.5),
    "tcd.leading.1": (TCDScheduler(**COMMON), 1, 1),
    "tcd.leading.4": (TCDScheduler(**COMMON), 4, 1),
    "tcd.leading.7": (TCDScheduler(**COMMON), 7, 1.5),
    "euler.trailing.1": (EulerDiscreteScheduler(**COMMON, timestep_spacing="trailing"), 1, 1),
    "euler.trailing.4": (EulerDiscreteScheduler(**COMMON, timestep_spacing="trailing"), 4, 1),
    "euler-ancestral.trailing.4": (EulerAncestralDiscreteScheduler(**COMMON, timestep_spacing="trailing"), 4, 1),
    "euler-ancestral.leading.20": (EulerAncestralDiscreteScheduler(**COMMON, timestep_spacing="leading"), 20, 3),
    "dpm++.linspace.20": (DPMSolverMultistepScheduler(**COMMON, **DPM, timestep_spacing="linspace"), 20, 3),
    "dpm++.leading.10": (DPMSolverMultistepScheduler(**COMMON, **DPM, timestep_spacing="leading"), 10, 3),
    "dpm++.trailing.6": (DPMSolverMultistepScheduler(**COMMON, **DPM, timestep_spacing="trailing"), 6, 3),
    "dpm++-sde.linspace.20": (DPMSolverMultistepScheduler(**COMMON, **SDE, timestep_spacing="linspace"), 20, 3),
    "dpm++-sde.trailing.8": (DPMSolverMultistepScheduler(**COMMON, **SDE, timestep_spacing="trailing"), 8, 3),
    "zero-ddim.trailing.20": (DDIMScheduler(**COMMON, **ZERO, clip_sample=False), 20, 3),
    "zero-euler.trailing.20": (EulerDiscreteScheduler(**COMMON, **ZERO), 20, 3),
}
# name -> (scheduler, steps, guidance): Playground 2.5's and CosXL's, and what the first needs where it adds noise
PLAYGROUND, COSXL = dict(sigma_data=0.5), dict(sigma_schedule="exponential", sigma_max=120.0, sigma_data=1.0, prediction_type="v_prediction")
EDM_CASES = {
    "dpm++.playground.20": (EDMDPMSolverMultistepScheduler(**PLAYGROUND), 20, 3),
    "dpm++-sde.playground.8": (EDMDPMSolverMultistepScheduler(**PLAYGROUND, algorithm_type="sde-dpmsolver++"), 8, 3),
    "euler.playground.12": (EDMEulerScheduler(**PLAYGROUND), 12, 3),
    "euler.cosxl.12": (EDMEulerScheduler(**COSXL), 12, 3),
}


def edm_losses(unet, cond, x0, noise):
    """The weighted loss of the paper's equation 8 at a few levels, one a row, by diffusers' own preconditioning."""
    out = {}
    for name, settings in (("playground", PLAYGROUND), ("cosxl", COSXL)):
        scheduler = EDMEulerScheduler(**settings)
        scheduler.set_timesteps(1000)
        losses = []
        for level in (30, 400, 700, 950):
            sigma = scheduler.sigmas[999 - level]
            x = x0 + sigma * noise
            f = unet(scheduler.precondition_inputs(x, sigma), scheduler.timesteps[999 - level], cond).sample
            denoised = scheduler.precondition_outputs(x, f, sigma)
            data = scheduler.config.sigma_data
            weight = (sigma**2 + data**2) / (sigma * data) ** 2
            losses.append((weight * (denoised - x0) ** 2).mean())
        out[f"out.{name}.losses"] = torch.stack(losses)
    return out


def main():
    torch.set_num_threads(1)
    torch.manual_seed(6)
    unet = UNet2DConditionModel.from_pretrained(TINY / "unet")
    vae = AutoencoderKL.from_pretrained(TINY / "vae")
    text = CLIPTextModel.from_pretrained(TINY / "text_encoder")
    tokenizer = CLIPTokenizer.from_pretrained(str(TINY / "tokenizer"))

    def encode(prompt):
        ids = tokenizer([prompt], padding="max_length", truncation=True, return_tensors="pt").input_ids
        return text(ids).last_hidden_state

    initial = torch.randn(1, 4, 8, 8)
    fresh = torch.randn(20, 1, 4, 8, 8)
    io = {"in.initial": initial, "in.step_noise": fresh}
    edm = {}
    with torch.no_grad():
        cond, uncond = encode("a red apple"), encode("")
        for name, (scheduler, steps, guidance) in {**CASES, **EDM_CASES}.items():
            out_io = edm if name in EDM_CASES else io
            scheduler.set_timesteps(steps)
            step = iter(range(steps))
            now = {}
            sys.modules[type(scheduler).__module__].randn_tensor = lambda *_, **__: fresh[now["i"]]
            x = initial * scheduler.init_noise_sigma
            for t in scheduler.timesteps:
                now["i"] = next(step)
                scaled = scheduler.scale_model_input(x, t)
                out = unet(scaled, t, cond).sample
                if guidance != 1:
                    u = unet(scaled, t, uncond).sample
                    out = u + guidance * (out - u)
                x = scheduler.step(out, t, x).prev_sample
            picture = vae.decode(x / vae.config.scaling_factor).sample
            out_io[f"out.{name}.timesteps"] = scheduler.timesteps.float()
            out_io[f"out.{name}.latents"] = x
            out_io[f"out.{name}.picture"] = ((picture.clamp(-1, 1) + 1) * 127.5).round()
        edm.update(edm_losses(unet, cond, initial, fresh[0]))
    folder = FIXTURES / "samplers"
    folder.mkdir(exist_ok=True)
    for file, tensors in (("io", io), ("edm", edm)):
        save_file({k: v.contiguous().clone() for k, v in tensors.items()}, folder / f"{file}.safetensors")


main()
