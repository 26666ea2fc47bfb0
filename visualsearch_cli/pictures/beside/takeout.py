"""The JSON that Google Takeout writes beside a picture, under a name that is cut and numbered in odd places.

The name of a picture and `.supplemental-metadata` are put together and cut to 51 characters with `.json`, or
to 46 some years ago. A number in brackets stands behind the suffix there, and before it in the name of the
picture. An edited picture has no JSON of its own: that of its original is meant.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from visualsearch_cli.pictures.beside.names import MOST_ALIKE, folded, note
from visualsearch_cli.pictures.quality.file_names import EDITED_WORDS

CUT = 51 - len(".json")
CUT_BEFORE = 46 - len(".json")
NEARLY_CUT = CUT_BEFORE - 2  # letters outside of Unicode's first plane count twice there, and once here
LONGEST_SUFFIX = len(".jpeg")
ADDITION = "supplemental-metadata"
EDITED = tuple(f"-{folded(word)}" for word in EDITED_WORDS)

_NUMBERED = re.compile(r"(.*)(\(\d+\))", re.DOTALL)


class TakeoutNames:
    """The files of a folder that may have a JSON, by what that is called."""

    def __init__(self, names: Iterable[str]) -> None:
        self._called: dict[tuple[str, str], list[str]] = defaultdict(list)  # by name, and number in it
        self._stems: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._cut: dict[tuple[str, str], list[str]] = defaultdict(list)  # by what is left of a long name
        long: list[tuple[str, str, str]] = []
        for name in names:
            spelled = folded(name)
            note(self._called[spelled, ""], name)
            stem, suffix = os.path.splitext(spelled)
            plain, number = _numbered(stem)
            note(self._stems[plain, number], name)
            titles = [(plain + suffix, number)]
            titles += [(original + suffix, its) for original, its in _originals_of(plain, number)]
            for title, its in titles:
                if (title, its) != (spelled, ""):  # as which it is known
                    note(self._called[title, its], name)
                if len(title) >= NEARLY_CUT:
                    long.append((its, title, name))
                if len(title) >= CUT - 2:
                    note(self._cut[its, os.path.splitext(title)[0]], name)
        self._long = sorted(long)  # so that those which begin alike lie beside each other

    def owners(self, json: str) -> list[str]:
        """Return the files that a JSON is of, by its name."""
        title = folded(os.path.splitext(json)[0])
        core, number = _numbered(title)
        for called in (self._called, self._stems):  # a title may have no suffix
            if found := _called_so(called, title, "") or _called_so(called, core, number):
                return _spelled_so(found, json)
        if len(title) < NEARLY_CUT or len(core) < NEARLY_CUT - LONGEST_SUFFIX:
            return []
        return self._longer(core, number) or sorted(
            {
                name
                for length in range(NEARLY_CUT - LONGEST_SUFFIX, len(core) + 1)
                for name in self._cut.get((number, core[:length]), ())
            }
        )

    def _longer(self, core: str, number: str) -> list[str]:
        """Return the files whose titles begin with what is left of one."""
        first = bisect_left(self._long, (number, core, ""))
        alike = islice(self._long, first, first + MOST_ALIKE)
        return sorted({name for its, title, name in alike if its == number and title.startswith(core)})


def _called_so(called: Mapping[tuple[str, str], list[str]], title: str, number: str) -> list[str]:
    names = (name for whole in _without_addition(title) for name in called.get((whole, number), ()))
    return list(dict.fromkeys(names))


def _spelled_so(names: list[str], json: str) -> list[str]:
    """Return names without those that differ in case alone from one that has the very letters of a JSON."""
    if len(names) < 2:
        return names
    exact = set()
    for name in names:
        stem, suffix = os.path.splitext(name)
        if json.startswith(_numbered(stem)[0] + suffix):
            exact.add(name)
    spelled = {folded(name) for name in exact}
    return [name for name in names if name in exact or folded(name) not in spelled]


def _numbered(name: str) -> tuple[str, str]:
    found = _NUMBERED.fullmatch(name)
    return (found[1], found[2]) if found else (name, "")


def _without_addition(title: str) -> Iterator[str]:
    """Yield what a title may be without the addition, wherever that was cut."""
    yield title
    whole, dot, rest = title.rpartition(".")
    if dot and ADDITION.startswith(rest):
        yield whole


def _originals_of(stem: str, number: str) -> Iterator[tuple[str, str]]:
    """Yield the name and number of what a picture was edited from; the word at the end may be cut, too."""
    ends = [len(stem) - len(word) for word in EDITED if stem.endswith(word)]
    start = stem.rfind("-")
    if start > 0 and len(stem) >= CUT_BEFORE and any(word.startswith(stem[start:]) for word in EDITED):
        ends.append(start)
    for end in ends:
        original, its = _numbered(stem[:end])
        yield (stem[:end], number) if number or not its else (original, its)
