"""Pictures to ask of a checkpoint whether it could draw them.

    python pictures.py DIR COUNT SEED    DIR/photographs/NAME.png, DIR/scenes/NNN.png, NNN.labels.png, NNN.names.json
                                         and, the same without thing L, NNN.without-L.png

Photographs are scikit-image's (and scikit-learn's two, where it is installed, for choosing thresholds on);
scenes are drawn by pocket's own generator (training/pocket/scenes.py), with the label maps and the names that belong to them.
"""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "training" / "pocket"))

SKIMAGE = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png", "motorcycle_right.png",
           "hubble_deep_field.jpg", "retina.jpg", "ihc.png", "camera.png", "coins.png", "grass.png", "gravel.png", "brick.png")


def photographs(folder: Path) -> None:
    import skimage

    folder.mkdir(parents=True, exist_ok=True)
    for name in SKIMAGE:
        Image.open(Path(skimage.__file__).parent / "data" / name).convert("RGB").save(folder / f"{Path(name).stem}.png")
    if found := importlib.util.find_spec("sklearn"):
        others = folder.parent / "photographs-to-choose-on"
        others.mkdir(exist_ok=True)
        for name in ("china.jpg", "flower.jpg"):
            picture = Image.open(Path(found.origin).parent / "datasets" / "images" / name)
            picture.convert("RGB").save(others / f"{Path(name).stem}.png")


def scenes(folder: Path, count: int, seed: int) -> None:
    from scenes import scene

    folder.mkdir(parents=True, exist_ok=True)
    for k in range(count):
        picture, labels, names = scene(np.random.default_rng([seed, k]))
        Image.fromarray(picture).save(folder / f"{k:03d}.png")
        Image.fromarray(labels.astype(np.uint8)).save(folder / f"{k:03d}.labels.png")
        (folder / f"{k:03d}.names.json").write_text(json.dumps(names) + "\n")
        for label in range(1, len(names)):
            bare, _, _ = scene(np.random.default_rng([seed, k]), without=label)
            Image.fromarray(bare).save(folder / f"{k:03d}.without-{label}.png")


if __name__ == "__main__":
    into = Path(sys.argv[1])
    photographs(into / "photographs")
    scenes(into / "scenes", int(sys.argv[2]), int(sys.argv[3]))
