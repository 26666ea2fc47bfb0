"""Bursts as files: frames of one photograph that differ, and answers that show more of them or less."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.models.bursts import measured, write_bursts
from tests.helpers.photographs import originals


def test_diverse_answers_show_more_bursts(tmp_path: Path) -> None:
    asking = write_bursts(originals()[:5], 4, tmp_path, seed=1)
    frames = sorted((tmp_path / "bursts" / "03").iterdir())
    assert [len(list(folder.iterdir())) for folder in (tmp_path / "bursts").iterdir()] == [4] * 5
    pixels = [np.asarray(Image.open(path), np.int16) for path in (*frames, asking[3])]
    assert len({each.shape for each in pixels}) == 1 and len({each.tobytes() for each in pixels}) == 5
    found = measured(tmp_path, asking, k=5)
    (alone, first), (diverse, still_first) = found[None], found[0.3]
    assert first == still_first == 1, "what is asked for comes first"
    assert 1 <= alone < 3 < diverse <= 5
