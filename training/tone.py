"""Random edits of tone and colour. Each takes and returns uint8 (height, width, 3) RGB."""

import cv2
import numpy as np
import numpy.typing as npt
from geometry import Pixels, Rng

LEVELS = np.arange(256, dtype=np.float32)
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as Pillow and OpenCV use it


def brightness(pixels: Pixels, rng: Rng) -> Pixels:
    return _by_curve(pixels, LEVELS * rng.uniform(0.35, 1.8))


def contrast(pixels: Pixels, rng: Rng) -> Pixels:
    """Stretch or squeeze the levels around their mean."""
    mean = float(pixels.mean())
    return _by_curve(pixels, mean + (LEVELS - mean) * rng.uniform(0.35, 2.0))


def faint_contrast(pixels: Pixels, rng: Rng) -> Pixels:
    """Leave 5 % to 35 % of the contrast around any grey."""
    return _by_curve(pixels, rng.uniform(30, 225) + (LEVELS - pixels.mean()) * rng.uniform(0.05, 0.35))


def gamma(pixels: Pixels, rng: Rng) -> Pixels:
    return _by_curve(pixels, 255 * (LEVELS / 255) ** np.exp(rng.uniform(-0.8, 0.8)))


def invert(pixels: Pixels, _rng: Rng) -> Pixels:
    return np.subtract(255, pixels, dtype=np.uint8)


def posterize(pixels: Pixels, rng: Rng) -> Pixels:
    step = 256 / rng.integers(3, 9)
    return _by_curve(pixels, (LEVELS // step + 0.5) * step)


def equalize(pixels: Pixels, rng: Rng) -> Pixels:
    """Flatten the histogram, of each channel as image editors do, or in small tiles of the luma (CLAHE)."""
    if rng.random() < 0.7:
        flat = [cv2.equalizeHist(np.ascontiguousarray(pixels[..., channel])) for channel in range(3)]
        return _stack([np.asarray(channel) for channel in flat])
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(float(rng.uniform(2, 6)), (4, 4)).apply(np.ascontiguousarray(lab[..., 0]))
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def autocontrast(pixels: Pixels, rng: Rng) -> Pixels:
    """Stretch each channel to the full range, up to 5 % of its pixels clipped at either end."""
    clipped = rng.uniform(0, 5)
    curves = []
    for channel in range(3):
        low, high = np.percentile(pixels[::2, ::2, channel], [clipped, 100 - clipped])
        curves.append((LEVELS - low) * (255 / max(high - low, 8)))
    return _by_curve(pixels, np.stack(curves, axis=1))


def tint(pixels: Pixels, rng: Rng) -> Pixels:
    """A colour cast: each channel brighter or darker by up to 40 %."""
    return _by_curve(pixels, LEVELS[:, None] * rng.uniform(0.6, 1.4, 3))


def saturation(pixels: Pixels, rng: Rng) -> Pixels:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    return _clipped(grey + (pixels - grey) * rng.uniform(0, 2.5))


def faint_luma(pixels: Pixels, rng: Rng) -> Pixels:
    """Leave 5 % to 50 % of the contrast of the luma, and all of the colours: grey copies have little then."""
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    return _clipped(pixels - (luma - luma.mean()) * rng.uniform(0.5, 0.95))


def vivid(pixels: Pixels, rng: Rng) -> Pixels:
    """Colours of any hue, up to four times as strong: what a grey copy has nothing of."""
    turned = hue(pixels, rng, most=90)
    grey = cv2.cvtColor(turned, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    return _clipped(grey + (turned - grey) * rng.uniform(1.5, 4))


def hue(pixels: Pixels, rng: Rng, most: int = 40) -> Pixels:
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int32) + int(rng.integers(-most, most + 1))) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def grayscale(pixels: Pixels, rng: Rng) -> Pixels:
    """By luma, or by any other mix of the channels, as black-and-white filters do."""
    mix = LUMA if rng.random() < 0.6 else rng.dirichlet([1.0, 1.0, 1.0]).astype(np.float32)
    return np.repeat(_clipped(pixels @ mix)[..., None], 3, axis=2)


def duotone(pixels: Pixels, rng: Rng) -> Pixels:
    """Map dark to one colour and light to another: sepia, or something like it."""
    sepia = rng.random() < 0.6
    dark = np.array([40, 20, 0]) if sepia else rng.uniform(0, 90, 3)
    light = np.array([255, 240, 200]) if sepia else rng.uniform(160, 255, 3)
    grey = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    return _by_curve(np.asarray(grey, np.uint8), dark + (light - dark) * (LEVELS[:, None] / 255))


def _by_curve(pixels: Pixels, curve: npt.NDArray[np.floating]) -> Pixels:
    """Replace every level by the curve's value there: float (256,), or (256, 3) for one curve a channel."""
    table = _clipped(curve)
    wide = table[:, None] if table.ndim == 1 else table[:, None, :]
    return np.asarray(cv2.LUT(pixels, np.ascontiguousarray(wide)), np.uint8)


def _clipped(values: npt.NDArray[np.floating]) -> Pixels:
    return np.asarray(np.clip(values + 0.5, 0, 255), np.uint8)


def _stack(channels: list[npt.NDArray[np.generic]] | tuple[npt.NDArray[np.generic], ...]) -> Pixels:
    return np.ascontiguousarray(np.stack(channels, axis=2), np.uint8)
