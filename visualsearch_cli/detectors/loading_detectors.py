"""Opens the detector that was asked for, by the file that the user named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.atomic import regular
from visualsearch_cli.detectors.parts import Kind
from visualsearch_cli.errors import ModelUnavailable

if TYPE_CHECKING:
    from visualsearch_cli.detectors.parts import Detector

VARIABLES = {Kind.FACE: "VISUALSEARCH_FACES", Kind.OBJECT: "VISUALSEARCH_OBJECTS"}
LARGEST = 1 << 30  # bytes: what is larger is no detector, and cut off here


def load_detector(kind: Kind, weights: Path | None) -> Detector:
    """Return a detector. `weights` is the file of its network; None: the one that the environment names.

    Raises ModelUnavailable if none is named, it cannot be read, or it is no detector of that kind.
    """
    named = weights or (Path(found) if (found := os.environ.get(VARIABLES[kind])) else None)
    if named is None:
        raise ModelUnavailable(
            f"no detector of {kind.value}s was named, and none comes with the package: pass --detector "
            f"FILE.onnx, or set {VARIABLES[kind]}"
        )
    try:
        with regular(named) as stream:
            data = stream.read(LARGEST)
    except OSError as error:
        raise ModelUnavailable(f"{named} cannot be read: {error.strerror or error}") from error
    if kind is Kind.FACE:
        from visualsearch_cli.detectors.faces import FaceDetector

        return FaceDetector(named, data)
    from visualsearch_cli.detectors.objects import ObjectDetector

    return ObjectDetector(named, data)
