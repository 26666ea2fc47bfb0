"""Random edits that put something on, around or behind a picture: uint8 (height, width, 3) RGB in and out."""

import string

import cv2
import numpy as np
from geometry import Pixels, Rng, crop

Colour = tuple[int, int, int]
DARK: Colour = (20, 20, 20)
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
)
LETTERS = string.ascii_letters + string.digits + "     .,!?"


def text(pixels: Pixels, rng: Rng) -> Pixels:
    """Write one or two lines anywhere, half of them outlined."""
    canvas: Pixels = pixels.copy()
    for _ in range(rng.integers(1, 3)):
        _write(canvas, rng, top=0, bottom=canvas.shape[0])
    return canvas


def shapes(pixels: Pixels, rng: Rng) -> Pixels:
    """Draw one to four filled circles, boxes and faces, like stickers and emoji."""
    canvas: Pixels = pixels.copy()
    height, width = canvas.shape[:2]
    for _ in range(rng.integers(1, 5)):
        size = int(min(height, width) * rng.uniform(0.06, 0.3))
        _sticker(canvas, rng, int(rng.integers(0, width)), int(rng.integers(0, height)), size)
    return canvas


def logo(pixels: Pixels, rng: Rng) -> Pixels:
    """Cover up to a third of the picture with one ornament, in colours far apart."""
    canvas: Pixels = pixels.copy()
    height, width = canvas.shape[:2]
    side = int(min(height, width) * rng.uniform(0.05, 0.36) ** 0.5)
    left, top = int(rng.integers(0, width - side + 1)), int(rng.integers(0, height - side + 1))
    colour = _colour(rng)
    opposite: Colour = (255 - colour[0], 255 - colour[1], 255 - colour[2])
    centre = (left + side // 2, top + side // 2)
    if rng.random() < 0.6:
        cv2.circle(canvas, centre, side // 2, colour, -1, cv2.LINE_AA)
    else:
        cv2.rectangle(canvas, (left, top), (left + side, top + side), colour, -1)
    inner = int(side * rng.uniform(0.1, 0.35))
    corner = (centre[0] - inner, centre[1] - inner)
    cv2.rectangle(canvas, corner, (centre[0] + inner, centre[1] + inner), opposite, -1)
    return canvas


def border(pixels: Pixels, rng: Rng) -> Pixels:
    """A frame of one colour, equally wide on all sides or not."""
    height, width = pixels.shape[:2]
    if rng.random() < 0.5:
        wide = int(min(height, width) * rng.uniform(0.02, 0.2))
        return _framed(pixels, (wide, wide, wide, wide), _ground(rng))
    shares = rng.uniform(0, 0.35, 4) * (rng.random(4) < 0.7)
    top, bottom = (int(height * share) for share in shares[:2])
    left, right = (int(width * share) for share in shares[2:])
    return _framed(pixels, (top, bottom, left, right), _ground(rng))


def letterbox(pixels: Pixels, rng: Rng) -> Pixels:
    """Bars that make the picture square, or 16:9, or 9:16."""
    height, width = pixels.shape[:2]
    wanted = rng.choice([1, 1, 16 / 9, 9 / 16])
    across = max(0, round(height * wanted) - width) // 2
    upright = max(0, round(width / wanted) - height) // 2
    return _framed(pixels, (upright, upright, across, across), _ground(rng))


def meme(pixels: Pixels, rng: Rng) -> Pixels:
    """A plain strip with a line of text above or below the picture, or both."""
    height = pixels.shape[0]
    above = int(height * rng.uniform(0.1, 0.3))
    below = int(height * rng.uniform(0.1, 0.3)) if rng.random() < 0.3 else 0
    if rng.random() < 0.3:
        above, below = below, above
    canvas = _framed(pixels, (above, below, 0, 0), _ground(rng))
    for top, bottom in ((0, above), (above + height, above + height + below)):
        if bottom > top:
            _write(canvas, rng, top, bottom)
    return canvas


def screenshot(pixels: Pixels, rng: Rng) -> Pixels:
    """Bars above and below with text, narrow margins and a few controls: a picture seen in an app."""
    height, width = pixels.shape[:2]
    above, below = (int(height * share) for share in rng.uniform(0.05, 0.4, 2))
    left, right = (int(width * share) for share in rng.uniform(0, 0.08, 2))
    ground = int(rng.choice([245, 255, 235, 30, 0]))
    canvas = _framed(pixels, (above, below, left, right), (ground, ground, ground))
    for top, bottom in ((0, above), (above + height, above + height + below)):
        for _ in range(rng.integers(0, 4)):
            _write(canvas, rng, top, bottom)
        for _ in range(rng.integers(0, 4)):
            spot = int(rng.integers(0, canvas.shape[1])), int(rng.integers(top, bottom + 1))
            _sticker(canvas, rng, *spot, max(3, height // 25))
    return canvas


def paste_onto(pixels: Pixels, rng: Rng, ground: Pixels) -> Pixels:
    """Put the picture, shrunk to 35 % to 90 % of the area, onto another photograph."""
    height, width = pixels.shape[:2]
    canvas = np.asarray(cv2.resize(crop(ground, rng, 0.4).copy(), (width, height)), np.uint8)
    side = rng.uniform(0.35, 0.9) ** 0.5
    new_width, new_height = max(8, int(width * side)), max(8, int(height * side))
    small = cv2.resize(pixels, (new_width, new_height), interpolation=cv2.INTER_AREA)
    left = int(rng.integers(0, width - new_width + 1))
    top = int(rng.integers(0, height - new_height + 1))
    canvas[top : top + new_height, left : left + new_width] = small
    return canvas


def _framed(pixels: Pixels, margins: tuple[int, int, int, int], colour: Colour) -> Pixels:
    """Add margins (top, bottom, left, right), in pixels."""
    return np.asarray(cv2.copyMakeBorder(pixels, *margins, cv2.BORDER_CONSTANT, value=colour), np.uint8)


def _write(canvas: Pixels, rng: Rng, top: int, bottom: int) -> None:
    """Write a random line that starts in the left half, between two rows of the canvas."""
    height, width = canvas.shape[:2]
    line = "".join(rng.choice(list(LETTERS), int(rng.integers(4, 24))))
    left, base = rng.integers(-width // 10, width // 2), rng.integers(top + (bottom - top) // 3, bottom + 1)
    spot = (int(left), int(base))
    font, size = FONTS[rng.integers(len(FONTS))], float(rng.uniform(0.25, 1.1)) * height / 160
    thickness = int(rng.integers(1, 3))
    if rng.random() < 0.5:
        cv2.putText(canvas, line, spot, font, size, _colour(rng), thickness + 2, cv2.LINE_AA)
    cv2.putText(canvas, line, spot, font, size, _colour(rng), thickness, cv2.LINE_AA)


def _sticker(canvas: Pixels, rng: Rng, across: int, down: int, size: int) -> None:
    """Draw a disc, a box or a simple face of that radius around a point."""
    kind, colour = rng.random(), _colour(rng)
    if kind < 0.3:
        low = (across + size, down + size // 2)
        cv2.rectangle(canvas, (across - size, down - size // 2), low, colour, -1)
        return
    cv2.circle(canvas, (across, down), size, colour, -1, cv2.LINE_AA)
    if kind > 0.6:
        for side in (-1, 1):
            eye = (across + side * size // 3, down - size // 4)
            cv2.circle(canvas, eye, max(1, size // 7), DARK, -1)
        mouth = (across, down + size // 8)
        cv2.ellipse(canvas, mouth, (size // 2, size // 3), 0, 20, 160, DARK, 2)


def _colour(rng: Rng) -> Colour:
    red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
    return (red, green, blue)


def _ground(rng: Rng) -> Colour:
    """White or black as a rule, else any colour."""
    chance = rng.random()
    return (255, 255, 255) if chance < 0.35 else (0, 0, 0) if chance < 0.7 else _colour(rng)
