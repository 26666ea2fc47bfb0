"""What the user may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_to(word: str, known: Iterable[str]) -> str:
    """Return " (did you mean …?)" with the known words nearest to one, or nothing."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = [by_lower[lower] for lower in get_close_matches(word.lower(), by_lower)]
    return f" (did you mean {' or '.join(near)}?)" if near else ""
