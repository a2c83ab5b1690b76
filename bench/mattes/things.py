"""Things laid on pocket's drawn grounds, with the truth about their edges.

    python things.py DIR COUNT SEED    COUNT things of pocket's generator and half as many with soft edges (SOFT); they and the
                                       grounds' kinds take turns

Of thing NNN it writes NNN.png (on its ground), NNN.alpha.png (how opaque it is), NNN.thing.png (its own colours), NNN.mask.png (its
outline as items have it, smooth), NNN.onto.png (another ground) and NNN.json, with what it is and its ground's kind.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

sys.path.insert(0, str(Path(__file__).parents[2] / "training" / "pocket"))

from objects import OBJECTS  # noqa: E402
from scenes import ground, sprite  # noqa: E402

KINDS = ("wood", "brick", "tiles", "asphalt", "grass", "sky", "sea", "sand")
SOFT = ("hair", "fur", "feather", "unsharp")
SIDE = 384
#: From the picture's rim, where edges are cut off.
ROOM = 5
#: Soft things are drawn so many times as large, without antialiasing.
FINER = 4


def thing(rng: np.random.Generator) -> Image.Image:
    art = sprite(str(rng.choice(list(OBJECTS))))
    scale = SIDE * rng.uniform(0.35, 0.65) / max(art.size)
    art = art.resize((max(4, round(art.width * scale)), max(4, round(art.height * scale))), Image.LANCZOS)
    return art.rotate(float(rng.uniform(-12, 12)), Image.BICUBIC, expand=True) if rng.random() < 0.5 else art


def soft(kind: str, rng: np.random.Generator) -> Image.Image:
    if kind == "unsharp":
        return unsharp(thing(rng), rng.uniform(1.5, 4))
    length = round(SIDE * rng.uniform(0.45, 0.65))
    side = length * FINER
    art = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(art)
    colour = rng.uniform(30, 225, 3)
    if kind == "feather":
        feather(draw, side, colour, rng)
    else:
        head(draw, side, colour, rng, *((700, 0.19, 1.2) if kind == "hair" else (2400, 0.07, 2.4)))
    return art.resize((length, length), Image.BOX)


def unsharp(art: Image.Image, radius: float) -> Image.Image:
    """Colours are blurred by how opaque they are."""
    room = round(3 * radius)
    whole = Image.new("RGBA", (art.width + 2 * room, art.height + 2 * room))
    whole.paste(art, (room, room))
    return whole.convert("RGBa").filter(ImageFilter.GaussianBlur(radius)).convert("RGBA")


def shade(colour: np.ndarray, rng: np.random.Generator) -> tuple[int, ...]:
    return tuple(int(v) for v in np.clip(colour + rng.normal(0, 22) + rng.normal(0, 5, 3), 0, 255))


def strand(draw: ImageDraw.ImageDraw, start, angle: float, bend: float, length: float, width: float, colour) -> None:
    """Curved, and thinner towards its end."""
    steps = 10
    at = np.array(start, float)
    for k in range(steps):
        to = at + length / steps * np.array([np.cos(angle), np.sin(angle)])
        draw.line([tuple(at), tuple(to)], fill=colour, width=max(1, round(width * FINER / 2 * (1 - k / steps) + 0.5)))
        at, angle = to, angle + bend / steps


def head(draw, side: int, colour, rng, count: int, reach: float, width: float) -> None:
    """A ball with strands that start near its rim; they lean to one side."""
    middle, radius, lean = side / 2, side * 0.27, rng.uniform(-1, 1)
    draw.ellipse([middle - radius, middle - radius, middle + radius, middle + radius], fill=shade(colour, rng))
    for _ in range(count):
        angle = rng.uniform(0, 2 * np.pi)
        start = middle + radius * rng.uniform(0.7, 1) * np.array([np.cos(angle), np.sin(angle)])
        length = side * reach * rng.uniform(0.3, 1.1)
        strand(draw, start, angle + rng.normal(0, 0.3), lean + rng.normal(0, 0.5), length, width, shade(colour, rng))


def feather(draw, side: int, colour, rng) -> None:
    """Barbs along a bent shaft, with gaps between them."""
    turn, gap = rng.uniform(0, 2 * np.pi), 1.0
    middle = np.full(2, side / 2)
    along = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-along[1], along[0]])
    for t in np.linspace(-0.42, 0.42, 260):
        at = middle + side * (t * along + 0.12 * (t * t - 0.1) * across)
        if rng.random() < 0.06:
            gap = rng.uniform(0.2, 1)
        for hand in (-1, 1):
            length = side * 0.2 * gap * np.sqrt(max(0.0, 1 - (t / 0.46) ** 2)) * rng.uniform(0.85, 1)
            strand(draw, at, turn + hand * 0.9 + rng.normal(0, 0.06), -hand * 0.4, length, 1.6, shade(colour, rng))
        draw.ellipse([*(at - 2 * FINER), *(at + 2 * FINER)], fill=tuple(int(v) for v in colour * 0.7))


def outline(alpha: Image.Image, smooth: bool) -> Image.Image:
    whole = alpha.filter(ImageFilter.BoxBlur(3)) if smooth else alpha
    return whole.point(lambda a: 255 * (a > 127))


if __name__ == "__main__":
    folder, count, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(count + count // 2):
        rng = np.random.default_rng([seed, k])
        kind = KINDS[k % len(KINDS)]
        what = "drawn" if k < count else SOFT[(k + k // len(KINDS)) % len(SOFT)]
        below = np.asarray(ground(kind, rng, SIDE), np.float32)
        art = thing(rng) if what == "drawn" else soft(what, rng)
        whole = Image.new("RGBA", (SIDE, SIDE))
        whole.paste(art, tuple(int(rng.integers(ROOM, SIDE - length - ROOM)) for length in art.size))
        alpha = np.asarray(whole.getchannel("A"), np.float32)[..., None] / 255
        own = np.asarray(whole.convert("RGB"), np.float32)
        picture = np.clip(own * alpha + below * (1 - alpha), 0, 255).round().astype(np.uint8)
        Image.fromarray(picture).save(folder / f"{k:03d}.png")
        whole.getchannel("A").save(folder / f"{k:03d}.alpha.png")
        whole.convert("RGB").save(folder / f"{k:03d}.thing.png")
        outline(whole.getchannel("A"), what != "drawn").save(folder / f"{k:03d}.mask.png")
        Image.fromarray(ground(KINDS[(k + 3) % len(KINDS)], rng, SIDE)).save(folder / f"{k:03d}.onto.png")
        (folder / f"{k:03d}.json").write_text(json.dumps({"thing": what, "ground": kind}) + "\n")
