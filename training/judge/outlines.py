"""Outlines that people drew (BSDS500, Arbelaez et al. 2011), as label maps that dedit reads.

    python outlines.py BSDS500 train DIR    DIR/NAME.jpg and, for each person who drew, DIR/NAME.K.labels.png

BSDS500 is the folder of that name with data/images and data/groundTruth. Its test pictures are refused: nothing here is
to be fitted to them, or chosen by them.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import loadmat


def write(source: Path, part: str, into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    for picture in sorted((source / "data" / "images" / part).glob("*.jpg")):
        shutil.copyfile(picture, into / picture.name)
        people = loadmat(source / "data" / "groundTruth" / part / f"{picture.stem}.mat")["groundTruth"][0]
        for k, person in enumerate(people):
            labels = person["Segmentation"][0, 0].astype(np.int64)
            _, labels = np.unique(labels, return_inverse=True)
            labels = labels.reshape(person["Segmentation"][0, 0].shape)
            assert labels.max() < 256, "one byte a label"
            Image.fromarray(labels.astype(np.uint8)).save(into / f"{picture.stem}.{k}.labels.png")


if __name__ == "__main__":
    source, part, into = sys.argv[1:]
    if part not in ("train", "val"):
        raise SystemExit("only train and val: the test pictures are for judging")
    write(Path(source), part, Path(into))
