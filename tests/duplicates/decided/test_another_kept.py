"""A group with another file to keep is what it would be if that file had been proposed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.photographs import copy_of, originals
from tests.helpers.reports_of_files import group, member
from visualsearch_cli.duplicates.decided.another_kept import CHOSEN, with_another_kept
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.pages.comparing import Comparing
from visualsearch_cli.pictures.facts import PictureFacts
from visualsearch_cli.pictures.reader import AnyImageReader
from visualsearch_cli.reports.report import Group, Member
from visualsearch_cli.verdicts.verdict import Verdict


@pytest.fixture
def comparing() -> Comparing:
    """Who compares files."""
    return Comparing(AnyImageReader(), ModelChoice().new())


@pytest.fixture
def made(tmp_path: Path) -> Group:
    """A photograph, two equal files of a smaller copy, a crop, and another photograph."""
    originals()[1].save(tmp_path / "a.jpg", quality=95)
    copy_of(tmp_path / "a.jpg", tmp_path / "b.jpg", quality=85)
    shutil.copy2(tmp_path / "b.jpg", tmp_path / "c.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        image.crop((40, 30, image.width - 40, image.height - 60)).save(tmp_path / "d.jpg", quality=95)
    originals()[2].save(tmp_path / "e.jpg", quality=95)
    verdicts = {"b": Verdict.SAME, "c": Verdict.SAME, "d": Verdict.EDITED, "e": Verdict.SIMILAR}
    return group(
        tmp_path / "a.jpg", *(member(tmp_path / f"{name}.jpg", verdict) for name, verdict in verdicts.items())
    )


def kept(made: Group, name: str, comparing: Comparing) -> Group:
    path = made.kept.path.with_name(f"{name}.jpg")
    return with_another_kept(made, path, comparing.compared, PictureFacts(AnyImageReader()))


def by_name(made: Group) -> dict[str, Member]:
    return {member.path.stem: member for member in made.members}


@pytest.mark.slow
def test_all_others_are_measured_against_it(made: Group, comparing: Comparing) -> None:
    found = kept(made, "b", comparing)
    assert found.id == made.id
    assert found.kept.path.name == "b.jpg"
    assert found.kept.why == CHOSEN
    members = by_name(found)
    assert {name: its.verdict for name, its in members.items()} == {
        "b": None,
        "c": Verdict.IDENTICAL,
        "a": Verdict.SAME,
        "d": Verdict.EDITED,
        "e": Verdict.SIMILAR,
    }
    assert [member.keep for member in found.members] == [True, False, False, False, False]
    assert members["a"].distance is not None
    assert members["a"].distance > 0
    assert "scaled 1.67" in members["a"].reason
    assert members["e"].distance is not None
    assert members["e"].distance > 0.3


@pytest.mark.slow
def test_back_to_the_proposed_one_is_the_group_of_the_report(made: Group, comparing: Comparing) -> None:
    assert kept(made, "a", comparing) is made


@pytest.mark.slow
def test_a_copy_of_equal_bytes_can_be_kept(made: Group, comparing: Comparing) -> None:
    found = kept(made, "c", comparing)
    assert found.kept.path.name == "c.jpg"
    assert by_name(found)["b"].verdict is Verdict.IDENTICAL


@pytest.mark.slow
def test_what_is_protected_stays_protected(made: Group, comparing: Comparing, tmp_path: Path) -> None:
    spared = member(tmp_path / "d.jpg", Verdict.EDITED, protected=True)
    its = Group("g1", (made.kept, made.others[0], spared))
    found = by_name(kept(its, "b", comparing))
    assert found["d"].protected
    assert not found["a"].protected


@pytest.mark.slow
def test_what_cannot_be_read_is_only_similar(made: Group, comparing: Comparing, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").unlink()
    found = by_name(kept(made, "b", comparing))
    assert found["a"].verdict is Verdict.SIMILAR
    assert "not compared" in found["a"].reason
    assert found["c"].verdict is Verdict.IDENTICAL


def test_a_file_that_changed_is_not_kept(made: Group, comparing: Comparing, tmp_path: Path) -> None:
    copy_of(tmp_path / "a.jpg", tmp_path / "b.jpg", quality=40)
    with pytest.raises(VisualSearchError, match="changed since"):
        kept(made, "b", comparing)
    os.unlink(tmp_path / "b.jpg")
    with pytest.raises(VisualSearchError, match="does not exist"):
        kept(made, "b", comparing)
    with pytest.raises(VisualSearchError, match="does not belong"):
        kept(made, "z", comparing)
