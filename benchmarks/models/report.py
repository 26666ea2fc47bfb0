"""The report of the embedder benchmark, in markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.material.edits import DIHEDRAL, UPRIGHT
from benchmarks.material.photographs import Material
from benchmarks.models.figures import EIGHT, Figures
from benchmarks.models.metrics import CANDIDATES, RATE

BITS = ("pHash", "PDQ")
"""Their distance is the share of bits that differ, half of the cosine distance of their vectors."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What was measured, with what, on what."""

    command: str
    machine: str
    material: Material
    missing: Mapping[str, str]  # embedders left out, and why
    about: str  # a sentence about the photographs, or nothing


def report(found: Mapping[str, Figures], setting: Setting, plot: str | None) -> str:
    """Return the whole report. `plot` is the name of a picture to show."""
    parts = [
        "# Embedders, measured",
        f"Written by `{setting.command}` on {setting.machine}.",
        _protocol(setting),
        overall(found),
        _definitions(),
        f"Not measured: {'; '.join(f'{name} ({why})' for name, why in setting.missing.items())}."
        if setting.missing
        else "",
        "## Edit by edit",
        "The figures are recall@1 / recall at FPR 1e-6. All edits of an embedder have one threshold. "
        "A query in eight turns is as far from a picture as its nearest turn is, and has a threshold of its "
        "own.",
        f"![Recall of each edit at FPR 1e-6]({plot})" if plot else "",
        per_edit(found),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def overall(found: Mapping[str, Figures]) -> str:
    """A table with a row for each embedder."""
    rows = [
        (
            name,
            str(figures.dim),
            f"{figures.recall_at_1:.3f}",
            f"{figures.recall:.3f}",
            f"{figures.micro_ap:.3f}",
            f"{figures.threshold / 2:.3f} of the bits" if name in BITS else f"{figures.threshold:.3f}",
            f"{figures.milliseconds:.1f}",
        )
        for name, figures in found.items()
    ]
    head = ("embedder", "dim", "recall@1", f"recall at FPR {RATE:.0e}".replace("e-0", "e-"), "micro-AP")
    return table((*head, "distance there", "CPU ms"), rows)


def per_edit(found: Mapping[str, Figures]) -> str:
    """A table with a row for each edit and a column for each embedder."""
    edits = [*UPRIGHT, *DIHEDRAL, *(edit + EIGHT for edit in DIHEDRAL)]
    rows = [
        (edit, *("{:.3f} / {:.3f}".format(*figures.per_edit[edit]) for figures in found.values()))
        for edit in edits
    ]
    return table(("edit", *found), rows)


def machine() -> str:
    """Describe this machine, and the libraries that make pictures and vectors."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("pillow", "numpy", "onnxruntime"))
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {libraries}"


def _protocol(setting: Setting) -> str:
    material = setting.material
    images = [photograph.read() for photograph in material.originals]
    square = sum(image is not None and image.width == image.height for image in images)
    text = (
        f"{len(UPRIGHT) + len(DIHEDRAL)} edits of each of {len(images)} photographs look for their originals "
        f"among {len(material.index)} pictures, by one vector per picture. The edits are those of "
        "`benchmarks/material/edits.py`. What `overlay50` pastes a photograph onto is not in the index."
    )
    if square:
        text += f" {square} originals are square, and `squarecrop` and `letterbox` leave these as they are."
    return f"{text} {setting.about}".strip()


def _definitions() -> str:
    return (
        f"All figures except those of single edits leave out {', '.join(DIHEDRAL[:-1])} and {DIHEDRAL[-1]}. "
        "recall@1 is the share of edits whose nearest picture is the original; ties count in part. Recall at "
        "FPR 1e-6 is the share of edits that are nearer to the original than a certain distance: one in a "
        "million of the pairs of an edit and another picture of the index lies below this distance. "
        "micro-AP is the average precision when the pairs of all edits with their "
        f"{CANDIDATES} nearest pictures are ranked together (as in DISC21, arXiv 2106.09672). CPU ms is the "
        'time of one core for a decoded picture. "As asked" means that upright edits are looked for as '
        "`query` looks for a new picture: also reduced, darker and without its border, with the same index."
    )


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in markdown, its first column to the left."""
    titles = list(head)
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
