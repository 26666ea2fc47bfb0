"""How one picture predicts another one: what became of its levels."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.pictures import photograph
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Planes, curve_of

LUMA = np.asarray(photograph("coffee").convert("L"), np.float32)
BAR = np.s_[60:200, 80:300]


def curve(fine: Floats, coarse: Floats) -> Floats:
    plain = np.zeros_like(fine)
    return curve_of([Planes((coarse, plain, plain), (fine, plain, plain), np.ones(fine.shape, np.bool_))])


@pytest.mark.parametrize("level", [0.0, 128.0, 255.0])
def test_a_bar_bends_no_curve(level: float) -> None:
    barred = LUMA.copy()
    barred[BAR] = level
    assert np.abs(curve(barred, LUMA) - np.arange(256)).max() < 6
    assert np.abs(curve(LUMA, barred) - np.arange(256)).max() < 6


def test_lifted_shadows_are_a_curve() -> None:
    lifted = np.interp(np.arange(256), [0, 64, 255], [40, 64, 255])
    toned = np.rint(lifted[LUMA.astype(np.uint8)]).astype(np.float32)
    assert np.abs(curve(LUMA, toned) - lifted)[int(np.quantile(LUMA, 0.01)) :].max() < 2
