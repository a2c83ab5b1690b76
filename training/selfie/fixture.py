"""The original's masks of photographs, for test/engine/segmentation/person.test.ts.

Writes pictures.png (256x256 each, side by side) and masks.png (16 bits, 65535 = surely a person).

    pip install mediapipe==0.10.21 scikit-image
    python fixture.py ../../test/fixtures/selfie

The photographs come with scikit-image: Eileen Collins (NASA), Chelsea the cat and a cup of coffee, all CC0 or public
domain. The mask of a photograph that was shown before would be mixed into the next: each gets an oracle of its own.
"""

import sys
from pathlib import Path

import numpy as np
import skimage.data
from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation
from PIL import Image

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
pictures, masks = [], []
for name in ("astronaut", "chelsea", "coffee"):
    picture = np.asarray(Image.fromarray(getattr(skimage.data, name)()).resize((256, 256), Image.BILINEAR))
    with SelfieSegmentation(model_selection=0) as oracle:
        mask = oracle.process(picture).segmentation_mask
    pictures.append(picture)
    masks.append(np.round(mask * 65535).astype(np.uint16))
Image.fromarray(np.concatenate(pictures, 1)).save(out / "pictures.png", optimize=True)
Image.fromarray(np.concatenate(masks, 1)).save(out / "masks.png", optimize=True)
