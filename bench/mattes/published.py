"""pymatting's closed-form (Levin 2006) and KNN mattes (Chen 2013), and its foregrounds (Germer 2020), over cuts that run.js wrote.

    python published.py DIR    DIR/CUT.png and DIR/CUT.trimap.png -> DIR/CUT.METHOD.png, colours and alpha, and DIR/CUT.json with
                               milliseconds of processor time; METHOD is cf or knn
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from pymatting import estimate_alpha_cf, estimate_alpha_knn, estimate_foreground_ml

METHODS = {"cf": estimate_alpha_cf, "knn": estimate_alpha_knn}


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path), np.float64) / 255


def write(path: Path, colours: np.ndarray, alpha: np.ndarray) -> None:
    Image.fromarray((np.dstack([colours, alpha]) * 255).clip(0, 255).round().astype(np.uint8)).save(path)


def cut(folder: Path, name: str) -> dict[str, float]:
    picture, trimap = read(folder / f"{name}.png"), read(folder / f"{name}.trimap.png")
    trimap = np.where((trimap > 0) & (trimap < 1), 0.5, trimap)
    took = {}
    for method, estimate in METHODS.items():
        start = time.process_time()
        alpha = estimate(picture, trimap)
        colours = estimate_foreground_ml(picture, alpha)
        took[method] = 1000 * (time.process_time() - start)
        write(folder / f"{name}.{method}.png", colours, alpha)
    return took


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    warnings.filterwarnings("ignore", message="Thresholded incomplete Cholesky")  # it tries again by itself
    names = sorted(path.name.removesuffix(".trimap.png") for path in folder.glob("*.trimap.png"))
    cut(folder, names[0])  # so that compiling is not counted
    for name in names:
        (folder / f"{name}.json").write_text(json.dumps(cut(folder, name)))
