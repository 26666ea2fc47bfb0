"""Indexes that keep fewer bits of a value, by the library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.kinds import write_kinds
from visualsearch_cli import library
from visualsearch_cli.errors import IndexIncompatible
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.open import open_reader


@pytest.fixture
def kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """40 folders of some pictures each."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return write_kinds(tmp_path / "Kinds")


def bits_of(folder: Path) -> int:
    with open_reader(IndexFolder(folder)) as catalog:
        return catalog.manifest().bits


@pytest.mark.slow
@pytest.mark.parametrize(("bits", "most"), [(8, 1e-2), (16, 1e-4)])
def test_an_index_keeps_fewer_bits(kinds: Path, tmp_path: Path, bits: int, most: float) -> None:
    picture = kinds / "kind-03" / "0.png"
    with library.open_index(kinds, create=True, model="pixels") as whole:
        whole.add(kinds)
        expected = whole.single_lookup(picture, k=5).matches
    small = tmp_path / "small"
    small.mkdir()
    with library.open_index(small, create=True, model="pixels", bits=bits) as index:  # type: ignore[arg-type]
        index.add(kinds)
        found = index.single_lookup(picture, k=5).matches
        assert [match.image.path for match in found] == [match.image.path for match in expected]
        ours, theirs = ([match.distance for match in its] for its in (found, expected))
        np.testing.assert_allclose(ours, theirs, atol=most)
        (small / "copy.png").write_bytes(picture.read_bytes() + b"\0")
        index.add(small)
        (group,) = index.duplicates("edited").groups
        assert {member.path for member in group.members} == {picture, small / "copy.png"}
    assert bits_of(small) == bits and bits_of(kinds) == 32


def test_an_index_stays_with_its_bits(kinds: Path) -> None:
    with library.open_index(kinds, create=True, model="pixels", bits=8):
        pass
    for bits in (None, 8):
        with library.open_index(kinds, create=True, bits=bits) as index:
            assert index.model == "pixels"
    with pytest.raises(IndexIncompatible, match="keeps 8 bits of a value, and --bits asks for 16"):
        library.open_index(kinds, bits=16)
    with pytest.raises(ValueError, match="bits is 4, expected 8, 16, 32"):
        library.open_index(kinds, bits=4)  # type: ignore[arg-type]


@pytest.mark.slow
def test_fewer_bits_of_fewer_values(kinds: Path) -> None:
    with library.open_index(kinds, create=True, model="pixels", dim=16, bits=8) as index:
        index.add(kinds / "kind-00")
    with open_reader(IndexFolder(kinds)) as catalog:
        assert (catalog.manifest().model.dim, catalog.manifest().bits) == (16, 8)
        assert len(catalog.all_vectors().ids) == len(list((kinds / "kind-00").iterdir()))
