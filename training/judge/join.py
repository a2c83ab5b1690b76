"""Two judges as one: the network whose answer is a weighted mean of theirs, before the sigmoid. Nets that were fitted apart are
wrong about other pairs, and the mean is better than both.

    python join.py FIRST SECOND OUT

All tensors but the judge's are the second's. The first's standardisation is written into its first layer.
"""

import sys

import numpy as np
from safetensors.numpy import load_file, save_file

SHARE = 0.75  # of the first


def main(first: str, second: str, out: str) -> None:
    a, b = ({name: tensor.astype(np.float64) for name, tensor in load_file(path).items()} for path in (first, second))
    along, across = a["scale"] / b["scale"], (b["mean"] - a["mean"]) * a["scale"]
    (p, q), (r, s) = a["layers.1.weight"].shape, b["layers.1.weight"].shape
    middle = np.zeros((p + r, q + s))
    middle[:p, :q], middle[p:, q:] = a["layers.1.weight"], b["layers.1.weight"]
    joined = b | {
        "layers.0.weight": np.concatenate([a["layers.0.weight"] * along, b["layers.0.weight"]]),
        "layers.0.bias": np.concatenate([a["layers.0.bias"] + a["layers.0.weight"] @ across, b["layers.0.bias"]]),
        "layers.1.weight": middle,
        "layers.1.bias": np.concatenate([a["layers.1.bias"], b["layers.1.bias"]]),
        "layers.2.weight": np.concatenate([SHARE * a["layers.2.weight"], (1 - SHARE) * b["layers.2.weight"]], 1),
        "layers.2.bias": SHARE * a["layers.2.bias"] + (1 - SHARE) * b["layers.2.bias"],
    }
    save_file({name: tensor.astype(np.float16) for name, tensor in joined.items()}, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
