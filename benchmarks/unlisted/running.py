"""Makes and judges the pairs, each task in a process of a pool."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.documents import running
from benchmarks.documents.copies import File, jpeg
from benchmarks.material.editing import Picture, thumbnail
from benchmarks.material.photographs import Photograph
from benchmarks.unlisted.kinds import EDITS, Original, control, edited
from benchmarks.unlisted.ranking import data_of
from visualsearch_cli.verdicts.verdict import Verdict

ORIGINAL = 95  # of JPEG, at which a photograph is saved that was reduced


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be made of a photograph."""

    kind: str
    photograph: Photograph
    other: Photograph
    seed: str
    side: int  # pixels, at most


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said of a pair."""

    kind: str
    photograph: str
    is_edit: bool  # else the two are no copies
    verdict: str  # "" for none
    turned: str  # the same, of B and A
    reason: str
    first: bool | None = None  # the original is the first that a query finds; None: not asked
    first_thorough: bool | None = None

    @property
    def proved(self) -> bool:
        """Whether the pair is called a copy, in either order."""
        return any(word not in ("", Verdict.SIMILAR.value) for word in (self.verdict, self.turned))


def original_of(photograph: Photograph, side: int) -> Original:
    """Return a photograph and its file, reduced if it is larger. Raises SystemExit if it cannot be read."""
    picture = photograph.read()
    if picture is None:
        raise SystemExit(f"{photograph.name} cannot be decoded: leave it out of the folder")
    if max(picture.size) <= side:
        return Original(photograph.name, File(data_of(photograph), Path(photograph.name).suffix), picture)
    file = jpeg(thumbnail(picture, side), ORIGINAL)
    return Original(photograph.name, file, file.picture())


def judged(task: Task) -> tuple[Outcome, File] | None:
    """Make and judge a pair, in a process that `benchmarks.documents.running` began; with the second file.

    None if there is no such pair of this photograph.
    """
    original, other = original_of(task.photograph, task.side), _picture(task.other)
    is_edit = task.kind in EDITS
    if is_edit:
        pair = original.file, edited(original, task.kind, other, task.seed)
    else:
        made = control(original, task.kind, other, task.seed)
        if made is None:
            return None
        pair = made
    found = running.judge_of_process().judge(*pair)
    words = [verdict.value if verdict else "" for verdict in (found.verdict, found.turned)]
    return Outcome(task.kind, original.name, is_edit, words[0], words[1], found.reason), pair[1]


def _picture(photograph: Photograph) -> Picture:
    picture = photograph.read()
    if picture is None:
        raise SystemExit(f"{photograph.name} cannot be decoded: leave it out of the folder")
    return picture
