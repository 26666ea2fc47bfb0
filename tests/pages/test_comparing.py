"""How one picture lies on another is what a comparison of the files says, and it is asked once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.photographs import originals
from tests.helpers.reports_of_files import member
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.pages.comparing import IDENTITY, Comparing, point_in
from visualsearch_cli.pictures.reader import AnyImageReader
from visualsearch_cli.verdicts.verdict import Verdict


@pytest.mark.slow
def test_a_crop_lies_where_it_was_cut_out(tmp_path: Path) -> None:
    image = originals()[1]
    image.save(tmp_path / "a.png")
    box = (60, 40, image.width - 20, image.height - 50)
    image.crop(box).save(tmp_path / "b.png")
    asked = []

    def embedder() -> Embedder:
        asked.append(1)
        return ModelChoice().new()()

    comparing = Comparing(AnyImageReader(), embedder)
    a, b = member(tmp_path / "a.png", None), member(tmp_path / "b.png", Verdict.EDITED)
    matrix, is_laid = comparing.laid(a, b)
    assert is_laid
    x, y = point_in(matrix, 60 / image.width, 40 / image.height)
    assert (x, y) == pytest.approx((0, 0), abs=0.01)
    x, y = point_in(matrix, (image.width - 20) / image.width, (image.height - 50) / image.height)
    assert (x, y) == pytest.approx((1, 1), abs=0.01)
    assert comparing.compared(a, b) is comparing.compared(a, b)
    assert len(asked) == 1


@pytest.mark.slow
def test_equal_bytes_and_strangers_lie_as_they_are(tmp_path: Path) -> None:
    originals()[1].save(tmp_path / "a.png")
    originals()[2].save(tmp_path / "b.png")
    with Image.open(tmp_path / "a.png"):
        comparing = Comparing(AnyImageReader(), ModelChoice().new())
    a, b = member(tmp_path / "a.png", None), member(tmp_path / "b.png", Verdict.SIMILAR)
    assert comparing.laid(a, a) == (IDENTITY, True)
    assert comparing.laid(a, b) == (IDENTITY, False)
