"""An index of local features: each picture's SIFT or ORB descriptors, put together to one vector.

VLAD (Jégou et al., CVPR 2010): each descriptor goes to the nearest of a few words, what it differs from its
word by is added up for each word, and the sums are the vector. Words, and the axes to which all is reduced,
were learned by training/vocabulary.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
from PIL import Image

import visualsearch_cli
from visualsearch_cli.embedders.arrays import squash, unit_rows
from visualsearch_cli.embedders.embedder import ModelInput, ModelSpec
from visualsearch_cli.embedders.specs import ORB, SIFT
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float32]"

MODELS = Path(visualsearch_cli.__file__).parent / "models"
SIDE = 256  # pixels, both sides
MOST = 400  # features a picture
CONTRAST = 0.02  # half of OpenCV's default, so that pale skies and blurred copies have features too
EDGE = 16  # pixels at a border in which ORB looks for nothing, half of OpenCV's default


def sift(gray: Pixels) -> Floats:
    """Return the SIFT descriptors of uint8 (height, width): float32 (n, 128), rows of unit length.

    Their roots are compared, by which two histograms are (RootSIFT: Arandjelović and Zisserman, CVPR 2012).
    """
    detector = cv2.SIFT.create(nfeatures=MOST, contrastThreshold=CONTRAST)
    _, found = detector.detectAndCompute(gray, None)
    if found is None:
        return np.empty((0, 128), np.float32)
    rows = np.asarray(found[:MOST], np.float32)
    roots: Floats = np.sqrt(rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-6))
    return roots


def orb(gray: Pixels) -> Floats:
    """Return the ORB descriptors of uint8 (height, width): float32 (n, 256), a bit a value, ±1/16."""
    detector = cv2.ORB.create(nfeatures=MOST, edgeThreshold=EDGE, fastThreshold=10)
    _, found = detector.detectAndCompute(gray, None)
    if found is None:
        return np.empty((0, 256), np.float32)
    bits = np.unpackbits(np.asarray(found, np.uint8), axis=1)
    signs: Floats = (bits.astype(np.float32) * 2 - 1) / np.float32(16)
    return signs


DETECTORS: dict[str, Callable[[Pixels], Floats]] = {SIFT.name: sift, ORB.name: orb}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What descriptors are reduced by, all of it float32.

    mean (d,), axes (d, r): from a descriptor to r values.
    words (k, r): the centers to which reduced descriptors go.
    center (k * r,), projection (k * r, dim): from the sums to a vector, whose axes vary alike.
    """

    mean: Floats
    axes: Floats
    words: Floats
    center: Floats
    projection: Floats

    def sums(self, descriptors: Floats) -> Floats:
        """Return float32 (k * r,): by how much descriptors, (n, d), differ from their words, in sum.

        The sum of each word is scaled to unit length, so that what is repeated over a picture does not decide
        alone; then all of it. Without a descriptor, all is 0.
        """
        reduced = (descriptors - self.mean) @ self.axes
        nearest = np.argmin((self.words**2).sum(axis=1) - 2 * reduced @ self.words.T, axis=1)
        sums = np.zeros_like(self.words)
        np.add.at(sums, nearest, reduced - self.words[nearest])
        sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        sums /= max(float(np.linalg.norm(sums)), 1e-6)
        flat: Floats = sums.ravel()
        return flat


ARRAYS = ("mean", "axes", "words", "center", "projection")


def read_vocabulary(content: bytes) -> Vocabulary:
    """Return a vocabulary as training/vocabulary.py writes it: arrays of float16 in a file of numpy."""
    with np.load(BytesIO(content), allow_pickle=False) as file:
        return Vocabulary(*(file[name].astype(np.float32) for name in ARRAYS))


class LocalFeatures:
    """An embedder by local features. Its methods are thread-safe, and the vocabulary is read at first use."""

    input_side: int = SIDE

    def __init__(self, spec: ModelSpec, file: Path | None = None) -> None:
        """`file` holds the vocabulary: the one in the package, if None."""
        self.spec = spec
        self._detect = DETECTORS[spec.name]
        self._file = file or MODELS / f"{spec.name}.npz"
        self._vocabulary: Vocabulary | None = None
        self._lock = Lock()

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Find the features of one image and add them up. Returns float32 (words * values,).

        Raises ModelUnavailable if the vocabulary is missing or is not the one of this version.
        """
        gray = np.asarray(Image.fromarray(squash(pixels, SIDE, SIDE)).convert("L"))
        return self._loaded().sums(self._detect(gray))

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, dim), rows of unit length.

        What an image without features gets is said at `unit_rows`.
        """
        if not batch:
            return np.empty((0, self.spec.dim), np.float32)
        vocabulary, sums = self._loaded(), np.stack(batch)
        # A row at a time: an image gets the same bits alone and among many.
        rows = np.stack([(row - vocabulary.center) @ vocabulary.projection for row in sums])
        return unit_rows(np.where(sums.any(axis=1, keepdims=True), rows, 0))

    def _loaded(self) -> Vocabulary:
        with self._lock:
            if self._vocabulary is None:
                try:
                    content = self._file.read_bytes()
                except OSError as error:
                    raise ModelUnavailable(
                        f"cannot read the vocabulary {self._file} ({error.strerror}): "
                        "install visualsearch-cli again"
                    ) from error
                found = f"sha256:{hashlib.sha256(content).hexdigest()}"
                if found != self.spec.weights:
                    raise ModelUnavailable(
                        f"{self._file} is {found[:19]}, and {self.spec.name} of this version is "
                        f"{self.spec.weights[:19]}: install visualsearch-cli again"
                    )
                self._vocabulary = read_vocabulary(content)
            return self._vocabulary
