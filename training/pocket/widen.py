"""Models that begin as smaller ones of an edition before."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel


def twice(channels: int, to: int, groups: int) -> torch.Tensor:
    """Which old channel each new one is: a norm's group has its own, and then some of them again."""
    return torch.arange(channels).view(groups, -1).repeat(1, 2)[:, : to // groups].flatten()


def spread(o: torch.Tensor, shape: torch.Size, groups: int) -> torch.Tensor:
    """Net2Net (Chen et al. 2016) for a layer's weights: of a channel that is there twice either may be listened to, together as much
    as before, and a little noise so that the two need not stay alike."""
    if o.shape[0] != shape[0]:
        o = o[twice(o.shape[0], shape[0], groups)]
        o = o * (1 + 0.03 * torch.randn_like(o)) if o.dim() > 1 else o
    if o.dim() > 1 and o.shape[1] != shape[1]:
        old = twice(o.shape[1], shape[1], groups)
        count = torch.bincount(old)[old]
        again = torch.cat([old[:i].eq(c).any()[None] for i, c in enumerate(old)])
        first = (torch.rand(o.shape[0], o.shape[1], 1, 1) * 1.5 - 0.25)[:, old]
        o = o[:, old] * torch.where(count == 1, torch.ones(()), torch.where(again, 1 - first.squeeze(), first.squeeze()))[:, :, None, None]
    return o


@torch.no_grad()
def autoencoder(old: AutoencoderKL, widths: tuple[int, ...], latent: int) -> AutoencoderKL:
    """`old` with layers up to twice as wide and perhaps more channels in a latent: it gives back the same pictures, nearly, and its
    latents' first channels are the same."""
    had, groups = old.config.latent_channels, old.config.norm_num_groups
    new = AutoencoderKL.from_config({**old.config, "block_out_channels": widths, "latent_channels": latent})
    # of the moments the first half are means
    moments = torch.cat([torch.arange(had), latent + torch.arange(had)])
    state = new.state_dict()
    for name, v in state.items():
        o = old.state_dict()[name]
        if had == latent:
            pass
        elif name.startswith("quant_conv"):
            # new channels are mixed at random from what the encoder has, hardly noised
            v[latent + had :] = -6 if v.dim() == 1 else 0
            v[moments] = 0
            v[moments if v.dim() == 1 else (moments[:, None], moments[None])] = o
            o = v
        elif name.startswith("encoder.conv_out"):
            o, few = torch.zeros(v.shape[0], *o.shape[1:]), o
            o[moments] = few
            if o.dim() > 1:
                o[had:latent] = torch.randn_like(o[had:latent]) * few.std()
        elif name.startswith("post_quant_conv"):
            few, o = o, (torch.eye(latent)[:, :, None, None] if v.dim() > 1 else torch.zeros_like(v))
            o[(slice(had), slice(had)) if v.dim() > 1 else slice(had)] = few
        elif name == "decoder.conv_in.weight":
            o = torch.cat([o, torch.zeros(o.shape[0], latent - had, *o.shape[2:])], 1)
        v.copy_(spread(o, v.shape, groups))
    new.load_state_dict(state)
    return new


@torch.no_grad()
def denoiser(old: UNet2DConditionModel, latent: int) -> UNet2DConditionModel:
    """`old` for latents of more channels: it does not see the new ones yet, and predicts nothing of them."""
    new = UNet2DConditionModel.from_config({**old.config, "in_channels": latent, "out_channels": latent})
    state, had = {k: v.clone() for k, v in old.state_dict().items()}, old.config.in_channels
    for name in ("conv_in.weight", "conv_out.weight", "conv_out.bias"):
        wide = torch.zeros_like(new.state_dict()[name])
        wide[(slice(None), slice(had)) if name == "conv_in.weight" else slice(had)] = state[name]
        state[name] = wide
    new.load_state_dict(state)
    return new


@torch.no_grad()
def level(vae: AutoencoderKL, spread_of: torch.Tensor, first: int) -> None:
    """Makes the latents' channels from `first` on as large as those before, given each one's standard deviation: one factor scales all
    of a latent, and a small channel would drown in the first noise. The pictures stay the same."""
    latent = vae.config.latent_channels
    k = torch.ones(latent)
    k[first:] = spread_of[:first].square().mean().sqrt() / spread_of[first:]
    vae.quant_conv.weight[:latent] *= k[:, None, None, None]
    vae.quant_conv.bias[:latent] *= k
    vae.quant_conv.bias[latent:] += 2 * k.log()
    vae.post_quant_conv.weight /= k[None, :, None, None]
