"""Writes originals and copies, runs `dupes` over them as a user would, and says which files were kept."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.keeping.files import File
from benchmarks.keeping.kinds import PAIRS, PLAIN, Original, copy_of

COMMAND = Path(sysconfig.get_path("scripts")) / "visualsearch"
TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an original and its copies."""

    kind: str  # or TOGETHER
    photograph: str
    copies: int
    found: int  # copies in the group of the original
    kept: bool  # the original is
    lost: bool  # the original is offered
    why: str = ""  # what the report says of the original


def write_all(folder: Path, originals: Sequence[Original], kinds: Sequence[str]) -> None:
    """Write a folder for each kind, and one in which each photograph has all its plain copies.

    Copies lie in `a` and originals in `b`: where nothing else decides, the name is for the copy.
    """
    for kind in kinds:
        for original in originals:
            pair = PAIRS[kind](original)
            place = _place(folder, kind) / f"{original.number:03}"
            _write(place / "a", pair.copy)
            for file in (pair.original, *pair.beside):
                _write(place / "b", file)
    plain = [kind for kind in kinds if kind in PLAIN]
    if len(plain) < 2:
        return
    for original in originals:
        place = folder / TOGETHER / f"{original.number:03}"
        for number, kind in enumerate(plain):
            copy = copy_of(original, kind)
            _write(place, File(f"{number:02} {copy.name}", copy.data))
        _write(place, File(f"{len(plain):02} {original.name}.jpg", original.data))


def _place(folder: Path, kind: str) -> Path:
    return folder / f"{list(PAIRS).index(kind):02}"


def _write(folder: Path, file: File) -> None:
    path = folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.data)


def outcomes(folder: Path, index: Path, originals: Sequence[Original], kinds: Sequence[str]) -> list[Outcome]:
    """Index all of it, and return what `dupes` keeps of each kind and photograph."""
    run("index", folder, "--index", index, "--include-stores", "-q")
    found = []
    for kind in kinds:
        groups = _groups(_place(folder, kind), index)
        for original in originals:
            pair = PAIRS[kind](original)
            place = _place(folder, kind) / f"{original.number:03}"
            found.append(
                _outcome(
                    kind, original, groups, place / "b" / pair.original.name, [place / "a" / pair.copy.name]
                )
            )
    if (folder / TOGETHER).is_dir():
        groups = _groups(folder / TOGETHER, index)
        for original in originals:
            place = folder / TOGETHER / f"{original.number:03}"
            *copies, kept = sorted(place.iterdir())
            found.append(_outcome(TOGETHER, original, groups, kept, copies))
    return found


def run(*words: str | Path) -> str:
    """Run the program, and return what it prints."""
    done = subprocess.run([COMMAND, *words], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def _groups(folder: Path, index: Path) -> list[dict[str, Any]]:
    printed = run("dupes", folder, "--index", index, "--level", "edited", "--transforms", "all", "--json")
    groups: list[dict[str, Any]] = json.loads(printed)["groups"]
    return groups


def _outcome(
    kind: str, original: Original, groups: Sequence[dict[str, Any]], path: Path, copies: Sequence[Path]
) -> Outcome:
    names = {str(copy) for copy in copies}
    for group in groups:
        members = {member["path"]: member for member in group["members"]}
        its = members.get(str(path))
        if its is not None and names & members.keys():
            offered = not its["keep"] and not its["protected"]
            others = [other for other in group["members"] if other["path"] in names]
            said = its if offered else others[0]
            why = said.get("offered_because") or said["reason"]
            winner = Path(group["members"][0]["path"]).name
            return Outcome(
                kind, original.name, len(copies), len(others), its["keep"], offered, f"{winner}: {why}"
            )
    return Outcome(kind, original.name, len(copies), 0, kept=False, lost=False)


def cleared(folder: Path) -> Path:
    """Return an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
