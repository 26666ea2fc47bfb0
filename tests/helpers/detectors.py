"""Small detectors as files of ONNX: they find what is bright, in frames of one size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.helpers.onnx_files import FLOAT, Shape, model, node

FACE_SIDE = 48  # pixels, of the frames that `write_faces` leads to
STRIDES = (8, 16, 32)


def write_faces(path: Path) -> None:
    """Write a network with the inputs and outputs of YuNet: each bright cell of 16 pixels is the middle of a
    face of FACE_SIDE pixels. Cells of 8 and of 32 pixels find nothing."""
    grey = np.full((1, 3, 1, 1), 1 / 765, np.float32)
    weights: dict[str, npt.NDArray[np.float32]] = {
        "grey": grey,
        "nothing": np.zeros(1, np.float32),
        "threshold": np.full(1, 0.5, np.float32),
        "steep": np.full(1, 1000, np.float32),
    }
    integers = {"one": [1, -1, 1], "four": [1, -1, 4], "ten": [1, -1, 10]}
    nodes = [node("Conv", ["input", "grey"], ["light"])]
    outputs: list[tuple[str, Shape]] = []
    for stride in STRIDES:
        middle = np.array([0.5, 0.5, *[np.log(FACE_SIDE / stride)] * 2], np.float32)
        weights[f"middle{stride}"] = middle
        weights[f"spread4{stride}"] = np.ones((4, 1, 1, 1), np.float32)
        weights[f"spread10{stride}"] = np.ones((10, 1, 1, 1), np.float32)
        side = [stride, stride]
        cells = f"cells{stride}"
        nodes += [
            node("AveragePool", ["light"], [cells], kernel_shape=side, strides=side),
            node("Sub", [cells, "threshold"], [f"over{stride}"]),
            node("Mul", [f"over{stride}", "steep" if stride == 16 else "nothing"], [f"much{stride}"]),
            node("Sigmoid", [f"much{stride}"], [f"sure{stride}"]),
            node("Reshape", [f"sure{stride}", "one"], [f"cls_{stride}"]),
        ]
        for name, width in (("spread4", 4), ("spread10", 10)):
            made = f"{name}{stride}"
            nodes += [
                node("Conv", [cells, made], [f"wide{made}"]),
                node("Reshape", [f"wide{made}", "four" if width == 4 else "ten"], [f"rows{made}"]),
                node("Mul", [f"rows{made}", "nothing"], [f"none{made}"]),
            ]
        nodes += [
            node("Reshape", [f"sure{stride}", "one"], [f"obj_{stride}"]),
            node("Add", [f"nonespread4{stride}", f"middle{stride}"], [f"bbox_{stride}"]),
            node("Add", [f"nonespread10{stride}", "nothing"], [f"kps_{stride}"]),
        ]
    for name, width in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
        outputs += [(f"{name}_{stride}", (1, f"n{stride}", width)) for stride in STRIDES]
    inputs: list[tuple[str, int, Shape]] = [("input", FLOAT, (1, 3, "h", "w"))]
    path.write_bytes(model(nodes, weights, inputs, *outputs, integers=integers))


def write_objects(
    path: Path, *, side: int = 64, older: bool = False, names: str = "", gain: float = 1
) -> None:
    """Write a network of the kind of YOLO with two classes: it finds one thing in the middle of the left half
    of its square, a third as wide, and its double, `gain` times as sure as that place is bright. An older one
    gives rows."""
    box = [side / 4, side / 2, side / 3, side / 3]
    double = [box[0] + 1, *box[1:]]
    weights: dict[str, npt.NDArray[np.float32]] = {
        "where": np.zeros((1, 3, side, side), np.float32),
        "boxes": np.array([[box], [double]], np.float32).reshape(1, 2, 4),
        "less": np.array([[[1.0], [0.9]]], np.float32),
        "none": np.zeros((1, 2, 1), np.float32),
        "many": np.zeros((1, 20, 7 if older else 6), np.float32),
    }
    middle, quarter = slice(side // 2 - 4, side // 2 + 4), slice(side // 4 - 4, side // 4 + 4)
    weights["where"][:, :, middle, quarter] = gain / (3 * 8 * 8)
    nodes = [
        node("Conv", ["images", "where"], ["light"]),
        node("Reshape", ["light", "one"], ["sure"]),
        node("Mul", ["sure", "less"], ["both"]),
    ]
    columns = ["boxes", "both", "none", "sure_of_class"] if older else ["boxes", "none", "both"]
    if older:
        weights["sure_of_class"] = np.ones((1, 2, 1), np.float32)
    nodes.append(node("Concat", columns, ["found"], axis=2))
    nodes.append(node("Concat", ["found", "many"], ["rows"], axis=1))
    output, shape = "rows", (1, 22, 7 if older else 6)
    if not older:
        nodes.append(node("Transpose", ["rows"], ["columns"], perm=[0, 2, 1]))
        output, shape = "columns", (1, 6, 22)
    inputs: list[tuple[str, int, Shape]] = [("images", FLOAT, (1, 3, side, side))]
    path.write_bytes(model(nodes, weights, inputs, (output, shape), names=names, integers={"one": [1, 1, 1]}))
