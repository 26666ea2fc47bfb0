"""Models that a program makes from an index: from labels, from groups, and without either."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.kinds import write_kinds
from tests.helpers.reports_of_files import group, member, write_report
from tests.helpers.user_folders import give_folders
from visualsearch_cli.library import Index, Verdict, VisualSearchError, open_index
from visualsearch_cli.reports.report_json import report_in


@pytest.fixture
def kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An index of 40 folders of some pictures each."""
    give_folders(tmp_path, monkeypatch)
    folder = write_kinds(tmp_path / "Kinds")
    with open_index(folder, create=True, model="pixels") as index:
        index.add(folder)
        yield index


@pytest.mark.slow
def test_groups_are_learned_from(kinds: Index, tmp_path: Path) -> None:
    groups = [
        group(first, *(member(path, Verdict.EDITED) for path in others), id=folder.name)
        for folder in sorted((tmp_path / "Kinds").glob("kind-*"))
        for first, *others in [sorted(folder.glob("*.png"))]
    ]
    file = write_report(tmp_path / "dupes.json", *groups)
    found = kinds.adapt(tmp_path / "own.model", groups=file, dim=32, into=tmp_path / "adapted")
    assert found.after > found.before + 0.1 and kinds.labels == {}
    again = kinds.adapt(tmp_path / "again.model", groups=report_in(file), dim=32)
    assert (again.before, again.after, again.pictures) == (found.before, found.after, found.pictures)
    with open_index(tmp_path / "adapted") as adapted:
        assert adapted.model == "adapted"
    with pytest.raises(VisualSearchError, match="expected 10 at least"):
        kinds.adapt(tmp_path / "few.model", groups=write_report(tmp_path / "few.json", *groups[:4]))
    with pytest.raises(VisualSearchError, match="cannot be read"):
        kinds.adapt(tmp_path / "few.model", groups=tmp_path / "none.json")
    assert not (tmp_path / "few.model").exists()


@pytest.mark.slow
def test_vectors_become_shorter(kinds: Index, tmp_path: Path) -> None:
    found = kinds.shorten(tmp_path / "short.model", dim=16, into=tmp_path / "short")
    assert found.file == tmp_path / "short.model" and found.pictures == 240
    assert 0.5 < found.variance < 1 and 0.3 < found.neighbors <= 1
    with open_index(tmp_path / "short") as short:
        copy = shutil.copy(tmp_path / "Kinds" / "kind-03" / "0.png", tmp_path / "copy.png")
        (nearest,) = short.single_lookup(copy, k=1).matches
        assert nearest.image.path.parent.name == "kind-03" and nearest.distance < 1e-5
    white = kinds.shorten(tmp_path / "white.model", dim=16, whiten=True)
    assert white.variance == found.variance and white.neighbors != found.neighbors
    with pytest.raises(VisualSearchError, match="name fewer"):
        kinds.shorten(tmp_path / "long.model", dim=432)
    with pytest.raises(VisualSearchError, match="is an index already"):
        kinds.shorten(tmp_path / "long.model", dim=8, into=tmp_path / "short")
    with pytest.raises(ValueError, match="dim is 1"):
        kinds.shorten(tmp_path / "long.model", dim=1)
    assert not (tmp_path / "long.model").exists()
