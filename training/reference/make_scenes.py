"""Scenes with their true label maps, for the tests of weight-free segmentation.

Writes test/fixtures/scenes/pictures.png (RGB), labels.png (grey, value = label, 0 the ground): sheets of 6 x 4
cells, 128 px each, row by row, and names.json: the names of every scene's labels.

    cd training/pocket && python ../reference/make_scenes.py ../../test/fixtures/scenes
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pocket"))
from scenes import scene  # noqa: E402

COLUMNS, ROWS = 6, 4


def sheet(cells: list[np.ndarray]) -> Image.Image:
    return Image.fromarray(np.concatenate([np.concatenate(cells[r * COLUMNS : (r + 1) * COLUMNS], 1) for r in range(ROWS)]))


out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 2403)
scenes = [scene(rng) for _ in range(COLUMNS * ROWS)]
sheet([s[0] for s in scenes]).save(out / "pictures.png", optimize=True)
sheet([s[1] for s in scenes]).save(out / "labels.png", optimize=True)
(out / "names.json").write_text(json.dumps([s[2] for s in scenes]) + "\n")
