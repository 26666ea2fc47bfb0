"""Lay two pictures onto each other at full size: on the grid of the coarser one, to a fraction of a pixel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median, medians, quantile
from visualsearch_cli.verdicts.opencv.alignment import Array, Mask, project
from visualsearch_cli.verdicts.opencv.pixels import Grey, even_transform, grey

Floats = npt.NDArray[np.float32]

SCALE_TIE = 1.001  # times as large, up to which two pictures are of one size
FIRST = 400  # pixels of the longer side at which a fit of reduced pictures is made better first
STEP = 2.5  # times as large, the next one
TILE = 96  # pixels of a side, that are laid onto each other by themselves
LEAST_TILE = 32
TILES = 8  # along either side, at most
LEAST_TEXTURE = 3.0  # levels, of 255: standard deviation of a tile that tells where it lies
LEAST_RESPONSE = 0.12  # of the phase correlation
MOST_SHIFT = 0.25  # of a tile, that it may lie off
ONE_WAY = 0.03  # of the energy of slopes along the one axis, up to which a tile is bars along the other
LEAST_CROSSED = 8  # tiles that are more than bars, for which the others are left out
EVEN = 1.0  # pixels: sigma of a blur beside which that of sampling between pixels is little
HARDLY_ANYTHING = 2.0  # levels: mean difference; what is bent has more, and would be taken for straight
NEGLIGIBLE = 0.06  # pixels: a correction that is smaller everywhere is none
ON_PIXELS = 1.0  # pixels: a map that is nearer to whole pixels may be one to these
BENT = 0.3  # pixels that most tiles lie off, from which a smooth bend is looked for
WORTH_BENDING = 0.7  # times that, to which it must bring them
BENDS = 3
POWERS = tuple((i, j) for i in range(4) for j in range(4 - i))  # of x and y, in a bend
NODES = 17  # of a side, between which a bend is drawn out
MOST_TILES = 0.75  # share
TERMS = (2, 6, 8)  # of a translation, an affine map, a homography
NEARLY = 1.25  # times the least distance, and
WORTH = 0.03  # pixels more, for which a simpler map is taken
ROUNDS = 4  # of corrections at one size
MARGIN = 2  # pixels at the border that are left out, where a warp has made them up
ENLARGED = 1.05  # pixels of the finer picture for one of the coarser, from which it is reduced first
LARGE = 16_000_000  # pixels of a picture beside which little else is held: parts of it are worked on in turn
VIEWED = 4_000_000  # pixels of a picture of which a part is not copied
CUT = 1 << 17  # pixels of a picture that are worked on at once, where each takes many bytes


class Inside:
    """Where two laid-out pictures both are: one run of pixels in each row, for their outlines are convex.

    A mask of 50 megapixels would take 50 MB beside them.
    """

    def __init__(self, runs: npt.NDArray[np.int32], width: int) -> None:
        """Take the first pixel of each row, and the one after the last, (h, 2)."""
        self._runs = runs
        self._is_everywhere = bool((runs == (0, width)).all())
        self.shape = (len(runs), width)
        self.size = len(runs) * width

    @classmethod
    def everywhere(cls, height: int, width: int) -> Inside:
        return cls(np.tile(np.array([0, width], np.int32), (height, 1)), width)

    def __getitem__(self, part: slice | tuple[slice, slice]) -> Mask:
        """Return the mask of some rows, or of a part."""
        rows, columns = (part, slice(None)) if isinstance(part, slice) else part
        runs, across = self._runs[rows], np.arange(self.shape[1], dtype=np.int32)[columns]
        return np.ones((len(runs), len(across)), np.bool_) if self._is_everywhere else _in_runs(runs, across)

    def reduced(self, size: tuple[int, int]) -> Mask:
        """Return the mask of a reduced picture of (width, height), of the nearest pixels."""
        rows, columns = (
            np.arange(count) * side // count for count, side in zip(size[::-1], self.shape, strict=True)
        )
        return _in_runs(self._runs[rows], columns)


def _in_runs(runs: npt.NDArray[np.int32], columns: npt.NDArray[np.integer]) -> Mask:
    inside: Mask = (columns >= runs[:, :1]) & (columns < runs[:, 1:])
    return inside


def _runs(inside: Mask) -> npt.NDArray[np.int32]:
    """Return from where to where there is something in each row of a mask, (h, 2)."""
    first, last = inside.argmax(axis=1), inside.shape[1] - inside[:, ::-1].argmax(axis=1)
    runs = np.stack([first, last], axis=1).astype(np.int32)
    runs[~inside.any(axis=1)] = 0
    return runs


class LaidOut(NamedTuple):
    """What two pictures share, pixel by pixel of the coarser one."""

    coarse: Pixels  # (h, w, 3), as it is
    fine: Pixels  # the same places of the other picture
    inside: Inside  # (h, w), where both pictures are
    scale: float  # pixels of the finer picture for one of the coarser, along a side
    matrix: Array  # from pixels of the coarser one to those of the finer one; pixel centres are whole numbers
    slack: float  # pixels by which tiles still lie off
    warped: bool  # the finer one was sampled between its pixels
    bent: bool = False  # by more than a homography
    copied: bool = False  # `fine` lies in memory of its own, and may be changed there

    @property
    def resampled(self) -> bool:
        """Whether pixels of the one are not pixels of the other."""
        return self.warped or self.scale > SCALE_TIE


def lay_out(coarse: Pixels, fine: Pixels, matrix: Array, *, exact: bool) -> LaidOut:
    """Lay `fine` onto `coarse`. `matrix` maps the unit square of the coarse one to that of the fine one.

    If the matrix is `exact`, whole frames lie on each other but for a few pixels.
    """
    given = _in_pixels(matrix, coarse, fine)
    return _at_full_size(coarse, fine, given, given if exact else _refined(coarse, fine, given))


def lay_as_found(coarse: Pixels, fine: Pixels, matrix: Array) -> LaidOut:
    """Lay `fine` onto `coarse` as an exact matrix says, to whole pixels where it is near them."""
    source, reduced, between, scale = _at_one_scale(coarse, fine, _in_pixels(matrix, coarse, fine))
    if _is_nearly(between, np.round(between), coarse, ON_PIXELS):
        between = np.round(between)
    return _laid(coarse, source, reduced, between, scale, slack=0.0)


def _in_pixels(matrix: Array, a: Pixels, b: Pixels) -> Array:
    """Return a map between unit squares as one between pixels whose centres are whole numbers."""
    return _to_pixels(b) @ matrix @ np.linalg.inv(_to_pixels(a))


def _to_pixels(pixels: Pixels) -> Array:
    height, width = pixels.shape[:2]
    return np.array([[width, 0, -0.5], [0, height, -0.5], [0, 0, 1]], np.float64)


def _refined(coarse: Pixels, fine: Pixels, to_fine: Array) -> Array:
    """Make a fit of reduced pictures better, at growing sizes below the full one."""
    side = float(FIRST)
    while side < 0.8 * max(coarse.shape[:2]):
        factor = side / max(coarse.shape[:2])
        small = grey(_resized(coarse, factor))
        other = grey(_resized(fine, min(1.0, factor / scale_of(to_fine, coarse))))
        between = _scaled(fine, other) @ to_fine @ np.linalg.inv(_scaled(coarse, small))
        between, _ = _corrected(small, other, between)
        to_fine = np.linalg.inv(_scaled(fine, other)) @ between @ _scaled(coarse, small)
        side *= STEP
    return to_fine


def _at_full_size(coarse: Pixels, fine: Pixels, given: Array, to_fine: Array) -> LaidOut:
    source, reduced, found, scale = _at_one_scale(coarse, fine, to_fine)
    between, slack = _corrected(grey(coarse), grey(source), found)
    # Where there is little but noise, what differs would pull a picture away from where it lies.
    plain = _plainly_on_pixels(coarse, source, between, (between, found, reduced @ given))
    if plain is None:
        between = _on_pixels(coarse, source, between)
    else:
        between, slack = plain, min(slack, BENT)  # what lies further off shows something else
    return _laid(coarse, source, reduced, between, scale, slack)


def _at_one_scale(coarse: Pixels, fine: Pixels, to_fine: Array) -> tuple[Pixels, Array, Array, float]:
    """Return the finer picture reduced to the coarser one's scale, the maps to its pixels from those of the
    whole one and of the coarser one, and how many times as large it was."""
    scale = scale_of(to_fine, coarse)
    source = _resized(fine, 1 / scale) if scale > ENLARGED else fine
    reduced = _scaled(fine, source)
    between = reduced @ to_fine
    return source, reduced, np.eye(3) if _is_nearly(between, np.eye(3), coarse) else between, scale


def _laid(
    coarse: Pixels, source: Pixels, reduced: Array, between: Array, scale: float, slack: float
) -> LaidOut:
    warped = not _is_nearly(between, np.round(between), coarse)
    laid = _warped(source, between, coarse.shape[1::-1])
    inside, bent = _inside(between, source, coarse), None
    if warped and slack > BENT:
        bent, slack = _unbend(coarse, source, between, laid, slack)
    copied = scale > ENLARGED or not np.may_share_memory(laid, source)
    matrix = np.linalg.inv(reduced) @ between
    return LaidOut(coarse, laid, bent or inside, scale, matrix, slack, warped, bent is not None, copied)


def _on_pixels(coarse: Pixels, source: Pixels, between: Array) -> Array:
    """Return the map to whole pixels, if that is near and explains as much.

    What was cut, pasted or given a border was not resampled, and sampling it would soften it.
    """
    whole = np.round(between)
    if not _is_nearly(between, whole, coarse, ON_PIXELS):
        return between
    as_found, as_whole = _left_by(grey(coarse), grey(source), (between, whole), source)
    return whole if as_whole <= as_found and as_found >= 0 else between


def _plainly_on_pixels(
    coarse: Pixels, source: Pixels, between: Array, candidates: Sequence[Array]
) -> Array | None:
    """Return a map to whole pixels near a candidate that leaves hardly anything, and no more than a map."""
    near: dict[tuple[float, ...], Array] = {}  # each once: where nothing was refined, they are one map
    for candidate in candidates:
        whole = np.round(candidate)
        if _is_nearly(candidate, whole, coarse, ON_PIXELS):
            near[tuple(whole.flat)] = whole
    if not near:
        return None
    # Evened out first: to sample between pixels takes noise, and would seem to explain it.
    light, other = (
        np.asarray(cv2.GaussianBlur(grey(side), (0, 0), EVEN), np.uint8) for side in (coarse, source)
    )
    for whole in near.values():
        as_found, as_whole = _left_by(light, other, (between, whole), source)
        if 0 <= as_whole <= min(as_found, int(HARDLY_ANYTHING * light.size)):
            return whole
    return None


def _left_by(light: Grey, other: Grey, maps: tuple[Array, Array], source: Pixels) -> tuple[int, int]:
    """Return how much each of two maps leaves, of the same pixels; -1 if nothing lies in both."""
    size = light.shape[1::-1]
    one, two = (_difference(light, _warped(other, matrix, size), maps, source) for matrix in maps)
    return one, two


def _difference(a: Pixels | Grey, b: Pixels | Grey, maps: tuple[Array, Array], source: Pixels) -> int:
    """Return how much two pictures differ where both maps lie in the source; -1 if that is nowhere."""
    total, count = 0, 0
    for rows in cut_rows(*a.shape[:2]):
        one, other = (_inside_rows(matrix, source, a, rows) for matrix in maps)
        inside = one & other
        total += int(cv2.absdiff(a[rows], b[rows])[inside].sum(dtype=np.int64))
        count += int(np.count_nonzero(inside))
    return total if count else -1


def cut_rows(height: int, width: int) -> Iterator[slice]:
    """Yield the rows of a picture, some at a time."""
    count = max(1, CUT // width)
    return (slice(top, min(height, top + count)) for top in range(0, height, count))


class Drawn:
    """A field of a few nodes (n, n) or (n, n, k), drawn out to a picture of some size, a few rows at a time.

    That is the same if it is done down first, and then across some rows: a whole field of 50 megapixels would
    take 200 MB.
    """

    def __init__(self, nodes: Floats, size: tuple[int, int]) -> None:
        height, self._width = size
        self._down = self._resized(nodes, (nodes.shape[1], height))

    def __getitem__(self, rows: slice) -> Floats:
        """Return some rows of the field, (rows, w) or (rows, w, k)."""
        some = self._down[rows]
        return self._resized(some, (self._width, len(some)))

    @staticmethod
    def _resized(nodes: Floats, size: tuple[int, int]) -> Floats:
        drawn = np.asarray(cv2.resize(nodes, size, interpolation=cv2.INTER_CUBIC), np.float32)
        return drawn.reshape(*drawn.shape[:2], *nodes.shape[2:])


def _unbend(
    coarse: Pixels, source: Pixels, between: Array, laid: Pixels, slack: float
) -> tuple[Inside | None, float]:
    """Take back, in a picture that was warped to be laid out, what no homography explains, if that is smooth:
    paper bends, and programs tilt pictures by other maps. `slack` is what tiles lie off without that.

    Returns where both pictures are then, if anything was taken back, and what tiles still lie off.
    """
    inside = None
    height, width = coarse.shape[:2]
    bend = np.zeros((2, len(POWERS)))
    nodes = np.stack(np.meshgrid(np.linspace(-1, 1, NODES), np.linspace(-1, 1, NODES)), axis=-1)
    for _ in range(BENDS):
        told = _bend(coarse, laid)
        if told is None:
            break
        found, left = told
        if left > WORTH_BENDING * slack:
            break
        bend, slack = bend + found, left
        field = _powers(nodes.reshape(-1, 2)) @ bend.T
        moves = [Drawn(part.reshape(NODES, NODES).astype(np.float32), (height, width)) for part in field.T]
        runs = []
        for part in cut_rows(height, width):  # in place: another copy would lie beside it
            rows, columns = np.mgrid[part, 0:width].astype(np.float32)
            x, y = (place + move[part] for place, move in zip((columns, rows), moves, strict=True))
            across, down, depth = (row[0] * x + row[1] * y + row[2] for row in between)
            runs.append(_runs(_within(across, down, depth, source)))
            there = [(value / depth).astype(np.float32) for value in (across, down)]
            laid[part] = cv2.remap(
                source, there[0], there[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
            )
        inside = Inside(np.concatenate(runs), width)
    return inside, slack


def bend_of(laid: LaidOut, places: Sequence[tuple[float, float]]) -> Array:
    """Return by how many pixels, (n, 2), places (x, y) of two laid-out pictures lie off by a smooth bend that
    most tiles tell; nothing if there are too few."""
    told = _bend(laid.coarse, laid.fine)
    if told is None:
        return np.zeros((len(places), 2))
    size = np.array(laid.inside.shape[::-1], np.float64)
    return np.asarray(_powers(2 * np.array(places) / size - 1) @ told[0].T)


def _bend(coarse: Pixels, laid: Pixels) -> tuple[Array, float] | None:
    """Return the coefficients, (2, n), of the smooth field by which tiles of a laid-out picture lie off, and
    the distance within which most are left; None if too few tell."""
    centers, shifts = _tile_shifts(coarse, laid, np.eye(3))
    if len(centers) < 2 * len(POWERS):
        return None
    size = np.array(coarse.shape[1::-1], np.float64)
    return _polynomial(2 * centers / size - 1, shifts)


def _polynomial(places: Array, shifts: Array) -> tuple[Array, float]:
    """Return the coefficients, (2, n), of the smooth field nearest to shifts at places between -1 and 1, and
    the distance within which most are left."""
    basis = _powers(places)
    off = np.linalg.norm(shifts - medians(shifts), axis=1)
    solution = np.zeros((basis.shape[1], 2))
    for _ in range(8):
        weights = 1 / (1 + np.square(off / max(0.15, 2 * median(off))))
        solution = np.linalg.lstsq(basis * weights[:, None], shifts * weights[:, None], rcond=1e-6)[0]
        off = np.linalg.norm(shifts - basis @ solution, axis=1)
    return solution.T, quantile(off, MOST_TILES)


def _powers(places: Array) -> Array:
    x, y = places.T
    return np.stack([x**i * y**j for i, j in POWERS], axis=1)


def _is_nearly(a: Array, b: Array, pixels: Pixels, most: float = NEGLIGIBLE) -> bool:
    """Tell whether two maps take the corners of a picture to the same pixels."""
    if abs(np.linalg.det(b)) < 1e-6:
        return False
    corners = corners_of(pixels)
    return bool(np.abs(project(a, corners) - project(b, corners)).max() < most)


def corners_of(pixels: Pixels | Grey) -> Array:
    """Return the middles of the pixels in the corners of a picture, (4, 2): x and y."""
    height, width = pixels.shape[:2]
    return np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float64)


def scale_of(matrix: Array, pixels: Pixels | Grey) -> float:
    """Return how many pixels one pixel in the middle becomes, along a side."""
    height, width = pixels.shape[:2]
    center = np.array([[width / 2, height / 2]])
    x, y = (
        project(matrix, center + step) - project(matrix, center - step) for step in ([[0.5, 0]], [[0, 0.5]])
    )
    return float(np.sqrt(max(1e-9, abs(x[0, 0] * y[0, 1] - x[0, 1] * y[0, 0]))))


def _corrected(a: Grey, b: Grey, matrix: Array) -> tuple[Array, float]:
    """Return a map from pixels of A to those of B made better by tiles, and how far these lie off still."""
    slack = 0.0
    for _ in range(ROUNDS):
        centers, shifts = _tile_shifts(a, b, matrix)
        if len(centers) < 2 * TERMS[0]:
            return matrix, slack
        correction = _fitted(centers, shifts, np.array(a.shape[::-1], np.float64))
        left = shifts - (project(correction, centers) - centers)
        slack = quantile(np.linalg.norm(left, axis=1), MOST_TILES)
        if _is_nearly(correction, np.eye(3), a):
            return matrix, slack
        matrix = matrix @ correction
    return matrix, slack


def _tile_shifts(a: Pixels | Grey, b: Pixels | Grey, matrix: Array) -> tuple[Array, Array]:
    """Return the centres of tiles of A that tell where they lie, and how far they lie off, (n, 2) each."""
    height, width = a.shape[:2]
    tile = even_transform(max(LEAST_TILE, min(TILE, min(height, width) // 4)))
    if tile > min(height, width):
        return np.empty((0, 2)), np.empty((0, 2))
    window = cv2.createHanningWindow((tile, tile), cv2.CV_32F)
    centers, shifts, crossed = [], [], []
    for top in _starts(height, tile):
        for left in _starts(width, tile):
            part = _centered(_as_grey(a[top : top + tile, left : left + tile]))
            if part is None:
                continue
            there = matrix @ np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], np.float64)
            other = _centered(_as_grey(_warped(b, there, (tile, tile))))
            if other is None:
                continue
            (x, y), response = cv2.phaseCorrelate(part, other, window)
            if response >= LEAST_RESPONSE and max(abs(x), abs(y)) <= MOST_SHIFT * tile:
                centers.append((left + tile / 2 - 0.5, top + tile / 2 - 0.5))
                shifts.append((x, y))
                crossed.append(_is_crossed(part))
    found = np.array(centers, np.float64).reshape(-1, 2), np.array(shifts, np.float64).reshape(-1, 2)
    chosen = np.array(crossed, np.bool_)
    if np.count_nonzero(chosen) < LEAST_CROSSED:
        return found
    return found[0][chosen], found[1][chosen]


def _as_grey(tile: Pixels | Grey) -> Grey:
    """Return the luma of a tile, of which there may be nothing else: that of all of a large picture would lie
    beside it."""
    return grey(np.ascontiguousarray(tile)) if tile.ndim == 3 else tile


def _is_crossed(tile: Floats) -> bool:
    """Tell whether a tile rises along both axes: bars and ruled lines do not tell how far they lie along
    themselves."""
    across, down = (float(np.square(np.diff(tile, axis=axis)).mean()) for axis in (1, 0))
    return min(across, down) >= ONE_WAY * max(across, down)


def _centered(tile: Grey | Pixels) -> Floats | None:
    """Return a tile around its mean; None if there is too little in it."""
    mean, deviation = cv2.meanStdDev(tile)
    return None if deviation[0, 0] < LEAST_TEXTURE else tile.astype(np.float32) - np.float32(mean[0, 0])


def _starts(side: int, tile: int) -> list[int]:
    count = min(TILES, max(1, 2 * side // tile - 1))
    return [round(start) for start in np.linspace(0, side - tile, count)]


def _fitted(centers: Array, shifts: Array, size: Array) -> Array:
    """Return the map that moves pixels as most tiles lie off.

    Of a translation, an affine map and a homography, the simplest that fits about as well as the best one.
    """
    fits = [_solved(centers, shifts, size, terms) for terms in TERMS if len(centers) >= 2 * terms]
    best = min(left for _, left, _ in fits)
    return next(matrix for matrix, left, _ in fits if left <= NEARLY * best + WORTH)


def _solved(centers: Array, shifts: Array, size: Array, terms: int) -> tuple[Array, float, Array]:
    """Return the map of so many terms that fits best by reweighted least squares, the distance within which
    most tiles are left, and that of each tile.

    To first order, a homography near the identity moves (x, y) by an affine map of them, and by both times a
    linear one: so all terms are linear. Weights begin around the median shift, and fall with the square of
    the distance: what has moved by itself does not bend the map.
    """
    x, y = (2 * centers / size - 1).T
    nothing, one = np.zeros_like(x), np.ones_like(x)
    across = np.stack([one, nothing, x, y, nothing, nothing, x * x, x * y], axis=1)[:, :terms]
    down = np.stack([nothing, one, nothing, nothing, x, y, x * y, y * y], axis=1)[:, :terms]
    # In halves of a side along each axis, so that the last two terms are the same for both.
    half = size / 2
    rows, wanted = np.concatenate([across * half[0], down * half[1]]), shifts.T.reshape(-1)
    off = np.hypot(*(shifts - medians(shifts)).T)
    solution = np.zeros(terms)
    for _ in range(8):
        spread = max(0.15, 2 * median(off))
        weights = np.tile(1 / (1 + np.square(off / spread)), 2)
        solution = np.linalg.lstsq(rows * weights[:, None], wanted * weights, rcond=1e-6)[0]
        off = np.hypot(*(wanted - rows @ solution).reshape(2, -1))
    a, b, xx, xy, yx, yy, g, h = np.pad(solution, (0, 8 - terms))
    to_unit = np.array([[1 / half[0], 0, -1], [0, 1 / half[1], -1], [0, 0, 1]])
    unit = np.array([[1 + xx, xy, a], [yx, 1 + yy, b], [-g, -h, 1]])
    return np.linalg.inv(to_unit) @ unit @ to_unit, quantile(off, MOST_TILES), off


def _warped(pixels: Pixels | Grey, matrix: Array, size: tuple[int, int]) -> Pixels:
    """Return for each pixel of a grid of (width, height) what lies there, by a map to pixels of a picture."""
    if np.array_equal(matrix, np.eye(3)) and size == pixels.shape[1::-1]:
        return pixels
    if pixels.size > 3 * VIEWED and np.array_equal(matrix[:, :2], np.eye(3)[:, :2]) and matrix[2, 2] == 1:
        left, top = matrix[:2, 2]
        if left.is_integer() and top.is_integer() and min(left, top) >= 0:
            part = pixels[int(top) : int(top) + size[1], int(left) : int(left) + size[0]]
            if part.shape[1::-1] == size:
                return part  # as it is: another copy of a large picture is not made
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(pixels, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _inside(matrix: Array, pixels: Pixels, grid: Pixels) -> Inside:
    """Return which pixels of a grid a map takes into a picture, but for those at the very border."""
    height, width = grid.shape[:2]
    parts = cut_rows(height, width)
    return Inside(np.concatenate([_runs(_inside_rows(matrix, pixels, grid, part)) for part in parts]), width)


def _inside_rows(matrix: Array, pixels: Pixels, grid: Pixels | Grey, rows: slice) -> Mask:
    """Return the same of some rows."""
    if np.array_equal(matrix, np.eye(3)) and grid.shape[:2] == pixels.shape[:2]:
        return np.ones((rows.stop - rows.start, grid.shape[1]), np.bool_)
    x = np.arange(grid.shape[1], dtype=np.float64)
    y = np.arange(rows.start, rows.stop, dtype=np.float64)[:, None]
    across, down, depth = (row[0] * x + (row[1] * y + row[2]) for row in matrix)
    return _within(across, down, depth, pixels)


def _within(across: Array, down: Array, depth: Array, pixels: Pixels) -> Mask:
    """Return which places, in homogeneous coordinates (h, w), are in a picture, but for its very border."""
    high, wide = pixels.shape[:2]
    near = MARGIN - 0.5
    inside: Mask = (
        (across >= near * depth)
        & (across <= (wide - 1 - near) * depth)
        & (down >= near * depth)
        & (down <= (high - 1 - near) * depth)
    )
    return inside


def _resized(pixels: Pixels, factor: float) -> Pixels:
    if factor >= 1:
        return pixels
    height, width = pixels.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _scaled(pixels: Pixels, smaller: Pixels | Grey) -> Array:
    """Return the map from pixels of a picture to those of a reduced one."""
    y, x = (small / large for small, large in zip(smaller.shape[:2], pixels.shape[:2], strict=True))
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], np.float64)
