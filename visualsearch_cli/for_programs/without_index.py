"""What needs no index: two pictures compared, parts found in one, vectors of many."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from visualsearch_cli.for_programs.arguments import (
    MESSAGES,
    AnyPath,
    OnProgress,
    Steps,
    absolute,
    all_absolute,
    one_of,
    scanner_of,
)
from visualsearch_cli.for_programs.returned import Embedded

if TYPE_CHECKING:
    from visualsearch_cli.detectors.parts import Part
    from visualsearch_cli.verdicts.evidence import Evidence


def compare(a: AnyPath, b: AnyPath, *, max_pixels: int | None = None) -> Evidence:
    """Say what picture B is to picture A, neither of which need be in an index, and why.

    The distance is that of the default model, the least over the eight orientations of B.

    Raises ImageError if either cannot be read.
    """
    from visualsearch_cli.errors import ImageUnreadable
    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.verdicts.two_files import compare_files

    embedder = ModelChoice().new(MESSAGES)
    paths = Path(absolute(a)), Path(absolute(b))
    evidence = compare_files(*paths, Decoding(max_pixels).reader(), embedder).evidence
    if evidence.failure is not None:  # it could be read a moment ago
        raise ImageUnreadable(evidence.failure)
    return evidence


def detect(
    image: AnyPath,
    kind: Literal["face", "object"],
    detector: AnyPath | None = None,
    *,
    max_pixels: int | None = None,
) -> tuple[Part, ...]:
    """Return the faces or things in a picture, as a detector that you have finds them, the surest first. The
    `region` of each is what `Index.query` takes.

    detector: a file of ONNX, of YuNet for faces or of the YOLO family for things; None: the one that the
        variable VISUALSEARCH_FACES or VISUALSEARCH_OBJECTS names.

    Raises ImageError if the picture cannot be read, ModelUnavailable without a detector that works.
    """
    from visualsearch_cli.detectors.loading_detectors import load_detector
    from visualsearch_cli.detectors.parts import Kind
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.pictures.reading import named, read_picture

    looked_for = one_of(Kind, kind, "kind")
    if looked_for is Kind.REGION:
        raise ValueError("kind is 'region', expected one of face, object: a region is named, not found")
    found = load_detector(looked_for, None if detector is None else Path(detector))
    path = Path(absolute(image))
    with named(path):
        pixels = read_picture(path, Decoding(max_pixels).reader()).pixels
    return tuple(found.find(pixels))


def embed(
    paths: AnyPath | Iterable[AnyPath],
    *,
    model: str | None = None,
    weights: AnyPath | None = None,
    device: str = "auto",
    exclude: str | Iterable[str] = (),
    hidden: bool = False,
    follow_symlinks: bool = False,
    include_stores: bool = False,
    threads: int | None = None,
    max_pixels: int | None = None,
    progress: OnProgress = None,
) -> Embedded:
    """Return the vectors of the images at some paths: files, and folders with all that is below them.

    The options are those of `open_index` and of `Index.add`. Nothing is written anywhere.

    Raises VisualSearchError if a path is not there, ModelUnavailable if the model is not.
    """
    import numpy as np

    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.indexing.parts.embed_files import FilesToEmbed
    from visualsearch_cli.pictures.reader import Decoding

    embedder = ModelChoice(model, None if weights is None else Path(weights), device).new(MESSAGES)
    scanner = scanner_of(exclude, hidden, follow_symlinks, include_stores)
    files = FilesToEmbed(all_absolute(paths), scanner, MESSAGES)
    records = list(files.records(embedder, Decoding(max_pixels, threads), Steps(progress)))
    spec = embedder().spec
    return Embedded(
        tuple(Path(record.path) for record in records),
        np.array([record.vector for record in records], np.float32).reshape(len(records), spec.dim),
        spec.name,
        tuple(files.skipped),
    )
