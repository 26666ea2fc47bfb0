"""Signs within the bytes of a file: found wherever they lie, as `find` finds them."""

from __future__ import annotations

import time

import numpy as np
import pytest

from visualsearch_cli.pictures.held import behind_jpeg
from visualsearch_cli.pictures.held.behind_jpeg import FILM, START_OF_JPEG, film_behind, holds
from visualsearch_cli.pictures.held.inspection import holdings_of


@pytest.mark.slow
@pytest.mark.parametrize("sign", [FILM, START_OF_JPEG[:2]])
def test_a_sign_is_found_wherever_it_lies(sign: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind_jpeg, "TOGETHER", 8)
    for length in range(30):
        assert not holds(bytes(length), sign, 0, length)
        for at in range(length - len(sign) + 1):
            data = bytes(at) + sign + bytes(length - at - len(sign))
            for start in range(length + 2):
                for stop in (length - 1, length):
                    assert holds(data, sign, start, stop) == (data.find(sign, start, stop) >= 0)


def test_chance_holds_what_it_holds() -> None:
    data = np.random.default_rng(3).integers(0, 256, 600_001, np.uint8).tobytes()
    for at in range(0, len(data) - 4, 60_007):
        for sign in (data[at : at + 2], data[at : at + 4], FILM):
            for start in (at, at + 1):
                assert holds(data, sign, start, len(data)) == (data.find(sign, start) >= 0)


def test_a_film_far_behind_is_found() -> None:
    film = (24).to_bytes(4, "big") + FILM + b"isom" + bytes(12)
    jpeg = START_OF_JPEG + bytes.fromhex("e00004 0000 ffda") + bytes(behind_jpeg.TOGETHER + 1_001)
    assert film_behind(jpeg) == b""
    assert film_behind(jpeg + film) == film


SCAN = bytes.fromhex("ffda 0002")
XMP = b"\xff\xe1\3\xe4http://ns.adobe.com/xap/1.0/\0"
JPEG = START_OF_JPEG + bytes.fromhex("e0 0004 0000") + SCAN + bytes(100)


@pytest.mark.slow
@pytest.mark.parametrize(
    "many",
    [
        pytest.param(JPEG + b"\xff\xd8\xff\xe1\0\4zz" * 100_000, id="starts"),
        pytest.param(JPEG + b"\xff\xe1\0\4\xff\xd8" * 100_000, id="starts in segments"),
        pytest.param(JPEG + b"\xff\xd8\xff\xe0\0\2" + (SCAN + b"\xff\xd8\xff\xe0\0\2") * 50_000, id="open"),
        pytest.param(JPEG[:2] + (XMP + bytes(998 - len(XMP))) * 20_000 + JPEG[2:], id="XMP"),
        pytest.param(JPEG[:2] + b"\xff" * 10_000_000 + JPEG[2:], id="padding"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"ftyp" * 500_000, id="films"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + (b"\0\0\0\x64mkBF" + bytes(104)) * 200_000, id="chunks"),
    ],
)
def test_what_was_made_to_take_long_is_looked_at_in_seconds(many: bytes) -> None:
    start = time.process_time()
    assert holdings_of(many).frames == 1
    assert time.process_time() - start < 10


def test_a_picture_that_is_cut_short_ends_where_the_next_one_begins() -> None:
    held = holdings_of(JPEG + b"\xff\xd9" + JPEG + JPEG[:-1] + b"\xff\xd9")
    assert held.pictures == 2
