"""Things of pocket's generator laid on its drawn grounds, with the truth about their edges.

    python things.py DIR COUNT SEED    DIR/NNN.png, NNN.alpha.png (how opaque the thing is), NNN.thing.png (its own colours)
                                       and NNN.json with the ground's kind; the kinds take turns
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "training" / "pocket"))

from objects import OBJECTS  # noqa: E402
from scenes import ground, sprite  # noqa: E402

KINDS = ("wood", "brick", "tiles", "asphalt", "grass", "sky", "sea", "sand")
SIDE = 384
#: From the picture's rim, where edges are cut off.
ROOM = 5


def thing(rng: np.random.Generator) -> Image.Image:
    art = sprite(str(rng.choice(list(OBJECTS))))
    scale = SIDE * rng.uniform(0.35, 0.65) / max(art.size)
    art = art.resize((max(4, round(art.width * scale)), max(4, round(art.height * scale))), Image.LANCZOS)
    return art.rotate(float(rng.uniform(-12, 12)), Image.BICUBIC, expand=True) if rng.random() < 0.5 else art


if __name__ == "__main__":
    folder, count, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        kind = KINDS[k % len(KINDS)]
        below = np.asarray(ground(kind, rng, SIDE), np.float32)
        art = thing(rng)
        whole = Image.new("RGBA", (SIDE, SIDE))
        whole.paste(art, tuple(int(rng.integers(ROOM, SIDE - length - ROOM)) for length in art.size))
        alpha = np.asarray(whole.getchannel("A"), np.float32)[..., None] / 255
        own = np.asarray(whole.convert("RGB"), np.float32)
        picture = np.clip(own * alpha + below * (1 - alpha), 0, 255).round().astype(np.uint8)
        Image.fromarray(picture).save(folder / f"{k:03d}.png")
        whole.getchannel("A").save(folder / f"{k:03d}.alpha.png")
        whole.convert("RGB").save(folder / f"{k:03d}.thing.png")
        (folder / f"{k:03d}.json").write_text(json.dumps({"ground": kind}) + "\n")
