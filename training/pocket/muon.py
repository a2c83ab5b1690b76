"""Muon (Jordan et al. 2024): momentum, made orthogonal by Newton and Schulz's iteration, for the matrices of layers.

torch.optim.Muon takes no convolutions, and iterates in bfloat16 wherever it is, which is slow on a CPU that does not compute in it.
"""

from __future__ import annotations

import torch


def orthogonal(m: torch.Tensor) -> torch.Tensor:
    """[N, a, b] with a <= b -> about U V^T of each one's singular value decomposition (five steps, the paper's coefficients)."""
    x = m / (m.norm(dim=(1, 2), keepdim=True) + 1e-7)
    if x.is_cuda or torch.cpu._is_amx_tile_supported():
        x = x.bfloat16()
    for _ in range(5):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.775 * gram + 2.0315 * gram @ gram) @ x
    return x.to(m.dtype)


class Muon(torch.optim.Optimizer):
    """For matrices and for convolutions, which are matrices of as many rows as they have outputs."""

    def __init__(self, params, lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            alike: dict[tuple[int, ...], list[torch.Tensor]] = {}
            for p in group["params"]:
                alike.setdefault(tuple(p.flatten(1).shape), []).append(p)
            for (rows, columns), same in alike.items():
                for p in same:
                    if "momentum" not in self.state[p]:
                        self.state[p]["momentum"] = torch.zeros_like(p)
                    self.state[p]["momentum"].lerp_(p.grad, 1 - group["momentum"])
                # Nesterov's look ahead
                m = torch.stack([torch.lerp(p.grad, self.state[p]["momentum"], group["momentum"]).flatten(1) for p in same])
                u = orthogonal(m.mT).mT if rows > columns else orthogonal(m)
                # as large as an update of AdamW (Liu et al. 2025)
                size = group["lr"] * 0.2 * max(rows, columns) ** 0.5
                for p, change in zip(same, u):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(size * change.view(p.shape))
