"""Embeddings in a file of their own, for other tools and for `index --from`: .npz, or one JSON object a line.

Neither format needs pickle: numpy refuses object arrays here, so a file from a stranger is only data.
"""

from __future__ import annotations

import json
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TextIO

import numpy as np

from visualsearch_cli.atomic import OutputKind, json_that_begins_with, written_whole
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.errors import VisualSearchError

if TYPE_CHECKING:
    import numpy.typing as npt

SCHEMA = "visualsearch/embeddings/1"
STDIN = "-"
TAIL = 8192  # bytes: more than the last array of a .npz of ours and the directory behind it
SUFFIXES = (".jsonl", ".npz")
"""The formats of a file of embeddings."""


class VectorFileError(VisualSearchError):
    """A file of embeddings cannot be read."""


@dataclass(frozen=True, slots=True)
class VectorRecord:
    """A file and the vector of its content."""

    path: str  # absolute
    root: str  # absolute: the folder it was found under
    size: int  # bytes
    mtime_ns: int
    content_hash: str  # hexadecimal
    width: int
    height: int
    format: str
    vector: npt.NDArray[np.float32]  # shape (dim,), unit length


_STEM = SCHEMA.rpartition("/")[0]
_is_jsonl = json_that_begins_with(_STEM)


def is_vectors(stream: BinaryIO) -> bool:
    """Tell whether a file is one of ours: JSON lines, or a .npz, whose first array and last are known."""
    if _is_jsonl(stream):
        return True
    stream.seek(0)
    head = stream.read(64)
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - TAIL))
    is_npz = head.startswith(b"PK") and head[30:].startswith(b"path.npy")
    return is_npz and f"{_STEM}/".encode("utf-32-le") in stream.read(TAIL)


VECTORS = OutputKind("a file of embeddings that `visualsearch embed` wrote", is_vectors)


def write_jsonl(stream: IO[str], model: ModelSpec, records: Iterable[VectorRecord]) -> None:
    """Write one self-contained JSON object a line, as the records come."""
    header = {"schema": SCHEMA, "model": asdict(model)}
    for record in records:
        values = {name: getattr(record, name) for name in _FIELDS}
        # float32 survives nine significant digits, and needs no more
        vector = [float(f"{value:.9g}") for value in record.vector.tolist()]
        stream.write(json.dumps({**header, **values, "embedding": vector}) + "\n")


def write_npz(path: Path, model: ModelSpec, records: Sequence[VectorRecord]) -> None:
    """Write arrays `embeddings` (n, dim) float32, `path`, `content_hash`, ...; at once, or not at all.

    Raises OutputRefused if another file is there, and VisualSearchError if it cannot be written.
    """
    columns: dict[str, Any] = {
        name: np.array([getattr(record, name) for record in records], dtype=dtype)
        for name, dtype in _FIELDS.items()
    }
    vectors = [record.vector for record in records]
    columns["embeddings"] = np.array(vectors, dtype=np.float32).reshape(len(records), model.dim)
    columns["model"] = np.array(json.dumps(asdict(model)))
    columns["schema"] = np.array(SCHEMA)
    with written_whole(path, VECTORS) as stream:
        np.savez(stream, **columns)


_FIELDS = {
    "path": np.str_,
    "root": np.str_,
    "size": np.int64,
    "mtime_ns": np.int64,
    "content_hash": np.str_,
    "width": np.int64,
    "height": np.int64,
    "format": np.str_,
}


# What json, zipfile and numpy raise when they are given damaged files, or files made to annoy.
_NOT_OURS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_vectors(path: Path, stdin: TextIO | None = None) -> tuple[ModelSpec, list[VectorRecord]]:
    """Read a file that `write_npz` or `write_jsonl` wrote; `-` is `stdin`, with what `write_jsonl` writes.

    Raises VectorFileError if it is anything else, if vectors are of several models, or are not finite
    rows of unit length.
    """
    try:
        model, records = _read_npz(path) if _is_zip(path) else _read_jsonl(path, stdin)
        _check(path, model, records)
    except OSError as error:
        raise VectorFileError(f"{path} cannot be read: {error.strerror or error}") from error
    except _NOT_OURS as error:
        raise VectorFileError(
            f"{path} is not what `visualsearch embed -o FILE` writes ({error}): write it again"
        ) from error
    return model, records


def _check(path: Path, model: ModelSpec, records: Sequence[VectorRecord]) -> None:
    for record in records:
        if record.vector.shape != (model.dim,):
            raise VectorFileError(
                f"{path}: {record.path} has {record.vector.shape} values, its model gives ({model.dim},)"
            )
        if not abs(float(np.linalg.norm(record.vector)) - 1) < 1e-3:
            raise VectorFileError(f"{path}: the vector of {record.path} is not of unit length")
        if len(bytes.fromhex(record.content_hash)) != 32:
            raise VectorFileError(f"{path}: {record.path} has no content hash of 32 bytes")
        if not _is_below_root(record):
            raise VectorFileError(f"{path}: {record.path!r} is no path below its root {record.root!r}")


def _is_below_root(record: VectorRecord) -> bool:
    """Tell whether the catalog could hold a path: absolute, without "..", below its root."""
    plain = os.path.isabs(record.root) and os.path.isabs(record.path) and "\0" not in record.path
    plain = plain and os.path.normpath(record.path) == record.path
    return plain and os.path.commonpath([record.root, record.path]) == os.path.normpath(record.root)


def _is_zip(path: Path) -> bool:
    if str(path) == STDIN:
        return False
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def _read_npz(path: Path) -> tuple[ModelSpec, list[VectorRecord]]:
    with np.load(path, allow_pickle=False) as arrays:
        if str(arrays["schema"]) != SCHEMA:
            raise ValueError(f"schema {str(arrays['schema'])!r}, expected {SCHEMA!r}")
        model = ModelSpec(**json.loads(str(arrays["model"])))
        columns = [arrays[name].astype(dtype).tolist() for name, dtype in _FIELDS.items()]
        vectors = arrays["embeddings"].astype(np.float32)
    names = (*_FIELDS, "vector")
    rows = zip(*columns, vectors, strict=True)
    return model, [VectorRecord(**dict(zip(names, row, strict=True))) for row in rows]


def _read_jsonl(path: Path, stdin: TextIO | None) -> tuple[ModelSpec, list[VectorRecord]]:
    records: list[VectorRecord] = []
    models: set[ModelSpec] = set()
    for line in _lines(path, stdin):
        if line["schema"] != SCHEMA:
            raise ValueError(f"schema {line['schema']!r}, expected {SCHEMA!r}")
        models.add(ModelSpec(**line["model"]))
        with np.errstate(over="ignore"):  # too large for float32: no unit length, which is checked later
            vector = np.array(line["embedding"], dtype=np.float32)
        values = {name: dtype(line[name]).item() for name, dtype in _FIELDS.items()}
        records.append(VectorRecord(**values, vector=vector))
    if len(models) != 1:
        raise ValueError(f"vectors of {len(models)} models, expected one")
    return models.pop(), records


def _lines(path: Path, stdin: TextIO | None) -> Iterator[dict[str, Any]]:
    with nullcontext(stdin) if stdin and str(path) == STDIN else path.open(encoding="utf-8") as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)
