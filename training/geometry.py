"""Random edits that move pixels: crops, turns, warps. Each takes and returns uint8 (height, width, 3) RGB."""

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Rng = np.random.Generator


def shrink_to_square(pixels: Pixels, side: int) -> Pixels:
    """Squash to side x side: area resampling when shrinking, as the embedder does, else linear."""
    shrinks = min(pixels.shape[:2]) > side
    flag = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return _uint8(cv2.resize(np.ascontiguousarray(pixels), (side, side), interpolation=flag))


def crop(pixels: Pixels, rng: Rng, least_area: float, aspect: float = 1.5, most_area: float = 1) -> Pixels:
    """Keep a random rectangle of least_area to most_area, its aspect changed by up to that factor.

    Areas are uniform in their logarithm: the small ones are the hard ones.
    """
    height, width = pixels.shape[:2]
    area = most_area * (least_area / most_area) ** rng.random()
    stretch = np.exp(rng.uniform(-1, 1) * np.log(aspect))
    new_width = min(width, max(16, round(width * (area * stretch) ** 0.5)))
    new_height = min(height, max(16, round(height * (area / stretch) ** 0.5)))
    left = int(rng.integers(0, width - new_width + 1))
    top = int(rng.integers(0, height - new_height + 1))
    return pixels[top : top + new_height, left : left + new_width]


def crop_gently(pixels: Pixels, rng: Rng) -> Pixels:
    return crop(pixels, rng, least_area=0.85, aspect=1.1)


def crop_medium(pixels: Pixels, rng: Rng) -> Pixels:
    return crop(pixels, rng, least_area=0.5)


def crop_hard(pixels: Pixels, rng: Rng) -> Pixels:
    return crop(pixels, rng, least_area=0.15, most_area=0.6)


def mirror(pixels: Pixels, _rng: Rng) -> Pixels:
    return np.ascontiguousarray(pixels[:, ::-1])


def turn(pixels: Pixels, rng: Rng) -> Pixels:
    """A quarter, half or three-quarter turn."""
    return np.ascontiguousarray(np.rot90(pixels, int(rng.integers(1, 4))))


def rotate(pixels: Pixels, rng: Rng) -> Pixels:
    """Turn by up to 15 degrees: zoomed until no corner is empty, or with the corners filled in some way."""
    height, width = pixels.shape[:2]
    degrees = rng.uniform(-15, 15)
    radians = np.radians(abs(degrees))
    widest = max(width / height, height / width)
    inscribed = np.cos(radians) + widest * np.sin(radians)
    zoom = inscribed if rng.random() < 0.5 else rng.uniform(0.8, 1.1)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
    fill = cv2.BORDER_REFLECT if rng.random() < 0.3 else cv2.BORDER_CONSTANT
    colour = _plain_colour(rng)
    return _uint8(cv2.warpAffine(pixels, matrix, (width, height), borderMode=fill, borderValue=colour))


def perspective(pixels: Pixels, rng: Rng) -> Pixels:
    """Pull each corner inwards by up to 14 % of the sides, or push it outwards, showing a plain ground."""
    height, width = pixels.shape[:2]
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    moved = frame + inwards * rng.uniform(0, 0.14, (4, 2)) * np.array([width, height])
    corners = [moved.astype(np.float32), frame]
    if rng.random() < 0.3:
        corners.reverse()
    matrix = cv2.getPerspectiveTransform(*corners)
    return _uint8(cv2.warpPerspective(pixels, matrix, (width, height), borderValue=_plain_colour(rng)))


def _plain_colour(rng: Rng) -> tuple[int, int, int]:
    level = int(rng.choice([0, 255, 128]))
    if rng.random() < 0.6:
        return (level, level, level)
    red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
    return (red, green, blue)


def _uint8(pixels: npt.NDArray[np.generic]) -> Pixels:
    return np.asarray(pixels, np.uint8)
