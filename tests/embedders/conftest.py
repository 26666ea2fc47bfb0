"""Libraries that take seconds to load: they are when a test asks, not where tests are only collected."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def torch() -> Any:
    """torch, if it is installed."""
    return pytest.importorskip("torch", reason="needs the extra 'clip'")


@pytest.fixture(scope="session")
def open_clip() -> Any:
    """open_clip, if it is installed."""
    return pytest.importorskip("open_clip", reason="needs the extra 'clip'")
