"""The same convolution in ONNX Runtime and in PyTorch, and the gradient of its input, one thread, fp32.

    python bench/convolutions.py      needs torch, onnx, onnxruntime
    -> a Markdown table of GFLOP/s by processor time; the gradient in ONNX Runtime as ConvTranspose, and as the convolution by
       the turned weight that src/engine/graph/ops/conv.ts makes of it, turning included
"""

import statistics
import time

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

torch.set_num_threads(1)
RUNS = 3
# channels in and out, side, kernel: of SD 1.5's denoiser, one row
SHAPES = [(320, 320, 64, 3), (640, 640, 32, 3), (1280, 1280, 16, 3), (1280, 1280, 8, 3), (320, 320, 64, 1)]


def seconds(run):
    run()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return statistics.median(times)


def session(nodes, weight, feed):
    """`nodes` from x and w to y, of which one number leaves: what is timed is no copy."""
    ints = lambda name, values: numpy_helper.from_array(np.array(values, np.int64), name)
    o, i, k, _ = weight.shape
    inits = [
        *(numpy_helper.from_array(weight, "w"), ints("flat", [o, i, k * k]), ints("turned", [i, o, k, k])),
        *(ints("backwards", range(k * k)[::-1]), ints("zeros", [0, 0]), ints("ones", [1, 1]), ints("axes", [1, 2])),
    ]
    used = {name for node in nodes for name in node.input} | {"zeros", "ones", "axes"}
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    cut = helper.make_node("Slice", ["y", "zeros", "ones", "axes"], ["out"])
    graph = helper.make_graph([*nodes, cut], "g", [value("x", feed.shape)], [value("out", None)], [t for t in inits if t.name in used])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    made = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda: made.run(None, {"x": feed})


print("| channels, side, kernel | ONNX Runtime | PyTorch | gradient: ConvTranspose | turned | PyTorch |\n|---|---|---|---|---|---|")
for i, o, side, k in SHAPES:
    random = np.random.default_rng(0)
    x, w, dy = (random.standard_normal(s, dtype=np.float32) for s in ((1, i, side, side), (o, i, k, k), (1, o, side, side)))
    pads = {"pads": [k // 2] * 4}
    turn = [
        helper.make_node("Reshape", ["w", "flat"], ["a"]),
        helper.make_node("Transpose", ["a"], ["b"], perm=[1, 2, 0]),
        helper.make_node("Gather", ["b", "backwards"], ["c"], axis=1),
        helper.make_node("Transpose", ["c"], ["d"], perm=[0, 2, 1]),
        helper.make_node("Reshape", ["d", "turned"], ["e"]),
    ]
    X, W, DY = map(torch.from_numpy, (x, w, dy))
    back = (None, [1, 1], [k // 2] * 2, [1, 1], False, [0, 0], 1, [True, False, False])
    with torch.no_grad():
        took = [
            seconds(session([helper.make_node("Conv", ["x", "w"], ["y"], **pads)], w, x)),
            seconds(lambda: torch.nn.functional.conv2d(X, W, padding=k // 2)),
            seconds(session([helper.make_node("ConvTranspose", ["x", "w"], ["y"], **pads)], w, dy)),
            seconds(session([*turn, helper.make_node("Conv", ["x", "e"], ["y"], **pads)], w, dy)),
            seconds(lambda: torch.ops.aten.convolution_backward(DY, X, W, *back)),
        ]
    flop = 2 * i * o * k * k * side * side
    print(f"| {i} to {o}, {side}x{side}, {k}x{k} | " + " | ".join(f"{flop / t / 1e9:.0f}" for t in took) + " |", flush=True)
