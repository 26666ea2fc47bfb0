"""Signs within the bytes of a file: found wherever they lie, as `find` finds them."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.pictures.held import behind_jpeg
from visualsearch_cli.pictures.held.behind_jpeg import FILM, START_OF_JPEG, film_behind, holds


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
