"""The pictures on the disk stay below their bound, and nothing goes wrong without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from visualsearch_cli.pages.sent.picture_cache import PictureCache

PICTURE = b"RIFF" + (992).to_bytes(4, "little") + bytes(992)


def held(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_what_was_asked_for_last_stays(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path / "made", most_bytes=10_000)
    for number in range(10):
        cache.put(f"{number:02}-320", PICTURE)
        os.utime(cache._path(f"{number:02}-320"), ns=(number, number))
    assert cache.get("00-320") == PICTURE
    cache.put("99-320", PICTURE)
    cache.trim()
    assert "00-320" in held(tmp_path)
    assert "99-320" in held(tmp_path)
    assert held(tmp_path) == {"00-320", "99-320", *(f"{number:02}-320" for number in range(3, 10))}


@pytest.mark.slow
def test_it_looks_by_itself(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, most_bytes=100_000)
    for number in range(600):
        cache.put(f"{number:03}-320", PICTURE)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 400_000


def test_without_a_folder_nothing_is_kept_and_nothing_breaks(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = PictureCache(tmp_path / "file" / "made")
    cache.put("ab-320", PICTURE)
    assert cache.get("ab-320") is None
    cache.trim()


def test_a_picture_is_the_users_alone(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path / "made")
    cache.put("ab-320", PICTURE)
    if os.name != "nt":
        assert (tmp_path / "made" / "ab").stat().st_mode & 0o077 == 0


def test_what_was_torn_is_made_again(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path)
    cache.put("ab-320", PICTURE)
    assert cache.get("ab-320") == PICTURE
    for torn in (b"", PICTURE[:6], PICTURE[:-1], PICTURE + b"x", bytes(1000)):
        cache._path("ab-320").write_bytes(torn)
        assert cache.get("ab-320") is None
