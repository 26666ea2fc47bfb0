"""Which files of a folder belong to which of its pictures.

Some programs keep their sidecars in a folder beside the pictures. Such names are paths from there.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from visualsearch_cli.pictures.beside.live_photos import STILLS, content_identifier
from visualsearch_cli.pictures.beside.names import (
    KEPT_BELOW,
    MOST_ALIKE,
    PICTURES,
    Kind,
    Names,
    is_list,
    kind_of,
    stems_developed,
    suffix_of,
)
from visualsearch_cli.pictures.beside.takeout import TakeoutNames
from visualsearch_cli.pictures.formats import RAW_COMPANY

SMALL = 200  # names; a folder of fewer is listed each time


class Company:
    """The companions among the files of one folder, and what each belongs to."""

    def __init__(
        self, names: Iterable[str], identifier: Callable[[str], str], also: Iterable[str] = ()
    ) -> None:
        """`identifier` returns what a still and its film share, "" if nothing is known; `also` names pictures
        whose suffix does not say so."""
        names = set(names)
        kinds = {name: kind for name in names if (kind := kind_of(name))}
        self._owners: dict[str, tuple[str, ...]] = {}
        self._of: dict[str, list[str]] = defaultdict(list)
        self.pictures = {name for name in names if _is_picture(name)} | set(also)
        if kinds:
            self._find_owners(sorted(self.pictures), kinds, identifier)

    def of(self, picture: str) -> tuple[str, ...]:
        """Return what belongs to a picture, sorted; what belongs to its RAW belongs to it as well."""
        return tuple(self._of.get(picture, ()))

    def owners(self, companion: str) -> tuple[str, ...]:
        """Return the pictures that a file belongs to, sorted; none if it is no companion."""
        return self._owners.get(companion, ())

    def _find_owners(
        self, pictures: list[str], kinds: dict[str, Kind], identifier: Callable[[str], str]
    ) -> None:
        leads: dict[str, tuple[str, ...]] = {name: (name,) for name in pictures}
        developed = Names(name for name in pictures if suffix_of(name) in RAW_COMPANY)
        for raw in (name for name, kind in kinds.items() if kind is Kind.RAW):
            stems = (developed.with_stem(stem) for stem in stems_developed(raw))
            if company := next(filter(None, stems), []):
                self._owners[raw] = leads[raw] = tuple(sorted(company))
        known = Names(pictures)
        films = [name for name, kind in kinds.items() if kind is Kind.FILM]
        stills = _Stills(pictures, identifier)
        for film in films:
            leads[film] = self._note(film, _owners_of_film(film, known, stills, identifier), leads)
        filmed = Names(films)
        takeout: TakeoutNames | None = None
        for name, kind in kinds.items():
            if kind is Kind.TAKEOUT:
                takeout = takeout or TakeoutNames([*pictures, *films])
                self._note(name, takeout.owners(name) or known.named_in(name), leads)
            elif kind not in (Kind.RAW, Kind.FILM):
                called = os.path.basename(name)
                self._note(name, known.owners(called, kind) or filmed.owners(called, kind), leads)
        for name in sorted(self._owners):
            for owner in self._owners[name]:
                self._of[owner].append(name)

    def _note(self, name: str, owners: Iterable[str], leads: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Note what a companion belongs to: to the picture whose RAW or film it is of, too."""
        found = tuple(sorted({lead for owner in owners for lead in leads[owner]}))
        if found:
            self._owners[name] = found
        return found


class _Stills:
    """The stills of a folder by what they share with films. Looked into when a film says something."""

    def __init__(self, pictures: Iterable[str], identifier: Callable[[str], str]) -> None:
        self._pictures = pictures
        self._identifier = identifier

    @cached_property
    def identifiers(self) -> dict[str, str]:
        names = (name for name in self._pictures if suffix_of(name) in STILLS)
        return {name: self._identifier(name) for name in names}

    @cached_property
    def of(self) -> dict[str, list[str]]:
        """Lists of stills by their identifier."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, its in self.identifiers.items():
            if its and len(found[its]) < MOST_ALIKE:
                found[its].append(name)
        return found


def _owners_of_film(film: str, known: Names, stills: _Stills, identifier: Callable[[str], str]) -> list[str]:
    """Return the stills of a film: what both files say counts more than what they are called."""
    by_name = known.owners(film, Kind.FILM)
    its = identifier(film)
    if not its:
        return by_name
    # An edited picture has the identifier, and a film, of its own name.
    named = [name for name in by_name if stills.identifiers.get(name) == its]
    return named or stills.of.get(its, []) + [name for name in by_name if not stills.identifiers.get(name)]


def _is_picture(name: str) -> bool:
    return suffix_of(name) in PICTURES and not name.startswith("._")


@dataclass(slots=True)
class Companions:
    """Looks into folders, each once until it is told to look again."""

    names_in: Callable[[Path], Iterable[str]]
    patience: float = 0.0  # seconds a name for which the listing of a large folder is believed
    clock: Callable[[], float] = time.monotonic
    _known: dict[Path, set[str]] = field(default_factory=dict)  # all that was ever seen in a folder
    _here: dict[Path, set[str]] = field(default_factory=dict)
    _companies: dict[Path, Company] = field(default_factory=dict)
    _identifiers: dict[Path, str] = field(default_factory=dict)
    _lists: dict[Path, list[Path]] = field(default_factory=dict)  # that speak of all files of a folder
    _listed: dict[Path, float] = field(default_factory=dict)  # when, by the clock

    def look_again(self) -> None:
        """List each folder again before it is spoken of, if it is small or patience with it is over."""
        now = self.clock()
        for folder, names in list(self._here.items()):
            if len(names) < SMALL or now - self._listed[folder] >= len(names) * self.patience:
                del self._here[folder]

    def of(self, picture: Path) -> list[Path]:
        """Return what is beside a picture and belongs to it, whether the picture itself is there or not."""
        names = self._company(picture.parent, picture.name).of(picture.name)
        return [picture.parent / name for name in names if name in self._here[picture.parent]]

    def lists(self, folder: Path) -> list[Path]:
        """Return the files of a folder that speak of all of its files, and belong to none."""
        if folder not in self._here:
            self._company(folder)
        return self._lists[folder]

    def owners(self, companion: Path) -> list[Path]:
        """Return the pictures that are beside a file and that it belongs to."""
        folder = _folder_of_pictures(companion)
        names = self._company(folder).owners(companion.relative_to(folder).as_posix())
        return [folder / name for name in names if name in self._here[folder]]

    def _company(self, folder: Path, picture: str = "") -> Company:
        if folder not in self._here:
            self._listed[folder] = self.clock()
            names_there = set(self.names_in(folder))
            self._lists[folder] = [folder / name for name in sorted(names_there) if is_list(name)]
            here = self._here[folder] = names_there.union(self._names_below(folder, names_there))
            if not here <= self._known.get(folder, set()):  # something has come
                self._known[folder] = here | self._known.get(folder, set())
                self._companies.pop(folder, None)
        company = self._companies.get(folder)
        if company is None or (picture and picture not in company.pictures):
            also = {picture} - {""} | (company.pictures if company else set())
            names = self._known.get(folder, set())
            company = Company(names, lambda name: self._identifier(folder / name), also)
            self._companies[folder] = company
        return company

    def _names_below(self, folder: Path, names: Iterable[str]) -> list[str]:
        """Return the sidecars that programs keep in folders of their own."""
        found = []
        for name in [name for name in names if name.lower() in KEPT_BELOW]:
            inner, suffixes = KEPT_BELOW[name.lower()]
            places = [name]
            if inner:
                inside = self.names_in(folder / name)
                places = [f"{name}/{one}" for one in inside if one.lower().startswith(inner)]
            for place in places:
                files = self.names_in(folder / place)
                found += [f"{place}/{file}" for file in files if suffix_of(file) in suffixes]
        return found

    def _identifier(self, path: Path) -> str:
        if path not in self._identifiers:
            self._identifiers[path] = content_identifier(path)
        return self._identifiers[path]


def _folder_of_pictures(companion: Path) -> Path:
    """Return the folder of the pictures that a companion may belong to."""
    for folder in (companion.parent, companion.parent.parent):
        inner, suffixes = KEPT_BELOW.get(folder.name.lower(), ("", ()))
        depth = 1 if inner else 0
        if suffix_of(companion.name) in suffixes and companion.parents[depth] == folder:
            return folder.parent
    return companion.parent


def names_in(folder: Path) -> list[str]:
    """Return what a folder holds; nothing if it cannot be listed."""
    try:
        return os.listdir(folder)
    except OSError:  # the files in it cannot be read either, which is said of each
        return []
