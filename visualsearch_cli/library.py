"""Visualsearch for programs: an index to add pictures to and to ask, and pictures compared without one.

    from visualsearch_cli.library import open_index

    with open_index("Photos", create=True) as index:
        index.add("Photos")
        found = index.query("Downloads/holiday.jpg", k=5)
        report = index.duplicates()

Everything here can be called with a path as `str` or `Path`; paths that come back are absolute. Distances are
cosine distances of unit vectors, 0 (same direction) to 2. No picture is ever written to.

What can go wrong and is no bug raises VisualSearchError, or one of its subclasses in
`visualsearch_cli.errors`; a value that cannot be meant raises ValueError. Where several files are asked for,
one that cannot be used is no error: it is in `skipped` of what comes back. Nothing is printed: what is said
by the way goes to the logger `visualsearch_cli`. docs/api.md has an example of everything.
"""

from visualsearch_cli.detectors.parts import Part
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.evaluation.measures import MeasuresAtK
from visualsearch_cli.for_programs.picture_index import Index, open_index
from visualsearch_cli.for_programs.returned import (
    Adapted,
    Added,
    Answer,
    Embedded,
    Evaluated,
    Labelled,
    Shortened,
)
from visualsearch_cli.for_programs.without_index import compare, detect, embed
from visualsearch_cli.pictures.image import ImageRecord, SkippedImage
from visualsearch_cli.pictures.metadata.values import Known
from visualsearch_cli.reports.report import Companion, Group, Member, Report
from visualsearch_cli.search.filtering import Where
from visualsearch_cli.search.labelling import Cutoff, Matched
from visualsearch_cli.search.matches import Match
from visualsearch_cli.verdicts.evidence import Evidence, Fit, Place, Rendition
from visualsearch_cli.verdicts.verdict import Verdict

__all__ = [
    "Adapted",
    "Added",
    "Answer",
    "Companion",
    "Cutoff",
    "Embedded",
    "Evaluated",
    "Evidence",
    "Fit",
    "Group",
    "ImageRecord",
    "Index",
    "Known",
    "Labelled",
    "Match",
    "Matched",
    "MeasuresAtK",
    "Member",
    "Part",
    "Place",
    "Rendition",
    "Report",
    "Shortened",
    "SkippedImage",
    "Verdict",
    "VisualSearchError",
    "Where",
    "compare",
    "detect",
    "embed",
    "open_index",
]
