"""Pairs are proved beside each other only as far as memory goes, and what is kept gives way."""

from __future__ import annotations

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.pictures.formats import RAW, Codec, Compression
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.pillow import MemoryGate
from visualsearch_cli.verdicts import full_pictures
from visualsearch_cli.verdicts.comparison import FullPicture
from visualsearch_cli.verdicts.full_pictures import FullPictures, bytes_of

SIDE = 100
NEEDED = SIDE * SIDE * 12
PIXELS = SIDE * SIDE * 3


def image(name: str, format_: str = "JPEG") -> ImageRecord:
    return ImageRecord(1, 1, Path(name), 1, 1, name, SIDE, SIDE, format_)


def full(name: str) -> FullPicture:
    return FullPicture(name, np.zeros((SIDE, SIDE, 3), np.uint8), Compression(Codec.OTHER))


def test_a_raw_takes_what_it_is_developed_with() -> None:
    assert bytes_of(image("a"), image("b")) == NEEDED
    assert bytes_of(image("a"), image("b", RAW)) == SIDE * SIDE * (6 + 24)


@pytest.mark.parametrize(("capacity", "at_once"), [(1, 1), (NEEDED, 1), (2 * NEEDED, 2), (3 * NEEDED, 3)])
def test_no_more_pairs_are_proved_at_a_time_than_fit(capacity: int, at_once: int) -> None:
    pictures, lock = FullPictures(MemoryGate(capacity)), threading.Lock()
    inside: list[int] = []
    most: list[int] = []

    def prove(number: int) -> None:
        one, other = f"a{number}", f"b{number}"
        with pictures.room_for(image(one), image(other)) as room:
            assert room.full(one, lambda: full(one)).key == one
            with lock:
                inside.append(number)
                most.append(len(inside))
            assert room.full(other, lambda: full(other)).key == other
            threading.Event().wait(0.002)
            with lock:
                inside.remove(number)

    with ThreadPoolExecutor(4) as pool:
        assert not wait([pool.submit(prove, number) for number in range(30)], timeout=60).not_done
    assert max(most) <= at_once


def test_decoding_within_a_room_waits_for_nothing() -> None:
    gate = MemoryGate(NEEDED)
    pictures = FullPictures(gate)

    def decoded() -> FullPicture:
        with gate.taking(NEEDED):
            return full("a")

    with pictures.room_for(image("a"), image("b")) as room:
        room.full("a", decoded)
        assert gate.free == 0
    assert gate.free == NEEDED


def test_the_picture_that_all_are_compared_with_is_kept() -> None:
    pictures = FullPictures(MemoryGate(PIXELS + 1))  # there is room for one beside no pair
    read: list[str] = []

    def reading(name: str) -> FullPicture:
        read.append(name)
        return full(name)

    for other in "bcde":
        with pictures.room_for(image("a"), image(other)) as room:
            room.full("a", partial(reading, "a"))
            room.full(other, partial(reading, other))
    assert read.count("a") == 2, "the first pair does not tell which of both it is"
    assert sorted(set(read)) == list("abcde")


def test_what_was_read_before_there_was_room_for_both_is_not_read_again() -> None:
    pictures = FullPictures(MemoryGate(NEEDED))
    read: list[str] = []

    def reading(name: str) -> FullPicture:
        read.append(name)
        return full(name)

    pictures.of("b", partial(reading, "b"))
    with pictures.room_for(image("a"), image("b")) as room:
        assert room.full("b", partial(reading, "b")).key == "b"
    assert read == ["b"]


def test_what_is_kept_gives_way_to_what_is_decoded_besides() -> None:
    gate = MemoryGate(3 * NEEDED)
    pictures = FullPictures(gate)
    read: list[str] = []

    def ask() -> None:
        def reading(name: str) -> FullPicture:
            read.append(name)
            return full(name)

        with pictures.room_for(image("a"), image("b")) as room:
            for name in "ab":
                room.full(name, partial(reading, name))

    ask()
    with gate.taking(1):
        pass
    ask()
    assert read == ["a", "b"], "there was room for all"
    with gate.taking(3 * NEEDED):
        pass
    ask()
    assert read == ["a", "b", "a", "b"]


@pytest.mark.parametrize("large", [False, True])
def test_a_large_pair_is_let_go_of_before_it_is_decoded_otherwise(
    large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what is decoded for a hash does not lie beside both of them. A small pair is no burden."""
    if large:
        monkeypatch.setattr(full_pictures, "LARGE_PAIR", NEEDED - 1)
    pictures = FullPictures(MemoryGate(3 * NEEDED))
    held: list[weakref.ref[np.ndarray]] = []

    def read(name: str) -> FullPicture:
        found = full(name)
        held.append(weakref.ref(found.pixels))
        return found

    with pictures.room_for(image("a"), image("b")) as room:
        for name in ("a", "b"):
            room.full(name, partial(read, name))
        assert all(each() is not None for each in held)
        room.let_go()
        assert all((each() is None) is large for each in held)
        room.full("a", partial(read, "a"))
    assert len(held) == 2 + large


def test_what_fails_gives_its_room_back() -> None:
    gate = MemoryGate(NEEDED)
    pictures = FullPictures(gate)

    def fails() -> FullPicture:
        raise ImageUnreadable("damaged")

    for _ in range(2):
        with pytest.raises(ImageUnreadable), pictures.room_for(image("a"), image("b")) as room:
            room.full("a", fails)
        assert gate.free == NEEDED
