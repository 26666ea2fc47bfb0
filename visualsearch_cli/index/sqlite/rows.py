"""Between rows and values: paths as bytes, roots relative to the index, vectors as little-endian blobs."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from visualsearch_cli.calibration.levels import Calibration, of_document, to_document
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.errors import IndexCorrupt
from visualsearch_cli.index.records import BlockFile, FileKey, Frames, GraphFile, Manifest
from visualsearch_cli.pictures.regions import FULL_FRAME
from visualsearch_cli.vectors.index import IndexParams

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


T = TypeVar("T")

CHUNK = 500  # values in one IN (...): SQLite allows 999 parameters in its oldest builds

OF_FRAMES = {Frames.FULL: f"e.region = {FULL_FRAME}", Frames.REGIONS: f"e.region > {FULL_FRAME}"}


def blob_of(path: str) -> bytes:
    """Return the raw bytes of a path, "/" between its parts on every system."""
    return os.fsencode(path.replace(os.sep, "/"))


def path_of(blob: bytes) -> str:
    """Return the path of raw bytes; what is not valid UTF-8 becomes surrogate escapes."""
    return os.fsdecode(blob)


def locate(path: Path, base: Path) -> tuple[bytes, int]:
    """Return how to store a root: relative to `base` where it is that folder or below it, else absolute."""
    try:
        return blob_of(str(path.relative_to(base))), 1
    except ValueError:
        return blob_of(str(path)), 0


def located(location: bytes, relative: int, base: Path) -> str:
    """Return the absolute path of a stored root."""
    return os.path.normpath(base / path_of(location)) if relative else path_of(location)


def below(key: FileKey, table: str) -> tuple[str, tuple[Any, ...]]:
    """Return the condition, with its parameters, for rows of a table at a place or below it."""
    if key.relpath in ("", "."):
        return f"{table}.root_id = ?", (key.root_id,)
    prefix = blob_of(key.relpath)
    # "0" is the character after "/": all that starts with "prefix/" lies between the two.
    condition = (
        f"({table}.root_id = ? AND ({table}.relpath = ? OR {table}.relpath > ? AND {table}.relpath < ?))"
    )
    return condition, (key.root_id, prefix, prefix + b"/", prefix + b"0")


def chunks(values: Sequence[T]) -> Iterator[tuple[Sequence[T], str]]:
    """Yield values in parts that fit in one IN (...), with the marks to put there."""
    for start in range(0, len(values), CHUNK):
        chunk = values[start : start + CHUNK]
        yield chunk, ",".join("?" * len(chunk))


def vector_blob(vector: npt.NDArray[np.float32]) -> tuple[bytes, int]:
    """Return a vector as stored, float32 little-endian, and its checksum."""
    blob = vector.astype("<f4", copy=False).tobytes()
    return blob, zlib.crc32(blob)


def manifest_rows(manifest: Manifest) -> dict[str, str]:
    """Return a manifest as key and value."""
    return {
        "created_by": manifest.created_by,
        "created": manifest.created,
        "model": json.dumps(asdict(manifest.model)),
        "weights_path": json.dumps(manifest.weights_path),
        "params": json.dumps(asdict(manifest.params)),
        "graph": graph_value(manifest.graph),
        "regions": json.dumps(manifest.regions),
        "region_graph": graph_value(manifest.region_graph),
        "calibration": calibration_value(manifest.calibration),
        "block": block_value(manifest.block),
        "region_block": block_value(manifest.region_block),
    }


def graph_value(graph: GraphFile | None) -> str:
    """Return the manifest's value for a graph file."""
    return json.dumps(None if graph is None else asdict(graph))


def block_value(block: BlockFile | None) -> str:
    """Return the manifest's value for a block file."""
    return json.dumps(None if block is None else asdict(block))


def calibration_value(calibration: Calibration | None) -> str:
    """Return the manifest's value for a calibration."""
    return json.dumps(None if calibration is None else to_document(calibration))


def manifest_of(rows: Mapping[str, str], format_version: int) -> Manifest:
    """Return the manifest of its rows. Raises KeyError, ValueError or TypeError if they are not one."""
    return Manifest(
        format_version=format_version,
        created_by=rows["created_by"],
        created=rows["created"],
        model=ModelSpec(**json.loads(rows["model"])),
        weights_path=json.loads(rows["weights_path"]),
        params=IndexParams(**json.loads(rows["params"])),
        graph=_graph_of(rows["graph"]),
        regions=json.loads(rows.get("regions", "null")),  # absent before there were regions
        region_graph=_graph_of(rows.get("region_graph", "null")),
        calibration=_calibration_of(rows.get("calibration", "null")),  # absent before there were any
        block=_block_of(rows.get("block", "null")),  # likewise
        region_block=_block_of(rows.get("region_block", "null")),
    )


@contextmanager
def sound(path: Path, table: str) -> Iterator[None]:
    """Call rows damaged that hold what their table cannot: SQLite itself does not look that closely."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise IndexCorrupt(
            f"{path} is damaged ({table}: {error!r}): index again into a new folder"
        ) from error


def _graph_of(value: str) -> GraphFile | None:
    graph = json.loads(value)
    return None if graph is None else GraphFile(**graph)


def _block_of(value: str) -> BlockFile | None:
    block = json.loads(value)
    return None if block is None else BlockFile(**block)


def _calibration_of(value: str) -> Calibration | None:
    document = json.loads(value)
    return None if document is None else of_document(document)
