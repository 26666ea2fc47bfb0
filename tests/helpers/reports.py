"""Reports to show: of the sample pictures, whose relations are known, and of nothing at all."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tests.helpers.places import SAMPLES
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.reports.report import Companion, Group, Member, Report
from visualsearch_cli.verdicts.verdict import Verdict

PHRASES = {
    "identical": (Verdict.IDENTICAL, "same bytes"),
    "exif_rotated": (Verdict.PIXELS, "same pixels, turned by EXIF"),
    "converted": (Verdict.SAME, "re-encoded"),
    "recompressed": (Verdict.SAME, "re-encoded"),
    "resized": (Verdict.SAME, "scaled, no rotation"),
    "thumbnail": (Verdict.SAME, "scaled, no rotation"),
    "toned": (Verdict.SAME, "same picture, other tones"),
    "cropped": (Verdict.EDITED, "a crop of it"),
    "mirrored": (Verdict.EDITED, "mirrored"),
    "rotated": (Verdict.EDITED, "slightly turned"),
    "rotated90": (Verdict.EDITED, "turned by 90°"),
    "bordered": (Verdict.EDITED, "with a border"),
    "captioned": (Verdict.EDITED, "with words over it"),
    "letterboxed": (Verdict.EDITED, "with a border"),
    "screenshot": (Verdict.EDITED, "a screenshot of it"),
    "burst": (Verdict.SIMILAR, "looks alike"),
}


def report(*groups: Group, level: Verdict = Verdict.SIMILAR) -> Report:
    """Return a report of groups."""
    return Report(
        index=Path("/photos/.visualsearch").absolute(),
        model="bundled",
        created="2026-01-02T03:04:05Z",
        command="visualsearch dupes --level similar",
        level=level,
        keep=("reference", "resolution", "format"),
        groups=groups,
    )


def member(
    path: Path | str,
    verdict: Verdict | None = None,
    reason: str = "",
    *,
    protected: bool = False,
    shape: tuple[int, int] = (4000, 3000),
    size: int = 3_400_000,
    mtime_ns: int = 1_720_000_000_000_000_000,
    content_hash: str = "ab" * 32,
    links: tuple[Path, ...] = (),
    companions: Sequence[Path] = (),
) -> Member:
    """Return a file of a group; without a verdict, the one to keep."""
    keep = verdict is None
    return Member(
        Path(path),
        keep,
        protected,
        verdict,
        0.0 if keep else 0.1,
        *shape,
        size,
        mtime_ns,
        content_hash,
        reason,
        links,
        tuple(Companion(path) for path in companions),
    )


def sample_groups(folder: Path = SAMPLES) -> tuple[Group, ...]:
    """Return the groups of the sample pictures, or of a copy of them, as truth.csv tells them."""
    copies: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (SAMPLES / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["relation"] in PHRASES:
                copies[row["original"]].append(row)
    return tuple(
        Group(
            hash_content(original.encode()).hex()[:8],
            (
                _sample(folder / original),
                *sorted(
                    (_sample(folder / row["file"], *PHRASES[row["relation"]]) for row in rows),
                    key=lambda one: (one.verdict.rank if one.verdict else -1, one.path),
                ),
            ),
        )
        for original, rows in sorted(copies.items())
    )


def _sample(path: Path, verdict: Verdict | None = None, reason: str = "") -> Member:
    data = path.read_bytes()
    state = path.stat()
    with Image.open(path) as image:
        shape = image.size
    return member(
        path,
        verdict,
        reason,
        shape=shape,
        size=len(data),
        mtime_ns=state.st_mtime_ns,
        content_hash=hash_content(data).hex(),
    )
