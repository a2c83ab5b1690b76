"""MediaPipe's selfie segmentation (selfie_segmentation.tflite, Apache-2.0) as safetensors under plain names.

    npm pack @mediapipe/selfie_segmentation && tar xzf mediapipe-selfie_segmentation-*.tgz
    python convert.py package/selfie_segmentation.tflite ../../checkpoints/selfie/model.safetensors

The file's half-precision weights are kept to the bit. Convolutions become [out, in, height, width] as in PyTorch,
depthwise ones [channels, 1, height, width], the last transposed one [in, out, height, width]. Their order in the file
is the order of the network (src/engine/segmentation/person/network.ts); every shape is checked against it.
"""

import sys
from pathlib import Path

import numpy as np
import tflite
from safetensors.numpy import save_file

# name of each layer with weights, in the file's order, and its weight's shape there
EXCITE = lambda name, width, inner: [(f"{name}.down", (inner, 1, 1, width)), (f"{name}.up", (width, 1, 1, inner))]  # noqa: E731


def block(k: int, width: int, inner: int, out: int, kernel: int, excite: int) -> list:
    name = f"blocks.{k}"
    return [
        (f"{name}.expand", (inner, 1, 1, width)),
        (f"{name}.depthwise", (1, kernel, kernel, inner)),
        *(EXCITE(f"{name}.excite", inner, excite) if excite else []),
        (f"{name}.project", (out, 1, 1, inner)),
    ]


def stage(k: int, width: int, out: int) -> list:
    name = f"decoder.{k}"
    return [
        (f"{name}.lateral", (out, 1, 1, width)),
        *EXCITE(f"{name}.excite", out, out),
        (f"{name}.mix", (out, 1, 1, out)),
        (f"{name}.depthwise", (1, 3, 3, out)),
    ]


LAYERS = [
    ("stem", (16, 3, 3, 3)),
    *block(0, 16, 16, 16, 3, 8),
    *block(1, 16, 72, 24, 3, 0),
    *block(2, 24, 88, 24, 3, 0),
    *block(3, 24, 96, 32, 5, 24),
    *block(4, 32, 128, 32, 5, 32),
    *block(5, 32, 128, 32, 5, 32),
    *block(6, 32, 96, 32, 5, 24),
    *block(7, 32, 96, 32, 5, 24),
    ("pyramid.features", (128, 1, 1, 32)),
    ("pyramid.gate", (128, 1, 1, 32)),
    *stage(0, 128, 24),
    *stage(1, 24, 16),
    *stage(2, 16, 16),
    ("head", (1, 2, 2, 16)),
]


def layers(model: tflite.Model) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weight and bias of every layer that has them, in the order of the operators."""
    graph = model.Subgraphs(0)
    stored = {}  # tensor -> the half-precision constant that DEQUANTIZE reads it from
    found = []
    for k in range(graph.OperatorsLength()):
        op = graph.Operators(k)
        code = model.OperatorCodes(op.OpcodeIndex())
        kind = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        if kind == tflite.BuiltinOperator.DEQUANTIZE:
            tensor = graph.Tensors(op.Inputs(0))
            data = model.Buffers(tensor.Buffer()).DataAsNumpy().tobytes()
            stored[op.Outputs(0)] = np.frombuffer(data, np.float16).reshape(tensor.ShapeAsNumpy())
        elif op.InputsLength() == 3 and op.Inputs(1) in stored:
            found.append((stored[op.Inputs(1)], stored[op.Inputs(2)]))
    return found


def main(source: Path, target: Path) -> None:
    found = layers(tflite.Model.GetRootAsModel(source.read_bytes(), 0))
    assert len(found) == len(LAYERS), f"{len(found)} layers in {source}, {len(LAYERS)} expected"
    tensors = {}
    for (name, shape), (weight, bias) in zip(LAYERS, found):
        assert weight.shape == shape, f"{name} is {weight.shape}, {shape} expected"
        depthwise = name.endswith("depthwise") or name == "head"
        tensors[f"{name}.weight"] = np.ascontiguousarray(weight.transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)))
        tensors[f"{name}.bias"] = bias
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, target)
    print(f"{target}: {len(tensors)} tensors, {sum(t.size for t in tensors.values())} weights")


main(Path(sys.argv[1]), Path(sys.argv[2]))
