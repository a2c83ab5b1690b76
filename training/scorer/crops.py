"""Crops of items as the scorer sees them, made by the batch.

A crop is a square around an item's mask with 15 % to spare, SIZE pixels wide; what lies outside the (soft) mask is mixed
towards MEAN. Colour must not give objects away, so a third of the crops is grey and most others are in colours that are
wrong. Lumps (shuffled, smeared or warped until nobody could name them) and things that are no object are "a thing".
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F

from sprites import COLOURS, INK, MORE_COLOURS, SIDE, THING, Bank, scenes

SIZE = 48
MEAN = 0.5  # of every channel, and the standard deviation too: pixels become -1..1
GROUND_NAMES = [names for names in scenes.GROUNDS.values()]
TINTS = {**COLOURS, **MORE_COLOURS}
LUMA = torch.tensor([0.299, 0.587, 0.114])[:, None, None]


class Grounds:
    """A pool of drawn grounds, and crops of them of any size."""

    def __init__(self, rng: np.random.Generator, each: int = 16):
        drawn = [scenes.ground(kind, rng) for kind in scenes.GROUNDS for _ in range(each)]
        self.pool = torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2).float() / 255
        self.kinds = torch.arange(len(scenes.GROUNDS)).repeat_interleave(each)

    def crops(self, n: int) -> tuple[torch.Tensor, torch.Tensor]:
        which = torch.randint(len(self.pool), (n,))
        side = torch.empty(n).uniform_(0.3, 1)
        at = (torch.rand(n, 2) * 2 - 1) * (1 - side)[:, None]
        return F.grid_sample(self.pool[which], grid_of(side, at), align_corners=False, padding_mode="reflection"), self.kinds[which]


def uniform(n: int, low: float, high: float) -> torch.Tensor:
    return torch.empty(n).uniform_(low, high)


def chance(n: int, p: float) -> torch.Tensor:
    return torch.rand(n) < p


def column(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(-1, 1, 1, 1)


def grid_of(scale: torch.Tensor, at: torch.Tensor, turn: torch.Tensor | None = None, wide: torch.Tensor | None = None) -> torch.Tensor:
    """Sampling grids [N, SIZE, SIZE, 2]: source = R(turn) * diag(scale * wide, scale / wide) * target + at."""
    turn = torch.zeros_like(scale) if turn is None else turn
    wide = torch.ones_like(scale) if wide is None else wide
    c, s = turn.cos(), turn.sin()
    rows = [torch.stack([c * scale * wide, -s * scale / wide, at[:, 0]], 1), torch.stack([s * scale * wide, c * scale / wide, at[:, 1]], 1)]
    return F.affine_grid(torch.stack(rows, 1), [len(scale), 1, SIZE, SIZE], align_corners=False)


def waves(n: int, cells: int, amount: torch.Tensor) -> torch.Tensor:
    """Smooth random displacements [N, SIZE, SIZE, 2] of a standard deviation of about `amount` (1 is half the crop)."""
    coarse = torch.randn(n, 2, cells, cells) * column(amount)
    return F.interpolate(coarse, size=(SIZE, SIZE), mode="bilinear", align_corners=True).permute(0, 2, 3, 1)


def place(sprites: torch.Tensor, grid: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Colours and alpha on the crop."""
    seen = F.grid_sample(torch.cat([sprites[:, :3] * sprites[:, 3:], sprites[:, 3:]], 1), grid, align_corners=False)
    alpha = seen[:, 3:].clamp(0, 1)
    return (seen[:, :3] / alpha.clamp_min(1e-3)).clamp(0, 1), alpha


def tint(rgb: torch.Tensor, colour: torch.Tensor) -> torch.Tensor:
    """scenes.tint by the batch: luminance between black, the colour and white."""
    light = (rgb * LUMA).sum(1, keepdim=True)
    return torch.where(light < 0.5, colour * light * 2, colour + (1 - colour) * (light - 0.5) * 1.4).clamp(0, 1)


def recolour(rgb: torch.Tensor, hard: float = 1.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Three in ten as they are, some tinted by a colour of TINTS (its number is returned, else -1), the others in a random hue."""
    n = len(rgb)
    how = torch.rand(n) * (0.5 + 0.5 * hard)
    named = torch.where((how >= 0.3) & (how < 0.55), torch.randint(len(TINTS), (n,)), -1)
    palette = torch.tensor(list(TINTS.values())).float() / 255
    colour = (palette[named.clamp_min(0)] + 0.06 * torch.randn(n, 3)).clamp(0, 1)
    tinted = tint(rgb, colour[:, :, None, None])
    light = (rgb * LUMA).sum(1, keepdim=True)
    mix = torch.softmax(torch.randn(n, 3, 3) * 2, 2)  # rows sum to one: white stays white
    mixed = torch.einsum("nij,njhw->nihw", mix, rgb - light) * column(uniform(n, -1.5, 1.5)) + light
    out = torch.where(column(named >= 0), tinted, torch.where(column(how >= 0.55), mixed, rgb))
    return out.clamp(0, 1), named


def blur(x: torch.Tensor, sigma: float) -> torch.Tensor:
    r = max(1, math.ceil(2 * sigma))
    k = torch.exp(-(torch.arange(-r, r + 1) ** 2) / (2 * sigma**2))
    k = (k / k.sum()).repeat(x.shape[1], 1, 1)
    x = F.pad(x, (r, r, r, r), mode="replicate")
    return F.conv2d(F.conv2d(x, k[:, :, :, None].transpose(2, 3), groups=x.shape[1]), k[:, :, :, None], groups=x.shape[1])


def coarse(x: torch.Tensor, side: int) -> torch.Tensor:
    small = F.interpolate(x, size=(side, side), mode="bilinear", antialias=True)
    return F.interpolate(small, size=(SIZE, SIZE), mode="bilinear")


def shuffled(x: torch.Tensor, tiles: int) -> torch.Tensor:
    side = SIZE // tiles
    cut = x.reshape(len(x), x.shape[1], tiles, side, tiles, side).permute(0, 2, 4, 1, 3, 5).flatten(1, 2)
    cut = cut[:, torch.randperm(tiles * tiles)].reshape(len(x), tiles, tiles, x.shape[1], side, side)
    return cut.permute(0, 3, 1, 4, 2, 5).reshape_as(x)


def masks(alpha: torch.Tensor, how: torch.Tensor | None = None) -> torch.Tensor:
    """Masks as people and segmentations give them [N, 1, S, S], many with soft edges: none at all (`how` below 0.3), exact
    (below 0.55), grown (below 0.75), boxes (below 0.85), ellipses."""
    n = len(alpha)
    hard = (alpha > 0.5).float()
    grown = F.max_pool2d(hard, 5, 1, 2)
    grown = torch.where(column(chance(n, 0.5)), grown, F.max_pool2d(F.max_pool2d(grown, 5, 1, 2), 5, 1, 2))
    across, down = hard.amax(2, keepdim=True), hard.amax(3, keepdim=True)
    line = torch.linspace(-1, 1, SIZE)
    middle = lambda m, axis: (m * line.reshape([-1, 1] if axis == 2 else [1, -1])).sum((2, 3), keepdim=True) / m.sum((2, 3), keepdim=True).clamp_min(1)  # noqa: E731
    reach = lambda m: m.sum((2, 3), keepdim=True) / SIZE * 1.15 + 0.06  # noqa: E731
    round_ = (((line[None, :] - middle(across, 3)) / reach(across)) ** 2 + ((line[:, None] - middle(down, 2)) / reach(down)) ** 2 <= 1.2).float()
    how = column(torch.rand(n) if how is None else how)
    out = torch.where(how < 0.3, torch.ones_like(hard), torch.where(how < 0.55, hard, torch.where(how < 0.75, grown, torch.where(how < 0.85, across * down, round_))))
    return torch.where(column(chance(n, 0.6)), F.avg_pool2d(out, 5, 1, 2), out)


def finish(picture: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The vision tower's pixel values: outside the mask is MEAN, then (x - MEAN) / MEAN."""
    return (picture * mask + MEAN * (1 - mask) - MEAN) / MEAN


class Crops:
    """Batches: pixel values [N, 3, S, S], classes (objects, THING, then the grounds), tints (or -1).

    `hard` in 0..1 scales what is done to the crops: training begins with easy ones.
    """

    def __init__(self, bank: Bank, rng: np.random.Generator, things: float = 0.2):
        self.bank, self.grounds = bank, Grounds(rng)
        counts = bank.classes.bincount(minlength=THING + 1).float()
        share = torch.cat([torch.full((THING,), 1 - things), torch.tensor([things * THING])]) / counts.clamp_min(1)
        self.share = share[bank.classes]

    def sample(self, n: int, hard: float = 1.0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        which = torch.multinomial(self.share, n, replacement=True)
        classes, lump = self.bank.classes[which].clone(), chance(n, 0.2 * hard)
        kind = torch.where(lump, torch.randint(4, (n,)), -1)
        rgb, alpha = self.drawn(which, kind == 0, hard)
        rgb, tints = recolour(rgb, hard)
        picture, seen = self.among(rgb, alpha, hard)
        # loose masks and none at all come in slowly, exact ones stay
        how = torch.where(chance(n, hard), torch.rand(n), torch.full((n,), 0.4))
        mask = masks(seen, how)
        picture, grey = self.spoilt(picture, hard)
        self.lumps(picture, kind)
        classes[lump] = THING
        bare = chance(n, 0.06)
        self.bare(picture, mask, classes, bare.nonzero()[:, 0])
        tints[grey | lump | bare] = -1
        noise = 0.02 * torch.randn_like(picture) * column(chance(n, 0.5))
        return finish((picture + noise).clamp(0, 1), mask), classes, tints

    def drawn(self, which: torch.Tensor, warped: torch.Tensor, hard: float) -> tuple[torch.Tensor, torch.Tensor]:
        """The sprites on their crops, turned, stretched and bent a little, some of them mirrored; `warped` past knowing."""
        n = len(which)
        turn = torch.where(chance(n, 0.8), 0.12, 0.5) * torch.randn(n) * hard
        # of a crop's width: 0.87 where the mask is exact, less in a loose one, more where the item leaves the picture
        zoom = torch.lerp(torch.full((n,), 0.85), uniform(n, 0.6, 1.05), hard)
        grid = grid_of(INK / SIDE / zoom, 0.08 * hard * torch.randn(n, 2), turn, (0.1 * hard * torch.randn(n)).exp())
        grid[chance(n, 0.25), :, :, 0] *= -1
        return place(self.bank.sprites[which], grid + waves(n, 5, torch.where(warped, 0.45, uniform(n, 0, 0.04 * hard))))

    def among(self, rgb: torch.Tensor, alpha: torch.Tensor, hard: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures, and what is seen of the item: a ground with a shadow, another thing beside, behind or a little over it."""
        n = len(rgb)
        back, _ = self.grounds.crops(n)
        plain = torch.rand(n, 3, 1, 1) + 0.25 * F.interpolate(torch.randn(n, 3, 4, 4), size=(SIZE, SIZE), mode="bilinear")
        back = torch.where(column(chance(n, 0.4)), plain.clamp(0, 1), back)
        other = self.bank.sprites[torch.randint(len(self.bank.sprites), (n,))]
        away = uniform(n, 0, 2 * math.pi)
        off = torch.stack([away.cos(), away.sin()], 1) * uniform(n, 0.9, 1.6)[:, None]
        other_rgb, other_alpha = place(other, grid_of(uniform(n, 0.8, 1.5), off, uniform(n, -0.3, 0.3)))
        other_alpha = other_alpha * column(chance(n, 0.5 * hard))
        seen = alpha * (1 - column(chance(n, 0.3)) * other_alpha)
        back = back * (1 - other_alpha) + other_rgb * other_alpha
        shade = blur(torch.roll(alpha, (2, 2), (2, 3)), 2) * column(uniform(n, 0, 0.5) * chance(n, 0.3))
        return rgb * seen + back * (1 - shade * (1 - other_alpha)) * (1 - seen), seen

    def spoilt(self, picture: torch.Tensor, hard: float) -> tuple[torch.Tensor, torch.Tensor]:
        """A third in grey, others lighter or darker, small or soft; and which are grey."""
        n = len(picture)
        grey = chance(n, 0.33)
        picture = torch.where(column(grey), (picture * LUMA).sum(1, keepdim=True).expand_as(picture), picture)
        picture = (picture - 0.5) * column(torch.lerp(torch.ones(n), uniform(n, 0.6, 1.3), hard)) + 0.5 + column(0.08 * hard * torch.randn(n))
        picture = torch.where(column(chance(n, 0.5 * hard)), coarse(picture, int(torch.randint(14, 44, ()))), picture)
        return torch.where(column(chance(n, 0.3 * hard)), blur(picture, float(torch.empty(()).uniform_(0.4, 1.2))), picture), grey

    def lumps(self, picture: torch.Tensor, kind: torch.Tensor) -> None:
        """In place: kind 1 smeared, 2 and 3 shuffled (0 was warped, -1 is left alone)."""
        for k, change in enumerate((lambda x: blur(x, float(torch.empty(()).uniform_(5, 8))), lambda x: blur(shuffled(x, 4), 1.2), lambda x: blur(shuffled(x, 8), 1.2)), 1):
            rows = (kind == k).nonzero()[:, 0]
            if len(rows):
                picture[rows] = change(picture[rows])

    def bare(self, picture: torch.Tensor, mask: torch.Tensor, classes: torch.Tensor, rows: torch.Tensor) -> None:
        """In place: grounds alone, half of them with a hole where a thing is."""
        found, kinds = self.grounds.crops(len(rows))
        picture[rows] = found + 0.03 * torch.randn(len(rows), 3, 1, 1)
        mask[rows] = torch.where(column(chance(len(rows), 0.5)), 1 - mask[rows] * (mask[rows].mean((1, 2, 3), keepdim=True) < 0.9), 1.0)
        classes[rows] = THING + 1 + kinds


if __name__ == "__main__":  # a sheet to look at: python crops.py ART sheet.png
    import pathlib
    import sys
    import time

    from PIL import Image

    from sprites import banks

    torch.manual_seed(0)
    made = Crops(banks(pathlib.Path(sys.argv[1]))["train"], np.random.default_rng(0))
    start = time.time()
    for _ in range(5):
        x, y, _ = made.sample(160)
    print(f"{5 * 160 / (time.time() - start):.0f} crops/s")
    sheet = ((x + 1) / 2).reshape(8, 20, 3, SIZE, SIZE).permute(0, 3, 1, 4, 2).reshape(8 * SIZE, 20 * SIZE, 3)
    Image.fromarray((sheet * 255).byte().numpy()).save(sys.argv[2])
