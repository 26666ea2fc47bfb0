"""What a file holds beside the picture that it shows first, and which of two files holds more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from visualsearch_cli.wording import counted

EIGHT_BITS = 8


@dataclass(frozen=True, slots=True)
class Holdings:
    """What would be lost with a file. Metadata, previews, profiles and padding do not count."""

    frames: int = 1  # of an animation, or pages
    film: str = ""  # what tells the film of a motion photo from others; empty: there is none
    gain_map: bool = False  # what makes a picture one of high dynamic range
    second_eye: bool = False  # of a stereo pair
    depth: bool = False
    audio: bool = False
    pictures: int = 0  # further pictures behind the first one that do not say what they are
    alpha: bool = False  # that is not opaque throughout
    bits: int = EIGHT_BITS  # a channel; fewer than eight count as eight
    behind: str = ""  # what tells apart much that lies behind the pictures and is none; empty: nothing does
    drawing: str = ""  # what tells layers, or the drawing, by which a program opens it again; empty: none
    segments: str = ""  # what tells much in segments of its own, such as temperatures; empty: none
    sphere: bool = False  # it says how to be shown all around
    channels: int = 0  # beyond color and transparency: infrared, selections, inks
    masks: bool = False  # of the people, the skin, the sky in it
    credentials: bool = False  # content credentials (C2PA), which are signed for this very file
    which: frozenset[str] = field(default=frozenset(), compare=False)  # what tells `pictures` from others


def what_more(a: Holdings, b: Holdings) -> list[str]:
    """Return what `a` holds and `b` lacks, in words. It may be something both ways."""
    more = []
    if a.frames > b.frames:
        more.append(f"{a.frames} frames, pages or layers instead of {b.frames}")
    if a.film and a.film != b.film:
        more.append("another film" if b.film else "a film")
    for its, other, word in (
        (a.gain_map, b.gain_map, "a gain map"),
        (a.second_eye, b.second_eye, "a picture for the second eye"),
        (a.depth, b.depth, "a depth map"),
        (a.audio, b.audio, "sound"),
    ):
        if its and not other:
            more.append(word)
    count = max(a.pictures - b.pictures, len(a.which - b.which))
    if count > 0:
        more.append("a further picture" if count == 1 else f"{count} further pictures")
    if a.behind and a.behind != b.behind:
        more.append("data behind its picture")
    if a.drawing and a.drawing != b.drawing:
        more.append("another drawing that it is made of" if b.drawing else "the drawing that it is made of")
    if a.segments and a.segments != b.segments:
        more.append(f"{'other ' if b.segments else ''}data in segments of its own")
    if a.sphere and not b.sphere:
        more.append("how it is shown all around")
    if a.channels > b.channels:
        more.append(counted(a.channels - b.channels, "further channel"))
    if a.masks and not b.masks:
        more.append("masks of what it shows")
    if a.credentials and not b.credentials:
        more.append("content credentials")
    if a.alpha and not b.alpha:
        more.append("transparency")
    if a.bits > b.bits:
        more.append(f"{a.bits} bits a channel instead of {b.bits}")
    return more


def without_credentials(its: Holdings) -> Holdings:
    """Return holdings without what a program signs for whatever it saves: that speaks for no picture."""
    return replace(its, credentials=False)


def holds_more(a: Holdings, b: Holdings) -> bool:
    """Tell whether `a` holds something that `b` lacks."""
    return bool(what_more(a, b))


def outweighs(a: Holdings, b: Holdings) -> bool:
    """Tell whether `a` holds all that `b` does, and more. A partial order: some files are not comparable."""
    return holds_more(a, b) and not holds_more(b, a)


def reason_to_stay(its: Holdings, kept: Holdings) -> str:
    """Return why a file must not go in favor of the one that is kept; nothing if it holds no more."""
    more = what_more(its, kept)
    return f"holds more than the kept file: {', '.join(more)}" if more else ""
