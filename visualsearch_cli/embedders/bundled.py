"""The copy-detection network that comes with the package, run by onnxruntime."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cached_property
from itertools import repeat
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

import visualsearch_cli
from visualsearch_cli.embedders.arrays import squash
from visualsearch_cli.embedders.channels import to_channels
from visualsearch_cli.embedders.embedder import ModelInput, ModelSpec
from visualsearch_cli.embedders.specs import BUNDLED
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.onnx_sessions import new_session, usable_cores
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from onnxruntime import InferenceSession

WEIGHTS = Path(visualsearch_cli.__file__).parent / "models" / "bundled.onnx"
SIDE = 128  # pixels, both sides
REDUCED_SIDE = 80  # pixels: found best for crops to a third of the area, see training/README.md
DARKER = (255 * (np.arange(256) / 255) ** 2.5).astype(np.uint8)
"""A value for each value: a gamma, found best for bright and equalized pictures (see training/README.md)."""
PART = 8
"""Images a run: 32 are no faster, and each takes megabytes inside the network (docs/performance.md)."""


class BundledEmbedder:
    """An embedder that needs no download.

    The weights are read and checked at the first `embed`, so that making one costs nothing.
    """

    spec: ModelSpec = BUNDLED
    input_side: int = SIDE

    def __init__(self, threads: int | None = None, weights: Path = WEIGHTS) -> None:
        """`threads` is how many cores one batch may use: all of this process, if None.

        Each runs a part of the batch of its own. Were a run shared by two, they would wait for each other
        at every layer, which takes a fifth more CPU time.
        """
        self._threads = threads or usable_cores()
        self._weights = weights
        self._session: InferenceSession | None = None
        self._lock = Lock()

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Resize one image. Thread-safe.

        Returns uint8 (128, 128, 4), a quarter of the bytes that the network reads.
        """
        return _prepared(pixels, SIDE)

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, 256), rows of unit length, for n images of one size.

        An image gets the same vector alone and among many: all run through one session. To fit the network
        to this processor takes 2 ms at start, and a session that was not would round some values to others
        of eight bits, which makes up to 2e-4 of cosine distance.

        Raises ModelUnavailable if the weights are missing or are not the ones of this version.
        """
        session = self._loaded()
        size = min(PART, math.ceil(len(batch) / self._threads) or 1)
        parts = [batch[start : start + size] for start in range(0, len(batch), size)]
        if len(parts) < 2 or self._threads == 1:
            found = [run_network(session, part) for part in parts]
        else:
            found = list(self._pool.map(run_network, repeat(session), parts))
        return np.concatenate(found) if found else np.empty((0, self.spec.dim), np.float32)

    def embed_otherwise(self, pictures: Sequence[Pixels]) -> Embeddings:
        """Embed them reduced, then all of them darker.

        What a small crop shows is larger than in its original; reduced, it has the original's scale again.
        What an editor made brighter, up to white, or equalized is darker in its original.
        """
        reduced = self.embed([_prepared(pixels, REDUCED_SIDE) for pixels in pictures])
        darker = self.embed([self.prepare(DARKER[pixels]) for pixels in pictures])
        return np.concatenate([reduced, darker])

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor  # late: a query has one part

        return ThreadPoolExecutor(self._threads, thread_name_prefix="embed")

    def _loaded(self) -> InferenceSession:
        with self._lock:
            if self._session is None:
                self._session = new_session(_checked(self._weights), 1)
            return self._session


def _prepared(pixels: Pixels, side: int) -> ModelInput:
    return to_channels(squash(pixels, side, side))


def run_network(session: InferenceSession, part: Sequence[ModelInput]) -> Embeddings:
    """Return what a network makes of some pictures, as `prepare` returns them. Float32 (n, dim)."""
    images = np.stack(part).transpose(0, 3, 1, 2)
    x = np.empty(images.shape, np.float32)
    np.divide(images, np.float32(127.5), out=x, dtype=np.float32)  # into one array: others cost page faults
    x -= 1
    (vectors,) = session.run(["z"], {"x": x})
    return np.asarray(vectors, np.float32)


def _checked(path: Path) -> bytes:
    """Return the contents of a file of the model, if they are those of this version."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(
            f"cannot read {path}, the weights of the model 'bundled' ({error.strerror}): "
            "install visualsearch-cli again"
        ) from error
    found = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if found != BUNDLED.weights:
        raise ModelUnavailable(
            f"{path} is damaged or of another version ({found[:19]} instead of "
            f"{BUNDLED.weights[:19]}): install visualsearch-cli again"
        )
    return content
