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
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

import numpy as np

from visualsearch_cli.atomic import OutputKind, json_that_begins_with, written_whole
from visualsearch_cli.embedders.embedder import ModelSpec, model_of
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.fields import Fields, Malformed, is_content_hash, parsed

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
    header = {"schema": SCHEMA, "model": model._asdict()}
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
    columns["model"] = np.array(json.dumps(model._asdict()))
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
NAMES = (*_FIELDS, "vector")


# What zipfile and numpy raise when they are given damaged files, or files made to annoy.
_OF_NUMPY = (
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


def read_vectors(path: Path, stdin: BinaryIO | None = None) -> tuple[ModelSpec, list[VectorRecord]]:
    """Read a file that `write_npz` or `write_jsonl` wrote; `-` is `stdin`, with what `write_jsonl` writes.

    Raises VectorFileError if it is anything else, if vectors are of several models, or are not finite
    rows of unit length.
    """
    try:
        model, records = _read_npz(path) if _is_zip(path) else _read_jsonl(path, stdin)
        _check(path, model, records)
    except OSError as error:
        raise VectorFileError(f"{path} cannot be read: {error.strerror or error}") from error
    except Malformed as error:
        raise VectorFileError(
            f"{path} is not what `visualsearch embed -o FILE` writes ({error}): write it again"
        ) from error
    _check(path, model, records)
    return model, records


def _check(path: Path, model: ModelSpec, records: Sequence[VectorRecord]) -> None:
    for record in records:
        if record.vector.shape != (model.dim,):
            raise VectorFileError(
                f"{path}: {record.path} has {record.vector.shape} values, its model gives ({model.dim},)"
            )
        if not abs(float(np.linalg.norm(record.vector)) - 1) < 1e-3:
            raise VectorFileError(f"{path}: the vector of {record.path} is not of unit length")
        if not is_content_hash(record.content_hash):
            raise VectorFileError(
                f"{path}: {record.path} has the content hash {record.content_hash!r}, "
                "expected 64 hexadecimal digits"
            )
        if not _is_below_root(record):
            raise VectorFileError(f"{path}: {record.path!r} is not a path below its root {record.root!r}")


def _is_below_root(record: VectorRecord) -> bool:
    """Tell whether the catalog could hold a path: absolute, without "..", below its root."""
    plain = os.path.isabs(record.root) and os.path.isabs(record.path) and "\0" not in record.path
    root = os.path.normpath(record.root).rstrip(os.sep)
    return plain and os.path.normpath(record.path) == record.path and record.path.startswith(root + os.sep)


def _is_zip(path: Path) -> bool:
    if str(path) == STDIN:
        return False
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def _read_npz(path: Path) -> tuple[ModelSpec, list[VectorRecord]]:
    arrays = _arrays(path, ("schema", "model", *_FIELDS, "embeddings"))
    if (schema := _single_text(arrays, "schema")) != SCHEMA:
        raise Malformed(f"schema {schema!r}, expected {SCHEMA!r}")
    model = model_of(Fields(parsed(_single_text(arrays, "model")), "model."))
    columns = {name: _column(arrays, name, dtype) for name, dtype in _FIELDS.items()}
    vectors = arrays["embeddings"]
    if vectors.dtype.kind != "f" or vectors.ndim != 2:
        raise Malformed(f"embeddings are {vectors.dtype} of shape {vectors.shape}, expected rows of floats")
    if lengths := {len(values) for values in columns.values()} - {len(vectors)}:
        raise Malformed(f"columns of {min(lengths)} and {len(vectors)} rows")
    with np.errstate(over="ignore"):  # too large for float32: no unit length, which is checked later
        rows = vectors.astype(np.float32)
    records = zip(*columns.values(), rows, strict=True)
    return model, [VectorRecord(**dict(zip(NAMES, record, strict=True))) for record in records]


def _arrays(path: Path, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Read arrays of a .npz. Raises Malformed for what numpy takes for none, and OSError."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}
    except _OF_NUMPY as error:
        raise Malformed(str(error)) from error


def _single_text(arrays: dict[str, npt.NDArray[Any]], name: str) -> str:
    array = arrays[name]
    if array.dtype.kind != "U" or array.shape != ():
        raise Malformed(f"{name} is {array.dtype} of shape {array.shape}, expected a text")
    return str(array)


def _column(arrays: dict[str, npt.NDArray[Any]], name: str, dtype: type[np.generic]) -> list[Any]:
    """Return an array of one dimension as Python's values, texts or whole numbers."""
    array = arrays[name]
    if array.ndim != 1 or (array.size and array.dtype.kind != np.dtype(dtype).kind):
        wanted = "texts" if dtype is np.str_ else "whole numbers"
        raise Malformed(f"{name} is {array.dtype} of shape {array.shape}, expected {wanted}")
    values: list[Any] = array.tolist()
    return values


def _read_jsonl(path: Path, stdin: BinaryIO | None) -> tuple[ModelSpec, list[VectorRecord]]:
    records: list[VectorRecord] = []
    models: set[ModelSpec] = set()
    for line in _lines(path, stdin):
        if (schema := line.text("schema")) != SCHEMA:
            raise Malformed(f"schema {schema!r}, expected {SCHEMA!r}")
        models.add(model_of(line.inner("model")))
        with np.errstate(over="ignore"):  # as above
            vector = np.array(line.numbers("embedding"), dtype=np.float32)
        records.append(_record(line, vector))
    if len(models) != 1:
        raise Malformed(f"vectors of {len(models)} models, expected one")
    return models.pop(), records


def _record(fields: Fields, vector: npt.NDArray[np.float32]) -> VectorRecord:
    return VectorRecord(
        path=fields.text("path"),
        root=fields.text("root"),
        size=fields.integer("size", least=0),
        mtime_ns=fields.integer("mtime_ns"),
        content_hash=fields.text("content_hash"),
        width=fields.integer("width", least=1),
        height=fields.integer("height", least=1),
        format=fields.text("format"),
        vector=vector,
    )


def _lines(path: Path, stdin: BinaryIO | None) -> Iterator[Fields]:
    with nullcontext(stdin) if stdin and str(path) == STDIN else path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield Fields(parsed(line), f"line {number}: ")
