"""The recipe's sizes: one recipe, and what differs between a laptop's night and a GPU's ten minutes."""

from __future__ import annotations

import dataclasses

import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

LENGTH = 32  # tokens of a prompt
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclasses.dataclass(frozen=True)
class Size:
    side: int  # pixels of a scene
    latent: int  # channels of a latent; at f=8, four blur the faces
    vae: tuple[int, ...]
    unet: tuple[int, ...]
    layers: int  # resnets a level
    text: int  # width of the text encoder
    batch: int
    pool: int  # scenes at hand at a time
    uses: float  # how often a scene is drawn from the pool before it is replaced

    @property
    def grid(self) -> int:
        return self.side // 8


SIZES = {
    # what every test of the recipe runs, in a minute
    "tiny": Size(128, 12, (8, 16, 16, 32), (32, 64), 1, 64, 8, 256, 8),
    # two CPU cores: the embedded checkpoint
    "small": Size(128, 16, (16, 32, 128, 160), (96, 192), 1, 128, 32, 16_384, 8),
    # one GPU: 256 pixels
    "large": Size(256, 8, (32, 64, 128, 128), (96, 192, 256), 1, 128, 256, 100_000, 8),
}


def make_vae(size: Size) -> AutoencoderKL:
    # Width at low resolution: a resnet at 128x128 costs 64 times one of the same width at 16x16.
    return AutoencoderKL(
        block_out_channels=list(size.vae),
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        latent_channels=size.latent,
        layers_per_block=1,
        norm_num_groups=8,
        sample_size=size.side,
        mid_block_add_attention=False,
    )


def make_unet(size: Size) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=size.grid,
        in_channels=size.latent,
        out_channels=size.latent,
        block_out_channels=list(size.unet),
        layers_per_block=size.layers,
        norm_num_groups=16,
        cross_attention_dim=size.text,
        attention_head_dim=4,
        down_block_types=["CrossAttnDownBlock2D"] * len(size.unet),
        up_block_types=["CrossAttnUpBlock2D"] * len(size.unet),
    )


def make_text_encoder(size: Size, vocab: int) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocab,
            hidden_size=size.text,
            intermediate_size=4 * size.text,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            bos_token_id=vocab - 2,
            eos_token_id=vocab - 1,
            pad_token_id=vocab - 1,
        )
    )


def make_scheduler() -> DDPMScheduler:
    return DDPMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction", clip_sample=False
    )


def autocast():
    """bfloat16 where the machine computes in it: elsewhere it is slower than float32."""
    fast = DEVICE.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(DEVICE.type, torch.bfloat16, enabled=fast)


def to_tensor(pictures) -> torch.Tensor:
    """uint8 [N, S, S, 3] -> [N, 3, S, S] in -1..1."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
