"""Medians and quantiles are those of numpy, which loads more than they need."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.pictures.quality.ranks import distinct, median, medians, quantile, quantiles

VALUES = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60)


@pytest.mark.slow
@given(VALUES, st.floats(0, 1))
def test_they_are_those_of_numpy(values: list[float], share: float) -> None:
    array = np.array(values, np.float32)
    expected = np.quantile(array.astype(np.float64), [0, share, 1])
    assert quantiles(array, (0, share, 1)) == pytest.approx(expected, rel=1e-5, abs=1e-3)
    assert quantile(array, share) == pytest.approx(expected[1], rel=1e-5, abs=1e-3)
    assert median(array) == pytest.approx(float(np.median(array)), rel=1e-5, abs=1e-3)
    rows = np.stack([array, array[::-1] / 2], axis=1)
    assert medians(rows) == pytest.approx(np.median(rows, axis=0), rel=1e-5, abs=1e-3)


@given(st.lists(st.integers(0, 255), max_size=60))
def test_distinct_numbers_are_those_of_numpy(values: list[int]) -> None:
    for kind in (np.uint8, np.int64):
        array = np.array(values, kind)
        assert np.array_equal(distinct(array), np.unique(array))


@pytest.mark.slow
def test_they_do_not_load_masked_arrays() -> None:
    """Of what numpy loads late, that is the largest part."""
    code = (
        "import sys, numpy as np; from visualsearch_cli.pictures.quality.ranks import median, quantiles;"
        "median(np.arange(4.0)); quantiles(np.arange(4.0), (0.1, 0.9)); sys.exit('numpy.ma' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
