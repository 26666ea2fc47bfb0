"""Labels from a program: given, found in neighbors, and measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.photographs import copy_of, write_album
from visualsearch_cli.library import Index, Where, embed, open_index


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Ten photographs, two of them also smaller."""
    write_album(tmp_path / "Photos")
    for name in ("coffee", "rocket"):
        copy_of(tmp_path / "Photos" / f"{name}.jpg", tmp_path / "Photos" / f"{name} small.jpg")
    return tmp_path / "Photos"


@pytest.fixture
def index(album: Path) -> Iterator[Index]:
    """An index of them."""
    with open_index(album, create=True, model="dct") as index:
        index.add(album)
        yield index


def test_a_label_is_found_and_measured(index: Index, album: Path, tmp_path: Path) -> None:
    for name in ("coffee", "rocket"):
        index.index([album / f"{name}.jpg", album / f"{name} small.jpg"], labels=name)
    assert index.labels == {"coffee": 2, "rocket": 2}
    copy_of(album / "coffee.jpg", tmp_path / "x.jpg")
    assert [found.label for found in index.match([tmp_path / "x.jpg", album / "chelsea.jpg"])] == [
        "coffee",
        None,
    ]
    labelled = index.query(tmp_path / "x.jpg", k=20, where=Where(labels=("coffee",)), verify="none").matches
    assert sorted(match.image.path.stem for match in labelled) == ["coffee", "coffee small"]
    cutoff = index.calibrate()
    assert cutoff is not None and (cutoff.precision, cutoff.recall, cutoff.pictures) == (1, 1, 4)
    figures = index.evaluate()
    assert (figures.pictures, figures.hit_at_1, figures.accuracy) == (4, 1, 1)
    assert figures.labels == ("coffee", "rocket") and figures.confusion.tolist() == [[2, 0], [0, 2]]


def test_vectors_go_in_where_pictures_do(index: Index, album: Path) -> None:
    index.index([album / "coffee.jpg", album / "rocket.jpg"], labels=["cup", "rocket"])
    embedded = embed([album / "coffee small.jpg", album / "rocket small.jpg"], model="dct")
    assert [found.label for found in index.match(embedded.vectors, max_distance=0.2)] == ["cup", "rocket"]
    (first,) = index.single_lookup(embedded.vectors[0], k=1).matches
    assert first.image.path.name == "coffee small.jpg" and first.distance < 1e-5
    by_vectors = index.lookup(embedded.vectors.astype(np.float32), k=2)
    assert [len(answer.matches) for answer in by_vectors] == [2, 2]
    by_paths = index.lookup([album / "coffee.jpg", album / "rocket.jpg"], k=1)
    assert [answer.matches[0].image.path.stem for answer in by_paths] == ["coffee small", "rocket small"]
