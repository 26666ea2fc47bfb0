"""Which groups are listed, and in which order: what the address of a page says of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlencode

from visualsearch_cli.index.roots import is_below
from visualsearch_cli.pages.session import Review, Told
from visualsearch_cli.pages.texts import said_by
from visualsearch_cli.reports.report import Group
from visualsearch_cli.verdicts.verdict import Verdict

STATES = ("undecided", "keep", "remove", "all", "different", "applied")
MEGABYTE = 10**6


class Sort(str, Enum):
    """What comes first."""

    NUMBER = "number"  # as in the report
    SIZE = "size"  # what frees most
    VERDICT = "verdict"  # the strongest
    PATH = "path"  # of the file to keep
    DATE = "date"  # of the file to keep, the oldest
    FILES = "files"  # the most


_KEYS: Mapping[Sort, Callable[[Group, Told], Any]] = {
    Sort.SIZE: lambda _, told: -told.reclaimable,
    Sort.VERDICT: lambda _, told: told.verdict.rank,
    Sort.PATH: lambda group, _: str(group.kept.path),
    Sort.DATE: lambda group, _: group.kept.taken or "9999",
    Sort.FILES: lambda group, _: -len(group.members),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """What is asked for. What is empty asks for nothing."""

    verdict: str = ""
    folder: str = ""  # absolute, or a part of a path
    reason: str = ""
    least: float = 0.0  # megabytes that would be freed
    state: str = ""
    sort: Sort = Sort.NUMBER

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Listing:
        """Return what an address says; what makes no sense in it says nothing."""
        verdict, state = asked.get("verdict", ""), asked.get("state", "")
        try:
            least = float(asked.get("least") or 0)
        except ValueError:
            least = 0.0
        return cls(
            verdict if verdict in [each.value for each in Verdict] else "",
            asked.get("folder", "").strip(),
            asked.get("reason", "").strip(),
            least if 0 < least < float("inf") else 0.0,
            state if state in STATES else "",
            next((sort for sort in Sort if sort.value == asked.get("sort")), Sort.NUMBER),
        )

    @property
    def query(self) -> str:
        """Return it as the end of an address, with its question mark; nothing, if it asks for nothing."""
        values = {
            "verdict": self.verdict,
            "folder": self.folder,
            "reason": self.reason,
            "least": f"{self.least:g}" if self.least else "",
            "state": self.state,
            "sort": "" if self.sort is Sort.NUMBER else self.sort.value,
        }
        said = {name: value for name, value in values.items() if value}
        return f"?{urlencode(said, errors='surrogateescape')}" if said else ""

    @property
    def is_everything(self) -> bool:
        """Whether all groups are listed, in whichever order."""
        return not (self.verdict or self.folder or self.reason or self.least or self.state)


class Lister:
    """Lists groups. What does not depend on decisions is remembered for the listing asked for last."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._last: tuple[Listing, list[int]] | None = None

    def numbers(self, listing: Listing) -> list[int]:
        """Return the numbers of the groups that are listed, in order."""
        found = self._fitting(listing)
        if not listing.state:
            return found
        return [number for number in found if self._review.standing(number).word == listing.state]

    def _fitting(self, listing: Listing) -> list[int]:
        last = self._last
        if last is not None and last[0] == listing:
            return last[1]
        review = self._review
        every = range(1, len(review) + 1)
        said = said_by(listing.reason) if listing.reason else []
        found = [n for n in every if _fits(review.group(n), review.told(n), listing, said)]
        if (key := _KEYS.get(listing.sort)) is not None:
            found.sort(key=lambda number: (key(review.group(number), review.told(number)), number))
        self._last = listing, found
        return found

    def after(self, listing: Listing, number: int, step: int = 1, *, is_open: bool = False) -> int | None:
        """Return the group that comes after another one, or before it; None if there is none.

        is_open: of those that are to be decided, from the beginning again after the last one.
        """
        numbers = self._fitting(listing)
        at = numbers.index(number) if number in numbers else -1 if step > 0 else len(numbers)
        rest = numbers[at + 1 :] if step > 0 else numbers[: max(at, 0)][::-1]
        if not is_open:
            return next(iter(rest), None)
        around = [*rest, *numbers[: max(at, 0)]]
        return next((each for each in around if self._review.standing(each).is_open), None)


def _fits(group: Group, told: Told, listing: Listing, said: Sequence[re.Pattern[str]]) -> bool:
    """Tell whether a group is listed. `said` is met in reasons as well, besides the words asked for."""
    if listing.verdict and told.verdict.value != listing.verdict:
        return False
    if listing.least and told.reclaimable < listing.least * MEGABYTE:
        return False
    if listing.reason:
        wanted = listing.reason.casefold()
        reasons = [f"{member.reason} {member.why}" for member in group.members]
        if not any(wanted in text.casefold() or any(each.search(text) for each in said) for text in reasons):
            return False
    return not listing.folder or any(_lies(str(m.path), listing.folder) for m in group.members)


def _lies(path: str, folder: str) -> bool:
    if os.path.isabs(folder):
        return is_below(path, folder)
    return folder.casefold() in path.casefold()
