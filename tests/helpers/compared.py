"""Two pictures, saved as JPEG and compared as a program does."""

from __future__ import annotations

from pathlib import Path

from PIL.Image import Image

from visualsearch_cli.library import Evidence, Verdict, compare


def found(a: Image, b: Image, folder: Path) -> Evidence:
    """Return the evidence of two pictures, which is the same whichever is named first."""
    first, second = folder / "a.jpg", folder / "b.jpg"
    a.save(first, quality=92)
    b.save(second, quality=90)
    there, back = compare(first, second), compare(second, first)
    assert there.verdict is back.verdict
    return there


def is_copy(evidence: Evidence) -> bool:
    return evidence.verdict is not None and evidence.verdict.reaches(Verdict.EDITED)
