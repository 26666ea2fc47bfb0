"""What was done to all of a picture, in words: "brighter by 0.4 EV, saturation +20 %"."""

from __future__ import annotations

from visualsearch_cli.verdicts.comparison import Proof, Retouch
from visualsearch_cli.verdicts.rules import LEAST_KEPT, MOST_SHADE, MOST_SHARPENED

LEAST_STOPS = 0.1
LEAST_CONTRAST = 0.1  # of what it was
LEAST_SATURATION = 0.08
LEAST_CAST = 4.0  # levels
SAME_SIZE = 1.001  # times the scale


def describe_toning(retouch: Retouch, proof: Proof, scale: float) -> str:
    """Say how B was made of A: light, contrast, color and sharpness, whatever is worth a word.

    scale: how large B is, beside A. The sharpness of a proof is that of the smaller picture.
    """
    parts = [*_light(retouch), *_color(retouch), *_sharpness(retouch, proof, scale)]
    if not parts and proof.shade > MOST_SHADE:
        parts = ["lighter or darker in places"]
    return ", ".join(parts) or "other tones"


def _light(retouch: Retouch) -> list[str]:
    parts = []
    if abs(retouch.stops) >= LEAST_STOPS:
        parts.append(f"{'brighter' if retouch.stops > 0 else 'darker'} by {abs(retouch.stops):.1f} EV")
    if abs(retouch.contrast - 1) >= LEAST_CONTRAST:
        parts.append(f"contrast {_change(retouch.contrast)}")
    return parts


def _color(retouch: Retouch) -> list[str]:
    has_cast = max(abs(retouch.warmth), abs(retouch.green)) >= LEAST_CAST
    if retouch.saturation == 0:
        return ["in shades of one color" if has_cast else "black and white"]
    if retouch.saturation == float("inf"):
        return ["in color"]
    parts = []
    if abs(retouch.saturation - 1) >= LEAST_SATURATION:
        parts.append(f"saturation {_change(retouch.saturation)}")
    if has_cast and abs(retouch.warmth) >= abs(retouch.green):
        parts.append("warmer" if retouch.warmth > 0 else "cooler")
    elif has_cast:
        parts.append("greener" if retouch.green > 0 else "pinker")
    return parts


def _sharpness(retouch: Retouch, proof: Proof, scale: float) -> list[str]:
    toning, same_size = proof.toning, 1 / SAME_SIZE < scale < SAME_SIZE
    if not 1 / MOST_SHARPENED < toning.sharpness < MOST_SHARPENED:
        gained = retouch.finer > 1 if same_size else (toning.sharpness > 1) == (scale < 1)
        return ["sharper" if gained else "less sharp"]
    if toning.kept < LEAST_KEPT:
        gained = retouch.finer > 1 if same_size else scale > 1
        return ["more noise" if gained else "less noise"]
    return []


def _change(times: float) -> str:
    """Return a factor as a change: "+20 %", "−40 %"."""
    return f"{100 * (times - 1):+.0f} %".replace("-", "−")
