"""Tiny random panoptic models as ONNX, and what transformers makes of a picture with them: test/fixtures/panoptic.

    python training/reference/panoptic_fixture.py            (needs onnx, onnxscript and onnxruntime, too)

A folder a family (detr, maskformer), laid out as on the Hub: config.json, preprocessor_config.json, onnx/model.onnx.
io.safetensors holds what the image processor makes of picture.png (out.pixel_values), the model's two outputs for that
(out.classes, out.masks) and what post_process_panoptic_segmentation makes of them at the picture's size: each pixel's
segment from 1 on, 0 for none (out.segments), and the segments' classes and scores (out.labels, out.scores). Random models are sure of nothing: the exported ones' outputs are scaled, and seeds are tried until
some segments are kept and a mask is dropped because others cover it.
"""

from __future__ import annotations

import json
import pathlib

import numpy as np
import onnx
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import (
    DetrConfig,
    DetrForSegmentation,
    DetrImageProcessor,
    MaskFormerConfig,
    MaskFormerForInstanceSegmentation,
    MaskFormerImageProcessor,
    ResNetConfig,
    SwinConfig,
)

OUT = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/panoptic"
NAMES = ["N/A", "person", "dog", "sky-other-merged", "wall-brick", "grass-merged", "banana"]
LABELS = {"id2label": dict(enumerate(NAMES)), "label2id": {name: i for i, name in enumerate(NAMES)}}
TRANSFORMER = dict(
    d_model=16, num_queries=12, encoder_layers=1, decoder_layers=1, encoder_attention_heads=8, decoder_attention_heads=8,
    encoder_ffn_dim=32, decoder_ffn_dim=32, dropout=0.0,
)  # fmt: skip
SIZE = {"shortest_edge": 48, "longest_edge": 72}


def detr():
    backbone = ResNetConfig(embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], layer_type="basic",
                            out_features=["stage1", "stage2", "stage3", "stage4"])  # fmt: skip
    config = DetrConfig(use_timm_backbone=False, use_pretrained_backbone=False, backbone_config=backbone, **TRANSFORMER, **LABELS)
    processor = DetrImageProcessor(format="coco_panoptic", size=SIZE)
    return DetrForSegmentation(config), processor, ("logits", "pred_masks")


def maskformer():
    backbone = SwinConfig(image_size=96, patch_size=4, embed_dim=4, depths=[1, 1, 1, 1], num_heads=[1, 1, 1, 1], window_size=4,
                          mlp_ratio=1.0, out_features=["stage1", "stage2", "stage3", "stage4"])  # fmt: skip
    config = MaskFormerConfig(backbone_config=backbone, decoder_config=DetrConfig(**TRANSFORMER), fpn_feature_size=32,
                              mask_feature_size=32, **LABELS)  # fmt: skip
    processor = MaskFormerImageProcessor(size=SIZE, size_divisor=32, ignore_index=255, do_reduce_labels=False)
    return MaskFormerForInstanceSegmentation(config), processor, ("class_queries_logits", "masks_queries_logits")


class Exported(torch.nn.Module):
    """The two outputs that matter, told apart: random models find all queries alike and are sure of nothing."""

    def __init__(self, model, outputs):
        super().__init__()
        self.model, self.outputs = model, outputs

    def forward(self, pixel_values, pixel_mask=None):
        found = self.model(pixel_values=pixel_values, **({} if pixel_mask is None else {"pixel_mask": pixel_mask}))
        classes, masks = (found[name] for name in self.outputs)
        classes = classes - classes.mean(1, keepdim=True)
        masks = masks - masks.mean(1, keepdim=True)
        masks = masks / masks.abs().mean(dim=(2, 3), keepdim=True)
        return 3 * classes / classes.abs().mean(), 4 * (masks - masks.amax(1, keepdim=True)) + 2


def picture() -> np.ndarray:
    """A sky, a ground and two things, of uneven sides."""
    yy, xx = np.mgrid[0:90, 0:131]
    out = np.stack([90 + yy, 150 + yy // 2, 235 - xx // 4], -1)
    out[yy > 60] = (80, 150, 60)
    out[(xx - 40) ** 2 + (yy - 50) ** 2 < 400] = (200, 80, 40)
    out[(abs(xx - 95) < 14) & (abs(yy - 55) < 20)] = (60, 50, 160)
    return np.clip(out, 0, 255).astype(np.uint8)


@torch.no_grad()
def made(make, seed: int):
    """A model of this seed, and what it is asked."""
    torch.manual_seed(seed)
    model, processor, outputs = make()
    for name, p in model.named_parameters():
        p.add_(0.1 * torch.randn_like(p))
        # all queries look everywhere in a model that has learned nothing, and masks are told by little
        if name.split(".")[-2] in ("q_proj", "k_proj") or "quer" in name:
            p.mul_(10)
        if name.endswith("mask_head.conv1.conv.weight"):
            p[:, TRANSFORMER["d_model"] :] *= 30
        p.copy_(p.half())  # the file holds half precision
    model.eval()
    pixels = processor(picture(), return_tensors="pt")["pixel_values"]
    args = (pixels, torch.ones(1, 64, 64, dtype=torch.long)) if outputs[0] == "logits" else (pixels,)
    if outputs[0] == "logits":  # each query's mask looks at a place of its own: what they have in common is taken away
        q = model.bbox_attention.q_proj
        q.weight.mul_(40)
        q.bias.copy_(-q.weight @ model.detr(*args).last_hidden_state.mean((0, 1)))
    return Exported(model, outputs), processor, outputs, args


@torch.no_grad()
def told_by(processor, outputs, found):
    result = type("Outputs", (), dict(zip(outputs, found)))
    [told] = processor.post_process_panoptic_segmentation(result, target_sizes=[picture().shape[:2]], label_ids_to_fuse=set())
    scores, labels = found[0][0].softmax(-1).max(-1)
    kept = int(((scores > 0.5) & (labels != len(NAMES))).sum())
    return told, kept


def shorten(file: pathlib.Path) -> None:
    """Half of a small model is names of what is inside; weights are cast from half precision when it is loaded."""
    model = onnx.load(file)
    graph = model.graph
    kept = {v.name for v in [*graph.input, *graph.output]} | {""}
    short: dict[str, str] = {}
    name = lambda old: old if old in kept else short.setdefault(old, f"t{len(short)}")  # noqa: E731
    for tensor in graph.initializer:
        tensor.name = name(tensor.name)
    for node in graph.node:
        node.name, node.doc_string = "", ""
        node.input[:] = [name(x) for x in node.input]
        node.output[:] = [name(x) for x in node.output]
        # subgraphs would name tensors of the whole
        assert not any(a.HasField("g") for a in node.attribute), node.op_type
    for tensor in graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 64 or not np.array_equal(values, values.astype(np.float16)):
            continue
        graph.node.insert(0, onnx.helper.make_node("Cast", [f"{tensor.name}h"], [tensor.name], to=onnx.TensorProto.FLOAT))
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}h"))
    del graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, file)


@torch.no_grad()
def write(family: str, make) -> None:
    folder = OUT / family
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    for seed in range(20):
        exported, processor, outputs, args = made(make, seed)
        classes, masks = found = exported(*args)
        told, kept = told_by(processor, outputs, found)
        if 3 <= len(told["segments_info"]) < kept:
            break
    else:
        raise SystemExit(f"{family}: no seed keeps three segments and drops one")
    print(family, seed, kept, [(s["id"], NAMES[s["label_id"]], s["score"]) for s in told["segments_info"]])
    torch.onnx.export(
        exported, args, str(folder / "onnx/model.onnx"), input_names=["pixel_values", "pixel_mask"][: len(args)], output_names=list(outputs),
        dynamic_axes={"pixel_values": {2: "height", 3: "width"}, outputs[1]: {2: "h", 3: "w"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    shorten(folder / "onnx/model.onnx")
    model = exported.model
    names = {str(i): name for i, name in model.config.id2label.items()}
    config = {"model_type": model.config.model_type, "architectures": [type(model).__name__], "id2label": names}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    processor.save_pretrained(folder)
    save_file({
        "out.pixel_values": args[0].contiguous(),
        "out.classes": classes.contiguous(),
        "out.masks": masks.contiguous(),
        "out.segments": told["segmentation"].float().contiguous(),
        "out.labels": torch.tensor([float(s["label_id"]) for s in told["segments_info"]]),
        "out.scores": torch.tensor([s["score"] for s in told["segments_info"]]),
    }, folder / "io.safetensors")  # fmt: skip


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture()).save(OUT / "picture.png")
    write("detr", detr)
    write("maskformer", maskformer)
