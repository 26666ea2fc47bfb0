"""Things, by a network of the YOLO family in a file of ONNX.

It is run by onnxruntime, as other networks are, for OpenCV's own reader tells neither how large the network
wants pictures nor what its classes are called. OpenCV decides which boxes are of one thing.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from visualsearch_cli.detectors.parts import MOST_PARTS, Kind, Part, part_between
from visualsearch_cli.errors import ModelUnavailable, is_of_memory
from visualsearch_cli.onnx_sessions import new_session
from visualsearch_cli.pictures.image import Pixels

if TYPE_CHECKING:
    import numpy.typing as npt

SIDE = 640  # pixels, where the file leaves it open
SURE = 0.4  # of 1
OVERLAP = 0.45  # of two boxes of one class, as intersection over union: with more they are one thing
GREY = 114  # what such networks are trained to see around a picture that is no square


class ObjectDetector:
    """Finds things of the classes that its network knows."""

    kind = Kind.OBJECT

    def __init__(self, weights: Path, data: bytes) -> None:
        """Take the file of the network and what is in it. Raises ModelUnavailable if it is none."""
        self._weights = weights
        try:
            self._session = new_session(data, 0, quiet=True)
        except Exception as error:
            if is_of_memory(error):
                raise
            # onnxruntime has no class of its own for what is no network
            raise self._misfit("onnxruntime cannot load it") from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type != "tensor(float)":
            raise self._misfit("it has other inputs")
        self._input = inputs[0].name
        self._height, self._width = (side if isinstance(side, int) else SIDE for side in inputs[0].shape[2:])
        self._names = _names_in(self._session.get_modelmeta().custom_metadata_map.get("names", ""))

    def find(self, pixels: Pixels) -> Sequence[Part]:
        """Return the things in a picture."""
        height, width = pixels.shape[:2]
        scale = min(self._width / width, self._height / height)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        canvas = np.full((self._height, self._width, 3), GREY, np.uint8)
        left, top = (self._width - size[0]) // 2, (self._height - size[1]) // 2
        canvas[top : top + size[1], left : left + size[0]] = cv2.resize(
            pixels, size, interpolation=cv2.INTER_AREA
        )
        x = canvas.transpose(2, 0, 1)[np.newaxis].astype(np.float32) / 255
        try:
            output = self._session.run(None, {self._input: x})[0]
        except Exception as error:
            if is_of_memory(error):
                raise
            raise self._misfit("it takes no picture of its size") from error
        boxes, scores, classes = self._rows_of(np.asarray(output, np.float32))
        found = []
        for row in _distinct(boxes, scores, classes):
            middle_x, middle_y, w, h = boxes[row].tolist()
            sides = (
                (middle_x - w / 2 - left) / scale,
                (middle_y - h / 2 - top) / scale,
                (middle_x + w / 2 - left) / scale,
                (middle_y + h / 2 - top) / scale,
            )
            name = self._names.get(int(classes[row]), "")
            part = part_between(self.kind, *sides, float(scores[row]), pixels, name)
            if part is not None:
                found.append(part)
        return found[:MOST_PARTS]

    def _rows_of(
        self, output: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """Return boxes (n, 4) by middle, width and height in pixels of the input, scores (n,), classes (n,).

        Newer networks of the family give a column for each box, (1, 4 + classes, n); older ones a row, with
        how likely it is that there is anything, (1, n, 5 + classes).
        """
        if output.ndim != 3 or output.shape[0] != 1 or min(output.shape[1:]) < 5:
            raise self._misfit(f"its first output has the shape {output.shape}")
        table = output[0]
        if table.shape[0] < table.shape[1]:
            rows = table.T
            scores = rows[:, 4:]
        else:
            rows = table
            scores = rows[:, 5:] * rows[:, 4:5] if rows.shape[1] > 5 else rows[:, 4:5]
        if not np.isfinite(rows).all():
            raise self._misfit("it gives values that are no numbers")
        return rows[:, :4], scores.max(axis=1), scores.argmax(axis=1)

    def _misfit(self, why: str) -> ModelUnavailable:
        return ModelUnavailable(
            f"{self._weights} is no object detector that can be used ({why}): expected a file of ONNX of the "
            "YOLO family, with one input of pictures and boxes as its first output, (1, 4 + classes, n) or "
            "(1, n, 5 + classes)"
        )


def _distinct(
    boxes: npt.NDArray[np.float32], scores: npt.NDArray[np.float32], classes: npt.NDArray[np.int64]
) -> Sequence[int]:
    """Return the rows of the surest boxes, of those that are of one thing the surest, the surest first."""
    sure = np.flatnonzero(scores >= SURE)
    if not len(sure):
        return ()
    corners = np.concatenate([boxes[sure, :2] - boxes[sure, 2:] / 2, boxes[sure, 2:]], axis=1)
    kept = cv2.dnn.NMSBoxesBatched(
        corners.tolist(), scores[sure].tolist(), classes[sure].tolist(), SURE, OVERLAP
    )
    rows: list[int] = sure[np.asarray(kept, np.int64).ravel()].tolist()
    return sorted(rows, key=lambda row: -float(scores[row]))


def _names_in(text: str) -> dict[int, str]:
    """Return the names of classes that exporters of such networks put into the file: {0: 'person', ...}."""
    try:
        found = ast.literal_eval(text) if text else {}
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {}
    items = enumerate(found) if isinstance(found, list) else found.items() if isinstance(found, dict) else ()
    return {number: name for number, name in items if isinstance(number, int) and isinstance(name, str)}
