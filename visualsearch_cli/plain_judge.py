"""A judge that looks at no picture: equal bytes are identical, what is near in distance is similar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from visualsearch_cli.evidence import CandidatePair, Evidence
from visualsearch_cli.match import Verdict


@dataclass(frozen=True, slots=True)
class PlainJudge:
    """A Judge without proof."""

    similar_distance: float | None  # at or below it, pictures look alike to the model; None: not known

    def judge(self, pairs: Sequence[CandidatePair]) -> list[Evidence]:
        """Return the evidence of each pair, in order."""
        return [self._of(pair) for pair in pairs]

    def _of(self, pair: CandidatePair) -> Evidence:
        if pair.a.content_hash == pair.b.content_hash:
            return Evidence(Verdict.IDENTICAL, 0.0, reason="same bytes")
        near = self.similar_distance is not None and pair.distance <= self.similar_distance
        return Evidence(Verdict.SIMILAR if near else None, pair.distance)
