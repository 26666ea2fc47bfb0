"""How equal two aligned pictures are after one tone map, and what was drawn over or has moved."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.comparison import Agreement
from visualsearch_cli.opencv.alignment import Aligned
from visualsearch_cli.opencv.tone import LUMA, tones

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

STEP = 0.09  # residual above which a cell differs
OUTLINE = 1.6  # edges along an outline beside edges around it: more, and the picture below has it too
PALETTE = 16 / 255  # how far the pixels of a drawing stray from its few colours


def agreement(aligned: Aligned) -> Agreement | None:
    """Compare two aligned pictures. Returns None if there is too little to compare."""
    inside = aligned.inside
    if inside.sum() < 100:
        return None
    a, b = aligned.a[inside], aligned.b[inside]
    residual, _ = min((_residual(a, b), _residual(b, a)), key=lambda found: found[1])
    cells = np.zeros(inside.shape, np.float32)
    cells[inside] = residual
    differs = cv2.morphologyEx((cells > STEP).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    drawn = drawings(aligned, differs > 0)
    equal = inside & (cv2.dilate(differs, np.ones((3, 3), np.uint8)) == 0)
    rest = equal if equal.sum() > 100 else inside
    lumas = aligned.a[rest] @ LUMA, aligned.b[rest] @ LUMA
    total = float(inside.sum())
    return Agreement(
        covered_a=aligned.covered_a,
        covered_b=aligned.covered_b,
        residual=float(cells[rest].mean()),
        correlation=_correlation(*lumas),
        drawn=float(drawn.sum()) / total,
        moved=float(((differs > 0) & ~drawn).sum()) / total,
        peak=float(residual.max()),
        change=float(np.abs(a - b).mean(axis=0).max()),
        structure=float(min(lumas[0].std(), lumas[1].std())),
        detail=_detail(aligned, rest),
    )


def _residual(source: Floats, target: Floats) -> tuple[Floats, float]:
    """Return the residual of each pixel, worst channel, after the best tone map, and how bad it is."""
    trusted = np.ones(len(source), np.bool_)
    best, cost = np.empty(0, np.float32), np.inf
    for _ in range(2):  # once more without what does not fit
        for tone in tones(source, target, trusted):
            residual = np.abs(tone - target).max(axis=1)
            mean = float(np.minimum(residual, STEP).mean())
            if mean < cost:
                best, cost = residual, mean
        trusted = best <= max(3 * float(np.median(best)), 0.03)
    return best, cost / (float((target @ LUMA).std()) + 0.02)


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt(float((a * a).sum()) * float((b * b).sum()) + 1e-9))


def _detail(aligned: Aligned, where: Mask) -> float:
    shares = []
    for grid in (aligned.a, aligned.b):
        edges = np.hypot(*(cv2.Sobel(grid @ LUMA, cv2.CV_32F, x, 1 - x, scale=0.125) for x in (0, 1)))
        shares.append(float((edges[where] > 0.01).mean()))
    return min(shares)


def drawings(aligned: Aligned, differs: Mask) -> Mask:
    """Tell which of the differing cells belong to a drawing: few colours, laid over what goes on below."""
    drawn = np.zeros(differs.shape, np.bool_)
    wide = cv2.dilate(differs.astype(np.uint8), np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(wide)
    edges = [_edges(grid) for grid in (aligned.a, aligned.b)]
    for label in range(1, count):
        x, y, width, height = (int(stats[label, part]) for part in range(4))
        frame = np.s_[max(0, y - 4) : y + height + 4, max(0, x - 4) : x + width + 4]
        whole = (labels[frame] == label).astype(np.uint8)
        region = (whole > 0) & differs[frame]
        outline = cv2.morphologyEx(whole, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        around = cv2.dilate(whole, np.ones((7, 7), np.uint8)) > 0
        for over, under in ((0, 1), (1, 0)):
            below = edges[under][frame]
            own = float(below[outline].mean()) < OUTLINE * float(below[around & ~outline].mean()) + 0.05
            if own and _is_flat((aligned.a, aligned.b)[over][frame], region):
                drawn[frame] |= region
                break
    return drawn


def _edges(grid: Floats) -> Floats:
    luma = grid @ LUMA
    return np.hypot(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)).astype(np.float32)


def _is_flat(grid: Floats, region: Mask) -> bool:
    """Tell whether most cells of a region have one of its three commonest colours."""
    pixels = grid[region]
    left = np.ones(len(pixels), np.bool_)
    for _ in range(3):
        if not left.any():
            return True
        codes = (pixels[left] * 7.99).astype(np.int64) @ np.array([64, 8, 1])
        commonest = np.bincount(codes, minlength=512).argmax()
        center = np.median(pixels[left][codes == commonest], axis=0)
        left &= np.abs(pixels - center).max(axis=1) > PALETTE
    return bool(left.mean() < 0.35)
