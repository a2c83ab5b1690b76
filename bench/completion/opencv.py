"""OpenCV's four ways to fill a hole, over a folder of cases; and the photographs that come in PyPI packages.

    python opencv.py fill DIR SECONDS   DIR/CASE.png, DIR/CASE.hole.png -> DIR/CASE.METHOD.png and DIR/CASE.json
    python opencv.py photographs DIR    DIR/NAME.png

shift-map wants CIELAB and a mask that is 0 in the hole (opencv_contrib, modules/xphoto). A method that is not done
after SECONDS of computing is left out of the case. Times are processor time: all four run on one thread, and nobody
else's work on the machine counts.
"""

import importlib.util
import json
import multiprocessing
import resource
import sys
import time
from pathlib import Path

import cv2
import numpy as np

METHODS = ("telea", "ns", "fsr", "shiftmap")


def fill(method, picture, hole):
    if method == "telea":
        return cv2.inpaint(picture, hole, 3, cv2.INPAINT_TELEA)
    if method == "ns":
        return cv2.inpaint(picture, hole, 3, cv2.INPAINT_NS)
    keep = 255 - hole
    out = np.zeros_like(picture)
    if method == "fsr":
        cv2.xphoto.inpaint(picture, keep, out, cv2.xphoto.INPAINT_FSR_FAST)
        return out
    lab = cv2.cvtColor(picture, cv2.COLOR_BGR2Lab)
    cv2.xphoto.inpaint(lab, keep, out, cv2.xphoto.INPAINT_SHIFTMAP)
    return cv2.cvtColor(out, cv2.COLOR_Lab2BGR)


def one(folder, case, method, limit):
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    cv2.setNumThreads(1)
    picture = cv2.imread(str(folder / f"{case}.png"))
    hole = cv2.imread(str(folder / f"{case}.hole.png"), cv2.IMREAD_GRAYSCALE)
    picture[hole > 0] = 0
    start = time.process_time()
    out = fill(method, picture, hole)
    seconds = time.process_time() - start
    out[hole == 0] = picture[hole == 0]
    cv2.imwrite(str(folder / f"{case}.{method}.png"), out)
    (folder / f"{case}.{method}.json").write_text(json.dumps({"ms": 1000 * seconds}))


def fill_all(folder, limit):
    for hole in sorted(folder.glob("*.hole.png")):
        case = hole.name.removesuffix(".hole.png")
        for method in METHODS:
            done = folder / f"{case}.{method}.json"
            made = folder / f"{case}.{method}.png"
            if done.exists() and (made.exists() or json.loads(done.read_text())["ms"] is None):
                continue
            process = multiprocessing.Process(target=one, args=(folder, case, method, limit))
            process.start()
            process.join()
            if process.exitcode != 0:
                done.write_text(json.dumps({"ms": None}))
            print(case, method, done.read_text(), file=sys.stderr, flush=True)


def photographs(folder):
    import skimage
    from skimage import io

    for name in ("astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png",
                 "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png",
                 "motorcycle_right.png", "retina.jpg", "rocket.jpg"):
        save(folder, name, io.imread(Path(skimage.__file__).parent / "data" / name))
    found = importlib.util.find_spec("sklearn")  # its pictures are read without loading it
    for name in ("china.jpg", "flower.jpg") if found else ():
        save(folder, name, io.imread(Path(found.origin).parent / "datasets" / "images" / name))


def save(folder, name, picture):
    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, None], 3, axis=2)
    cv2.imwrite(str(folder / f"{Path(name).stem}.png"), picture[:, :, 2::-1])


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill_all(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        photographs(Path(sys.argv[2]))
