"""Edits that no bound was chosen on: they are many, the same every time, and pairs that differ, differ."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from benchmarks.documents.copies import File
from benchmarks.unlisted.__main__ import main
from benchmarks.unlisted.controls import CONTROLS
from benchmarks.unlisted.kinds import EDITS, FAMILIES, Original, control, edited


def photograph(array: np.ndarray, side: int) -> Image.Image:
    picture = Image.fromarray(array).convert("RGB")
    picture.thumbnail((side, side))
    return picture


OTHER = photograph(data.coffee(), 160)  # type: ignore[no-untyped-call]
PICTURE = photograph(data.astronaut(), 160)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def original() -> Original:
    stream = BytesIO()
    PICTURE.save(stream, "JPEG", quality=95)
    return Original("a.jpg", File(stream.getvalue(), ".jpg"), PICTURE)


def test_there_are_as_many_kinds_as_the_readme_says() -> None:
    assert len(EDITS) == sum(map(len, FAMILIES.values())) == 96
    assert len(CONTROLS) == 24
    assert not EDITS.keys() & CONTROLS.keys()


@pytest.mark.parametrize("kind", EDITS)
def test_an_edit_is_the_same_every_time_and_is_an_edit(original: Original, kind: str) -> None:
    before = np.asarray(PICTURE).copy()
    file = edited(original, kind, OTHER, "1")
    assert file.data == edited(original, kind, OTHER, "1").data
    assert np.array_equal(np.asarray(PICTURE), before)
    made = file.picture()
    if made.size == PICTURE.size:
        change = np.abs(np.asarray(made, int) - np.asarray(original.file.picture(), int)).max(axis=2)
        assert (change > 12).mean() > 0.002


@pytest.mark.parametrize("kind", CONTROLS)
def test_what_is_no_copy_shows_something_else(original: Original, kind: str) -> None:
    pair, again = (control(original, kind, OTHER, "1") for _ in range(2))
    assert pair and again
    assert [file.data for file in pair] == [file.data for file in again]
    one, other = (file.picture() for file in pair)
    if one.size == other.size:
        assert (np.abs(np.asarray(one, int) - np.asarray(other, int)).max(axis=2) > 40).sum() > 20


@pytest.mark.slow
def test_a_run_prints_what_is_proved_found_and_called_a_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, array in (("a", data.astronaut()), ("b", data.coffee()), ("c", data.chelsea())):  # type: ignore[no-untyped-call]
        photograph(array, 200).save(tmp_path / f"{name}.jpg", quality=95)
    words = [str(tmp_path), "--count", "1", "--kinds", "rounded corners;square code in a corner;parts"]
    main([*words, "--rank", "--processes", "1"])
    printed = capsys.readouterr().out
    rows = {line[:36].strip(): line[36:].split() for line in printed.splitlines()}
    assert rows["square code in a corner"] == ["1", "1", "1", "1"]
    assert rows["parts"] == ["1", "0"]
    assert "0 of 1 pairs that are no copies are called so" in printed


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(SystemExit, match="no kind is named rainbow"):
        main(["photographs", "--kinds", "rainbow"])
