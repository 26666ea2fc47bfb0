"""Pairs that look like edits and are none: what is made to prove more must not prove these."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from benchmarks.accuracy.hard_negatives import HARD_NEGATIVES, Frames, Pair, burst
from benchmarks.documents.cases import differing_pair, token
from benchmarks.material.editing import Picture, noisy, saved
from benchmarks.unlisted.fields import blob, mixed
from benchmarks.unlisted.marks import font, overlaid
from benchmarks.unlisted.replacing import other_background, other_sky, removed
from benchmarks.unlisted.tones import dark_mode, light_leak, local_contrast, negative, old_film, vignette

Dress = Callable[[Picture, Random], Picture]

NOISE = 2.5  # levels
PAGES = ("invoice", "spreadsheet", "chat", "log", "letter", "timetable", "form", "slide")
"""Kinds of drawn pages, of which each control takes one by chance."""

DRESSES: dict[str, Dress] = {
    "as it is": lambda picture, _: picture,
    "with a vignette": lambda picture, _: vignette(picture, 0.35),
    "in other light": light_leak,
    "as a negative": lambda picture, _: negative(picture),
    "in a dark mode": lambda picture, _: dark_mode(picture),
    "with more local contrast": lambda picture, _: local_contrast(picture, 0.06, 0.9),
    "as on old film": lambda picture, _: old_film(picture),
    "as JPEG 3": lambda picture, _: saved(picture, "JPEG", quality=3),
}
"""What is done to the second of two that differ. It must not hide that: JPEG 3 would hide a digit."""


def discs(picture: Picture, chance: Random, other: Picture) -> Pair:
    """Two frames of a camera on a tripod: noise of their own, and a disc or two that show something else."""
    second = picture
    for _ in range(chance.randint(1, 2)):
        place = blob(picture, chance, chance.uniform(0.01, 0.05), 0.004)
        second = mixed(second, other.resize(picture.size), place)
    return noisy(picture, NOISE, chance), noisy(second, NOISE, chance)


def other_face(picture: Picture, chance: Random, other: Picture) -> Pair:
    """The picture, and it again with other content in a round place, whose rim is soft."""
    place = blob(picture, chance, chance.uniform(0.02, 0.06), 0.02)
    return picture, mixed(picture, other.resize(picture.size), place)


def moved_thing(picture: Picture, chance: Random, _other: Picture) -> Pair:
    """A thing at two places of one scene: each picture shows what the other one hides."""
    width, height = picture.size
    thing = picture.resize((width // 5, height // 5))
    mask = Image.new("L", thing.size)
    ImageDraw.Draw(mask).ellipse((1, 1, thing.width - 2, thing.height - 2), fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(1.5))
    frames = []
    for _ in range(2):
        frame = picture.copy()
        frame.paste(
            thing, (chance.randint(0, width - thing.width), chance.randint(0, height - thing.height)), soft
        )
        frames.append(frame)
    return frames[0], frames[1]


def two_stamps(picture: Picture, chance: Random, _other: Picture) -> Pair:
    """One picture with another line of writing at one place of each."""
    words = chance.sample(
        ("Harbour 14:20", "Station 09:35", "Terrace 18:01", "Bridge No. 7", "Market hall"), 2
    )
    across, down = chance.uniform(0.05, 0.4), chance.uniform(0.1, 0.85)

    def stamped(text: str) -> Picture:
        return overlaid(
            picture,
            lambda layer, width, height: layer.text(
                (across * width, down * height), text, "white", font(width / 12)
            ),
        )

    return stamped(words[0]), stamped(words[1])


def two_skies(picture: Picture, chance: Random, _other: Picture) -> Pair:
    """One ground below two skies, neither of which is the other, edited."""
    return other_sky(picture, Random(chance.getrandbits(32))), other_sky(
        picture, Random(chance.getrandbits(32))
    )


def two_backgrounds(picture: Picture, chance: Random, other: Picture) -> Pair:
    """One thing before two backgrounds."""
    seed = chance.getrandbits(32)
    turned = other.transpose(Image.Transpose.ROTATE_180)
    return other_background(picture, Random(seed), other), other_background(picture, Random(seed), turned)


def thing_gone(picture: Picture, chance: Random, _other: Picture) -> Pair:
    """Two frames of a camera on a tripod, in one of which nothing stands before a smooth wall."""
    place = Random(chance.getrandbits(32))
    return noisy(picture, NOISE, chance), noisy(removed(picture, place, 0.03), NOISE, chance)


def other_frame(dress: Dress) -> Frames:
    """Return what makes two frames of a burst, the second one dressed."""

    def make(picture: Picture, chance: Random, other: Picture) -> Pair:
        first, second = burst(picture, chance, other)
        return first, dress(second, chance)

    return make


def other_page(dress: Dress) -> Frames:
    """Return what makes two pages that differ in a digit or a letter, the second one dressed."""

    def make(_picture: Picture, chance: Random, _other: Picture) -> Pair:
        kind = chance.choice(PAGES)
        while not (
            pair := differing_pair(kind, token("train", chance.getrandbits(24), 0), small=True)
        ).legible:
            pass
        return pair.a, dress(pair.b, chance)

    return make


CONTROLS: dict[str, Frames] = {
    **HARD_NEGATIVES,
    "tripod, other discs": discs,
    "other content, softly": other_face,
    "a thing at two places": moved_thing,
    "two lines of writing": two_stamps,
    "two skies": two_skies,
    "two backgrounds": two_backgrounds,
    "tripod, a thing is gone": thing_gone,
    **{f"burst, {name}": other_frame(dress) for name, dress in DRESSES.items() if name != "as it is"},
    **{f"another digit, {name}": other_page(dress) for name, dress in DRESSES.items() if name != "as JPEG 3"},
}
