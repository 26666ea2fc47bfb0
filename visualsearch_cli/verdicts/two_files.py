"""Compare two files that need not be in any index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visualsearch_cli.calibration.known import calibration
from visualsearch_cli.embedders.embedder import Embedder, prepared_ways
from visualsearch_cli.pictures.beside.company import Companions, names_in
from visualsearch_cli.pictures.held.holdings import Holdings, what_more
from visualsearch_cli.pictures.held.inspection import holdings_of
from visualsearch_cli.pictures.image import ImageReader, ImageRecord
from visualsearch_cli.pictures.marks import marked
from visualsearch_cli.pictures.metadata.company_metadata import knows_something, with_company
from visualsearch_cli.pictures.metadata.embedded import metadata_of
from visualsearch_cli.pictures.metadata.folder_lists import known_elsewhere
from visualsearch_cli.pictures.metadata.values import Known, Metadata, only_known_to
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.pictures.reading import FileRead, named, read_beside, read_file, read_picture
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.verdicts.evidence import Box, CandidatePair, Evidence
from visualsearch_cli.verdicts.judge import PictureJudge
from visualsearch_cli.watched import WATCH

DRAWN_SIDE = 480  # pixels, of a picture that is to be looked at


@dataclass(frozen=True, slots=True)
class ComparedFiles:
    """Two files, and what the second one is to the first."""

    a: ImageRecord
    b: ImageRecord
    evidence: Evidence


def compare_files(a: Path, b: Path, reader: ImageReader, embedder: Callable[[], Embedder]) -> ComparedFiles:
    """Say what file B is to file A. The distance is the least over the eight orientations of B.

    The model is called for if they differ in a byte.

    Raises ImageError if either cannot be read.
    """
    with named(a):
        file_a = read_file(a)
    with named(b):
        file_b = read_file(b)
    if file_a.content_hash == file_b.content_hash:
        embed, distance = None, 0.0
    else:
        embed = embedder()
    levels = None if embed is None else calibration(embed.spec)
    judge = PictureJudge(reader, similar_distance=None if levels is None else levels.similar)
    with named(a):
        record_a, vectors_a = _record(1, file_a, reader, embed, Transforms.NONE)
    with named(b):
        record_b, vectors_b = _record(2, file_b, reader, embed, Transforms.ALL)
    if embed is not None:
        distance = max(0.0, round(1 - float((vectors_b @ vectors_a[0]).max()), 6))
    (evidence,) = judge.judge([CandidatePair(record_a, record_b, distance)])
    return ComparedFiles(record_a, record_b, evidence)


@dataclass(frozen=True, slots=True)
class OnlyHere:
    """What one of two files has and the other one lacks."""

    holds: tuple[str, ...]  # beside the picture that it shows first, in words
    knows: tuple[Known, ...]  # with the sidecars beside it


def only_in_each(a: Path, b: Path) -> tuple[OnlyHere, OnlyHere]:
    """Return what A has and B lacks, and what B has and A lacks. It may be something both ways.

    Raises ImageError if either cannot be read.
    """
    held, known = zip(*(_inside(path) for path in (a, b)), strict=True)
    here, there = (
        OnlyHere(tuple(what_more(held[i], held[j])), tuple(only_known_to(known[i], known[j])))
        for i, j in ((0, 1), (1, 0))
    )
    return here, there


def _inside(path: Path) -> tuple[Holdings, Metadata]:
    with named(path):
        data = read_file(path).data
    companions = Companions(names_in)
    beside = [
        (companion.name, _read_beside(companion))
        for companion in companions.of(path)
        if knows_something(companion.name) and companion.is_file()
    ]
    lists = [one for one in companions.lists(path.parent) if one.is_file()]
    listed = known_elsewhere([path], lists, _read_beside)
    with WATCH.decoding(path):
        return holdings_of(data), with_company(metadata_of(data), beside, listed)


def _read_beside(path: Path) -> bytes:
    with named(path):
        return read_beside(path)


def drawn_match(compared: ComparedFiles, reader: ImageReader, suffix: str) -> bytes:
    """Return an image file, marked as ours, of both pictures side by side, with what they share; `suffix`
    says its format.

    Raises ImageError if either cannot be read any more.
    """
    from visualsearch_cli.verdicts.opencv.match_picture import encoded, match_picture

    drawn = []
    for image in (compared.a, compared.b):
        with named(image.path):
            drawn.append(read_picture(image.path, reader, DRAWN_SIDE).pixels)
    picture_a, picture_b = drawn
    evidence = compared.evidence
    boxes_a = [_in_unit(place.a, compared.a) for place in evidence.differences]
    boxes_b = [_in_unit(place.b, compared.b) for place in evidence.differences]
    pixels = match_picture(picture_a, picture_b, evidence.fit, boxes_a, boxes_b)
    height, width = pixels.shape[:2]
    return marked(encoded(pixels, suffix), width, height)


def _in_unit(box: Box, image: ImageRecord) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return left / image.width, top / image.height, right / image.width, bottom / image.height


def _record(
    number: int,
    read: FileRead,
    reader: ImageReader,
    embedder: Embedder | None,
    transforms: Transforms,
) -> tuple[ImageRecord, Embeddings]:
    image = read.decoded(reader, embedder.input_side if embedder else 1)
    vectors = np.empty((0, 0), np.float32)
    if embedder is not None:
        vectors = embedder.embed(prepared_ways(embedder, image.pixels, transforms))
    return read.record(number, image), vectors
