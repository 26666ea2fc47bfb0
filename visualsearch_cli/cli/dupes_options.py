"""The options of `dupes`, from what is typed to what is meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.calibration.known import candidate_distances
from visualsearch_cli.cli.output.console import note
from visualsearch_cli.cli.paths import absolute
from visualsearch_cli.duplicates.keeping import Key
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.open import calibration_of
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.duplicates.find import Reach
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.records import Manifest


KEYS = tuple(key.value for key in Key)


def parsed_keys(text: str, reference: Sequence[str] | None) -> tuple[Key, ...]:
    """Return the keys of --keep. Files below a --reference come first, whether that is said or not."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in KEYS:
            raise _bad_keys(f"'{name}' is no key")
    keys = tuple(Key(name) for name in dict.fromkeys(names))
    if not keys:
        raise _bad_keys("no key was given")
    return keys if Key.REFERENCE in keys or not reference else (Key.REFERENCE, *keys)


def _bad_keys(what: str) -> typer.BadParameter:
    return typer.BadParameter(f"--keep: {what}, expected some of {', '.join(KEYS)}")


def parsed_size(text: str) -> int:
    """Return a number of bytes: 500, 100k, 1.5M, 2GB. Powers of 1000, as sizes are shown."""
    number = text.strip().lower().removesuffix("b")
    unit = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}.get(number[-1:], 1)
    try:
        size = float(number.rstrip("kmgt") if unit > 1 else number) * unit
    except ValueError:
        size = -1.0
    if not 0 <= size < float("inf"):
        raise typer.BadParameter(
            f"'{text}' is no size, expected one such as 100k or 2M", param_hint="--min-size"
        )
    return int(size)


def chosen_level(given: Verdict | None, transforms: Transforms) -> Verdict:
    """Return the level: `same`, or `edited` for who looks for turned copies, which are edits."""
    if given is None:
        return Verdict.SAME if transforms is Transforms.NONE else Verdict.EDITED
    if transforms is not Transforms.NONE and given.reaches(Verdict.SAME):
        note(f"turned and mirrored copies are edits: with --level {given.value} none is looked for")
    return given


def existing_folder(path: str) -> str:
    """Return a --reference folder. One that is not there would protect nothing, without a word."""
    if not Path(path).is_dir():
        raise VisualSearchError(
            f"--reference {path} is no folder: check the path, or that its disk is mounted"
        )
    return absolute(path)


def reach_of(manifest: Manifest, level: Verdict, max_distance: float | None) -> Reach | None:
    """Return how far apart pictures may be to be looked at, by the model of an index."""
    from visualsearch_cli.duplicates.find import Reach

    model, calibration = manifest.model.name, calibration_of(manifest)
    similar = None if calibration is None else calibration.similar
    if max_distance is not None:
        return Reach(max_distance, max_distance, max_distance if level is Verdict.SIMILAR else similar)
    if similar is None:
        if level is not Verdict.IDENTICAL:
            note(
                f"{model} has no calibrated distances, so only equal bytes are found: "
                "run `visualsearch calibrate` once, or pass --max-distance"
            )
        return None
    distances = candidate_distances(model, similar)
    return Reach(distances.same, distances.edited, similar, distances.regions)


def places_to_cross(catalog: Catalog, given: Sequence[str]) -> tuple[str, ...]:
    """Return the folders that a group must span: the PATHs, or without them the roots of the index."""
    places = tuple(dict.fromkeys(given)) or tuple(root.path for root in catalog.roots())
    if len(places) < 2:
        raise VisualSearchError(
            f"--cross looks for groups in several places, here is only {', '.join(places) or 'none'}: "
            "name two or more PATHs"
        )
    return places


PAGE_SUFFIXES = (".html", ".htm")

Html = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help="Also write a page with the pictures side by side.",
        show_default=False,
    ),
]
