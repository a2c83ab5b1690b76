"""Scenes of the fourth edition: what scenes.py draws, with what people's pictures and words have besides.

Synonyms, colours and sizes in words; things that hide a part of others or reach over the edge; soft shadows; grounds
without things, whose lines go on behind whatever is put there. Regions as edits give them. A scene's names are those that a person would say.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

import scenes
from objects import COLOURS, GROUNDS, MORE_COLOURS, OBJECTS, SYNONYMS, WEAK

TINTS = {**COLOURS, **MORE_COLOURS}
SHARES = np.array([3.0 if emoji in WEAK else 1.0 for emoji in OBJECTS])
SIZES = ((0.36, ("small", "little", "tiny")), (0.56, ("", "")), (9.0, ("big", "large", "huge")))


def item(rng: np.random.Generator, emoji: str, share: float) -> tuple[Image.Image, str, str]:
    """The artwork, its name with colour and size words, and the colour ("" for its own)."""
    art = scenes.sprite(emoji)
    options = [*OBJECTS[emoji], *SYNONYMS.get(emoji, [])]
    name = options[0] if rng.random() < 0.55 else options[int(rng.integers(len(options)))]
    colour = str(rng.choice(list(TINTS))) if rng.random() < 0.2 else ""
    if colour:
        # a hue's own lightness varies, as people's reds do
        art = scenes.tint(art, tuple(np.clip(np.array(TINTS[colour]) + rng.normal(0, 10), 0, 255)))
        name = f"{colour} {options[0]}"
    words = next(w for limit, w in SIZES if share < limit)
    if words[0] and rng.random() < 0.25:
        name = f"{rng.choice(words)} {name}"
    return art, name, colour


def shadow(image: Image.Image, alpha: Image.Image, at: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    size = image.width
    dark = Image.new("L", image.size, 0)
    dark.paste(alpha.point(lambda a: a * 0.45), (at[0] + int(size * rng.uniform(-0.03, 0.03)), at[1] + int(size * rng.uniform(0.01, 0.04))))
    dark = dark.filter(ImageFilter.GaussianBlur(size * rng.uniform(0.01, 0.035)))
    return Image.composite(Image.new("RGB", image.size, (20, 20, 30)), image, dark)


def scene(rng: np.random.Generator, size: int = scenes.SIZE) -> tuple[np.ndarray, np.ndarray, list[str], list[int], list[str]]:
    """Picture, label map, names, kinds (of labels: a ground's number, then objects' numbers after the grounds), colours."""
    kind = int(rng.integers(len(GROUNDS)))
    ground = list(GROUNDS)[kind]
    image = Image.fromarray(scenes.ground(ground, rng, size))
    labels = np.zeros((size, size), np.uint8)
    names, kinds, colours = [str(rng.choice(GROUNDS[ground]))], [kind], [""]
    # what is drawn into a small place is drawn large, and made small: most scenes are one thing, and perhaps another beside it
    is_close = rng.random() < 0.7
    count = 1 + int(rng.random() < 0.4) if is_close else int(rng.choice(6, p=[0.06, 0.25, 0.3, 0.22, 0.1, 0.07]))
    for at, number in enumerate(rng.choice(len(OBJECTS), count, replace=False, p=SHARES / SHARES.sum())):
        low, high = ((0.5, 0.88) if at == 0 else (0.3, 0.6)) if is_close else (0.28, 0.74 if count <= 2 else 0.5)
        share = float(rng.uniform(low, high))
        art, name, colour = item(rng, list(OBJECTS)[number], share)
        scale = size * share / max(art.size)
        art = art.resize((max(4, round(art.width * scale)), max(4, round(art.height * scale))), Image.LANCZOS)
        if rng.random() < 0.2:
            art = art.rotate(float(rng.uniform(-15, 15)), Image.BICUBIC, expand=True)
        placed = place(rng, labels, art, over=0.4 if rng.random() < 0.25 else 0.12, edge=0.35 if rng.random() < 0.2 else 0.1)
        if placed is None:
            continue
        x, y, ink, box = placed
        if rng.random() < 0.3:
            image = shadow(image, art.getchannel("A"), (x, y), rng)
        image.paste(art, (x, y), art)
        labels[box][ink] = len(names)
        names.append(name), kinds.append(len(GROUNDS) + int(number)), colours.append(colour)
    return np.asarray(image), labels, names, kinds, colours


def place(rng: np.random.Generator, labels: np.ndarray, art: Image.Image, over: float, edge: float):
    """A place where at most `over` of the art covers others, none of them by more than half, and `edge` of it may be outside."""
    size = labels.shape[0]
    before = np.bincount(labels.reshape(-1), minlength=scenes.MAX_ITEMS)
    for _ in range(8):
        x = int(rng.integers(-int(art.width * edge), max(1, size - int(art.width * (1 - edge)))))
        y = int(rng.integers(-int(art.height * edge), max(1, size - int(art.height * (1 - edge)))))
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + art.width, size), min(y + art.height, size)
        ink = np.asarray(art.getchannel("A"))[y0 - y : y1 - y, x0 - x : x1 - x] > 127
        under = labels[y0:y1, x0:x1][ink]
        hidden = np.bincount(under, minlength=scenes.MAX_ITEMS)
        if ink.sum() > 30 and (under > 0).mean() < over and (hidden[1:] * 2 <= before[1:]).all():
            return x, y, ink, (slice(y0, y1), slice(x0, x1))
    return None


def loosen(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The regions that edits give: outlines as they are, grown, boxes, and in three of five the ellipse around a box that
    `replace` draws in (src/engine/edits/replace.ts), of what was there before and not of what comes: wider or higher than it.

    A region that fits its thing gives the shape away, and there is nothing to learn from it. What is left of one is ground.
    """
    out, size = np.zeros_like(labels), labels.shape[0]
    yy, xx = np.mgrid[0:size, 0:size]
    for k in range(1, int(labels.max()) + 1):
        mask, how = labels == k, rng.random()
        if not mask.any():
            continue
        ys, xs = np.nonzero(mask)
        cx, cy = (xs.min() + xs.max()) / 2, (ys.min() + ys.max()) / 2
        # half-sides, each grown by up to a half
        hx, hy = ((v.max() - v.min() + 1) / 2 * (1 + abs(rng.normal(0, 0.2))) for v in (xs, ys))
        if how < 0.1:
            pass
        elif how < 0.25:
            mask = np.asarray(Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(2 * int(rng.integers(1, 10)) + 1))) > 0
        elif how < 0.4:
            mask = (abs(xx - cx) <= hx) & (abs(yy - cy) <= hy)
        else:
            hx, hy = max(hx, 0.7 * hy), max(hy, 0.7 * hx)
            mask = mask | (((xx - cx) / hx) ** 2 + ((yy - cy) / hy) ** 2 <= 1.2)
        out[mask & ((labels == 0) | (labels == k))] = k
    return out


if __name__ == "__main__":  # a sheet to look at: python rich.py sheet.png
    import sys

    rng = np.random.default_rng(0)
    drawn = [scene(rng) for _ in range(32)]
    for d in drawn[:8]:
        print(d[2])
    Image.fromarray(np.concatenate([np.concatenate([d[0] for d in drawn[r : r + 8]], 1) for r in range(0, 32, 8)])).save(sys.argv[1])
