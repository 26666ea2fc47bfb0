"""The order in which proved neighbors of a query are named: the best original first."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING

from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.pictures.image import ImageReader
    from visualsearch_cli.search.matches import Match, QueryResult


def best_first(result: QueryResult, reader: ImageReader) -> QueryResult:
    """Return the matches of a query, those that are proved before the others, which stay nearest first.

    Of the former, those that are the same picture come before edits of it, and what is there before what is
    not. Then true pixels count most, and then all that makes the best original for `dupes`. Files are read
    where two are proved.
    """
    proved = [match for match in result.matches if match.is_proved]
    others = [match for match in result.matches if not match.is_proved]
    if len(proved) > 1:
        proved = _ordered(proved, reader)
    return result._replace(matches=(*proved, *others))


def _ordered(proved: list[Match], reader: ImageReader) -> list[Match]:
    # Late: most queries prove one match at most, and need nothing of this.
    from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Item, Key
    from visualsearch_cli.duplicates.preference import Pair, decision
    from visualsearch_cli.pictures.facts import PictureFacts

    facts, keys = PictureFacts(reader), (Key.RESOLUTION, *DEFAULT_KEEP)

    def compared(a: Match, b: Match) -> int:
        if a.image.path == b.image.path:  # ids of two indexes say nothing
            return 0
        return -1 if decision(Pair(Item(a.image), Item(b.image)), keys, facts).a_wins else 1

    def strength(match: Match) -> tuple[bool, bool]:
        is_same = match.verdict is not None and match.verdict.reaches(Verdict.SAME)
        return not is_same, match.offline or match.missing

    return sorted(sorted(proved, key=cmp_to_key(compared)), key=strength)
