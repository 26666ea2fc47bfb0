"""Where things of the project lie."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SAMPLES = PROJECT / "sample_images"
DOCS = PROJECT / "docs"
