"""What one of two pictures has alone, and lacks alone: a border, a mark, fewer colors.

docs/duplicates.md says what the bounds were measured on.
"""

from __future__ import annotations

from visualsearch_cli.verdicts.detail import is_noisier
from visualsearch_cli.verdicts.evidence import Rendition

ALL = 0.97  # of a picture, that counts as all of it
BORDERED = 0.8  # share of what lies around a picture in two colors: it is a border, or a page
HALF = 0.5
MOST_PALETTE, LEAST_VARIETY = 256, 0.05  # colors of the one; of the other, by its pixels
FEWER = 4  # times as many colors
LEAST_COLOR, LOST_COLOR = 3.0, 0.35  # levels of color, and how much of it is left in the other
NO_COLOR = 0.5  # levels: a picture in grey
FULLER = 1.1, 1.05  # times the finest octave, and the one below it, that one has where nothing is marked


def is_set(its: Rendition) -> bool:
    """Tell whether the shared part lies in this picture on a page, within a border or on another picture."""
    return its.bordered >= BORDERED or its.pasted


def has_palette(its: Rendition, other: Rendition) -> bool:
    """Tell whether a picture has far fewer colors than another one."""
    # In shades of one color there are no more than levels, and what codecs add to them.
    most = other.colors if other.color > LEAST_COLOR else min(other.colors, MOST_PALETTE)
    return its.colors <= MOST_PALETTE and other.variety >= LEAST_VARIETY and most > FEWER * its.colors


def lost_colors(a: Rendition, b: Rendition) -> int | None:
    """Return which of two has far fewer colors, or hardly any: 0, 1, or None."""
    for worse, (its, other) in enumerate(((a, b), (b, a))):
        if is_noisier(other, its) or (other.grained and its.color < NO_COLOR):
            continue  # the noise of a copy has colors of its own
        is_pale = other.color > LEAST_COLOR > its.color and its.color < LOST_COLOR * other.color
        if is_pale or has_palette(its, other):
            return worse
    return None


def marked_side(a: Rendition, b: Rendition) -> int | None:
    """Return which of two has something over it where they differ: 0, 1, or None."""
    if abs(a.marked - b.marked) <= HALF:
        return None
    side = 0 if a.marked > b.marked else 1
    its, other = (a, b)[side], (a, b)[1 - side]
    if its.fine > FULLER[0] * other.fine and its.middle > FULLER[1] * other.middle and its.grained is False:
        return None  # all of the other one was smoothed: those places are small things that it took away
    return side
