"""Edits of light and color: of the whole picture, and those that change from place to place."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from benchmarks.material.editing import Picture, gamma, warmed
from benchmarks.material.edits import Edit
from benchmarks.unlisted.fields import Floats, away, blurred, lumas, places, shown, values_of, waves


def vignette(picture: Picture, least: float, x: float = 0.0, y: float = 0.0) -> Picture:
    """Darken the corners, to that share of their light."""
    gain = 1 - np.float32(1 - least) * np.clip((away(picture, x, y) / np.float32(1.4)) ** 2, 0, 1)
    return shown(values_of(picture) * gain[..., None])


def light_leak(picture: Picture, chance: Random) -> Picture:
    """Let warm light in at an edge, as an old camera does."""
    x, y = chance.choice(((-1.1, -0.4), (1.1, 0.5), (-0.3, -1.2), (1.0, -1.0)))
    strength = np.exp(-np.square(away(picture, x, y) / np.float32(chance.uniform(0.5, 0.75))))
    color = np.array([255, chance.uniform(90, 150), chance.uniform(20, 60)], np.float32)
    values = values_of(picture)
    light = strength[..., None] * color
    return shown(255 - (255 - values) * (255 - light) / 255)  # as a program "screens" it


def negative(picture: Picture) -> Picture:
    """Turn all levels around."""
    return ImageOps.invert(picture)


def dark_mode(picture: Picture) -> Picture:
    """Turn light and dark around, and keep the hues, as screens at night do."""
    values = values_of(picture)
    flipped = 255 - values.max(axis=2, keepdims=True) - values.min(axis=2, keepdims=True)
    return shown(values + flipped)


def local_contrast(picture: Picture, sigma: float, amount: float) -> Picture:
    """Raise the contrast beside what lies around, over that share of the shorter side."""
    values = values_of(picture)
    luma = lumas(values)
    around = blurred(luma[..., 0], sigma * min(picture.size))[..., None]
    return shown(values + np.float32(amount) * (luma - around))


def dodged(picture: Picture, chance: Random) -> Picture:
    """Lighten some places and darken others, with a large brush."""
    stops = np.float32(chance.uniform(0.7, 0.9)) * waves(picture, chance, 5)
    return shown(values_of(picture) * np.exp2(stops)[..., None])


def graduated(picture: Picture, least: float) -> Picture:
    """Darken towards the upper edge, as a filter before a lens does."""
    _, y = places(picture)
    gain = least + np.float32(1 - least) / (1 + np.exp(-6 * y))
    return shown(values_of(picture) * gain[..., None])


def foggy(picture: Picture, chance: Random) -> Picture:
    """Lay fog over it, more above than below."""
    _, y = places(picture)
    share = np.clip(0.45 - 0.3 * y + 0.08 * waves(picture, chance, 4), 0, 0.8)[..., None]
    return shown(values_of(picture) * (1 - share) + 225 * share)


def curved(picture: Picture, *curves: tuple[float, float, float]) -> Picture:
    """Send red, green and blue each through the levels, 0 to 1, that black, gray and white become."""
    tables = []
    for low, middle, high in curves:
        levels = np.interp(np.arange(256) / 255, (0, 0.5, 1), (low, middle, high))
        tables += np.rint(255 * levels).astype(int).tolist()
    return picture.point(tables)


def old_film(picture: Picture) -> Picture:
    """Warm and faded, with dark corners, as programs for phones name after a year."""
    faded = curved(picture, (0.12, 0.58, 0.98), (0.06, 0.50, 0.92), (0.14, 0.44, 0.76))
    return vignette(ImageEnhance.Contrast(faded).enhance(1.15), 0.35)


def cold_film(picture: Picture) -> Picture:
    """Blue shadows, yellow lights and a bright middle."""
    toned = curved(picture, (0.0, 0.47, 1.0), (0.02, 0.50, 1.0), (0.22, 0.52, 0.80))
    middle = np.exp(-np.square(away(toned) / np.float32(0.8)))[..., None]
    return vignette(shown(values_of(toned) + 38 * middle), 0.3)


def gray_film(picture: Picture) -> Picture:
    """Gray, hard, grainy at no place, with dark corners."""
    gray = ImageOps.grayscale(picture).convert("RGB")
    return vignette(ImageEnhance.Contrast(gray).enhance(1.5), 0.25)


def cross_processed(picture: Picture) -> Picture:
    """Curves of film that was developed in what is for another one."""
    return curved(picture, (0.0, 0.60, 1.0), (0.0, 0.56, 1.0), (0.2, 0.48, 0.78))


def duotone(picture: Picture) -> Picture:
    """Two inks: dark blue and pale orange."""
    return ImageOps.colorize(ImageOps.grayscale(picture), (22, 20, 92), (255, 214, 150))


def posterized(picture: Picture) -> Picture:
    """Leave eight levels of each color."""
    return ImageOps.posterize(picture, 3)


def night(picture: Picture) -> Picture:
    """Make night of day: dark, blue, pale."""
    pale = ImageEnhance.Color(picture).enhance(0.5)
    return curved(pale, (0.0, 0.16, 0.50), (0.0, 0.20, 0.58), (0.06, 0.30, 0.74))


def bleached(picture: Picture) -> Picture:
    """Little color and much contrast, as with the silver left in film."""
    return ImageEnhance.Contrast(ImageEnhance.Color(picture).enhance(0.35)).enhance(1.5)


def high_key(picture: Picture) -> Picture:
    """So bright that light places are white."""
    return ImageEnhance.Brightness(gamma(picture, 0.7)).enhance(1.25)


def split_toned(picture: Picture) -> Picture:
    """Teal shadows and orange lights."""
    values = values_of(picture)
    share = lumas(values) / 255
    teal, orange = np.array([-28, 10, 26], np.float32), np.array([30, 6, -28], np.float32)
    return shown(values + (1 - share) * teal + share * orange)


def spotlit(picture: Picture, chance: Random) -> Picture:
    """Leave light around one place."""
    x, y = chance.uniform(-0.4, 0.4), chance.uniform(-0.4, 0.4)
    gain = 0.35 + 0.9 * np.exp(-np.square(away(picture, x, y) / np.float32(0.7)))
    return shown(values_of(picture) * gain[..., None])


def tone_mapped(picture: Picture) -> Picture:
    """As pictures of a high dynamic range are shown: each place as light as any other."""
    values = values_of(picture)
    around = blurred(lumas(values)[..., 0], 0.05 * min(picture.size))[..., None]
    gain: Floats = np.power((around + 20) / 140, np.float32(-0.55))
    return ImageEnhance.Color(shown(values * gain)).enhance(1.3)


def projected(picture: Picture) -> Picture:
    """Colors as a poor projector shows them: black is gray, one side is darker."""
    x, _ = places(picture)
    values = 46 + values_of(picture) * np.float32(0.72)
    return warmed(shown(values * (1 + 0.18 * x)[..., None]), red=1.03, blue=0.92)


def equalized_by_tiles(picture: Picture) -> Picture:
    """Stretch the levels of each place beside its neighbors: adaptive equalization, with a limit."""
    import cv2

    lab = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(lab[..., 0])
    return Image.fromarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))


TONES: dict[str, Edit] = {
    "vignette": lambda picture, *_: vignette(picture, 0.25),
    "vignette off the middle": lambda picture, *_: vignette(picture, 0.3, -0.35, 0.2),
    "light leak": lambda picture, chance, _: light_leak(picture, chance),
    "negative": lambda picture, *_: negative(picture),
    "inverted for a dark mode": lambda picture, *_: dark_mode(picture),
    "strong local contrast": lambda picture, *_: local_contrast(picture, 0.06, 1.1),
    "clarity": lambda picture, *_: local_contrast(picture, 0.03, 0.6),
    "equalized by tiles": lambda picture, *_: equalized_by_tiles(picture),
    "dodged and burnt": lambda picture, chance, _: dodged(picture, chance),
    "graduated filter": lambda picture, *_: graduated(picture, 0.35),
    "fog": lambda picture, chance, _: foggy(picture, chance),
    "old film with a vignette": lambda picture, *_: old_film(picture),
    "cold film with a vignette": lambda picture, *_: cold_film(picture),
    "gray film with a vignette": lambda picture, *_: gray_film(picture),
    "cross-processed": lambda picture, *_: cross_processed(picture),
    "two inks": lambda picture, *_: duotone(picture),
    "posterized": lambda picture, *_: posterized(picture),
    "night of day": lambda picture, *_: night(picture),
    "bleached": lambda picture, *_: bleached(picture),
    "high key": lambda picture, *_: high_key(picture),
    "split toning": lambda picture, *_: split_toned(picture),
    "spotlight": lambda picture, chance, _: spotlit(picture, chance),
    "tone-mapped": lambda picture, *_: tone_mapped(picture),
    "projected on a wall": lambda picture, *_: projected(picture),
}
