"""A projection of a model's vectors, in a file: what `adapt` learns, which makes another model of it.
An index that `index --dim` made has one in its folder.

The file is a line of JSON, then a mean and a matrix, float32, little-endian.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visualsearch_cli.atomic import regular
from visualsearch_cli.embedders.embedder import ModelSpec, model_of
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.fields import Fields, Malformed

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.vectors.index import Embeddings

SCHEMA = "visualsearch/adapted/1"
MOST_HEADER = 65_536  # bytes
MOST_VALUES = 16_384  # of a vector


@dataclass(frozen=True, slots=True)
class Projection:
    """What turns vectors of one model into others: less the mean, times the matrix, to unit length."""

    mean: npt.NDArray[np.float32]  # (dim of the base,)
    matrix: npt.NDArray[np.float32]  # (dim of the base, dim)

    def __call__(self, vectors: Embeddings) -> Embeddings:
        """Turn float32 (n, from) into (n, to), rows of unit length."""
        import numpy as np

        from visualsearch_cli.embedders.arrays import unit_rows

        if not len(vectors):
            return np.empty((0, self.matrix.shape[1]), np.float32)
        # A row at a time: a picture gets the same bits alone and among many.
        return unit_rows(np.stack([(row - self.mean) @ self.matrix for row in vectors]))


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself: enough to name the model, without numpy."""

    base: ModelSpec
    dim: int
    learned: dict[str, Any]  # how, and what it is worth; for people
    start: int  # of the numbers, in bytes


def read_header(path: Path) -> Header:
    """Return what a file of `adapt` says of itself.

    Raises ModelUnavailable if it cannot be read, or is none.
    """
    try:
        with regular(path) as file:
            line = file.readline(MOST_HEADER)
            size = file.seek(0, os.SEEK_END)
    except OSError as error:
        raise ModelUnavailable(
            f"cannot read the weights {path} ({error.strerror}): pass --weights FILE with a file that exists"
        ) from error
    try:
        if not line.endswith(b"\n"):
            raise Malformed("its first line has no end")
        document = json.loads(line)
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise Malformed(f"its first line does not name the schema {SCHEMA}")
        fields = Fields(document)
        base = model_of(fields.inner("base"))
        dim = fields.integer("dim", least=1)
        expected = len(line) + 4 * base.dim * (1 + dim)
        if max(base.dim, dim) > MOST_VALUES or size != expected:
            raise Malformed(f"{size} bytes, expected {expected}")
    except (Malformed, ValueError, RecursionError) as error:
        raise ModelUnavailable(
            f"{path} is no model that `visualsearch adapt` wrote, or it is damaged ({error}): pass --weights "
            "FILE with one"
        ) from error
    learned = document.get("learned")
    return Header(base, dim, learned if isinstance(learned, dict) else {}, len(line))


def read_projection(path: Path) -> tuple[Header, Projection]:
    """Return what is in a file.

    Raises ModelUnavailable as `read_header` does, and if there is anything but numbers.
    """
    import numpy as np

    header = read_header(path)
    values = np.fromfile(path, "<f4", offset=header.start).astype(np.float32, copy=False)
    if len(values) != header.base.dim * (1 + header.dim) or not np.isfinite(values).all():
        raise ModelUnavailable(f"{path} is damaged: adapt the model again")
    mean, matrix = values[: header.base.dim], values[header.base.dim :]
    return header, Projection(mean, matrix.reshape(header.base.dim, header.dim))


def packed(base: ModelSpec, projection: Projection, learned: dict[str, Any]) -> bytes:
    """Return the content of a file."""
    dim = projection.matrix.shape[1]
    document = {"schema": SCHEMA, "base": base._asdict(), "dim": dim, "learned": learned}
    numbers = projection.mean.astype("<f4").tobytes() + projection.matrix.astype("<f4").tobytes()
    return json.dumps(document).encode() + b"\n" + numbers
