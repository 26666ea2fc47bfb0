"""Two small towers as files of ONNX, and their tokenizer, written without any package of ONNX.

A picture's vector is a fixed random projection of its pixels. Each color word has the vector that a picture
of that color has, so what a search must find is known.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SIDE = 32
DIM = 16
LENGTH = 8
COLORS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
OTHERS = ("dog", "beach", "people", "night")  # words with a vector of their own that no picture has
FLOAT, INT64 = 1, 7  # of ONNX's TensorProto.DataType
Floats = npt.NDArray[np.float32]
MEAN: Floats = np.array([0.48145466, 0.4578275, 0.40821073], np.float32).reshape(3, 1, 1)
STD: Floats = np.array([0.26862954, 0.26130258, 0.27577711], np.float32).reshape(3, 1, 1)

Shape = Sequence["int | str"]


def projection() -> npt.NDArray[np.float32]:
    """Return what pixels are multiplied with, (3 * SIDE * SIDE, DIM)."""
    values = np.random.default_rng(3).normal(size=(3 * SIDE * SIDE, DIM)) / SIDE
    return values.astype(np.float32)


def vector_of(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return what the image tower makes of a picture, uint8 (SIDE, SIDE, 3), of any length."""
    x = (pixels.transpose(2, 0, 1).astype(np.float32) / 255 - MEAN) / STD
    found: npt.NDArray[np.float32] = x.reshape(-1) @ projection()
    return found


def plain(color: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """Return a picture of one color."""
    return np.broadcast_to(np.array(color, np.uint8), (SIDE, SIDE, 3))


def write_towers(folder: Path, *, rows: int | str = "n", mask: bool = False, dim: int = DIM) -> None:
    """Write image.onnx, text.onnx and tokenizer.json. `rows` is how many a run takes."""
    image = model(
        [node("Flatten", ["x"], ["flat"], axis=1), node("MatMul", ["flat", "w"], ["image_embeds"])],
        {"w": projection()},
        [("x", FLOAT, (rows, 3, SIDE, SIDE))],
        ("image_embeds", (rows, DIM)),
    )
    (folder / "image.onnx").write_bytes(image)
    table = np.zeros((2 + len(COLORS) + len(OTHERS), dim), np.float32)
    for number, color in enumerate(COLORS.values(), start=2):
        table[number] = np.resize(vector_of(plain(color)), dim)
    random = np.random.default_rng(4)
    table[1] = 0.01 * random.normal(size=dim)  # for words that it does not know
    table[2 + len(COLORS) :] = random.normal(size=(len(OTHERS), dim))
    nodes = [
        node("Gather", ["table", "ids"], ["rows"]),
        node("ReduceMean", ["rows"], ["text_embeds"], axes=[1], keepdims=0),
    ]
    inputs: list[tuple[str, int, Shape]] = [("ids", INT64, (rows, LENGTH))]
    if mask:
        inputs.append(("attention_mask", INT64, (rows, LENGTH)))
    (folder / "text.onnx").write_bytes(model(nodes, {"table": table}, inputs, ("text_embeds", (rows, dim))))
    known = enumerate([*COLORS, *OTHERS], start=2)
    words = {"[PAD]": 0, "[UNK]": 1, **{word: number for number, word in known}}
    document: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(document))


def model(
    nodes: Sequence[bytes],
    weights: Mapping[str, npt.NDArray[np.float32]],
    inputs: Sequence[tuple[str, int, Shape]],
    *outputs: tuple[str, Shape],
    names: str = "",
    integers: Mapping[str, Sequence[int]] | None = None,
) -> bytes:
    """Return a network: its nodes, float weights and integer ones, inputs, outputs of floats, and the names
    of classes in its metadata."""
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, b"g")
    for name, values in weights.items():
        dims = b"".join(_number(1, side) for side in values.shape)
        data = values.astype("<f4").tobytes()
        graph += _field(5, dims + _number(2, FLOAT) + _field(8, name.encode()) + _field(9, data))
    for name, numbers in (integers or {}).items():
        data = struct.pack(f"<{len(numbers)}q", *numbers)
        dims = _number(1, len(numbers))
        graph += _field(5, dims + _number(2, INT64) + _field(8, name.encode()) + _field(9, data))
    graph += b"".join(_field(11, _value(*each)) for each in inputs)
    graph += b"".join(_field(12, _value(name, FLOAT, shape)) for name, shape in outputs)
    told = _field(14, _field(1, b"names") + _field(2, names.encode())) if names else b""
    return _number(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, 13)) + told


def node(kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any) -> bytes:
    """Return one operation, with integers, or lists of integers, as attributes."""
    made = b"".join(_field(1, name.encode()) for name in inputs)
    made += b"".join(_field(2, name.encode()) for name in outputs) + _field(4, kind.encode())
    for name, value in attributes.items():
        if isinstance(value, int):
            rest = _number(3, value) + _number(20, 2)
        else:
            rest = b"".join(_number(8, one) for one in value) + _number(20, 7)
        made += _field(5, _field(1, name.encode()) + rest)
    return made


def _value(name: str, kind: int, shape: Shape) -> bytes:
    sides = b"".join(
        _field(1, _number(1, side) if isinstance(side, int) else _field(2, side.encode())) for side in shape
    )
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, kind) + _field(2, sides)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += struct.pack("B", value & 127 | 128)
        value >>= 7
    return found + struct.pack("B", value)
