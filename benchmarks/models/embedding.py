"""Embeds an index and its queries, with several embedders side by side: each edit is made only once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.material.edits import DIHEDRAL, UPRIGHT, edited
from benchmarks.material.photographs import Material, Photograph
from visualsearch_cli.embedders.embedder import AskingEmbedder, Embedder, ModelInput
from visualsearch_cli.pictures.borders import without_border
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.orientations import Transforms, orientations_of
from visualsearch_cli.vectors.index import Embeddings

Embedders = Mapping[str, Embedder]

CHUNK = 32  # pictures of the index embedded at a time
TURNS = 8
REPORT = 5.0  # seconds between two lines of progress


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of one embedder: float32, unit rows.

    index: (m, dim), the originals before the others.
    upright: (originals, edits, dim), the edits in the order of `UPRIGHT`.
    turned: (originals, edits, 8, dim), those of `DIHEDRAL`, each in the eight orientations.
    milliseconds: of one core, for a picture, not counting its decoding and editing.
    asked: (originals, edits, ways, dim), of the upright edits, in all further ways in which `query` shows
        them to the model. None if it shows them in one way.
    inside: (originals, edits, dim), of the upright edits, without their border, or in full if they have none.
    """

    index: Embeddings
    upright: Embeddings
    turned: Embeddings
    milliseconds: float
    asked: Embeddings | None = None
    inside: Embeddings | None = None


@dataclass(frozen=True, slots=True)
class Embedded:
    """Some pictures' vectors, float32 (n, dim), and the seconds of one core they took.

    asked, inside: as in `Vectors`, of those that are queries, not counted in the seconds.
    """

    vectors: Embeddings
    seconds: float
    asked: Embeddings | None = None
    inside: Embeddings | None = None


def embed_material(
    material: Material, embedders: Embedders, *, seed: str, threads: int
) -> dict[str, Vectors]:
    """Embed all of the index, and each edit of each original."""
    index = material.index
    chunks = [decoded(index[start : start + CHUNK]) for start in range(0, len(index), CHUNK)]
    edits = [
        _queries(original, material.backgrounds[number % len(material.backgrounds)], seed)
        for number, original in enumerate(material.originals)
    ]
    found = embed_all(chunks, embedders, threads, f"index, {CHUNK} at a time")
    asked = embed_all(edits, embedders, threads, "originals, all their edits", asking=len(UPRIGHT))
    return {name: _join([part[name] for part in found], [part[name] for part in asked]) for name in embedders}


def embed_all(
    groups: Sequence[Iterable[Pixels]], embedders: Embedders, threads: int, what: str, *, asking: int = 0
) -> list[dict[str, Embedded]]:
    """Embed groups of pictures in threads, and report progress on standard error.

    A thread draws pictures one by one, so that they can be generated: only model inputs are kept. The first
    `asking` of each group are queries too, as the command asks them.
    """
    results = []
    reported = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        for result in pool.map(lambda group: _embed(group, embedders, asking), groups):
            results.append(result)
            if time.monotonic() - reported > REPORT or len(results) == len(groups):
                reported = time.monotonic()
                print(f"{what}: {len(results)} of {len(groups)}", file=sys.stderr, flush=True)
    return results


def _embed(pictures: Iterable[Pixels], embedders: Embedders, asking: int) -> dict[str, Embedded]:
    inputs: dict[str, list[ModelInput]] = {name: [] for name in embedders}
    asked: dict[str, list[Embeddings]] = {name: [] for name in embedders}
    inside: dict[str, list[ModelInput]] = {name: [] for name in embedders}
    seconds = dict.fromkeys(embedders, 0.0)
    for number, pixels in enumerate(pictures):
        for name, embedder in embedders.items():
            if number < asking and isinstance(embedder, AskingEmbedder):
                within = without_border(pixels)
                asked[name].append(embedder.embed_otherwise([pixels]))
                inside[name].append(embedder.prepare(pixels if within is None else within))
            start = time.thread_time()
            inputs[name].append(embedder.prepare(pixels))
            seconds[name] += time.thread_time() - start
    embedded = {}
    for name, embedder in embedders.items():
        start = time.thread_time()
        vectors = embedder.embed(inputs[name])
        seconds[name] += time.thread_time() - start
        within_border = embedder.embed(inside[name]) if inside[name] else None
        embedded[name] = Embedded(vectors, seconds[name], _stacked(asked[name]), within_border)
    return embedded


def decoded(photographs: Iterable[Photograph]) -> Iterator[Pixels]:
    """Decode photographs one by one; those that cannot be are named and left out."""
    for photograph in photographs:
        image = photograph.read()
        if image is None:
            print(f"cannot decode {photograph.name}: left out", file=sys.stderr)
        else:
            yield np.asarray(image)


def upright_edits(original: Photograph, background: Photograph, seed: str) -> Iterator[Pixels]:
    """All edits that leave a picture upright."""
    yield from _edits(UPRIGHT, original, background, seed)


def _queries(original: Photograph, background: Photograph, seed: str) -> Iterator[Pixels]:
    """All upright edits, then each of the dihedral ones in its eight orientations."""
    yield from upright_edits(original, background, seed)
    for turn in _edits(DIHEDRAL, original, background, seed):
        yield from orientations_of(turn, Transforms.ALL)


def _edits(names: Iterable[str], original: Photograph, background: Photograph, seed: str) -> Iterator[Pixels]:
    picture, other = original.read(), background.read()
    if picture is None or other is None:
        raise SystemExit(f"cannot decode {(background if picture else original).name}: take it away")
    for edit in names:
        yield np.asarray(edited(picture, edit, other, f"{seed} {original.name}"))


def _join(index: Sequence[Embedded], queries: Sequence[Embedded]) -> Vectors:
    edits = np.stack([part.vectors for part in queries])
    turns = edits[:, len(UPRIGHT) :].reshape(len(edits), len(DIHEDRAL), TURNS, -1)
    parts = [*index, *queries]
    pictures = sum(len(part.vectors) for part in parts)
    return Vectors(
        index=np.concatenate([part.vectors for part in index]),
        upright=edits[:, : len(UPRIGHT)],
        turned=turns,
        milliseconds=1000 * sum(part.seconds for part in parts) / pictures,
        asked=_stacked([part.asked for part in queries]),
        inside=_stacked([part.inside for part in queries]),
    )


def _stacked(parts: Sequence[Embeddings | None]) -> Embeddings | None:
    there = [part for part in parts if part is not None]
    return np.stack(there) if there else None
