"""Sentences of reports in other languages.

A report says in English why pictures are copies, and why one is kept: it is read by people and programs, and
may be older than this one. What it says is built of clauses, each of which has a text of its own: its words,
and places for numbers, names and further clauses. So a sentence is taken apart by these texts in English, and
put together by those of the other language. What is in none of them stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from visualsearch_cli.named_tuples import NamedTuple

PREFIX = "say."
_PLACE = re.compile(r"\{(n|m|raw|rest|say)\}")
_PATTERNS = {
    "n": r"[+−]?\d[\d,]*(?:\.\d+)?",
    "m": r"[+−]?\d[\d,]*(?:\.\d+)?",
    "raw": r"(?:(?!, ).)+",  # as it is: a name
    "rest": r".+",  # a clause, or something that no text has
    "say": r".+",  # clauses
}
_BECAUSE = re.compile(r"([A-Za-z-]+): (.+)")  # a key, and what it says of two files
_OTHER = re.compile(r" \((?=((?:(?!\) \().)+?): (.+)\)$)")  # where what is said of the other file may begin
_JOINTS = re.compile(r"([,;] )")


class Clause(NamedTuple):
    """A text, to be met in a sentence."""

    name: str
    pattern: re.Pattern[str]
    words: int  # letters that are not in places: who has most is asked first


class Sentences:
    """Says in one language what was said in another."""

    def __init__(self, own: Mapping[str, str], known: Mapping[str, str]) -> None:
        """Texts of the language, and of the one in which sentences come."""
        self._own = own
        self._clauses = [] if own is known else _clauses(tuple(sorted(known.items())))

    def reason(self, text: str) -> str:
        """Return a reason for a verdict, or what else is one or several clauses."""
        if not self._clauses:
            return text
        return self._joined(text, 0)[0]

    def because(self, text: str) -> str:
        """Return why a file is kept or offered: "detail: 0.52 of the detail (kept: 1.00 of the detail)"."""
        found = _BECAUSE.fullmatch(text) if self._clauses else None
        key = self._clause(found[1], 0) if found else None
        if found is None or key is None:
            return self.reason(text)
        if start := _OTHER.search(found[2]):
            here, whose, there = found[2][: start.start()], start[1], start[2]
            return f"{key}: {self.reason(here)} ({self._clause(whose, 0) or whose}: {self.reason(there)})"
        return f"{key}: {self.reason(found[2])}"

    def said_by(self, part: str) -> list[re.Pattern[str]]:
        """Return what is met in sentences as they come where a text of the language has some words in it."""
        wanted = part.casefold()
        return [clause.pattern for clause in self._clauses if wanted in self._own[clause.name].casefold()]

    def _joined(self, text: str, depth: int) -> tuple[str, bool]:
        """Return clauses that are joined by commas, and whether each has a text. A clause may have commas of
        its own, so the longest one counts."""
        parts = _JOINTS.split(text)  # clause, joint, clause, joint, …
        said, is_whole, at = "", True, 0
        while at < len(parts):
            for end in range(len(parts), at, -2):
                found = self._clause("".join(parts[at:end]), depth)
                if found is not None:
                    break
            else:
                end, found, is_whole = at + 1, parts[at], False
            said += found + "".join(parts[end : end + 1])
            at = end + 1
        return said, is_whole

    def _clause(self, text: str, depth: int) -> str | None:
        """Return a single clause; None if it is none that has a text."""
        for clause in self._clauses:
            match = clause.pattern.fullmatch(text)
            if match is None:
                continue
            values: dict[str, str] = {}
            for place, value in match.groupdict().items():
                said = self._value(place, value, depth)
                if said is None:
                    break
                values[place] = said
            else:
                return self._own[clause.name].format_map(values)
        return None

    def _value(self, place: str, value: str, depth: int) -> str | None:
        if place in ("n", "m"):
            marks = {",": self._own["thousands"], ".": self._own["decimal"]}
            return "".join(marks.get(letter, letter) for letter in value)
        if place == "raw":
            return value
        if depth:  # clauses hold clauses, and those hold none
            return None
        said, is_whole = self._joined(value, 1)
        return said if is_whole or place == "rest" else None


@lru_cache(maxsize=2)
def _clauses(known: tuple[tuple[str, str], ...]) -> list[Clause]:
    found = []
    for name, text in known:
        if name.startswith(PREFIX):
            parts = _PLACE.split(text)
            pattern = "".join(
                f"(?P<{part}>{_PATTERNS[part]})" if number % 2 else re.escape(part)
                for number, part in enumerate(parts)
            )
            found.append(Clause(name, re.compile(pattern), sum(map(len, parts[::2]))))
    # What takes any name comes last, and what has most words of its own first.
    return sorted(found, key=lambda clause: ("raw" in clause.pattern.groupindex, -clause.words))
