"""Artwork for the scorer: pocket's objects in several hands, and things that are none of them.

    npm pack @iconify-json/fluent-emoji-flat@1.2.6 @iconify-json/twemoji@1.2.5     # in the folder named by --art

- Noto Color Emoji (OFL 1.1) and Fluent Emoji Flat (MIT) are learned from; pocket itself is drawn after Noto alone.
- Other emoji of the same thing (a whole cat beside the cat's face) are learned from too, but for HELD_OUT.
- Twemoji (CC BY 4.0) is only tested on: nothing of it is learned or given away.
"""

from __future__ import annotations

import functools
import io
import json
import pathlib
import re
import sys
import tarfile

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "pocket"))
import scenes  # noqa: E402
from objects import COLOURS, MORE_COLOURS, OBJECTS, SYNONYMS  # noqa: E402, F401

SIDE = 72  # of a sprite's canvas
INK = 64  # the longer side of what is drawn on it

EMOJI = list(OBJECTS)
NAMES = [names[0] for names in OBJECTS.values()]
ALL_NAMES = [[*names, *SYNONYMS.get(emoji, [])] for emoji, names in OBJECTS.items()]
THING = len(EMOJI)  # the class of what is none of the objects: "a thing"

VARIANTS = {
    "🐶": "🐕🐩", "🐱": "🐈😺", "🐰": "🐇", "🐯": "🐅", "🐷": "🐖", "🐮": "🐄🐂", "🐵": "🐒🙈", "🐤": "🐥🐣", "🐳": "🐋", "🐠": "🐟🐡",
    "🦄": "🐴🐎", "🍎": "🍏", "🍰": "🎂", "🍦": "🍧🍨", "🌻": "🌼", "🌹": "🥀", "🌲": "🌳🎄", "🚗": "🚙🚘", "🚕": "🚖", "🚌": "🚍🚎", "⛵": "🚤",
    "🏠": "🏡", "⭐": "🌟", "🌙": "🌛🌜", "☂️": "☔🌂", "❤️": "💙💚💛💜🧡🖤", "☕": "🍵", "📚": "📕📖📗", "⏰": "🕰",
}  # fmt: skip
HELD_OUT = "🐩😺🐂🐣🐟🐴🍏🍧🌳🚘🚖🚎🏡🌟🌜☔🧡📖"

OTHERS = "🔨🪑✂📷📱💻🧲🔭🧪🎻🥁🎺🪁🧸🎯🎲🧩🧵🧶👓👔👟👠🧢🎒💼🌭🥨🥐🍞🧀🥩🍟🍿🍜🍤🍣🍇🍍🥝🥥🍆🌽🥦🍑🍐🚲🛵🚁✈🚂🚜🏰🗽⛺🎡🔥💧⚡☁🌈❄⛄🐘🦒🦓🐪🐊🐍🦕🦀🐌🐝🐜🦇🐭🐹🐔🦅🦜🐨🦔🐉"  # fmt: skip
OTHERS_HELD_OUT = "🧲🎺🎲👟🥨🍇🚁🏰🔥🐘🦀🐝🍆🚲👓🐍"

# Fluent's other icons are things that are no object, but for those whose names have a word of the objects' names or of these:
# what a person might call by such a name, or could not tell from it; and men, women and buttons, of which there are hundreds.
NEAR = """ball balloon bagel beverage bird blossom boar boat bouquet building bull caterpillar clock cookie cup deer duck eagle evergreen
button face ferry gorilla hat helmet hut ice insect kiss leopard lorry man mango men minibus notebook oclock orangutan ox package paw peach plant
potted raccoon racing ring shark ship sun tea tomato tram trolleybus truck tulip van violin watch wolf woman
women zebra""".split()
SKINS = ("-dark", "-light", "-medium")


def framed(art: Image.Image) -> np.ndarray:
    """RGBA cropped to its ink and centred: float [4, SIDE, SIDE], 0..1, colours not multiplied by alpha."""
    art = art.convert("RGBA").crop(art.convert("RGBA").getchannel("A").point(lambda a: 255 * (a > 8)).getbbox())
    scale = INK / max(art.size)
    art = art.resize((max(1, round(art.width * scale)), max(1, round(art.height * scale))), Image.LANCZOS)
    canvas = Image.new("RGBA", (SIDE, SIDE), (128, 128, 128, 0))
    canvas.paste(art, ((SIDE - art.width) // 2, (SIDE - art.height) // 2))
    return np.asarray(canvas, np.float32).transpose(2, 0, 1) / 255


@functools.lru_cache(maxsize=None)
def icons(archive: pathlib.Path) -> tuple[dict, dict, float]:
    """An Iconify package: what each character is called, the icons' SVG bodies, the side of their view box."""
    with tarfile.open(archive) as tar:
        chars, found = (json.load(io.TextIOWrapper(tar.extractfile(f"package/{n}.json"))) for n in ("chars", "icons"))
    return chars, found["icons"], found.get("width") or found.get("height") or 16


def vector(archive: pathlib.Path, emoji: str) -> np.ndarray | None:
    chars, found, side = icons(archive)
    code = "-".join(f"{ord(c):x}" for c in emoji)
    name = chars.get(code) or chars.get(code.removesuffix("-fe0f")) or chars.get(code + "-fe0f")
    if name is None or name not in found:
        return None
    return drawn(found[name]["body"], side)


def drawn(body: str, side: float) -> np.ndarray:
    import resvg_py

    head = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="160" height="160" viewBox="0 0 {side} {side}">'
    return framed(Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=f"{head}{body}</svg>")))))


def unlike(archive: pathlib.Path) -> list[np.ndarray]:
    """The icons of an Iconify package that are none of the objects, and none of OTHERS_HELD_OUT."""
    chars, found, side = icons(archive)
    held_out = {chars.get("-".join(f"{ord(c):x}" for c in emoji)) for emoji in OTHERS_HELD_OUT}
    taken = {w for names in ALL_NAMES for name in names for w in re.split(r"[ ']", name)} | set(NEAR)
    free = lambda word: not any(t in (word, word.removesuffix("s"), word + "s") for t in taken)  # noqa: E731
    kept = [n for n in found if n not in held_out and not n.endswith(SKINS) and all(map(free, n.split("-")))]
    return [drawn(found[n]["body"], side) for n in kept]


class Bank:
    """Sprites [N, 4, SIDE, SIDE] and their classes (THING where they are none of the objects)."""

    def __init__(self, sprites: list[np.ndarray], classes: list[int]):
        self.sprites, self.classes = torch.from_numpy(np.stack(sprites)), torch.tensor(classes)


def noto(emoji: str) -> np.ndarray:
    return framed(scenes.sprite(emoji))


def banks(art: pathlib.Path) -> dict[str, Bank]:
    """`train`, and what is tested: `noto` (pocket's own), `variants`, `twemoji`, `others` (all of these but noto unseen)."""
    fluent, twemoji = (next(art.glob(f"*{n}-[0-9]*.tgz")) for n in ("fluent-emoji-flat", "twemoji"))
    kept: dict[str, list[tuple[np.ndarray | None, int]]] = {k: [] for k in ("train", "noto", "variants", "twemoji", "others")}
    for k, emoji in enumerate(EMOJI):
        # pocket's own artwork three times: it is what is judged most
        kept["train"] += [(noto(emoji), k)] * 3 + [(vector(fluent, emoji), k)]
        kept["noto"].append((noto(emoji), k))
        kept["twemoji"].append((vector(twemoji, emoji), k))
        for other in VARIANTS.get(emoji, ""):
            if other in HELD_OUT:
                kept["variants"].append((noto(other), k))
            else:
                kept["train"] += [(noto(other), k), (vector(fluent, other), k)]
    for other in OTHERS:
        where = "others" if other in OTHERS_HELD_OUT else "train"
        kept[where].append((noto(other), THING))
        if where == "train":
            kept[where].append((vector(fluent, other), THING))
    kept["train"] += [(sprite, THING) for sprite in unlike(fluent)]
    made = {}
    for name, rows in kept.items():
        rows = [(s, k) for s, k in rows if s is not None]
        made[name] = Bank([s for s, _ in rows], [k for _, k in rows])
    return made


if __name__ == "__main__":  # a sheet to look at: python sprites.py ART sheet.png
    found = banks(pathlib.Path(sys.argv[1]))
    for name, bank in found.items():
        print(name, len(bank.classes), "of", len(set(bank.classes.tolist())), "classes")
    rows = torch.cat([found["train"].sprites[::3], found["variants"].sprites, found["twemoji"].sprites])
    rows = rows[: len(rows) // 20 * 20]
    flat = (rows[:, :3] * rows[:, 3:] + 1 - rows[:, 3:]).clamp(0, 1)
    sheet = flat.reshape(-1, 20, 3, SIDE, SIDE).permute(0, 3, 1, 4, 2).reshape(-1, 20 * SIDE, 3)
    Image.fromarray((sheet * 255).byte().numpy()).save(sys.argv[2])
