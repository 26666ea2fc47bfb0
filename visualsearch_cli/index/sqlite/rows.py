"""Between rows and values: paths as bytes, roots relative to the index, vectors as little-endian blobs."""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from visualsearch_cli.calibration.levels import Calibration, of_document, to_document
from visualsearch_cli.embedders.embedder import ModelSpec, model_of
from visualsearch_cli.fields import Fields, Malformed, parsed
from visualsearch_cli.index.records import BlockFile, FileKey, Frames, GraphFile, Manifest, PassedOver
from visualsearch_cli.pictures.regions import FULL_FRAME
from visualsearch_cli.vectors.index import BITS, FULL_BITS, IndexParams

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


T = TypeVar("T")

CHUNK = 500  # values in one IN (...): SQLite allows 999 parameters in its oldest builds

PLAIN_PATH = re.compile(rb"[^./][^/]*(/[^./][^/]*)*").fullmatch
"""Fits nearly all paths below a root, and none that leads out of it."""

PLAIN = ("created_by", "created")
DERIVED = ("graph", "region_graph", "block", "region_block")
SECOND = "second_"
"""How names begin that are of the second model: of tables, and of keys of the manifest."""

OF_MODEL = (*DERIVED, "model", "weights_path", "regions", "calibration")
KEYS = (*PLAIN, *OF_MODEL, *(SECOND + key for key in OF_MODEL), "params", "bits")
"""The keys of the manifest that this version knows. The values of PLAIN are text, all others are JSON."""

STORED_AS = {"vectors": "count"}
"""Names that the manifest has for fields of its files, where they are others than ours."""

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


def leads_out(relpath: bytes) -> bool:
    """Tell whether a stored path is none below a root: absolute, through "..", or not as it is written."""
    if b"\0" in relpath or (os.name == "nt" and (b"\\" in relpath or b":" in relpath)):
        return True
    return not PLAIN_PATH(relpath) and not all(map(_is_name, relpath.split(b"/")))


def leading_out(root_id: int, relpath: bytes) -> str:
    """Return what is said of a path that leads out of its root."""
    return f"the path {ascii(path_of(relpath))[:200]} leads out of root {root_id}"


def _is_name(part: bytes) -> bool:
    return part not in (b"", b".", b"..")


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


def vector_blob(vector: npt.NDArray[np.float32], bits: int = FULL_BITS) -> tuple[bytes, int]:
    """Return a vector, (dim,), as stored with so many bits a value, and its checksum."""
    if bits == FULL_BITS:
        blob = vector.astype("<f4", copy=False).tobytes()
    else:
        from visualsearch_cli.vectors.stored_values import to_stored  # late: few indexes round

        blob = to_stored(vector[None], bits).tobytes()
    return blob, zlib.crc32(blob)


def manifest_rows(manifest: Manifest) -> dict[str, str]:
    """Return a manifest as key and value."""
    rows = {
        "created_by": manifest.created_by,
        "created": manifest.created,
        "params": json.dumps(manifest.params._asdict()),
        **_rows_of_model(manifest),
    }
    if manifest.bits != FULL_BITS:
        rows["bits"] = json.dumps(manifest.bits)
    if manifest.other is not None:
        rows |= {SECOND + key: value for key, value in _rows_of_model(manifest.other).items()}
    return rows


def model_value(model: ModelSpec) -> str:
    """Return the manifest's value for a model."""
    return json.dumps(model._asdict())


def _rows_of_model(manifest: Manifest) -> dict[str, str]:
    return {
        "model": model_value(manifest.model),
        "weights_path": json.dumps(manifest.weights_path),
        "graph": graph_value(manifest.graph),
        "regions": json.dumps(manifest.regions),
        "region_graph": graph_value(manifest.region_graph),
        "calibration": calibration_value(manifest.calibration),
        "block": block_value(manifest.block),
        "region_block": block_value(manifest.region_block),
    }


def graph_value(graph: GraphFile | None) -> str:
    """Return the manifest's value for a graph file."""
    return json.dumps(None if graph is None else _file_values(graph))


def block_value(block: BlockFile | None) -> str:
    """Return the manifest's value for a block file."""
    return json.dumps(None if block is None else _file_values(block))


def _file_values(file: GraphFile | BlockFile) -> dict[str, object]:
    return {STORED_AS.get(name, name): value for name, value in file._asdict().items()}


def calibration_value(calibration: Calibration | None) -> str:
    """Return the manifest's value for a calibration."""
    return json.dumps(None if calibration is None else to_document(calibration))


def manifest_of(rows: Mapping[str, str], format_version: int, *, second: bool = False) -> Manifest:
    """Return the manifest of its rows, as it is for the first model, or for the second. Raises Malformed if
    they are not one."""
    fields = Fields({key: _value(key, rows[key]) for key in KEYS if key in rows})
    has_two = SECOND + "model" in fields
    manifests = [_manifest_for(fields, begin, format_version) for begin in ("", SECOND)[: 1 + has_two]]
    if second:
        manifests.reverse()
    return manifests[0]._replace(other=manifests[1]) if has_two else manifests[0]


def _manifest_for(manifest: Fields, begin: str, format_version: int) -> Manifest:
    """Return the manifest for the model whose keys begin so."""
    weights_path, regions = begin + "weights_path", begin + "regions"
    return Manifest(
        format_version=format_version,
        created_by=manifest.text("created_by"),
        created=manifest.text("created"),
        model=model_of(manifest.inner(begin + "model")),
        weights_path=manifest.optional(manifest.text, weights_path),
        params=_params_of(manifest.inner("params")),
        graph=_perhaps(_graph_of, manifest, begin + "graph"),
        regions=manifest.optional(manifest.text, regions) if regions in manifest else None,
        region_graph=_perhaps(_graph_of, manifest, begin + "region_graph"),
        calibration=_perhaps(of_document, manifest, begin + "calibration"),
        block=_perhaps(_block_of, manifest, begin + "block"),
        region_block=_perhaps(_block_of, manifest, begin + "region_block"),
        bits=_bits_of(manifest) if "bits" in manifest else FULL_BITS,
    )


def _bits_of(manifest: Fields) -> int:
    if (bits := manifest.integer("bits")) not in BITS:
        raise Malformed(f"bits is {bits}, expected {', '.join(map(str, BITS))}")
    return bits


def passed_over_value(found: Mapping[int, Mapping[str, PassedOver]]) -> str:
    """Return what was left out as the manifest has it: by root and by reason."""
    return json.dumps(
        {str(root_id): {name: list(its) for name, its in of.items()} for root_id, of in found.items()}
    )


def passed_over_of(text: str) -> dict[int, dict[str, PassedOver]]:
    """Return what was left out, by root and by reason, of a value of the manifest. Raises Malformed."""
    value = parsed(text)
    found: dict[int, dict[str, PassedOver]] = {}
    for root_id, of in value.items() if isinstance(value, dict) else ():
        for name, counts in of.items() if isinstance(of, dict) else ():
            match counts:
                case [int(folders), int(files), bool(is_all)] if root_id.isdecimal():
                    found.setdefault(int(root_id), {})[name] = PassedOver(folders, files, is_all)
                case _:
                    raise Malformed(f"{counts!r} are not two numbers and whether they are all")
    return found


def exclude_value(lines: Mapping[int, Sequence[str]]) -> str:
    """Return the patterns of roots as the manifest has them: lists of lines by the id of the root."""
    return json.dumps({str(root_id): list(of) for root_id, of in lines.items()})


def exclude_of(text: str) -> dict[int, list[str]]:
    """Return the patterns of roots, of a value of the manifest. Raises Malformed."""
    value = parsed(text)
    found: dict[int, list[str]] = {}
    for root_id, lines in value.items() if isinstance(value, dict) else [("", value)]:
        if not (root_id.isdecimal() and isinstance(lines, list) and all(type(x) is str for x in lines)):
            raise Malformed(f"{lines!r} are not the patterns of a root")
        found[int(root_id)] = lines
    return found


def mounts_value(mounts: Iterable[FileKey]) -> str:
    """Return folders as the manifest has them: pairs of a root and a path below it."""
    return json.dumps([[key.root_id, key.relpath] for key in mounts])


def mounts_of(text: str) -> list[FileKey]:
    """Return the folders that a value of the manifest names. Raises Malformed."""
    value = parsed(text)
    found = []
    for pair in value if isinstance(value, list) else [value]:
        match pair:
            case [int(root_id), str(relpath)] if not leads_out(blob_of(relpath)):
                found.append(FileKey(root_id, relpath))
            case _:
                raise Malformed(f"{pair!r} is not a root and a path below it")
    return found


def volumes_value(names: Mapping[FileKey, str]) -> str:
    """Return the names of volumes as the manifest has them: a root, a path below it, and the name."""
    return json.dumps([[key.root_id, key.relpath, name] for key, name in names.items()])


def volumes_of(text: str) -> dict[FileKey, str]:
    """Return the names of volumes, of a value of the manifest. Raises Malformed."""
    value = parsed(text)
    found = {}
    for row in value if isinstance(value, list) else [value]:
        match row:
            case [int(root_id), str(relpath), str(name)] if relpath == "." or not leads_out(blob_of(relpath)):
                found[FileKey(root_id, relpath)] = name
            case _:
                raise Malformed(f"{row!r} is not a root, a path below it and the name of a volume")
    return found


def _value(key: str, text: str) -> object:
    try:
        return text if key in PLAIN else parsed(text)
    except Malformed as error:
        raise Malformed(f"{key} is {error}") from error


def _perhaps(read: Callable[[Fields], T], manifest: Fields, key: str) -> T | None:
    """Return what a key holds. It is null where there is none, and absent before there was such a thing."""
    if key not in manifest:
        return None
    return manifest.optional(lambda name: read(manifest.inner(name)), key)


def _params_of(fields: Fields) -> IndexParams:
    return IndexParams(
        M=fields.integer("M", least=2),
        ef_construction=fields.integer("ef_construction", least=1),
        ef_search=fields.integer("ef_search", least=1),
    )


def _graph_of(fields: Fields) -> GraphFile:
    return GraphFile(
        generation=fields.integer("generation", least=0),
        name=fields.text("name"),
        checksum=fields.text("checksum"),
        vectors=fields.integer(STORED_AS["vectors"], least=0),
        last_id=fields.integer("last_id", least=0),
    )


def _block_of(fields: Fields) -> BlockFile:
    return BlockFile(
        fields.text("name"), fields.integer(STORED_AS["vectors"], least=0), fields.integer("last_id", least=0)
    )
