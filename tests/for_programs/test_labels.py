"""Labels from a program: given, found in neighbors, and measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.photographs import copy_of, write_album
from visualsearch_cli.library import Index, VisualSearchError, Where, embed, open_index


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


@pytest.mark.slow
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
    (at,) = figures.at
    assert (at.k, at.precision, at.recall, at.hit_rate) == (10, 0.1, 1, 1), "one of ten places is taken"
    assert figures.labels == ("coffee", "rocket") and figures.confusion.tolist() == [[2, 0], [0, 2]]


@pytest.mark.slow
def test_precision_and_recall_are_those_of_the_k_nearest(index: Index, album: Path) -> None:
    for number, quality in enumerate((30, 60)):
        copy_of(album / "coffee.jpg", album / f"coffee {number}.jpg", quality=quality)
    index.add(album)
    index.index(sorted(album.glob("coffee*.jpg")), labels="coffee")
    index.index([album / "rocket.jpg", album / "rocket small.jpg"], labels="rocket")
    one, two = index.evaluate(k=[2, 1]).at
    assert (one.k, one.precision, one.hit_rate) == (1, 1, 1)
    assert one.recall == pytest.approx((4 / 3 + 2) / 6), "one of three, and one of one"
    assert two.k == 2 and two.precision == pytest.approx((4 + 2 * 0.5) / 6)
    assert two.recall == pytest.approx((4 * 2 / 3 + 2) / 6)
    assert index.evaluate(k=2).at == (two,)
    with pytest.raises(ValueError, match="k is 0"):
        index.evaluate(k=[1, 0])


@pytest.mark.slow
def test_folders_and_a_table_are_labels_and_are_taken_away(index: Index, album: Path, tmp_path: Path) -> None:
    found = index.label_by_folders(album)
    assert (found.labels, found.pictures, found.strangers, found.skipped) == (3, 3, 0, ())
    assert index.labels == {"trip": 3}
    copy_of(album / "coffee.jpg", tmp_path / "new.jpg", quality=35)
    (tmp_path / "names.csv").write_text(
        "file,label\nPhotos/coffee.jpg,cup\nPhotos/coffee.jpg,brown\nnew.jpg,cup\ngone.jpg,cup\n"
    )
    found = index.label_by_table(tmp_path / "names.csv")
    assert (found.labels, found.pictures, found.strangers) == (3, 2, 1)
    assert [Path(file.path).name for file in found.skipped] == ["gone.jpg"]
    assert index.label_by_table(tmp_path / "names.csv", remove=True).labels == 3
    assert index.label(album / "coffee.jpg", "cup") == 1
    assert index.unlabel([album / "coffee.jpg", album / "chelsea.jpg"], "cup") == 1
    assert index.label_by_folders([album], remove=True).labels == 3 and index.labels == {}
    index.label(album, "all")
    assert index.forget_label("all") == 12 and index.forget_label("all") == 0
    with pytest.raises(VisualSearchError, match=r"coffee\.jpg is not a folder"):
        index.label_by_folders(album / "coffee.jpg")
    with pytest.raises(VisualSearchError, match="cannot be read"):
        index.label_by_table(tmp_path / "none.csv")


@pytest.mark.slow
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


@pytest.mark.slow
def test_texts_are_one_or_several_and_all_characters(index: Index, album: Path) -> None:
    index.label(album / "coffee.jpg", "moon")
    found = index.query(album / "rocket.jpg", where=Where(labels="moon"), verify="none").matches
    assert [match.image.path.stem for match in found] == ["coffee"]
    with pytest.raises(VisualSearchError, match="'mars' "):
        index.query(album / "rocket.jpg", where=Where(labels="mars"), verify="none")
    for give in (
        lambda: index.label(album / "coffee.jpg", "caf\udce9"),
        lambda: index.unlabel(album / "coffee.jpg", "caf\udce9"),
        lambda: index.forget_label("caf\udce9"),
        lambda: index.index(album / "coffee.jpg", labels="caf\udce9"),
        lambda: index.search("caf\udce9"),
        lambda: index.search("x", without="caf\udce9"),
        lambda: index.search("x", templates="caf\udce9 {}"),
        lambda: index.query(album / "rocket.jpg", where=Where(cameras="caf\udce9")),
    ):
        with pytest.raises(ValueError, match="is not UTF-8"):
            give()
    (album / "small.png").write_bytes(b"")
    added = index.add(album, exclude="*.png")
    assert added.skipped == () and added.found == 12, "a pattern is no list of letters"
    assert index.duplicates(keep="size", exclude="trip").groups
    (album / "trip").rename(album / "caf\udce9")
    assert [Path(item.path).name for item in index.label_by_folders(album).skipped] == ["caf\udce9"]
    with pytest.raises(VisualSearchError, match="no subfolder with pictures"):
        index.label_by_folders(album / "caf\udce9")
