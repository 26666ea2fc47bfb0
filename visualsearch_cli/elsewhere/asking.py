"""Asks of each file of a folder whether there is a copy of it elsewhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.duplicates.companions import is_lost_raw
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Item
from visualsearch_cli.duplicates.of_index import check_known
from visualsearch_cli.duplicates.preference import Pair, decision, is_strong
from visualsearch_cli.elsewhere.one_file import Leaving, SeenTwice, are_equal, is_file, size_of
from visualsearch_cli.elsewhere.other_files import OtherFiles, files_below, other_files_in
from visualsearch_cli.elsewhere.presence import Copy, Presence, Presences, State
from visualsearch_cli.errors import ImageError, VisualSearchError
from visualsearch_cli.index.open import open_findings, open_judge
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.index.scope import Scope, ScopeOptions
from visualsearch_cli.indexing.scanner import Scanner, ScanOptions
from visualsearch_cli.indexing.stores import Places
from visualsearch_cli.pictures.beside.company import Companions, names_in
from visualsearch_cli.pictures.beside.names import Kind, kind_of, suffix_of
from visualsearch_cli.pictures.facts import PictureFacts
from visualsearch_cli.pictures.held.holdings import what_more
from visualsearch_cli.pictures.image import ImageRecord, SkippedImage, is_as_indexed
from visualsearch_cli.pictures.reading import FileRead, read_file
from visualsearch_cli.search.answering import Answering, QueryOptions
from visualsearch_cli.search.limits import Looks, furthest
from visualsearch_cli.search.proving import LEAST_CANDIDATES
from visualsearch_cli.verdicts.evidence import CandidatePair, Evidence
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.progress import Progress
    from visualsearch_cli.search.matches import Match
    from visualsearch_cli.verdicts.judge import PictureJudge

RESOLUTION = "resolution"
NOBODY = -1  # the number of a file that is in no index


@dataclass(frozen=True, slots=True)
class OnlyOptions:
    """What counts as a copy, and where it may be. Paths are absolute."""

    places: tuple[str, ...] = ()  # folders of the index; none: all of it
    level: Verdict = Verdict.SAME  # the weakest that makes a copy
    offline: bool = False  # also by what the index remembers of disks that are not there: equal bytes make a
    # copy, and look-alikes are named


def find_only(index: OpenIndex, folder: str, options: OnlyOptions, progress: Progress) -> Presences:
    """Return of each file in a folder whether it is only there. Nothing of it need be in the index.

    Raises VisualSearchError for a folder that is not there, a place that the index does not know or that lies
    in the folder, and NotCalibrated for a model of which no distances are known, if a level needs them.
    """
    if not os.path.isdir(folder):
        raise VisualSearchError(f"{folder} is not a folder: check the path, or that its disk is mounted")
    for place in options.places:
        if is_below(place, folder):
            raise VisualSearchError(f"{place} lies in {folder}, so what is there goes with it: name another")
    check_known(index.catalog, options.places, index.messages)
    asking = _Asking(index, folder, options)
    scanner = Scanner(ScanOptions(hidden=True, ignore_files=False))
    pictures = [Path(file.path) for file in scanner.files(folder)]
    found = [
        Presence(Path(item.path), 0, State.UNREADABLE, item.reason, is_picture=False)
        for item in scanner.unread
    ]
    with progress.step("Looking elsewhere", len(pictures)) as advance:
        for path in pictures:
            found.append(asking.presence_of(path))
            advance(1)
    left_out = [Path(path) for path in scanner.left_out_folders(folder)]
    others = other_files_in(folder, pictures, left_out, asking.companions)
    with progress.step("Looking for other files", len(others)) as advance:
        elsewhere = OtherFiles(asking.folders, folder, asking.leaving)
        for presence in elsewhere.presences(others):
            found.append(presence)
            advance(1)
    files = tuple(sorted(found, key=lambda presence: str(presence.path)))
    skipped = {item.path: item for item in [*asking.offline, *asking.skipped]}
    return Presences(files, tuple(skipped[path] for path in sorted(skipped)), tuple(left_out))


@dataclass(slots=True)
class _Asking:
    """Finds copies of pictures, and looks at them."""

    index: OpenIndex
    folder: str
    options: OnlyOptions
    skipped: list[SkippedImage] = field(default_factory=list)
    folders: tuple[str, ...] = field(init=False)  # in which copies may be
    offline: list[SkippedImage] = field(init=False)
    companions: Companions = field(init=False)
    leaving: Leaving = field(init=False)
    _facts: PictureFacts = field(init=False)
    _judge: PictureJudge = field(init=False)
    _answering: Answering | None = field(init=False, default=None)
    _stores: Places = field(default_factory=Places)
    _away: list[str] = field(init=False)  # folders of the index that are offline

    def __post_init__(self) -> None:
        catalog, options = self.index.catalog, self.options
        scope = Scope(catalog, ScopeOptions(places=options.places))
        self.offline = [] if options.offline else scope.offline
        self._away = [item.path for item in scope.offline]
        self.folders = options.places or tuple(root.path for root in catalog.roots())
        self.companions = Companions(names_in)
        self.leaving = Leaving(lambda: files_below(self.folder), SeenTwice())
        self._facts = PictureFacts(self.index.reader)
        self._judge = open_judge(self.index, keeps=False)
        if options.level is not Verdict.IDENTICAL:
            reach = furthest(catalog.manifest(), [catalog], options.level, None, None)
            near = QueryOptions(LEAST_CANDIDATES, max_distance=reach, looks=Looks.NONE)
            self._answering = Answering(self.index, near, counts=self._counts)

    def presence_of(self, path: Path) -> Presence:
        """Return whether a picture is only here."""
        beside = tuple(self._beside(path))
        alike: Match | None = None
        try:
            read = read_file(path)
            known = read.content_hash.hex()
            copy, why = self._same_bytes(path, read, beside)
            if copy is None:
                record = read.record(NOBODY, self.index.reader.read(read.data, 1))
                copy, why_not, alike = self._same_picture(record, beside)
                why = why or why_not or self._alike_away(record, alike)
        except ImageError as error:
            return Presence(path, size_of(path), State.UNREADABLE, str(error), companions=beside)
        if copy is None:
            away = None if alike is None else alike.image.path
            return Presence(path, read.file.size, State.ONLY, why, None, known, True, beside, away)
        return Presence(path, read.file.size, State.ELSEWHERE, "", copy, known, companions=beside)

    def _same_bytes(self, path: Path, read: FileRead, beside: Sequence[Path]) -> tuple[Copy | None, str]:
        """Return a file elsewhere with the same bytes, read again now; if it does not do, why."""
        catalog, why = self.index.catalog, ""
        content = catalog.content_id(read.content_hash)
        images = [] if content is None else catalog.images_of([content]).get(content, [])
        away: Copy | None = None
        for image in filter(self._counts, images):
            if not os.path.lexists(image.path):
                if self.options.offline and any(is_below(str(image.path), folder) for folder in self._away):
                    away = Copy(image.path, Verdict.IDENTICAL, offline=True)
                continue
            fault = self._fault_of_file(path, read, image) or self._fault_beside(beside, image.path)
            if not fault:
                return Copy(image.path, Verdict.IDENTICAL), ""
            why = why or fault
        if away is not None and not beside:  # nobody can tell what lies beside a file that is away
            return away, ""
        return None, why

    def _fault_of_file(self, path: Path, read: FileRead, image: ImageRecord) -> str:
        """Return why a file that had the same bytes is no copy, nothing if it is one."""
        try:
            if why := self._why_gone_too(path, image):
                return why
            if read_file(image.path).content_hash != read.content_hash:
                return f"{image.path} has changed since it was indexed"
        except (ImageError, OSError) as error:
            self.skipped.append(SkippedImage(str(image.path), str(error)))
            return f"{image.path} could not be read"
        return ""

    def _why_gone_too(self, path: Path, image: ImageRecord) -> str:
        """Return why a copy would be gone with the folder, nothing if it would not. Raises OSError."""
        one = self.leaving.is_under_another_path(image.path)
        if one is None:
            return ""
        return f"{image.path} is {'this very file' if one == path else one} under another path"

    def _same_picture(
        self, record: ImageRecord, beside: Sequence[Path]
    ) -> tuple[Copy | None, str, Match | None]:
        """Return a picture elsewhere that this one is a copy of and that is as good; if there is none, why,
        and what looks alike on a disk that is not there."""
        if self._answering is None:
            return None, "", None
        (answers,) = self._answering.of_files([record.path])
        (result,) = answers.results
        if result.error is not None:
            raise ImageError(result.error)
        why = ""
        alike: Match | None = None
        for match in result.matches:
            image = match.image
            if self.options.offline and match.offline and match.verdict is Verdict.SIMILAR:
                alike = alike or match
            if image.content_hash == record.content_hash or match.missing or match.offline:
                continue  # looked at by its bytes, or nobody can look
            (evidence,) = self._judge.judge([CandidatePair(image, record, match.distance)])
            if evidence.failure is not None:
                self.skipped.append(SkippedImage(str(image.path), evidence.failure))
            verdict = evidence.verdict
            if evidence.failure is not None or verdict is None or not verdict.reaches(self.options.level):
                continue
            fault = self._fault_of_picture(record, image, evidence) or self._fault_beside(beside, image.path)
            if not fault:
                return Copy(image.path, verdict), "", None
            why = why or fault
        return None, why, alike

    def _alike_away(self, record: ImageRecord, alike: Match | None) -> str:
        """Say what a picture on a disk that is not there is to this one, by what the index remembers."""
        if alike is None:
            return ""
        pair = record.content_hash, alike.image.content_hash
        known = open_findings(self.index, keeps=False).load([pair, pair[::-1]])
        found = known.get(pair) or known.get(pair[::-1])
        told = "not compared"
        if found is not None:
            told = f"{found.verdict.value if found.verdict else 'no copy'}, as compared when it was there"
        return f"looks like {alike.image.path}, whose disk is not mounted ({told})"

    def _fault_of_picture(self, record: ImageRecord, image: ImageRecord, evidence: Evidence) -> str:
        """Return what would be lost with a picture of which another one is a copy, nothing if nothing is."""
        item, other = Item(record), Item(image)
        if not is_as_indexed(image):
            return f"{image.path} has changed since it was indexed"
        if why := self._why_gone_too(record.path, image):
            return why
        if is_lost_raw(item, other):
            return f"a RAW, and {image.path} is another file"
        if more := what_more(self._facts.holdings(record), self._facts.holdings(image)):
            return f"holds more than {image.path}: {', '.join(more)}"
        found = decision(Pair(other, item, evidence), DEFAULT_KEEP, self._facts)
        if not found.a_wins and (is_strong(found, DEFAULT_KEEP) or found.key == RESOLUTION):
            return f"better than {image.path}: {found.key}: {found.of_b} (there: {found.of_a})"
        return ""

    def _fault_beside(self, beside: Sequence[Path], copy: Path) -> str:
        """Return what lies beside a picture and not beside its copy. RAWs are asked for by themselves."""
        theirs: list[Path] | None = None
        for path in beside:
            if kind_of(path.name) is Kind.RAW:
                continue
            theirs = self._beside(copy) if theirs is None else theirs
            alike = [other for other in theirs if suffix_of(other.name) == suffix_of(path.name)]
            if not any(are_equal(path, other) for other in alike):
                return f"{path.name} belongs to it, and has no copy beside {copy}"
        return ""

    def _beside(self, path: Path) -> list[Path]:
        return [other for other in self.companions.of(path) if is_file(other)]

    def _counts(self, image: ImageRecord) -> bool:
        """Tell whether a file of the index is in the places, not in the folder, and not in a bin."""
        path = str(image.path)
        if is_below(path, self.folder) or not any(is_below(path, place) for place in self.folders):
            return False
        return not self._stores.leaves_out(path)
