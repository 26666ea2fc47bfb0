"""What picture B is to picture A, in a word. Apart from the evidence for it, which a query does not load."""

from __future__ import annotations

from enum import Enum


class Verdict(str, Enum):
    """What a match is, strongest first.

    `identical`: same bytes. `pixels`: same decoded pixels, other metadata or a lossless container.
    `same`: the same picture, encoded or scaled otherwise, and nothing else. `edited`: all it shows comes from
    the other: cropped, turned, toned, drawn over. `similar`: looks alike, by distance only; never offered
    for removal.
    """

    IDENTICAL = "identical"
    PIXELS = "pixels"
    SAME = "same"
    EDITED = "edited"
    SIMILAR = "similar"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return list(Verdict).index(self)

    def reaches(self, level: Verdict) -> bool:
        """Tell whether this verdict is `level` or stronger."""
        return self.rank <= level.rank
