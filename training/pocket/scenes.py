"""Scenes of 1-5 emoji objects over a drawn ground, with a label map and words for every item.

A scene is (picture uint8 [S,S,3], labels uint8 [S,S] with 0 the ground, names: one per label).
Artwork: Noto Color Emoji (SIL OFL 1.1), see checkpoints/pocket/NOTICE.
"""

from __future__ import annotations

import functools
import os
import subprocess

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from objects import COLOURS, GROUNDS, OBJECTS

SIZE = 128
MAX_ITEMS = 6  # the ground and five objects
FONT_SIZE = 109  # the one bitmap strike of Noto Color Emoji


def font_path() -> str:
    named = os.environ.get("NOTO_COLOR_EMOJI")
    if named:
        return named
    found = subprocess.run(["fc-match", "-f", "%{file}", "Noto Color Emoji"], capture_output=True, text=True)
    for path in (found.stdout, "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"):
        if path.endswith("NotoColorEmoji.ttf") and os.path.exists(path):
            return path
    raise SystemExit("NotoColorEmoji.ttf not found: apt-get install fonts-noto-color-emoji, or set NOTO_COLOR_EMOJI")


@functools.lru_cache(maxsize=None)
def sprite(emoji: str) -> Image.Image:
    """The emoji as RGBA, cropped to its ink."""
    font = ImageFont.truetype(font_path(), FONT_SIZE)
    canvas = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
    ImageDraw.Draw(canvas).text((10, 10), emoji, font=font, embedded_color=True)
    box = canvas.getbbox()
    if box is None:
        raise ValueError(f"the font has no glyph for {emoji!r}")
    return canvas.crop(box)


def tint(art: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """The sprite in one hue: its luminance between black, the colour and white."""
    luminance = np.asarray(art.convert("L"), np.float32)[..., None] / 255
    hue = np.array(colour, np.float32)
    rgb = np.where(luminance < 0.5, hue * luminance * 2, hue + (255 - hue) * (luminance - 0.5) * 1.4)
    return Image.merge("RGBA", [*Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8)).split(), art.getchannel("A")])


def _gradient(top, bottom, size) -> np.ndarray:
    t = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
    return np.broadcast_to(np.array(top, np.float32) * (1 - t) + np.array(bottom, np.float32) * t, (size, size, 3)).copy()


def ground(kind: str, rng: np.random.Generator, size: int = SIZE) -> np.ndarray:
    """One drawn ground, uint8 [size,size,3]."""
    s = size / 128
    jitter = rng.normal(0, 6, 3)
    palette = {
        "sky": ((90, 160, 235), (205, 230, 252)),
        "grass": ((105, 185, 70), (60, 130, 45)),
        "night": ((12, 12, 48), (48, 36, 96)),
        "wood": ((176, 120, 74), (160, 104, 62)),
        "brick": ((168, 78, 62), (150, 66, 54)),
        "snow": ((225, 234, 248), (245, 248, 254)),
        "sand": ((238, 214, 158), (222, 192, 130)),
        "sea": ((74, 170, 216), (20, 84, 150)),
        "sunset": ((240, 120, 70), (255, 206, 120)),
        "asphalt": ((112, 114, 120), (84, 86, 92)),
        "pink": ((250, 190, 208), (244, 168, 192)),
        "tiles": ((232, 226, 212), (222, 214, 198)),
    }[kind]
    base = _gradient(*palette, size) + jitter
    image = Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    dx, dy = rng.integers(0, 64, 2)
    if kind == "grass":
        for _ in range(int(150)):
            x, y = rng.integers(0, size, 2)
            draw.line([x, y, x + rng.integers(-2, 3) * s, y - rng.integers(3, 7) * s], fill=(40, int(rng.integers(95, 125)), 32), width=max(1, round(s)))
    elif kind == "night":
        for _ in range(26):
            x, y = rng.integers(0, size, 2)
            draw.ellipse([x, y, x + s, y + s], fill=(250, 250, 220))
    elif kind == "wood":
        for y in range(-int(dy), size, int(18 * s)):
            draw.line([0, y, size, y], fill=(112, 70, 40), width=max(1, round(1.5 * s)))
    elif kind == "brick":
        h, w = int(14 * s), int(30 * s)
        for row, y in enumerate(range(-int(dy) % h - h, size, h)):
            draw.line([0, y, size, y], fill=(96, 44, 38), width=max(1, round(2 * s)))
            for x in range(-int(dx) % w - w + (row % 2) * w // 2, size, w):
                draw.line([x, y, x, y + h], fill=(96, 44, 38), width=max(1, round(2 * s)))
    elif kind == "sea":
        for y in range(int(dy) % 12, size, int(12 * s)):
            x = int(rng.integers(0, 20))
            while x < size:
                draw.arc([x, y, x + 10 * s, y + 5 * s], 0, 180, fill=(160, 212, 240), width=max(1, round(s)))
                x += int(rng.integers(16, 34) * s)
    elif kind == "asphalt":
        x = size // 2 + int(rng.integers(-30, 30))
        for y in range(-int(dy), size, int(26 * s)):
            draw.rectangle([x, y, x + 4 * s, y + 14 * s], fill=(232, 226, 190))
    elif kind == "tiles":
        w = int(21 * s)
        for k, y in enumerate(range(-int(dy) % w - w, size, w)):
            for j, x in enumerate(range(-int(dx) % w - w, size, w)):
                if (k + j) % 2:
                    draw.rectangle([x, y, x + w, y + w], fill=(176, 190, 196))
    out = np.asarray(image, np.float32) + rng.normal(0, 1.5, (size, size, 1))
    return np.clip(out, 0, 255).astype(np.uint8)


def scene(rng: np.random.Generator, size: int = SIZE, emojis: list[str] | None = None, without: int | None = None):
    """A random scene; later objects lie over earlier ones, none hides more than half of another.

    `without` leaves out the thing with this label, and nothing else changes: labels and names are those of the whole.
    """
    kinds = list(GROUNDS)
    kind = kinds[rng.integers(len(kinds))]
    image = Image.fromarray(ground(kind, rng, size))
    labels = np.zeros((size, size), np.uint8)
    names = [GROUNDS[kind][int(rng.integers(len(GROUNDS[kind])))]]
    pool = emojis or list(OBJECTS)
    count = int(rng.choice([1, 2, 3, 4, 5], p=[0.25, 0.35, 0.25, 0.1, 0.05]))
    for emoji in rng.choice(pool, count, replace=False):
        art = sprite(str(emoji))
        colour = str(rng.choice(list(COLOURS))) if rng.random() < 0.06 else ""
        if colour:
            art = tint(art, COLOURS[colour])
        target = size * rng.uniform(0.32, 0.66 if count <= 2 else 0.46)
        scale = target / max(art.size)
        art = art.resize((max(4, round(art.width * scale)), max(4, round(art.height * scale))), Image.LANCZOS)
        # No mirroring and few, small turns: a tiny model learns one pose well or many badly.
        if rng.random() < 0.15:
            art = art.rotate(float(rng.uniform(-12, 12)), Image.BICUBIC, expand=True)
        for _ in range(8):  # look for a place that leaves the others visible
            x = int(rng.integers(-art.width // 10, max(1, size - art.width * 9 // 10)))
            y = int(rng.integers(-art.height // 10, max(1, size - art.height * 9 // 10)))
            x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + art.width, size), min(y + art.height, size)
            ink = np.asarray(art.getchannel("A"))[y0 - y : y1 - y, x0 - x : x1 - x] > 127
            under = labels[y0:y1, x0:x1][ink]
            if ink.sum() > 30 and (under > 0).mean() < 0.15:
                break
        else:
            continue
        if len(names) != without:
            image.paste(art, (x, y), art)
        labels[y0:y1, x0:x1][ink] = len(names)
        options = OBJECTS.get(str(emoji), ["thing"])
        name = options[0] if rng.random() < 0.6 or colour else options[int(rng.integers(len(options)))]
        names.append(f"{colour} {name}".strip())
    return np.asarray(image), labels, names


SINGULAR_IN_S = {"cactus", "bus", "octopus"}
UNCOUNTED = {"snow", "sand", "water", "wood", "coffee", "cream", "paper"}


def article(name: str) -> str:
    last = name.split()[-1]
    if (last.endswith("s") and last not in SINGULAR_IN_S) or last in UNCOUNTED:
        return name
    return ("an " if name[0] in "aeiou" else "a ") + name


def caption(names: list[str]) -> str:
    things = [article(n) for n in names[1:]]
    on = f"on {article(names[0])}"
    if not things:
        return article(names[0])
    return (" and ".join([", ".join(things[:-1]), things[-1]]) if len(things) > 1 else things[0]) + " " + on


def shrink_labels(labels: np.ndarray, to: int) -> np.ndarray:
    """Majority vote per cell: labels [S,S] -> [to,to]."""
    n = int(labels.max()) + 1
    cell = labels.shape[0] // to
    onehot = np.eye(n, dtype=np.float32)[labels]
    return onehot.reshape(to, cell, to, cell, n).mean((1, 3)).argmax(-1).astype(np.uint8)


if __name__ == "__main__":  # a sheet to look at: python scenes.py sheet.png
    import sys

    rng = np.random.default_rng(0)
    rows = [np.concatenate([scene(rng)[0] for _ in range(8)], 1) for _ in range(4)]
    Image.fromarray(np.concatenate(rows)).save(sys.argv[1])
