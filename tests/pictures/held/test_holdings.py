"""The partial order of what files hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from visualsearch_cli.pictures.held.holdings import Holdings, holds_more, outweighs, what_more

PLAIN = Holdings()
MORE = {
    "frames": (3, "3 frames, pages or layers instead of 1"),
    "film": ("a", "a film"),
    "gain_map": (True, "a gain map"),
    "second_eye": (True, "a picture for the second eye"),
    "depth": (True, "a depth map"),
    "audio": (True, "sound"),
    "pictures": (2, "2 further pictures"),
    "alpha": (True, "transparency"),
    "bits": (16, "16 bits a channel instead of 8"),
    "behind": ("a", "data behind its picture"),
    "drawing": ("a", "the drawing that it is made of"),
    "segments": ("a", "data in segments of its own"),
    "sphere": (True, "how it is shown all around"),
    "channels": (1, "1 further channel"),
    "masks": (True, "masks of what it shows"),
    "credentials": (True, "content credentials"),
}
ONE_EACH = [replace(PLAIN, **{name: value}) for name, (value, _) in MORE.items()]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", MORE)
def test_each_quantity_counts(name: str) -> None:
    value, words = MORE[name]
    its = replace(PLAIN, **{name: value})  # type: ignore[arg-type]
    assert what_more(its, PLAIN) == [words]
    assert outweighs(its, PLAIN) and not holds_more(PLAIN, its)
    assert not holds_more(its, its)


def test_every_quantity_is_tried() -> None:
    assert [*MORE, "which"] == list(Holdings.__dataclass_fields__)


def test_what_holds_other_things_is_not_comparable() -> None:
    for a, b in product(ONE_EACH, repeat=2):
        assert holds_more(a, b) == (a != b)
        assert not outweighs(a, b)


def test_another_film_is_not_this_one() -> None:
    assert what_more(Holdings(film="a"), Holdings(film="b")) == ["another film"]
    assert not outweighs(Holdings(film="a"), Holdings(film="b"))


def test_other_further_pictures_are_not_these() -> None:
    a, b = (Holdings(pictures=2, which=frozenset(some)) for some in ("xy", "yz"))
    assert what_more(a, b) == what_more(b, a) == ["a further picture"]
    assert not what_more(a, a)


def test_it_is_an_order() -> None:
    some = [PLAIN, *ONE_EACH, Holdings(frames=2, film="b"), Holdings(frames=5, film="a", gain_map=True)]
    for a, b, c in product(some, repeat=3):
        assert not (outweighs(a, b) and outweighs(b, a))
        assert not (outweighs(a, b) and outweighs(b, c)) or outweighs(a, c)
