"""Two frames that one camera took of one place: bursts, brackets, focus stacks, a clock burnt in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
from PIL import Image, ImageDraw

from benchmarks.documents.copies import File, scaled
from benchmarks.documents.fonts import face
from benchmarks.documents.sheet import Box, Picture
from benchmarks.documents.shots.camera import Camera, Moment, exposed, written
from benchmarks.documents.shots.scenes import Light, Scene, car, person, scene
from benchmarks.material.photographs import Photograph

SEEN = 12  # levels of 255, by which a place that something moved in must differ in the mean, but for noise
SEEN_IN_THE_DARK = 6
LEAST_MOVED, MOST_MOVED = 0.026, 0.16  # of the longer side, the diameter of what moved
BRACKETS = (0.3, 0.5, 0.7, 1.0, 1.5, 2.0)  # EV between two frames
TRIES = 12


@dataclass(frozen=True, slots=True)
class Shots:
    """Two files, and what they differ in."""

    what: str
    a: File
    b: File
    box: Box | None = None  # in pixels of both; None: anywhere
    legible: bool = True


Take = Callable[[Random, Sequence[Photograph]], Shots]
"""From chance, and photographs to take scenes from, to two files that are `similar` at most."""


def single(chance: Random) -> Picture:
    """One frame by day."""
    place = scene(_size(chance), chance)
    rng = np.random.default_rng(chance.getrandbits(64))
    return exposed(place.light, Camera.drawn(chance), chance.uniform(-0.7, 0.3), rng)


def burst(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """From a tripod by day: something moved."""
    return _moved(chance, photographs, dark=False)


def dark_burst(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """From a tripod in the dark: something moved."""
    return _moved(chance, photographs, dark=True)


def two_readings(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """From a tripod: nothing moved, and the light was read out twice."""
    place = scene(_size(chance), chance, photographs)
    camera, stops = Camera.drawn(chance), chance.uniform(-0.5, 0.3)
    rng = np.random.default_rng(chance.getrandbits(64))
    frames = [exposed(place.light, camera, stops, rng) for _ in range(2)]
    return Shots("noise alone", *_saved(frames, camera, chance, exif=False))


def bracket(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """Two exposures of a bracket, of which the files say nothing."""
    return _bracket(chance, photographs, exif=False)


def bracket_with_exif(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """Two exposures of a bracket, as the camera wrote them."""
    return _bracket(chance, photographs, exif=True)


def focus_stack(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """Sharp nearby, and sharp far away."""
    place = scene(_size(chance), chance, photographs)
    camera, rng = Camera.drawn(chance), np.random.default_rng(chance.getrandbits(64))
    most = place.size[0] / 640 * chance.uniform(2.5, 5)
    frames = [
        exposed(_focused(place, focus, most), camera, 0.0, rng)
        for focus in (chance.uniform(0.0, 0.2), chance.uniform(0.75, 1.0))
    ]
    breathing = chance.choice((1.0, 1.0, 1.004, 1.01))
    frames[1] = _breathed(frames[1], breathing)
    return Shots(f"focus, breathing {breathing:.3f}", *_saved(frames, camera, chance, exif=False))


def hand_held(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """The camera moved a little to the side between two shots: what is near moved more than what is far."""
    place = scene(_size(chance), chance, photographs)
    camera, rng = Camera.drawn(chance), np.random.default_rng(chance.getrandbits(64))
    width = place.size[0]
    shift = width * chance.uniform(0.012, 0.05), width * chance.uniform(-0.01, 0.01)
    frames = [exposed(light, camera, 0.0, rng) for light in (place.light, _from_aside(place, shift))]
    return Shots(f"{shift[0]:.0f} px nearby", *_saved(frames, camera, chance, exif=False))


def film(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """Two frames of a film, whose codec left no noise: the camera moved by a few pixels of what is near."""
    place = scene(_size(chance), chance, photographs)
    camera = Camera.drawn(chance)
    factor = chance.uniform(0.25, 0.5)
    moved = chance.uniform(1.0, 6.0)
    shift = moved / factor, chance.uniform(-0.3, 0.3) * moved / factor
    frames = [exposed(light, camera, 0.0, None) for light in (place.light, _from_aside(place, shift))]
    small = [scaled(frame, factor) for frame in frames]
    return Shots(f"{moved:.1f} px nearby", *_saved(small, camera, chance, exif=False))


def static_camera(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """A camera on a wall that writes the time into its frames; in half of them something moved as well."""
    size = chance.choice(((640, 480), (960, 540), (1280, 720), (1920, 1080)))
    place = scene(size, chance, photographs)
    camera, rng = Camera.drawn(chance), np.random.default_rng(chance.getrandbits(64))
    stops = chance.uniform(-1, 0.3)
    later, box = place, None
    moved = chance.random() < 0.5
    if moved:
        later, box = _with_someone(place, chance)
    frames = [exposed(one.light, camera, stops, rng) for one in (place, later)]
    if chance.random() < 0.2:  # a screen that is recorded: only the clock goes on
        frames[1] = exposed(later.light, camera, stops, None)
        frames[0] = exposed(place.light, camera, stops, None)
    hours = chance.randrange(86_000)
    gap = chance.choice((1, 2, 4, 15, 60, 600))
    x_height = chance.uniform(8, 13)
    boxes = [
        _clocked(frame, time, x_height) for frame, time in zip(frames, (hours, hours + gap), strict=True)
    ]
    quality = chance.choice((70, 80, 90))
    files = tuple(written(frame, quality) for frame in frames)
    what = f"{gap} s later" + (", something moved" if moved else "")
    return Shots(what, files[0], files[1], None if box else boxes[0])


def replaced_disc(place: Scene, chance: Random, share: float) -> tuple[Scene, Box]:
    """Show, in a disc whose diameter is a share of the longer side, what lies elsewhere or a ball."""
    width, height = place.size
    radius = max(2.0, share * max(width, height) / 2)
    x, y = (chance.uniform(radius, side - radius) for side in (width, height))
    later = place.copy()
    box = int(x - radius) - 2, int(y - radius) - 2, int(x + radius) + 3, int(y + radius) + 3
    if chance.random() < 0.5:
        color = [chance.uniform(0.02, 0.8) for _ in range(3)]
        later.ball((x, y), (radius, radius), (color[0], color[1], color[2]), 0.3)
        return later, _inside(box, place.size)
    across, down = (chance.uniform(radius, side - radius) for side in (width, height))
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    mask = np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1)[..., None]
    there = np.roll(place.light, (round(y - down), round(x - across)), (0, 1))
    later.light += mask * (there - later.light)
    return later, _inside(box, place.size)


def seen(place: Scene, later: Scene, box: Box, camera: Camera, stops: float) -> float:
    """Return how much two scenes differ in a box when shown, but for noise: levels of 255 in the mean."""
    left, top, right, bottom = box
    left, top = left // 2 * 2, top // 2 * 2
    part = slice(top, max(top + 2, bottom)), slice(left, max(left + 2, right))
    one, two = (
        np.asarray(exposed(light[part], camera, stops, None), np.float32)
        for light in (place.light, later.light)
    )
    return float(np.abs(one - two).mean())


def _moved(chance: Random, photographs: Sequence[Photograph], dark: bool) -> Shots:
    place = scene(_size(chance), chance, photographs)
    camera = Camera.drawn(chance, dark=dark)
    stops = chance.uniform(-5.5, -3.5) if dark else chance.uniform(-0.7, 0.3)
    least = SEEN_IN_THE_DARK if dark else SEEN
    share = chance.uniform(LEAST_MOVED, MOST_MOVED)
    for _ in range(TRIES):
        later, box = replaced_disc(place, chance, share)
        contrast = seen(place, later, box, camera, stops)
        if contrast >= least:
            break
    rng = np.random.default_rng(chance.getrandbits(64))
    frames = [exposed(one.light, camera, stops, rng) for one in (place, later)]
    files = _saved(frames, camera, chance, exif=chance.random() < 0.2)
    return Shots(f"disc of {share:.1%}", *files, box, contrast >= least)


def _bracket(chance: Random, photographs: Sequence[Photograph], exif: bool) -> Shots:
    size = _size(chance)
    if chance.random() < 0.12:
        size = chance.choice(((3000, 2000), (3264, 2448), (4000, 3000)))
    place = scene(size, chance, photographs)
    camera, rng = Camera.drawn(chance), np.random.default_rng(chance.getrandbits(64))
    step = chance.choice(BRACKETS) * chance.choice((-1, 1))
    middle = chance.uniform(-0.7, 0.2)
    frames = [exposed(place.light, camera, stops, rng) for stops in (middle, middle + step)]
    return Shots(f"{step:+.1f} EV", *_saved(frames, camera, chance, exif, step))


def _size(chance: Random) -> tuple[int, int]:
    """One to three megapixels."""
    width, height = chance.choice(((1280, 854), (1280, 960), (1600, 1200), (2000, 1500)))
    return (width, height) if chance.random() < 0.75 else (height, width)


def _saved(
    frames: Sequence[Picture], camera: Camera, chance: Random, exif: bool, step: float = 0.0
) -> tuple[File, File]:
    quality = chance.choice((85, 90, 92, 95))
    start, exposure = chance.uniform(0, 2e6), 1 / chance.choice((30, 60, 125, 250))
    moments = Moment(start, exposure), Moment(start + chance.uniform(0.1, 1.5), exposure * 2**step, step)
    one, two = (
        written(frame, quality, moment.exif(camera) if exif else b"")
        for frame, moment in zip(frames, moments, strict=True)
    )
    return one, two


def _focused(place: Scene, focus: float, most: float) -> Light:
    """Blur what is not in focus, the more the farther it is from there, by `most` pixels at most."""
    steps = 4
    blurred = [place.light] + [
        cv2.GaussianBlur(place.light, (0, 0), most * step / steps) for step in range(1, steps + 1)
    ]
    away = cv2.GaussianBlur(np.abs(place.depth - np.float32(focus)), (0, 0), most / 2) * steps
    light = np.zeros_like(place.light)
    for step, layer in enumerate(blurred):
        light += layer * np.clip(1 - np.abs(away - step), 0, 1)[..., None]
    return light


def _breathed(picture: Picture, factor: float) -> Picture:
    width, height = picture.size
    left, top = width * (1 - 1 / factor) / 2, height * (1 - 1 / factor) / 2
    box = (left, top, width - left, height - top)
    return picture.resize(picture.size, Image.Resampling.BICUBIC, box=box)


def _from_aside(place: Scene, shift: tuple[float, float]) -> Light:
    width, height = place.size
    near = cv2.GaussianBlur(1 - place.depth, (0, 0), 1.5)
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    seen_from = columns + shift[0] * near, rows + shift[1] * near
    return np.asarray(
        cv2.remap(place.light, *seen_from, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32
    )


def _with_someone(place: Scene, chance: Random) -> tuple[Scene, Box]:
    later = place.copy()
    width, height = place.size
    x, y = chance.uniform(0.1, 0.9) * width, chance.uniform(0.6, 0.95) * height
    tall = height * chance.uniform(0.1, 0.35)
    if chance.random() < 0.6:
        person(later, (x, y), tall, chance, 0.3)
        box = int(x - 0.3 * tall), int(y - tall) - 2, int(x + 0.3 * tall), int(y) + 2
    else:
        car(later, (x, y), 1.4 * tall, chance, 0.3)
        box = int(x) - 2, int(y - 0.7 * tall), int(x + 1.4 * tall) + 2, int(y + 0.1 * tall)
    return later, _inside(box, place.size)


def _clocked(frame: Picture, seconds: int, x_height: float) -> Box:
    """Write the time into a frame, white on a black bar, and return where."""
    text = f"2024-05-17 {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}  CAM 2"
    font = face("mono").at(x_height)
    right, bottom = (int(side) for side in font.getbbox(text)[2:])
    box = 12, 12, 12 + right + 8, 12 + bottom + 6
    drawing = ImageDraw.Draw(frame)
    drawing.rectangle(box, (0, 0, 0))
    drawing.text((16, 14), text, (255, 255, 255), font)
    return box[0], box[1], box[2] + 1, box[3] + 1


def _inside(box: Box, size: tuple[int, int]) -> Box:
    return max(0, box[0]), max(0, box[1]), min(size[0], box[2]), min(size[1], box[3])
