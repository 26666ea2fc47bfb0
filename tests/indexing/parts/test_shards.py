"""A tree falls into the same shards everywhere, each file into one."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from tests.helpers.doubles import write_toy
from visualsearch_cli.fields import Fields, Malformed
from visualsearch_cli.indexing.parts.embed_files import FilesToEmbed
from visualsearch_cli.indexing.parts.shards import (
    Shard,
    ShardOf,
    absent,
    number_of,
    shard_given,
    shard_of,
    shard_record,
)
from visualsearch_cli.indexing.scanner import Scanner
from visualsearch_cli.progress import UNHEARD


@pytest.mark.slow
def test_every_file_is_in_one_shard_and_shards_are_even() -> None:
    counts: Counter[int] = Counter()
    for number in range(8_000):
        path = f"/photos/{number % 7}/{number}.jpg"
        (part,) = [part for part in range(1, 9) if Shard(part, 8).has(path, "/photos")]
        counts[part] += 1
    assert min(counts.values()) > 850 and max(counts.values()) < 1150


def test_the_rule_is_the_one_that_is_written_down() -> None:
    """Other programs, and later versions, split in the same way: `printf 2024/a.jpg | sha256sum`."""
    assert f"{number_of('2024/a.jpg'):016x}" == "451dc7aa074ad297"
    name = "Urlaub/Tür.jpg"
    expected = int(hashlib.sha256(name.encode()).hexdigest()[:16], 16)
    assert number_of(name) == number_of(unicodedata.normalize("NFD", name)) == expected
    assert number_of("\udcff.jpg") == int(hashlib.sha256(b"\xff.jpg").hexdigest()[:16], 16)


def test_where_a_tree_lies_does_not_matter(tmp_path: Path) -> None:
    for place in ("one", "two/deeper"):
        for number in range(20):
            path = tmp_path / place / f"{number % 3}" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_toy(path, number)

    def names(place: str, part: int) -> list[str]:
        found = FilesToEmbed([str(tmp_path / place)], Scanner(), UNHEARD, Shard(part, 3))
        return [os.path.relpath(file.path, root) for file, root in found.files]

    for part in (1, 2, 3):
        assert names("one", part) == names("two/deeper", part)
    assert sum(len(names("one", part)) for part in (1, 2, 3)) == 20


def test_what_is_no_shard_is_refused() -> None:
    assert shard_given("3/8") == Shard(3, 8)
    for text in ("", "3", "0/8", "9/8", "3/0", "a/8", "3/8/9", "-1/8", "1/9999999", " 1/2"):
        with pytest.raises(ValueError, match="is no shard"):
            shard_given(text)


def test_a_file_says_which_shard_it_holds() -> None:
    found = ShardOf(Shard(3, 8), ("/photos",))
    assert shard_of(Fields(shard_record(found))) == found
    for wrong in ({"part": 9, "of": 8, "paths": []}, {"part": 0, "of": 8, "paths": []}, {"part": 1}):
        with pytest.raises(Malformed):
            shard_of(Fields(wrong))


def test_what_is_not_there_is_named() -> None:
    there = [ShardOf(Shard(part, 4), ("/a",)) for part in (1, 3, 3)]
    there += [ShardOf(Shard(part, 2), ("/b",)) for part in (1, 2)]
    assert absent(there) == [ShardOf(Shard(2, 4), ("/a",)), ShardOf(Shard(4, 4), ("/a",))]
    assert absent([]) == []
