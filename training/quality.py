"""Random edits that lose detail or add noise. Each takes and returns uint8 (height, width, 3) RGB."""

import cv2
import numpy as np
from geometry import Pixels, Rng


def blur(pixels: Pixels, rng: Rng) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.4, 2.0)), np.uint8)


def sharpen(pixels: Pixels, rng: Rng) -> Pixels:
    soft = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.6, 2.0))
    amount = rng.uniform(0.5, 2.5)
    return np.asarray(cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0), np.uint8)


def noise(pixels: Pixels, rng: Rng) -> Pixels:
    grain = rng.standard_normal(pixels.shape, dtype=np.float32) * np.float32(rng.uniform(4, 28))
    return np.asarray(np.clip(pixels + grain, 0, 255), np.uint8)


def jpeg(pixels: Pixels, rng: Rng) -> Pixels:
    """Compress as JPEG at quality 8 to 60, harsh ones more often."""
    quality = round(8 * (60 / 8) ** rng.random())
    packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def thumbnail(pixels: Pixels, rng: Rng) -> Pixels:
    """Shrink to 24 to 64 pixels a side and enlarge again."""
    height, width = pixels.shape[:2]
    side = int(rng.integers(24, 65))
    small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    enlarge = cv2.INTER_NEAREST if rng.random() < 0.2 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(small, (width, height), interpolation=enlarge), np.uint8)
