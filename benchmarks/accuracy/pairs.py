"""How right the comparison of two pictures is, and what it costs: by local features, robust fits, and in all.

Each photograph is compared with edits of it, edits with edits, and look-alikes with each other. The methods
run on matched features alone; the last one is the whole cascade after bytes and pixels, as it is used.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.accuracy.hard_negatives import HARD_NEGATIVES
from benchmarks.material.editing import Picture
from benchmarks.material.edits import DIHEDRAL, UPRIGHT, edited
from benchmarks.material.photographs import Photograph, find_photographs
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import LocalFeatures
from visualsearch_cli.verdicts.opencv.comparer import Hypothesis, OpenCvComparer, compared
from visualsearch_cli.verdicts.opencv.features import SIDE
from visualsearch_cli.verdicts.opencv.hypotheses.homography import fits
from visualsearch_cli.verdicts.opencv.hypotheses.matching import RATIO, match
from visualsearch_cli.verdicts.rules import decide
from visualsearch_cli.verdicts.verdict import Verdict

EDITS = (*UPRIGHT, *DIHEDRAL)
PASTED = "overlay50"
Points = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Method:
    """A way to find how one picture lies in another."""

    detect: Callable[[Pixels], LocalFeatures]
    match: Callable[[LocalFeatures, LocalFeatures], Points]
    robust: int  # OpenCV's name of the robust estimator
    frames: bool = False  # whole frames are laid onto each other first


@dataclass(slots=True)
class Tally:
    """What a method found."""

    recall: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    false: dict[str, list[Verdict | None]] = field(default_factory=lambda: defaultdict(list))
    detecting: list[float] = field(default_factory=list)  # seconds of one core
    comparing: list[float] = field(default_factory=list)


class Looked:
    """A picture of one method."""

    def __init__(self, picture: Picture, method: Method, tally: Tally) -> None:
        self.aspect = picture.width / picture.height
        self.pixels = COMPARER.reduced(np.asarray(picture))
        self._method, self._tally = method, tally
        self._features: LocalFeatures | None = None

    @property
    def features(self) -> LocalFeatures:
        """Found when first asked for."""
        if self._features is None:
            start = time.thread_time()
            self._features = self._method.detect(self.pixels)
            self._tally.detecting.append(time.thread_time() - start)
        return self._features


COMPARER = OpenCvComparer()


def orb(pixels: Pixels) -> LocalFeatures:
    """ORB features, 256 bits each."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    points, descriptors = cv2.ORB.create(nfeatures=1000, fastThreshold=10).detectAndCompute(grey, None)
    return _features(grey.shape, points, descriptors, 32)


def akaze(pixels: Pixels) -> LocalFeatures:
    """AKAZE features, 488 bits each; OpenCV 5 has them no more."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    points, descriptors = cv2.AKAZE_create(threshold=0.0005).detectAndCompute(grey, None)  # type: ignore[attr-defined]
    return _features(grey.shape, points, descriptors, 61)


def hamming(a: LocalFeatures, b: LocalFeatures) -> Points:
    """Match descriptors of bits, by the same ratio test."""
    if len(a) < 2 or len(b) < 2:
        return np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)
    distances, neighbors = cv2.batchDistance(
        b.descriptors, a.descriptors, cv2.CV_32S, normType=cv2.NORM_HAMMING, K=2
    )
    good = distances[:, 0] < RATIO * distances[:, 1]
    return a.points[neighbors[good, 0]], b.points[good]


def _features(
    shape: tuple[int, ...], points: Sequence[cv2.KeyPoint], descriptors: object, width: int
) -> LocalFeatures:
    places = np.array([point.pt for point in points], np.float32).reshape(-1, 2)
    unit = (places + np.float32(0.5)) / np.array(shape[::-1], np.float32)
    blank = np.empty((0, width), np.uint8)
    found = blank if descriptors is None else np.asarray(descriptors, np.uint8)
    return LocalFeatures(unit.astype(np.float32), found)


METHODS = {
    "ORB, RANSAC, 384 px": Method(orb, hamming, cv2.RANSAC),
    "ORB, MAGSAC, 384 px": Method(orb, hamming, cv2.USAC_MAGSAC),
    f"SIFT, MAGSAC, {SIDE} px": Method(COMPARER.detect, match, cv2.USAC_MAGSAC),
    f"SIFT, RANSAC, {SIDE} px": Method(COMPARER.detect, match, cv2.RANSAC),
    "the program: frames, then SIFT, RANSAC, mirrored": Method(COMPARER.detect, match, cv2.RANSAC, True),
}
if hasattr(cv2, "AKAZE_create"):
    METHODS = {"AKAZE, RANSAC, 384 px": Method(akaze, hamming, cv2.RANSAC), **METHODS}


def judged(a: Looked, b: Looked, method: Method, tally: Tally) -> Verdict | None:
    """Return the first verdict that is proved, and note how long it took but for detecting."""
    before = sum(tally.detecting)
    start = time.thread_time()
    verdict = next(_verdicts(a, b, method), None)
    tally.comparing.append(time.thread_time() - start - (sum(tally.detecting) - before))
    return verdict


def _verdicts(a: Looked, b: Looked, method: Method) -> Iterator[Verdict]:
    if method.frames:
        alignments = COMPARER.alignments(a, b)
    else:
        alignments = compared(a.pixels, b.pixels, _hypotheses(a, b, method))
    for alignment in alignments:
        verdict = decide(alignment, a.aspect, b.aspect)
        if verdict is not None:
            yield verdict


def _hypotheses(a: Looked, b: Looked, method: Method) -> Iterator[Hypothesis]:
    size_a, size_b = ((look.pixels.shape[1], look.pixels.shape[0]) for look in (a, b))
    points_a, points_b = method.match(a.features, b.features)
    for fit in fits(points_a, points_b, size_a, size_b, method.robust):
        yield Hypothesis(fit.matrix, False, fit.inliers)


def measure(photographs: Sequence[Photograph], method: Method, pairs: int, seed: str) -> Tally:
    """Compare each photograph with all edits of it, some edits with each other, and look-alikes."""
    tally = Tally()
    for number, photograph in enumerate(photographs):
        picture, other = photograph.read(), photographs[number - 1].read()
        if picture is None or other is None:
            continue
        name = f"{seed} {photograph.name}"
        original = Looked(picture, method, tally)
        copies = {edit: Looked(edited(picture, edit, other, name), method, tally) for edit in EDITS}
        for edit, copy in copies.items():
            tally.recall[edit].append(judged(original, copy, method, tally) is not None)
        chance = Random(name)
        for _ in range(pairs):
            edits = chance.sample(EDITS, 2)
            verdict = judged(copies[edits[0]], copies[edits[1]], method, tally)
            tally.recall["edit to edit"].append(verdict is not None)
        for kind, frames in HARD_NEGATIVES.items():
            if pair := frames(picture, Random(f"{name} {kind}"), other):
                one, two = (Looked(frame, method, tally) for frame in pair)
                tally.false[kind].append(judged(one, two, method, tally))
        stranger = judged(original, Looked(other, method, tally), method, tally)
        tally.false["another photograph"].append(stranger)
    return tally


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--most", type=int, default=60, help="photographs")
    parser.add_argument("--pairs", type=int, default=20, help="of edits of one photograph")
    parser.add_argument("--only", default="", help="methods whose name contains this")
    parser.add_argument("--seed", default="1")
    arguments = parser.parse_args()
    found = find_photographs(arguments.photos)
    photographs = Random(arguments.seed).sample(found, min(arguments.most, len(found)))
    print(f"{len(photographs)} photographs, {len(EDITS)} edits of each, {arguments.pairs} pairs of edits")
    for name, method in METHODS.items():
        if arguments.only in name:
            _print(name, measure(photographs, method, arguments.pairs, arguments.seed))


def _print(name: str, tally: Tally) -> None:
    counted = [
        hit for edit, hits in tally.recall.items() if edit not in (PASTED, "edit to edit") for hit in hits
    ]
    true = sum(sum(hits) for hits in tally.recall.values())
    false = [verdict for verdicts in tally.false.values() for verdict in verdicts if verdict]
    print(f"\n{name}")
    print(f"  recall, original to edit   {np.mean(counted):.4f} of {len(counted)}, {PASTED} left out")
    pairs = tally.recall["edit to edit"]
    print(f"  recall, edit to edit       {np.mean(pairs):.4f} of {len(pairs)}")
    print(f"  precision                  {true / max(1, true + len(false)):.4f}")
    for kind, verdicts in tally.false.items():
        wrong = [verdict for verdict in verdicts if verdict]
        same = sum(verdict is Verdict.SAME for verdict in wrong)
        print(f"  {kind + ' called copies':27}{len(wrong)} of {len(verdicts)}, {same} of them same")
    detecting, comparing = 1000 * np.mean(tally.detecting), 1000 * np.mean(tally.comparing)
    print(f"  ms of one core             {comparing:.1f} a pair, {detecting:.1f} a picture for its features")
    weakest = sorted(tally.recall, key=lambda edit: float(np.mean(tally.recall[edit])))
    print("  weakest: " + ", ".join(f"{edit} {np.mean(tally.recall[edit]):.3f}" for edit in weakest[:6]))


if __name__ == "__main__":
    main()
