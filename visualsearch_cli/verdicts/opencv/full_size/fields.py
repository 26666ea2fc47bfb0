"""Light and tones that change slowly from place to place: dark corners, light that leaks in, local contrast.

A field is a gain and an offset for each channel, between a few nodes, and shares of what lies around each
place. It has too few numbers to explain a thing that differs, and least of all its outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.quality.ranks import median
from visualsearch_cli.verdicts.opencv.alignment import SIDE
from visualsearch_cli.verdicts.opencv.full_size.light import Relight
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.pixels import largest, luma

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

NODES = 8  # along either side
AROUND = (0.015, 0.03, 0.06)  # sigmas of the blurs whose shares are fitted, in parts of the longer side
ROUNDS = 3  # of reweighting: what fits least counts least
STRAY = 2.5  # times the median of what is left, from which a cell counts less
LEAST_LEFT = 0.008  # of full scale, that is always left
MOST_LEFT = 0.09  # of full scale, that a cell counts for
NOTHING = np.empty((0, 0), np.float32)  # that is added to a product
HOLD = 3e-6  # times the cells: how much is asked for a node that is not as its neighbors


class Field(NamedTuple):
    """How a picture is lit beside another one, in parts of full scale."""

    gain: Floats  # (nodes, nodes, 3)
    offset: Floats  # (nodes, nodes, 3)
    around: Floats  # (blurs, 3): of the luma around

    def __call__(self, source: Floats) -> Floats:
        """Return a picture (h, w, 3) in the light of the other one."""
        gain, offset = self.parts(source)
        lit: Floats = np.clip(gain * source + offset, 0, 1)
        return lit

    def parts(self, source: Floats) -> tuple[Floats, Floats]:
        """Return the gain and the offset of each place of a picture, (h, w, 3) each."""
        size, blurs = source.shape[:2], _blurs(luma(source))
        planes = [
            _parts(
                _Plane(self.gain[..., number], self.offset[..., number], self.around[..., number]),
                size,
                blurs,
            )
            for number in range(3)
        ]
        gain, offset = (np.stack(kind, axis=-1) for kind in zip(*planes, strict=True))
        return gain, offset


class _Plane(NamedTuple):
    """A field of one plane: as `Field`, without the last axis."""

    gain: Floats
    offset: Floats
    around: Floats


def _parts(field: _Plane, size: tuple[int, ...], blurs: Sequence[Floats]) -> tuple[Floats, Floats]:
    gain, offset = (_drawn_out(nodes, size[0], size[1]) for nodes in (field.gain, field.offset))
    for share, blur in zip(field.around, blurs, strict=True):
        offset += share * blur
    return gain, offset


class Lights(NamedTuple):
    """How each of two laid-out pictures becomes the other one, and what that leaves, beside full scale."""

    gain: Floats  # (h, w, 3), of a reduced picture: from the finer one to the coarser one
    offset: Floats  # (h, w, 3), levels
    there: float
    back: float

    def on(self, laid: LaidOut) -> Relight:
        """Return what gives the finer picture the light of the coarser one."""
        return Relight(laid, self.gain, self.offset)


def lights_of(laid: LaidOut) -> Lights:
    """Return how the finer picture is lit like the coarser one, and what either way leaves."""
    height, width = laid.inside.shape
    factor = min(1.0, SIDE / max(height, width))
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    coarse, fine = (
        np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)
        for pixels in (laid.coarse, laid.fine)
    )
    inside = laid.inside.reduced(size)
    field = field_of(fine, coarse, inside)
    costs = [
        float(np.minimum(largest(np.abs(one(source) - target))[inside], MOST_LEFT).mean())
        for one, source, target in ((field, fine, coarse), (field_of(coarse, fine, inside), coarse, fine))
    ]
    gain, offset = field.parts(fine)
    return Lights(gain, np.float32(255) * offset, costs[0], costs[1])


class Lit(NamedTuple):
    """Two pictures in one light, (h, w, 3) each."""

    source: Floats
    target: Floats
    cost: float  # what is left, in parts of full scale; what differs altogether counts no more than much


def best_lit(a: Floats, b: Floats, inside: Mask) -> Lit:
    """Light A like B, or B like A, whichever leaves less: light that was lost cannot be given back."""
    ways = []
    for source, target in ((a, b), (b, a)):
        lit = field_of(source, target, inside)(source)
        left = largest(np.abs(lit - target))[inside]
        ways.append(Lit(lit, target, float(np.minimum(left, MOST_LEFT).mean())))
    return min(ways, key=lambda way: way.cost)


def field_of(source: Floats, target: Floats, inside: Mask) -> Field:
    """Return the field that lights a source like a target, (h, w, 3) each, where both are."""
    weights = inside.astype(np.float32)
    light, wanted = luma(source), luma(target)
    blurs = _blurs(light)
    for _ in range(ROUNDS):  # luma alone tells what differs
        gain, offset = _parts(_solved(light, wanted, blurs, weights), light.shape, blurs)
        left = np.abs(gain * light + offset - wanted)
        typical = STRAY * median(left[inside]) + LEAST_LEFT
        weights = np.where(inside, 1 / (1 + np.square(left / np.float32(typical))), 0).astype(np.float32)
    channels = [
        _solved(np.ascontiguousarray(source[..., channel]), target[..., channel], blurs, weights)
        for channel in range(3)
    ]
    return Field(*(np.stack(parts, axis=-1) for parts in zip(*channels, strict=True)))


def _solved(light: Floats, wanted: Floats, blurs: Sequence[Floats], weights: Floats) -> _Plane:
    """Return the field of one plane that leaves least, in weighted least squares, (h, w) each.

    The basis is a product of splines down and across, and so are its sums of products, which take a hundredth
    of the time in this way.
    """
    height, width = light.shape
    sides = _splines(height), _splines(width)
    pairs = [(side[:, :, None] * side[:, None, :]).reshape(len(side), -1) for side in sides]

    def gram(plane: Floats) -> Array:
        table = _product(pairs[0], pairs[1], plane).reshape((NODES,) * 4)
        return np.ascontiguousarray(table.transpose(0, 2, 1, 3)).reshape(NODES**2, NODES**2)

    def moments(planes: Sequence[Floats]) -> Array:
        return np.stack([_product(*sides, plane).reshape(-1) for plane in planes], axis=1)

    lit = weights * light
    count, size = len(blurs), NODES**2
    system = np.zeros((2 * size + count, 2 * size + count))
    system[:size, :size], system[size : 2 * size, size : 2 * size] = gram(lit * light), gram(weights)
    system[:size, size : 2 * size] = system[size : 2 * size, :size] = gram(lit)
    beside = np.concatenate([moments([plane * blur for blur in blurs]) for plane in (lit, weights)])
    system[: 2 * size, 2 * size :] = beside
    system[2 * size :, : 2 * size] = beside.T
    system[2 * size :, 2 * size :] = [[float((weights * one * two).sum()) for one in blurs] for two in blurs]
    moment = np.concatenate(
        [
            moments([lit * wanted])[:, 0],
            moments([weights * wanted])[:, 0],
            [float((weights * wanted * blur).sum()) for blur in blurs],
        ]
    )
    system += float(weights.sum()) * _hold(count)
    _, found = cv2.solve(system, moment[:, None], flags=cv2.DECOMP_CHOLESKY)
    values = np.asarray(found[:, 0], np.float32)
    gain, offset = (values[start : start + size].reshape(NODES, NODES) for start in (0, size))
    return _Plane(gain, offset, values[2 * size :])


def _product(down: Floats, across: Floats, plane: Floats) -> Array:
    """Return the sums of a plane (h, w) times each column of one side and of the other one, (n, m).

    Not by numpy's product: its BLAS starts threads of its own in each of ours, for so little work.
    """
    rows = cv2.gemm(down, np.ascontiguousarray(plane, np.float32), 1, NOTHING, 0, flags=cv2.GEMM_1_T)
    return np.asarray(cv2.gemm(rows, across, 1, NOTHING, 0), np.float64)


def _drawn_out(nodes: Floats, height: int, width: int) -> Floats:
    """Return what nodes (n, n) make of a whole picture, (h, w)."""
    rows = cv2.gemm(_splines(height), np.ascontiguousarray(nodes), 1, NOTHING, 0)
    return np.asarray(cv2.gemm(rows, _splines(width), 1, NOTHING, 0, flags=cv2.GEMM_2_T), np.float32)


@cache
def _splines(size: int) -> Floats:
    """Return how much each node counts at each place along a side, (size, nodes)."""
    place = (np.arange(size) + 0.5) / size * (NODES - 3)
    return _cubic(place[:, None] - (np.arange(NODES) - 1.0)).astype(np.float32)


def _cubic(distance: Array) -> Array:
    """Return the cubic B-spline at distances from its middle."""
    far = np.abs(distance)
    near = 2 / 3 - far**2 + far**3 / 2
    rim = np.maximum(2 - far, 0) ** 3 / 6
    spline: Array = np.where(far < 1, near, rim)
    return spline


def _blurs(light: Floats) -> list[Floats]:
    """Return the luma around each place, at several widths."""
    longer = max(light.shape)
    return [
        np.asarray(
            cv2.GaussianBlur(light, (0, 0), share * longer, borderType=cv2.BORDER_REPLICATE), np.float32
        )
        for share in AROUND
    ]


@cache
def _hold(blurs: int) -> Array:
    """Return what keeps nodes like their neighbors where pictures do not tell, and blurs small."""
    second = np.diff(np.eye(NODES), axis=0)
    along = second.T @ second
    smooth = np.kron(along, np.eye(NODES)) + np.kron(np.eye(NODES), along)
    size = NODES**2
    hold = np.zeros((2 * size + blurs, 2 * size + blurs))
    hold[:size, :size] = hold[size : 2 * size, size : 2 * size] = smooth
    hold[np.arange(2 * size, 2 * size + blurs), np.arange(2 * size, 2 * size + blurs)] = 1
    return HOLD * hold + 1e-6 * np.eye(len(hold))
