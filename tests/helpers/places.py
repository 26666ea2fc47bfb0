"""Where things of the project lie."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "visualsearch_cli"
TESTS = PROJECT / "tests"
SAMPLES = PROJECT / "sample_images"
TRAINING = PROJECT / "training"
SHARED = Path(os.environ.get("VISUALSEARCH_SHARED") or PROJECT.parent / "shared")
"""Photographs that are not part of the project; tests that need them skip where they are absent."""
