"""Which file is kept: keys in their order, each asked only where those before it tie."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Item, Key, expected_order, order_of_copies
from visualsearch_cli.duplicates.preference import best
from visualsearch_cli.pictures.held.holdings import Holdings
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.metadata.values import Metadata
from visualsearch_cli.pictures.quality.origin import UNKNOWN_ORIGIN, Origin
from visualsearch_cli.reports.report import Companion

BASE = ImageRecord(1, 1, Path("/p/base.jpg"), 1000, 100, "00", 400, 300, "JPEG")


class Told:
    """Files that tell what the test says, and note what they were asked."""

    def __init__(self) -> None:
        self.enlarged: set[str] = set()
        self.qualities: dict[str, int] = {}
        self.camera: dict[str, int] = {}
        self.held: dict[str, Holdings] = {}
        self.origins: dict[str, Origin] = {}
        self.asked: list[str] = []

    def holdings(self, image: ImageRecord) -> Holdings:
        return self.held.get(image.path.stem, Holdings())

    def metadata(self, image: ImageRecord, beside: Iterable[Path]) -> Metadata:
        raise AssertionError(f"metadata decides nothing, and {image.path} was asked for it, and {beside}")

    def is_enlarged(self, image: ImageRecord, width: int, height: int) -> bool:
        self.asked.append(f"{image.path.stem} at {width}x{height}")
        return image.path.stem in self.enlarged

    def jpeg_quality(self, image: ImageRecord) -> int | None:
        self.asked.append(f"quality of {image.path.stem}")
        return self.qualities.get(image.path.stem)

    def exif(self, image: ImageRecord) -> int:
        self.asked.append(f"exif of {image.path.stem}")
        return self.camera.get(image.path.stem, 0)

    def origin(self, image: ImageRecord) -> Origin:
        return self.origins.get(image.path.stem, UNKNOWN_ORIGIN)


def item(name: str, *, side: int = 300, size: int = 1000, mtime: int = 100, format: str = "JPEG") -> Item:
    image = BASE._replace(
        path=Path("/p") / f"{name}.jpg",
        width=side,
        height=side,
        size=size,
        mtime_ns=mtime,
        format=format,
    )
    return Item(image)


def kept(items: Sequence[Item], *keys: Key, facts: Told | None = None) -> str:
    """Return the name of the file that is kept, whatever the order of the files."""
    names = {
        best(order, keys or DEFAULT_KEEP, facts or Told()).image.path.stem
        for order in itertools.permutations(items)
    }
    assert len(names) == 1
    return names.pop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Key.RESOLUTION, "large"),
        (Key.FORMAT, "png"),
        (Key.SIZE, "heavy"),
        (Key.OLDEST, "old"),
        (Key.NEWEST, "a/longer/path"),
        (Key.SHORTEST_PATH, "png"),  # as short as "old", and lossless: the default keys break ties
        (Key.LONGEST_PATH, "a/longer/path"),
    ],
)
def test_each_key_alone(key: Key, expected: str) -> None:
    items = [
        item("large", side=400),
        item("png", format="PNG"),
        item("heavy", size=5000),
        item("old", mtime=1),
        item("a/longer/path", mtime=999),
    ]
    assert kept(items, key) == Path(expected).stem


def test_later_keys_break_ties_and_no_more() -> None:
    items = [item("a", side=400, size=1), item("b", side=400, size=2), item("c", side=300, size=3)]
    assert kept(items, Key.RESOLUTION, Key.SIZE) == "b"
    assert kept(items, Key.SIZE, Key.RESOLUTION) == "c"


def test_files_are_read_only_where_keys_tie() -> None:
    facts = Told()
    items = [item("large", side=900), item("small", side=300)]
    assert best(items, DEFAULT_KEEP, facts) is items[0]
    assert {*facts.asked} == {"large at 300x300"}
    facts = Told()
    facts.camera = {"b": 2}
    items = [item("a"), item("b"), item("c", side=200)]
    assert best(items, (Key.SIZE, Key.EXIF, Key.QUALITY), facts) is items[1]
    assert not any(asked.startswith("quality of b") for asked in facts.asked)
    assert {"exif of a", "exif of b", "exif of c"} <= {*facts.asked}


def test_an_enlarged_copy_stands_behind_what_it_was_made_of() -> None:
    facts = Told()
    facts.enlarged = {"huge", "large"}
    items = [item("huge", side=900, size=9000), item("large", side=600), item("true", side=300)]
    assert kept(items, facts=facts) == "true"
    facts.enlarged = {"huge"}
    assert kept(items, facts=facts) == "large"


def test_quality_of_what_does_not_say() -> None:
    facts = Told()
    facts.qualities = {"fine": 90, "poor": 40}
    poor, fine, webp, png = (
        item("poor"),
        item("fine"),
        item("webp", format="WEBP"),
        item("png", format="PNG"),
    )
    assert kept([poor, webp], Key.QUALITY, facts=facts) == "webp"
    assert kept([fine, webp], Key.QUALITY, facts=facts) == "fine"
    assert kept([fine, png], Key.QUALITY, facts=facts) == "png"


def test_no_key_outweighs_protection_and_raw() -> None:
    small = item("small", side=100)
    assert kept([item("large"), replace(small, protected=True)], Key.RESOLUTION) == "small"
    for protected in (False, True):
        set_aside = replace(item("large"), set_aside=True, protected=protected)
        assert kept([set_aside, small], Key.RESOLUTION) == "small"
        assert kept([set_aside, replace(set_aside, image=small.image)], Key.RESOLUTION) == "large"
    assert (
        kept([item("large"), replace(small, companions=(Companion(Path("/p/small.cr2")),))], Key.RESOLUTION)
        == "small"
    )


def test_a_raw_is_kept_whatever_the_keys_and_before_it_only_what_has_one_beside_it() -> None:
    raw, newest = item("raw", side=100, format="RAW"), item("newest", mtime=200, format="PNG")
    pair = replace(item("pair", side=50), companions=(Companion(Path("/p/pair.cr2")),))
    for keys in ((), (Key.NEWEST,), (Key.RESOLUTION,)):
        assert kept([raw, newest], *keys) == "raw"
        assert kept([raw, newest, pair], *keys) == "pair"
    assert kept([raw, replace(newest, protected=True)]) == "newest"


def test_the_order_of_formats() -> None:
    formats = ("GIF", "JPEG", "PNG", "RAW")
    items = [item(format_, format=format_) for format_ in formats]
    for number in range(1, len(items)):
        assert kept(items[: number + 1], Key.FORMAT) == formats[number]
    order = sorted(items, key=lambda one: expected_order(one, (Key.FORMAT,)))
    assert [one.image.format for one in order] == [*reversed(formats)]


def test_where_all_ties_the_path_decides() -> None:
    assert kept([item("b"), item("a"), item("folder/0")], Key.SIZE) == "a"


def test_the_expected_order_begins_with_what_is_kept_if_nothing_has_to_be_read() -> None:
    items = [item("a", side=100), item("b", side=300, mtime=5), item("c", side=300, mtime=4), item("d")]
    items.append(replace(item("e", side=50), protected=True))
    order = sorted(items, key=lambda one: expected_order(one, DEFAULT_KEEP))
    assert [one.image.path.stem for one in order] == ["e", "c", "b", "d", "a"]


def test_what_a_file_holds_comes_before_the_keys() -> None:
    facts = Told()
    items = [item("large", side=400), item("film"), item("plain", size=5000)]
    facts.held = {"film": Holdings(film="a")}
    assert kept(items, Key.RESOLUTION, facts=facts) == kept(items, Key.SIZE, facts=facts) == "film"
    protected = replace(item("reference"), protected=True)
    assert kept([*items, protected], Key.SIZE, facts=facts) == "reference"


def test_keys_decide_between_files_that_hold_different_things() -> None:
    facts = Told()
    facts.held = {"film": Holdings(film="a"), "deep": Holdings(bits=16), "both": Holdings(film="a", bits=16)}
    items = [item("plain", size=5000), item("film", size=2000), item("deep", size=1000)]
    assert kept(items, Key.SIZE, facts=facts) == "film"
    assert kept([*items, item("both", size=1)], Key.SIZE, facts=facts) == "both"


def with_beside(item: Item, *names: str) -> Item:
    return replace(item, companions=tuple(Companion(item.image.path.with_name(name)) for name in names))


def test_what_lies_beside_a_file_comes_after_what_it_holds_and_before_the_keys() -> None:
    large = item("large", side=400)
    sidecar = with_beside(item("sidecar"), "sidecar.xmp")
    two = with_beside(item("two"), "two.xmp", "two.AAE", "two.jpg.json")
    film = with_beside(item("film", side=50), "film.MOV")
    assert kept([large, sidecar], Key.RESOLUTION) == "sidecar"
    assert kept([large, sidecar, two], Key.RESOLUTION) == "two"
    assert kept([large, sidecar, two, film], Key.RESOLUTION) == "film"
    assert kept([large, sidecar, two, film, with_beside(item("raw"), "raw.nef")], Key.RESOLUTION) == "raw"
    assert kept([large, with_beside(item("b", side=500), "b.mp4"), film], Key.RESOLUTION) == "b"
    assert kept([sidecar, replace(large, protected=True)], Key.SIZE) == "large"
    assert kept([replace(film, set_aside=True), large]) == "large"
    facts = Told()
    facts.held = {"large": Holdings(frames=3)}
    assert kept([large, film], Key.SIZE, facts=facts) == "large"


def test_of_equal_bytes_the_one_with_companions_comes_first() -> None:
    bare, old = item("bare", mtime=100), item("old", mtime=1)
    film = with_beside(item("film", mtime=200), "film.MOV")
    files = [bare, old, film, replace(item("bin"), set_aside=True), replace(item("safe"), protected=True)]
    order = sorted(files, key=lambda one: order_of_copies(one, (Key.OLDEST,)))
    assert [one.image.path.stem for one in order] == ["safe", "film", "old", "bare", "bin"]
