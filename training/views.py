"""Random views of a photograph for training: what an index holds, and what people make of it."""

from collections.abc import Callable, Sequence

import geometry
import overlays
import quality
import tone
from geometry import Pixels, Rng

Edit = Callable[[Pixels, Rng], Pixels]

CROPS: Sequence[tuple[float, Edit]] = (
    (0.13, geometry.crop_gently),
    (0.20, geometry.crop_medium),
    (0.42, geometry.crop_hard),
)
SURROUNDINGS: Sequence[tuple[float, Edit]] = (
    (0.08, overlays.border),
    (0.05, overlays.letterbox),
    (0.05, overlays.meme),
    (0.06, overlays.screenshot),
)
WARPS: Sequence[tuple[float, Edit]] = ((0.14, geometry.rotate), (0.08, geometry.perspective))
COVERS: Sequence[tuple[float, Edit]] = ((0.10, overlays.text), (0.08, overlays.shapes), (0.14, overlays.logo))
TONES: Sequence[tuple[float, Edit]] = (
    (0.14, tone.brightness),
    (0.10, tone.contrast),
    (0.06, tone.faint_contrast),
    (0.09, tone.gamma),
    (0.04, tone.invert),
    (0.03, tone.posterize),
    (0.09, tone.equalize),
    (0.06, tone.autocontrast),
    (0.08, tone.tint),
    (0.07, tone.saturation),
    (0.03, tone.hue),
    (0.13, tone.grayscale),
    (0.08, tone.duotone),
)
LOSSES: Sequence[tuple[float, Edit]] = (
    (0.10, quality.blur),
    (0.05, quality.sharpen),
    (0.10, quality.noise),
    (0.15, quality.jpeg),
    (0.05, quality.thumbnail),
)
COLORS: Sequence[tuple[float, Edit]] = ((0.04, tone.faint_luma), (0.20, tone.vivid))
FADING: Sequence[tuple[float, Edit]] = ((0.25, tone.grayscale), (0.10, tone.duotone))
PASTE_CHANCE = 0.3  # of what is no hard crop: together they leave too little to recognize
MIRROR_CHANCE = 0.3
TURN_CHANCE = 0.03  # each point here costs elsewhere: a query can be asked in four turns instead


def recolored(pixels: Pixels, rng: Rng) -> Pixels:
    """Make some photographs colourful before any view is taken: such are rare, and their grey copies hard."""
    return _one_of(COLORS, rng)(pixels, rng)


def faded(pixels: Pixels, rng: Rng) -> Pixels:
    """Take the colours away, of some."""
    return _one_of(FADING, rng)(pixels, rng)


def plain_view(pixels: Pixels, rng: Rng, side: int) -> Pixels:
    """Nearly untouched, as an index holds it: uint8 (side, side, 3)."""
    if rng.random() < 0.3:
        pixels = geometry.crop_gently(pixels, rng)
    square = geometry.shrink_to_square(pixels, side)
    return quality.jpeg(square, rng) if rng.random() < 0.05 else square


def edited_view(pixels: Pixels, ground: Pixels, rng: Rng, side: int, hard: bool = True) -> Pixels:
    """Several edits stacked: uint8 (side, side, 3). `ground` is another photograph, to paste onto.

    Not `hard`: no crop below half the area, so that two edited views of one photograph still overlap.
    """
    edit = _one_of(CROPS if hard else CROPS[:2], rng)
    pixels = edit(pixels, rng)
    if edit is not geometry.crop_hard and rng.random() < PASTE_CHANCE:
        pixels = overlays.paste_onto(pixels, rng, ground)
    pixels = _one_of(SURROUNDINGS, rng)(pixels, rng)
    pixels = _one_of(WARPS, rng)(pixels, rng)
    # The rest looks alike at any size, and is cheapest at the final one.
    pixels = geometry.shrink_to_square(pixels, side)
    if rng.random() < MIRROR_CHANCE:
        pixels = geometry.mirror(pixels, rng)
    if rng.random() < TURN_CHANCE:
        pixels = geometry.turn(pixels, rng)
    if rng.random() < 0.5:
        return _change_tone(_one_of(COVERS, rng)(pixels, rng), rng)
    return _one_of(COVERS, rng)(_change_tone(pixels, rng), rng)


def _change_tone(pixels: Pixels, rng: Rng) -> Pixels:
    """Apply none to three edits of tone, then perhaps one that loses detail."""
    for _ in range(rng.choice(4, p=(0.3, 0.4, 0.2, 0.1))):
        pixels = _one_of(TONES, rng)(pixels, rng)
    return _one_of(LOSSES, rng)(pixels, rng)


def _one_of(edits: Sequence[tuple[float, Edit]], rng: Rng) -> Edit:
    """Pick one edit by its chance; what the chances leave of 1 is the edit that does nothing."""
    left = rng.random()
    for chance, edit in edits:
        if left < chance:
            return edit
        left -= chance
    return _untouched


def _untouched(pixels: Pixels, _rng: Rng) -> Pixels:
    return pixels
