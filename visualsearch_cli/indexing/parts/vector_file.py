"""Embeddings in a file of their own, for other tools and for `index --from`: .npz, or one JSON object a line.

Neither format needs pickle: numpy refuses object arrays here, so a file from a stranger is only data.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, BinaryIO

import numpy as np

from visualsearch_cli.atomic import OutputKind, json_that_begins_with, written_whole
from visualsearch_cli.embedders.embedder import ModelSpec, model_of
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.fields import Fields, Malformed, is_content_hash, parsed
from visualsearch_cli.indexing.parts.object_paths import is_object, is_plain_object
from visualsearch_cli.indexing.parts.shards import ShardOf, shard_of, shard_record

if TYPE_CHECKING:
    import numpy.typing as npt

SCHEMA = "visualsearch/embeddings/1"
STDIN = "-"
ROWS = 4096  # records that are read at a time
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
    return _is_jsonl(stream) or is_npz_of(stream, "path", _STEM)


def is_npz_of(stream: BinaryIO, first: str, stem: str) -> bool:
    """Tell whether a file is a .npz that begins with an array and ends with a schema, by its name without a
    version."""
    stream.seek(0)
    head = stream.read(64)
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - TAIL))
    is_npz = head.startswith(b"PK") and head[30:].startswith(f"{first}.npy".encode())
    return is_npz and f"{stem}/".encode("utf-32-le") in stream.read(TAIL)


@contextmanager
def refusing(path: Path, command: str, refused: type[VisualSearchError]) -> Iterator[None]:
    """Say of what is wrong in a file that the file is refused, and which command writes it."""
    try:
        yield
    except FileNotFoundError as error:
        raise refused(f"{path} is not there: check the path, or let `{command}` write it") from error
    except OSError as error:
        raise refused(f"{path} cannot be read: {error.strerror or error}") from error
    except Malformed as error:
        raise refused(f"{path} is not what `{command} FILE` writes ({error}): write it again") from error


VECTORS = OutputKind("a file of embeddings that `visualsearch embed` wrote", is_vectors)


def write_jsonl(stream: IO[str], model: ModelSpec, records: Iterable[VectorRecord]) -> None:
    """Write one self-contained JSON object a line, as the records come."""
    header = {"schema": SCHEMA, "model": model._asdict()}
    for record in records:
        values = {name: getattr(record, name) for name in _FIELDS}
        # float32 survives nine significant digits, and needs no more
        vector = [float(f"{value:.9g}") for value in record.vector.tolist()]
        stream.write(json.dumps({**header, **values, "embedding": vector}) + "\n")


def write_npz(
    path: Path, model: ModelSpec, records: Sequence[VectorRecord], shard: ShardOf | None = None
) -> None:
    """Write arrays `embeddings` (n, dim) float32, `path`, `content_hash`, ...; at once, or not at all. Of a
    shard, the file says which it is.

    Raises OutputRefused if another file is there, and VisualSearchError if it cannot be written.
    """
    columns: dict[str, Any] = {
        name: np.array([getattr(record, name) for record in records], dtype=dtype)
        for name, dtype in _FIELDS.items()
    }
    vectors = [record.vector for record in records]
    columns["embeddings"] = np.array(vectors, dtype=np.float32).reshape(len(records), model.dim)
    if shard is not None:
        columns["shard"] = np.array(json.dumps(shard_record(shard)))
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


class VectorFile:
    """A file that `write_npz` or `write_jsonl` wrote; `-` is `stdin`, with what `write_jsonl` writes.

    It is read in chunks, as often as it is asked for its records: memory does not grow with it.
    """

    def __init__(self, path: Path, stdin: BinaryIO | None = None) -> None:
        """Look at its beginning. Raises VectorFileError if it is anything else."""
        self.path = path
        self.shard: ShardOf | None = None  # if it holds a shard
        with self._refusing():
            self._stdin = _repeatable(stdin) if stdin is not None and str(path) == STDIN else None
            self._is_npz = _is_zip(path)
            if self._is_npz:
                with _Npz(path) as file:
                    self.model, self.shard = file.model, file.shard
            else:
                first = next(self._lines(), None)
                if first is None:
                    raise Malformed("vectors of 0 models, expected one")
                self.model = _model_of(first)

    def __iter__(self) -> Iterator[VectorRecord]:
        """Yield its records.

        Raises VectorFileError if the file is damaged, if vectors are of several models, or are not finite
        rows of unit length.
        """
        with self._refusing():
            for record in self._of_npz() if self._is_npz else self._of_lines():
                _check(self.path, self.model, record)
                yield record

    def _of_npz(self) -> Iterator[VectorRecord]:
        with _Npz(self.path) as file:
            yield from file.records()

    def _of_lines(self) -> Iterator[VectorRecord]:
        models = set()
        for line in self._lines():
            models.add(_model_of(line))
            if len(models) != 1:
                raise Malformed(f"vectors of {len(models)} models, expected one")
            with np.errstate(over="ignore"):  # too large for float32: no unit length, which is checked later
                vector = np.array(line.numbers("embedding"), dtype=np.float32)
            yield _record(line, vector)

    def _lines(self) -> Iterator[Fields]:
        if self._stdin is not None:
            stream, start = self._stdin
            stream.seek(start)
        with nullcontext(stream) if self._stdin is not None else self.path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not (text := line.strip()):
                    continue
                if not text.startswith(b"{"):
                    raise Malformed(f"line {number} is no JSON object, and no .npz begins so")
                yield Fields(parsed(line), f"line {number}: ")

    def _refusing(self) -> AbstractContextManager[None]:
        return refusing(self.path, "visualsearch embed -o", VectorFileError)


def _repeatable(stdin: BinaryIO) -> tuple[BinaryIO, int]:
    """Return a stream that can be read as often as needed, and where it begins."""
    try:
        if stdin.seekable():
            return stdin, stdin.tell()
    except OSError:
        pass
    copy = TemporaryFile()  # noqa: SIM115  # it ends with the one who reads it
    shutil.copyfileobj(stdin, copy)
    return copy, 0


def _model_of(line: Fields) -> ModelSpec:
    if (schema := line.text("schema")) != SCHEMA:
        raise Malformed(f"schema {schema!r}, expected {SCHEMA!r}")
    return model_of(line.inner("model"))


def _check(path: Path, model: ModelSpec, record: VectorRecord) -> None:
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
    if is_object(record.root):
        plain = is_plain_object(record.root) and is_plain_object(record.path)
        return plain and record.path.startswith(record.root + "/")
    plain = os.path.isabs(record.root) and os.path.isabs(record.path) and "\0" not in record.path
    root = os.path.normpath(record.root).rstrip(os.sep)
    return plain and os.path.normpath(record.path) == record.path and record.path.startswith(root + os.sep)


def _is_zip(path: Path) -> bool:
    if str(path) == STDIN:
        return False
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


class _Npz:
    """A .npz of ours, opened. Its arrays are read side by side, a chunk at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> _Npz:
        self._stack = ExitStack()
        with self._stack:
            with of_numpy():
                self._archive = self._stack.enter_context(zipfile.ZipFile(self._path))
            if (schema := self._text("schema")) != SCHEMA:
                raise Malformed(f"schema {schema!r}, expected {SCHEMA!r}")
            self.model = model_of(Fields(parsed(self._text("model")), "model."))
            has_shard = "shard.npy" in self._archive.namelist()
            self.shard = shard_of(Fields(parsed(self._text("shard")), "shard.")) if has_shard else None
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def records(self) -> Iterator[VectorRecord]:
        """Yield the records."""
        columns = {name: _Array(self._archive, name, self._stack) for name in (*_FIELDS, "embeddings")}
        vectors = columns.pop("embeddings")
        if vectors.dtype.kind != "f" or len(vectors.shape) != 2:
            raise Malformed(f"embeddings are {vectors.described}, expected rows of floats")
        count = vectors.shape[0]
        for name, column in columns.items():
            column.check(name, np.dtype(_FIELDS[name]).kind)
        if lengths := {column.shape[0] for column in columns.values()} - {count}:
            raise Malformed(f"columns of {min(lengths)} and {count} rows")
        for start in range(0, count, ROWS):
            size = min(ROWS, count - start)
            values = [column.take(size) for column in columns.values()]
            with np.errstate(over="ignore"):  # too large for float32: no unit length, which is checked later
                rows = vectors.take(size).astype(np.float32)
            with of_numpy():
                lists = [array.tolist() for array in values]
            for record in zip(*lists, rows, strict=True):
                yield VectorRecord(**dict(zip(NAMES, record, strict=True)))

    def _text(self, name: str) -> str:
        array = _Array(self._archive, name, self._stack)
        if array.dtype.kind != "U" or array.shape != ():
            raise Malformed(f"{name} is {array.described}, expected a text")
        return str(array.take(1)[0])


class _Array:
    """An array in a .npz, of which rows are taken one after the other."""

    def __init__(self, archive: zipfile.ZipFile, name: str, stack: ExitStack) -> None:
        """Raises Malformed for what numpy takes for none."""
        with of_numpy():
            self._stream = stack.enter_context(archive.open(f"{name}.npy"))
            version = np.lib.format.read_magic(self._stream)
            read = _HEADERS.get(version)
            if read is None:
                raise ValueError(f"{name} has a header of version {version}")
            self.shape, by_columns, self.dtype = read(self._stream)
        self._is_turned = by_columns and len(self.shape) == 2  # by another program, and never by ours
        self._rest: npt.NDArray[Any] | None = None  # then all of it has to be read for the first row

    @property
    def described(self) -> str:
        """What it is, for messages."""
        return f"{self.dtype} of shape {self.shape}"

    def check(self, name: str, kind: str) -> None:
        """Raise Malformed unless it is a column of some kind, or empty."""
        if len(self.shape) != 1 or (self.shape[0] and self.dtype.kind != kind):
            wanted = "texts" if kind == "U" else "whole numbers"
            raise Malformed(f"{name} is {self.described}, expected {wanted}")

    def take(self, count: int) -> npt.NDArray[Any]:
        """Return the next rows."""
        if self._is_turned:
            rest = self._read(self.shape[::-1]).T if self._rest is None else self._rest
            self._rest = rest[count:]
            return rest[:count]
        return self._read((count, *self.shape[1:]))

    def _read(self, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        wanted = math.prod(shape) * self.dtype.itemsize
        parts: list[bytes] = []
        with of_numpy():
            while wanted and (part := self._stream.read(wanted)):
                parts.append(part)
                wanted -= len(part)
            if wanted:
                raise ValueError("an array is cut short")
            return np.frombuffer(b"".join(parts), self.dtype).reshape(shape)


_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


@contextmanager
def of_numpy() -> Iterator[None]:
    """Raise Malformed for what numpy and zipfile raise when they are given no arrays."""
    try:
        yield
    except _OF_NUMPY as error:
        raise Malformed(str(error)) from error


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
