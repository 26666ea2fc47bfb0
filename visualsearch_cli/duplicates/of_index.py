"""The duplicates of an index, without what the user ignores, as a report: the way of `dupes`."""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.calibration.known import MIRROR_INVARIANT, candidate_distances
from visualsearch_cli.duplicates.away.offline_members import with_offline
from visualsearch_cli.duplicates.find import DupesOptions, Reach, find_duplicates
from visualsearch_cli.duplicates.ignored import pictures_of, without_ignored
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Key
from visualsearch_cli.duplicates.symlinks import with_symlinks
from visualsearch_cli.duplicates.turned import Turner, ways_of
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.exclusion import warn_of_unmatched
from visualsearch_cli.index.open import calibration_of, open_findings, open_ignored, open_judge, open_turned
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.index.scope import Scope, ScopeOptions, keys_at
from visualsearch_cli.indexing.scanner import Scanner
from visualsearch_cli.pictures.facts import PictureFacts
from visualsearch_cli.pictures.formats import EXTENSIONS
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.progress import Progress
from visualsearch_cli.reports.report import Group, Report
from visualsearch_cli.search.limits import precise_distance
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import counted, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch_cli.duplicates.partitioned.taken_pairs import TakenPairs
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.progress import Messages


MOST_NAMED = 3  # files that are not indexed


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user asks of an index. Paths are absolute."""

    level: Verdict = Verdict.SAME  # the weakest that makes a duplicate
    keep: tuple[Key, ...] = DEFAULT_KEEP
    scope: ScopeOptions = field(default_factory=ScopeOptions)
    references: tuple[str, ...] = ()  # folders whose files are protected, and kept before others
    cross: bool = False  # only groups with files in several of the places, or roots of the index
    transforms: Transforms = Transforms.NONE  # turned copies are looked for too
    max_distance: float | None = None  # cosine distance
    precision: float | None = None  # as far as this share of the pairs is expected to be copies


def report_duplicates(
    index: OpenIndex, asked: Asked, command: str, progress: Progress, taken: TakenPairs | None = None
) -> Report:
    """Return the groups of duplicates, and remember them for `ignore --group`.

    `command` is what the report names as what made it. What partitions found is `taken`, if they were made.

    Raises VisualSearchError for a place that the index does not know or a reference that is no folder, and
    NotCalibrated if a precision is asked for of a model of which nobody knows any levels.
    """
    options = options_of(index, asked)
    check_known(index.catalog, (*asked.scope.places, *asked.references), index.messages)
    facts = PictureFacts(index.reader)
    turner = _turner(index, asked.transforms, progress)
    found = find_duplicates(index.catalog, open_judge(index), facts, options, progress, turner, taken)
    if asked.scope.offline:
        with index.catalog.snapshot():
            scope = Scope(index.catalog, options.scope)
            found.groups = with_offline(found.groups, index.catalog, scope, options, open_findings(index))
    roots = [root.path for root in index.catalog.roots()]
    with progress.step("Looking for symbolic links"):
        groups = with_symlinks(_not_ignored(index, found.groups), roots)
    for sentence in found.second_paths:
        index.messages.note(sentence)
    warn_of_unmatched(found.unmatched, "the indexed folder", index.messages)
    return Report(
        index=index.folder.path.absolute(),
        model=index.catalog.manifest().model.name,
        created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        command=command,
        level=options.level,
        keep=tuple(key.value for key in options.keep),
        groups=tuple(groups),
        skipped=tuple(found.skipped),
        roots=tuple(map(Path, roots)),
    )


def check_known(catalog: Catalog, places: Sequence[str], messages: Messages) -> None:
    """Refuse a folder with pictures of which none was indexed: that it has no copies would be untrue. Of one
    without any picture it is said, and so is of single files, which a shell may have named. Places are
    absolute.

    Raises VisualSearchError.
    """
    roots = catalog.roots()
    files = [place for place in places if os.path.isfile(place) and Path(place).suffix.lower() in EXTENSIONS]
    new = [file for file in files if not any(catalog.has_files(key) for key in keys_at(file, roots))]
    if new:
        messages.note(
            f"{counted(len(new), 'file')} not indexed, so not compared: {', '.join(new[:MOST_NAMED])}"
            f"{', …' if len(new) > MOST_NAMED else ''}: run `visualsearch index` with them first"
        )
    for place in filter(os.path.isdir, places):
        keys = keys_at(place, roots)
        if not keys or any(catalog.has_files(key) for key in keys):
            continue  # or it is for others to refuse
        scanner = Scanner()
        paths = {root.id: root.path for root in roots}
        scanner.recall({paths[id]: lines for id, lines in catalog.exclude().items() if id in paths})
        above = [root.path for root in roots if is_below(place, root.path)]
        if next(scanner.listings(place, above), None) is not None:
            raise VisualSearchError(
                f"nothing at or below {place} is indexed, so it cannot be compared: "
                f"run `visualsearch index {typed(place)}` first"
            )
        if scanner.excluded:
            messages.note(
                f"{place} is left out of the index by a pattern: `visualsearch info` shows those that are "
                "remembered"
            )
        else:
            messages.note(f"there is no picture to compare in {place}")


def options_of(index: OpenIndex, asked: Asked) -> DupesOptions:
    """Return what is asked for, by the model of the index. Raises what `report_duplicates` does."""
    for path in asked.references:
        if not os.path.isdir(path):  # it would protect nothing, without a word
            raise VisualSearchError(
                f"--reference {path} is not a folder: check the path, or that its disk is mounted"
            )
    first = (Key.REFERENCE,) if asked.references and Key.REFERENCE not in asked.keep else ()
    places = (*asked.scope.places, *asked.references) if asked.scope.places else ()
    return DupesOptions(
        asked.level,
        _reach(index, asked),
        (*first, *asked.keep),
        replace(asked.scope, also=asked.references),
        asked.references,
        _places_to_cross(index.catalog, places) if asked.cross else (),
        _asked_places(asked.scope) if asked.references else (),
    )


def _asked_places(scope: ScopeOptions) -> tuple[str, ...]:
    """Return where a group must have a file, if references outside of that take part: none, if it is all."""
    return (scope.within,) if scope.within is not None else scope.places


def _reach(index: OpenIndex, asked: Asked) -> Reach | None:
    """Return how far apart pictures may be to be looked at, by the model of the index."""
    manifest = index.catalog.manifest()
    furthest = asked.max_distance
    if asked.precision is not None:
        furthest = precise_distance(asked.precision, manifest, [index.catalog])
    model, calibration = manifest.model.name, calibration_of(manifest)
    similar = None if calibration is None else calibration.similar
    if furthest is not None:
        return Reach(furthest, furthest, furthest if asked.level is Verdict.SIMILAR else similar)
    if similar is None:
        if asked.level is not Verdict.IDENTICAL:
            index.messages.note(
                f"{model} has no calibrated distances, so only equal bytes are found: "
                "run `visualsearch calibrate` once, or pass --max-distance"
            )
        return None
    distances = candidate_distances(model, similar)
    return Reach(distances.same, distances.edited, similar, distances.regions)


def _places_to_cross(catalog: Catalog, given: Sequence[str]) -> tuple[str, ...]:
    """Return the folders that a group must span: those given, or without them the roots of the index."""
    places = tuple(dict.fromkeys(given)) or tuple(root.path for root in catalog.roots())
    if len(places) < 2:
        raise VisualSearchError(
            f"--cross looks for groups in several places, but there is only {', '.join(places) or 'none'}: "
            "name two or more PATHs"
        )
    return places


def _turner(index: OpenIndex, transforms: Transforms, progress: Progress) -> Turner | None:
    """Return what looks for turned copies, if that needs turned pictures with this model."""
    name = index.catalog.manifest().model.name
    ways = ways_of(transforms, mirror_invariant=name in MIRROR_INVARIANT)
    if not ways:
        return None
    return Turner(ways, open_turned(index), index.embedder, index.reader, index.threads, progress)


def _not_ignored(index: OpenIndex, groups: Sequence[Group]) -> Sequence[Group]:
    shown = without_ignored(groups, open_ignored(index.folder, messages=index.messages).decisions())
    memory = open_ignored(index.memory or index.folder, messages=index.messages)
    memory.remember_groups({group.id: pictures_of(group) for group in shown})
    if hidden := len(groups) - len(shown):
        index.messages.note(f"{counted(hidden, 'group')} hidden: see `visualsearch ignore --list`")
    return shown
