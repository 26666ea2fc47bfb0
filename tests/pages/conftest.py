"""A folder of photographs with copies, and a review of them that is served."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.photographs import copy_of, originals
from tests.helpers.reports_of_files import group, member, report
from tests.helpers.reviewing import Client, served
from tests.helpers.user_folders import give_folders
from visualsearch_cli.reports.report import Report
from visualsearch_cli.verdicts.verdict import Verdict


def write_photos(folder: Path) -> Path:
    """Write four photographs, each with an equal copy and a smaller one."""
    for number, image in enumerate(originals()[:4]):
        path = folder / "phone" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, quality=92)
        (folder / "backup").mkdir(exist_ok=True)
        shutil.copy2(path, folder / "backup" / path.name)
        copy_of(path, folder / "small" / path.name)
    return folder


def report_of(photos: Path) -> Report:
    """Return the report of these."""
    groups = []
    for number in range(4):
        paths = [photos / folder / f"{number}.jpg" for folder in ("phone", "backup", "small")]
        scaled = replace(member(paths[2], Verdict.SAME), reason="full frame, scaled 0.60, no rotation")
        others = member(paths[1], Verdict.IDENTICAL), scaled
        groups.append(group(paths[0], *others, id=f"g{number}"))
    return report(*groups, index=photos / ".visualsearch")


@pytest.fixture(scope="package")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The photographs, to be copied."""
    return write_photos(tmp_path_factory.mktemp("written") / "Photos")


@pytest.fixture
def photos(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The photographs; the folders of the user are beside them."""
    give_folders(tmp_path, monkeypatch)
    return shutil.copytree(written, tmp_path / "Photos")


@pytest.fixture
def found(photos: Path) -> Report:
    """The report of them."""
    return report_of(photos)


@pytest.fixture
def client(photos: Path, found: Report, tmp_path: Path) -> Iterator[Client]:
    """The review, served."""
    with served(found, photos, tmp_path / "journals") as client:
        yield client


@pytest.fixture(scope="module")
def standing(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A review in which nothing is decided, served for all tests of a module."""
    home = tmp_path_factory.mktemp("standing")
    with pytest.MonkeyPatch.context() as patch:
        give_folders(home, patch)
        with served(report_of(written), written, home / "journals") as client:
            yield client
            assert client.review.sums().decided == 0
