"""Faces, by OpenCV's own detector and a file of its network, YuNet (W. Wu, H. Peng, S. Yu, 2023)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from visualsearch_cli.detectors.parts import MOST_PARTS, Kind, Part, part_between
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.pictures.image import Pixels

LONGEST = 1280  # pixels, of the longer side of what is looked at: faces of a hundredth of it are found
SURE = 0.7  # of 1
OVERLAP = 0.3  # of two boxes, as intersection over union: with more they are one face
LEAST = 32  # pixels of a side: the network halves it five times


class FaceDetector:
    """Finds faces."""

    kind = Kind.FACE

    def __init__(self, weights: Path, data: bytes) -> None:
        """Take the file of the network and what is in it. Raises ModelUnavailable if it is none."""
        self._weights = weights
        with self._quiet():
            nothing = np.empty(0, np.uint8)
            network = np.frombuffer(data, np.uint8)
            self._net = cv2.FaceDetectorYN.create("onnx", network, nothing, (LEAST, LEAST), SURE, OVERLAP)

    def find(self, pixels: Pixels) -> Sequence[Part]:
        """Return the faces in a picture."""
        height, width = pixels.shape[:2]
        scale = min(1.0, LONGEST / max(height, width))
        small = (max(LEAST, round(width * scale)), max(LEAST, round(height * scale)))
        shown = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
        with self._quiet():
            self._net.setInputSize(small)
            _, rows = self._net.detect(cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))
        across, down = width / small[0], height / small[1]
        found = []
        for x, y, w, h, *_, score in [] if rows is None else rows.tolist():
            sides = (x * across, y * down, (x + w) * across, (y + h) * down)
            if (part := part_between(self.kind, *sides, score, pixels)) is not None:
                found.append(part)
        return sorted(found, key=lambda part: -part.score)[:MOST_PARTS]

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Keep OpenCV from writing to stderr by itself, and say in a sentence what it raises."""
        level = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        try:
            yield
        except (cv2.error, ValueError) as error:
            raise ModelUnavailable(
                f"{self._weights} is no face detector that OpenCV can run: expected a file of ONNX with the "
                "outputs of YuNet, such as face_detection_yunet_2023mar.onnx"
            ) from error
        finally:
            cv2.utils.logging.setLogLevel(level)
