"""Training photographs in memory, the groups of near-duplicates among them, and batches of two views."""

import hashlib
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from geometry import Pixels
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info
from views import edited_view, faded, plain_view, recolored

from visualsearch_cli.embedders.channels import to_channels

SHORT_SIDE = 192  # more is of no use to views of 128 pixels, and memory is finite
PLAIN = 0.85  # chance of a first view as an index holds it; the others keep two edited views comparable
EDITED = 2  # edited views that share a first one: they teach more than it does
CHUNK = 12  # photographs of one folder that follow each other
SUFFIXES = {".jpg", ".jpeg", ".png"}


@dataclass(frozen=True, slots=True)
class Photographs:
    """Names, uint8 (height, width, 3) RGB pixels, and groups: int64 (n,), equal for near-duplicates."""

    names: list[str]
    pixels: list[Pixels]
    groups: npt.NDArray[np.int64]

    def take(self, rows: Sequence[int]) -> "Photographs":
        pixels = [self.pixels[row] for row in rows]
        return Photographs([self.names[row] for row in rows], pixels, self.groups[rows])


def read_photographs(tars: Sequence[Path], pairs: Path | None) -> Photographs:
    """Decode every photograph in tar files. `pairs`: a file of two tab-separated names a line."""
    names: list[str] = []
    pixels: list[Pixels] = []
    for path in sorted(tars):
        with tarfile.open(path) as tar:
            for member in tar:
                if Path(member.name).suffix.lower() not in SUFFIXES:
                    continue
                stream = tar.extractfile(member)
                decoded = _decode(stream.read()) if stream else None
                if decoded is not None:
                    names.append(member.name.removeprefix("./"))
                    pixels.append(decoded)
    return Photographs(names, pixels, group(names, read_pairs(pairs) if pairs else []))


def _decode(packed: bytes) -> Pixels | None:
    """Decode to RGB, at most SHORT_SIDE pixels at the shorter side; None for what is no picture."""
    decoded = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None:
        return None
    scale = SHORT_SIDE / min(decoded.shape[:2])
    if scale < 1:
        decoded = cv2.resize(decoded, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def read_pairs(path: Path) -> list[tuple[str, str]]:
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [(first, second) for first, second in rows]


def group(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> npt.NDArray[np.int64]:
    """Number the photographs so that those joined by pairs, directly or through others, share a number."""
    row = {name: index for index, name in enumerate(names)}
    parent = list(range(len(names)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index] = parent[parent[index]]
        return index

    for first, second in pairs:
        if first in row and second in row:
            parent[root(row[first])] = root(row[second])
    return np.array([root(index) for index in range(len(names))], np.int64)


def split(photographs: Photographs, held_out: int) -> tuple[list[int], list[int]]:
    """Return the rows to train on and `held_out` rows to select by: none of a pair, picked by name."""
    sizes = np.bincount(photographs.groups)
    alone = [row for row, number in enumerate(photographs.groups) if sizes[number] == 1]
    alone.sort(key=lambda row: hashlib.sha256(photographs.names[row].encode()).digest())
    chosen = set(alone[:held_out])
    return [row for row in range(len(photographs.names)) if row not in chosen], sorted(chosen)


class Views(IterableDataset[tuple[Tensor, Tensor]]):
    """Endless batches: uint8 ((1 + EDITED) n, side, side, 4) and their photographs' groups, int64 (n,).

    The first n views are mostly as an index holds them, the others, n at a time, are edited.

    A batch depends on the seed and its step only, so that a resumed run goes on where it stopped. `side` is
    shared with the workers and may change as the run goes on.
    """

    def __init__(
        self, photographs: Photographs, batch: int, side: "Synchronized[int]", seed: int, step: int
    ) -> None:
        self.photographs = photographs
        self.batch = batch
        self.side = side
        self.seed = seed
        self.step = step

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        step, stride = (self.step + worker.id, worker.num_workers) if worker else (self.step, 1)
        while True:
            yield self.at(step)
            step += stride

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        pictures, side = self.photographs.pixels, int(self.side.value)
        epoch, place = divmod(step, len(pictures) // self.batch)
        order = self.order(epoch)
        rows = order[place * self.batch : (place + 1) * self.batch]
        rng = np.random.default_rng([self.seed, epoch, place])
        views = np.empty((1 + EDITED, self.batch, side, side, 4), np.uint8)
        for index, row in enumerate(rows):
            picture = recolored(pictures[row], rng)
            ground = [pictures[other] for other in rng.integers(0, len(pictures), 1 + EDITED)]
            if rng.random() < PLAIN:
                first = plain_view(picture, rng, side)
            else:
                first = edited_view(picture, ground[0], rng, side, hard=False)
            views[0, index] = to_channels(first)
            for view in range(1, 1 + EDITED):
                original = picture if picture is pictures[row] else faded(picture, rng)
                views[view, index] = to_channels(edited_view(original, ground[view], rng, side))
        return torch.from_numpy(views.reshape(-1, side, side, 4)), torch.from_numpy(
            self.photographs.groups[rows]
        )

    def order(self, epoch: int) -> npt.NDArray[np.int64]:
        """Shuffle the rows, but in runs of CHUNK from one folder: look-alikes are the better negatives."""
        rng = np.random.default_rng([self.seed, epoch])
        folders: dict[str, list[int]] = {}
        for row in rng.permutation(len(self.photographs.names)):
            folders.setdefault(self.photographs.names[row].rpartition("/")[0], []).append(int(row))
        chunks = [rows[at : at + CHUNK] for rows in folders.values() for at in range(0, len(rows), CHUNK)]
        rng.shuffle(chunks)
        return np.array([row for chunk in chunks for row in chunk], np.int64)
