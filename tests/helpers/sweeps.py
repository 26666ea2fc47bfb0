"""Sweeps of which `make quick` runs the first members, and `make test` all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def sweep(values: Iterable[Any], quick: int = 1) -> list[Any]:
    """Return values of one parameter for `parametrize`, of which all after the first `quick` are slow."""
    return [
        pytest.param(value, marks=pytest.mark.slow) if number >= quick else pytest.param(value)
        for number, value in enumerate(values)
    ]
