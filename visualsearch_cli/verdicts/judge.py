"""Say what pairs of images are, with proof: bytes, then pixels, then how one lies in the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property, partial

import numpy as np

from visualsearch_cli.ahead import beside, core_to_spare
from visualsearch_cli.errors import ImageError
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.color import numbers_in, seen_through
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.pictures.image import ImageReader, ImageRecord, Pixels, is_as_indexed
from visualsearch_cli.pictures.pillow import GATE, freed_is_kept
from visualsearch_cli.verdicts.comparison import (
    Alignment,
    Comparer,
    FindingsCache,
    FullPicture,
    Proof,
    TraitsCache,
    are_cut_out,
)
from visualsearch_cli.verdicts.detail import softness
from visualsearch_cli.verdicts.evidence import Box, CandidatePair, Evidence, Finding, Fit, Place
from visualsearch_cli.verdicts.full_pictures import LARGE_PAIR, SMALL_PAIR, FullPictures, Room, bytes_of
from visualsearch_cli.verdicts.one_sided import lost_colors
from visualsearch_cli.verdicts.rules import Settled, decide, has_slack, is_paper, settle, settle_remade
from visualsearch_cli.verdicts.seen_pictures import SeenPicture, SeenPictures
from visualsearch_cli.verdicts.toned_words import describe_toning
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.verdicts.words import (
    MOST_PLACES,
    describe,
    describe_differences,
    describe_direction,
    describe_profile,
    describe_writing,
    scale_of,
)

KEPT = 512  # pictures in memory, about half a megabyte each
KEPT_BESIDE_LARGE = 12  # of them, beside a pair that is large
CHUNK, CHUNK_BYTES = 512, 8_000_000_000  # pairs between two visits to the cache, and what they take in turn
ROWS = 64  # of a picture, that are looked at at once for whether they are equal
LEAST_AT_A_GLANCE = 2  # times as large as reduced: less is reduced unevenly
NEARLY_EQUAL = 2.0  # mean difference of reduced pixels, of 255, beyond which the full ones are not equal


class _Look(NamedTuple):
    """A look at two pictures at full size, one laid onto the other."""

    pair: CandidatePair
    a: FullPicture
    b: FullPicture
    alignment: Alignment  # of the pair
    found: Alignment  # the same, as it was found: for the other order if it is turned
    turned: bool

    @property
    def is_developed(self) -> bool:
        """Whether one of them is what a program made of a sensor's data."""
        return RAW in (self.pair.a.format, self.pair.b.format)


class _Outcome(NamedTuple):
    """What a look told."""

    proof: Proof
    settled: Settled
    unprofiled: str = ""  # which of them lost its profile, in words


class PictureJudge:
    """A Judge."""

    def __init__(
        self,
        reader: ImageReader,
        comparer: Comparer | None = None,
        *,
        cache: TraitsCache | None = None,
        findings: FindingsCache | None = None,
        threads: int = 1,
        similar_distance: float | None = None,
        origins: bool = True,
    ) -> None:
        """Without a comparer, OpenCV compares, which is imported with the first look.

        Beyond `similar_distance`, pictures of which no fit is found get no verdict; None: all get one.

        What `findings` knows of two files that are as they were indexed is not looked at again. `origins`
        are needed where one of two is to be kept, and take a while.
        """
        self._given_comparer = comparer
        self._findings = findings
        self._threads = threads
        self._similar_distance = similar_distance
        self._origins = origins
        self._pictures = SeenPictures(reader, lambda: self._comparer, cache)
        self._decided: Mapping[tuple[str, str], Finding] = {}  # of the pairs at hand
        self._fulls = FullPictures(GATE)
        self._new: dict[tuple[str, str], Finding] = {}

    @cached_property
    def _comparer(self) -> Comparer:
        if self._given_comparer is not None:
            return self._given_comparer
        from visualsearch_cli.verdicts.opencv.comparer import OpenCvComparer  # late: OpenCV takes its time

        return OpenCvComparer()

    def judge(self, pairs: Sequence[CandidatePair]) -> list[Evidence]:
        """Return the evidence of each pair, in order. A picture that cannot be read is `similar` at most."""
        if len(pairs) == 1:
            return self._all_of(pairs, map)
        from concurrent.futures import ThreadPoolExecutor  # late: a query has one pair

        with ThreadPoolExecutor(self._threads, thread_name_prefix="judge") as pool:
            return self._all_of(pairs, pool.map)

    def _all_of(
        self,
        pairs: Sequence[CandidatePair],
        each: Callable[[Callable[[CandidatePair], Evidence], Sequence[CandidatePair]], Iterator[Evidence]],
    ) -> list[Evidence]:
        found: list[Evidence] = []
        for chunk in _chunks(pairs):
            self._recall(chunk)
            found += each(partial(self._judge, alone=len(pairs) == 1), chunk)
            self._remember()
        return found

    def _judge(self, pair: CandidatePair, *, alone: bool) -> Evidence:
        a, b = pair.a, pair.b
        if a.content_hash == b.content_hash:
            return Evidence(Verdict.IDENTICAL, 0.0, reason="same bytes")
        try:
            found = self._already_found(pair) or self._looked_at(pair, alone=alone)
        except ImageError as error:
            return Evidence(self._alike(pair), pair.distance, reason="not compared", failure=str(error))
        verdict = self._alike(pair) if found.verdict is None else found.verdict
        return Evidence(
            verdict, pair.distance, found.fit, found.reason, None, found.differences, found.renditions
        )

    def _already_found(self, pair: CandidatePair) -> Finding | None:
        found = self._decided.get(_key(pair))
        return found if found and is_as_indexed(pair.a) and is_as_indexed(pair.b) else None

    def _looked_at(self, pair: CandidatePair, *, alone: bool) -> Finding:
        if alone and bytes_of(pair.a, pair.b) <= SMALL_PAIR:  # no thread is busy with another pair
            with core_to_spare(), freed_is_kept():
                self._decode_beside(pair)
                found = self._found(pair)
        else:
            found = self._found(pair)
        self._new[_key(pair)] = found
        return found

    def _found(self, pair: CandidatePair) -> Finding:
        """Look at two pictures."""
        a, b = self._both_of(pair)
        for picture in (a, b):
            _ = picture.pixels  # before there is a room: who holds that waits for no picture of another pair
        with self._fulls.room_for(pair.a, pair.b) as room:
            if _may_be_equal(pair.a, pair.b, a, b) and self._are_equal(a, b, room):
                return Finding(Verdict.PIXELS, reason="same pixels, different file")
            return self._aligned(pair, a, b, room)

    def _both_of(self, pair: CandidatePair) -> tuple[SeenPicture, SeenPicture]:
        most = KEPT if bytes_of(pair.a, pair.b) <= LARGE_PAIR else KEPT_BESIDE_LARGE
        return self._pictures.get(pair.a, most), self._pictures.get(pair.b, most)

    def _decode_beside(self, pair: CandidatePair) -> None:
        """Decode two small pictures, at full size and reduced, while the comparer is imported."""
        with ExitStack() as both:
            for picture in self._both_of(pair):
                both.enter_context(beside(partial(picture.decode_into, self._fulls)))
            _ = self._comparer

    def _are_equal(self, a: SeenPicture, b: SeenPicture, room: Room) -> bool:
        """Tell whether all that two pictures show is equal.

        Mostly it is not, and their first frames tell, which a proof needs anyway.
        """
        is_known = a.traits.pixel_hash and b.traits.pixel_hash
        if not is_known and not _are_equal(*(full.pixels for full in _both(a, b, room))):
            return False
        room.let_go()  # all that they hold is decoded again, and mostly is equal: neither is needed then
        return a.pixel_hash == b.pixel_hash

    def _aligned(self, pair: CandidatePair, a: SeenPicture, b: SeenPicture, room: Room) -> Finding:
        """Lay one picture onto the other: always the same one, so that their order changes nothing."""
        turned = a.content_hash > b.content_hash
        if other := self._of_other_writing(pair, a, b, turned=turned):
            return other
        refused: Finding | None = None
        refused_as_moved = False
        for found in self._comparer.alignments(b, a) if turned else self._comparer.alignments(a, b):
            alignment = found.turned() if turned else found
            if decide(alignment, _aspect(pair.a), _aspect(pair.b)) is None:
                continue
            full_a, full_b = _both(a, b, room)
            if why := full_a.capture.is_another_than(full_b.capture):
                return Finding(None, _fit(alignment), f"two shots of one camera: {why}")
            look = _Look(pair, full_a, full_b, alignment, found, turned=turned)
            outcome = self._settled(look)
            if outcome is None or (refused_as_moved and has_slack(outcome.proof)):
                continue
            if outcome.settled.verdict is not None:
                return self._copy(look, outcome)
            refused = refused or Finding(None, _fit(alignment), *_differences(look, outcome))
            refused_as_moved |= outcome.settled.moved  # unless a better map lays all of it onto the other
            if outcome.settled.two_shots or is_paper(outcome.proof):
                break  # no other alignment makes one of them
        remade = self._remade(pair, a, b, room)
        return remade or refused or Finding(None, reason="neither picture fits onto the other")

    def _settled(self, look: _Look) -> _Outcome | None:
        """Prove an alignment at full size, and say what that makes of the pair. None: nothing can be proved.

        Where one of two files has lost its profile, they are the same if they are in one profile. And what a
        codec did to the numbers of a wide profile may be steep in sRGB, where saturated colors are dark: they
        are the same if they are by those numbers.
        """
        aspects = _aspect(look.pair.a), _aspect(look.pair.b)
        proof = self._proved(look, look.a, look.b)
        if proof is None:
            return None
        settled = settle(look.alignment, proof, *aspects, developed=look.is_developed)
        if settled.verdict is Verdict.SAME or look.a.profile == look.b.profile:
            return _Outcome(proof, settled)
        has_lost_it = bool(look.a.profile) != bool(look.b.profile)
        ways = [(_in_one_profile, describe_profile(1 if look.a.profile else 0))] if has_lost_it else []
        if bytes_of(look.pair.a, look.pair.b) <= LARGE_PAIR:  # beside both, two more would not fit
            ways.append((_by_numbers, ""))
        for put, words in ways:
            again = self._proved(look, *put(look.a, look.b))
            if again is not None:
                better = settle(look.alignment, again, *aspects)
                if better.verdict is Verdict.SAME:
                    return _Outcome(again, better, words)
        return _Outcome(proof, settled)

    def _copy(self, look: _Look, outcome: _Outcome) -> Finding:
        """Say what copy a pair is of which nothing else is shown, in words too."""
        proof, settled = outcome.proof, outcome.settled
        alignment, fit = look.alignment, _fit(look.alignment)
        if look.a.frames > 1 and look.b.frames > 1:
            # One cover page, one black first frame: what follows is not equal, or it would be `pixels`.
            return Finding(None, fit, "the first frames, pages or layers agree, others differ")
        why, places = _differences(look, outcome)
        if settled.verdict is Verdict.SAME and look.a.frames != look.b.frames:
            shown = self._comparer.renditions(look.a, look.b, alignment, proof, origins=self._origins)
            return Finding(Verdict.EDITED, fit, "one of several frames, pages or layers", places, shown)
        sizes = _size(look.pair.a), _size(look.pair.b)
        words = [describe(alignment, *sizes)]
        if settled.toned and not alignment.inversion:
            retouch = self._comparer.retouch(look.a, look.b, alignment)
            scale = scale_of(alignment, *sizes)
            words.append(describe_toning(retouch, proof, scale) if retouch else "other tones")
        shown = self._comparer.renditions(look.a, look.b, alignment, proof, origins=self._origins)
        verdict, softer = settled.verdict, ""
        if verdict is Verdict.SAME and shown is not None and not look.is_developed:
            softer = softness(*shown)
            verdict = Verdict.EDITED if softer else verdict
        paler = lost_colors(*shown) if shown is not None and verdict is Verdict.EDITED else None
        bent = "slightly bent" if proof.bent and not alignment.lens and verdict is Verdict.EDITED else ""
        words += filter(None, (bent, softer, why, outcome.unprofiled, describe_direction(paler)))
        return Finding(verdict, fit, ", ".join(words), places, shown)

    def _remade(self, pair: CandidatePair, a: SeenPicture, b: SeenPicture, room: Room) -> Finding | None:
        """Find out whether one of two pictures that nothing else proves was made of the other's file."""
        size = pair.a.width, pair.a.height
        if size != (pair.b.width, pair.b.height) or not self._comparer.may_be_remade(a.pixels, b.pixels):
            return None
        full_a, full_b = _both(a, b, room)
        if max(full_a.frames, full_b.frames) > 1 or full_a.capture.is_another_than(full_b.capture):
            return None
        if are_cut_out(full_a, full_b):
            return None  # every mark is content
        found = self._comparer.remade(full_a, full_b)
        settled = settle_remade(found[1]) if found else None
        if found is None or settled is None:
            return None
        alignment, proof = found
        look = _Look(pair, full_a, full_b, alignment, alignment, turned=False)
        why, places = _differences(look, _Outcome(proof, settled))
        words = [describe(alignment, size, size), why, describe_direction(proof.made)]
        shown = self._comparer.renditions(full_a, full_b, alignment, proof, origins=self._origins)
        return Finding(
            Verdict.EDITED, _fit(alignment), ", ".join(word for word in words if word), places, shown
        )

    def _proved(self, look: _Look, a: FullPicture, b: FullPicture) -> Proof | None:
        """Prove an alignment in the order in which it was found."""
        if not look.turned:
            return self._comparer.prove(a, b, look.alignment)
        proof = self._comparer.prove(b, a, look.found)
        return None if proof is None else proof.turned()

    def _of_other_writing(
        self, pair: CandidatePair, a: SeenPicture, b: SeenPicture, *, turned: bool
    ) -> Finding | None:
        """Tell two pages of one form apart at a glance, if that is possible."""
        sizes = (pair.a.width, pair.a.height), (pair.b.width, pair.b.height)
        if min(max(size) for size in sizes) < LEAST_AT_A_GLANCE * self._comparer.reduced_side:
            return None
        if not (a.is_page and b.is_page):
            return None
        one, other = (b, a) if turned else (a, b)
        boxes = self._comparer.other_strokes(one.pixels, other.pixels)
        places = [Place(*(_scaled(box, one.pixels.shape, size) for size in sizes)) for box in boxes]
        reason = describe_writing(len(boxes))
        return Finding(None, reason=reason, differences=tuple(places[:MOST_PLACES])) if boxes else None

    def _alike(self, pair: CandidatePair) -> Verdict | None:
        limit = self._similar_distance
        return Verdict.SIMILAR if limit is None or pair.distance <= limit else None

    def _recall(self, pairs: Sequence[CandidatePair]) -> None:
        """Ask the caches about these pairs, and about the pictures of the others."""
        if self._findings is not None:
            self._decided = self._findings.load([_key(pair) for pair in pairs])
        unknown = (pair for pair in pairs if _key(pair) not in self._decided)
        self._pictures.recall(image for pair in unknown for image in (pair.a, pair.b))

    def _remember(self) -> None:
        """Tell the caches what they did not know."""
        if self._findings is not None and self._new:
            self._findings.store(self._new)
        self._new = {}
        self._pictures.remember()


def _chunks(pairs: Sequence[CandidatePair]) -> Iterator[Sequence[CandidatePair]]:
    """Part pairs in chunks that take about as long: what a run that is killed has found meanwhile is lost."""
    start, taken = 0, 0
    for end, pair in enumerate(pairs, start=1):
        taken += bytes_of(pair.a, pair.b)
        if end - start == CHUNK or taken >= CHUNK_BYTES or end == len(pairs):
            yield pairs[start:end]
            start, taken = end, 0


def _both(a: SeenPicture, b: SeenPicture, room: Room) -> tuple[FullPicture, FullPicture]:
    """Return two pictures at full size. What takes most while it is decoded is, beside nothing. Raises
    ImageError."""
    if b.takes_most:
        b.full_in(room)
    return a.full_in(room), b.full_in(room)


def _are_equal(a: Pixels, b: Pixels) -> bool:
    """Tell whether two pictures are equal, row by row: mostly the first few tell."""
    return a.shape == b.shape and all(
        np.array_equal(a[top : top + ROWS], b[top : top + ROWS]) for top in range(0, len(a), ROWS)
    )


def _in_one_profile(a: FullPicture, b: FullPicture) -> tuple[FullPicture, FullPicture]:
    """Return both pictures as if the one without a profile had that of the other."""
    if a.profile:
        return a, b._replace(pixels=seen_through(b.pixels, a.profile), profile=a.profile)
    return a._replace(pixels=seen_through(a.pixels, b.profile), profile=b.profile), b


def _by_numbers(a: FullPicture, b: FullPicture) -> tuple[FullPicture, FullPicture]:
    """Return both pictures by the numbers of the profile of one of them."""
    profile = a.profile or b.profile
    return (
        a._replace(pixels=numbers_in(a.pixels, profile), profile=profile),
        b._replace(pixels=numbers_in(b.pixels, profile), profile=profile),
    )


def _scaled(box: Box, shape: tuple[int, ...], size: tuple[int, int]) -> Box:
    """Return a box of a reduced picture, (h, w, 3), in pixels of the whole one, of (width, height)."""
    x, y = size[0] / shape[1], size[1] / shape[0]
    left, top, right, bottom = box
    return (
        int(left * x),
        int(top * y),
        min(size[0], math.ceil(right * x)),
        min(size[1], math.ceil(bottom * y)),
    )


def _differences(look: _Look, outcome: _Outcome) -> tuple[str, tuple[Place, ...]]:
    """Return in words what differs, and the places where it does that are named."""
    size_a, size_b = _size(look.pair.a), _size(look.pair.b)
    why = describe_differences(outcome.settled, outcome.proof, size_a, look.alignment.agreement.drawn)
    places = outcome.settled.differences[:MOST_PLACES]
    return why, tuple(Place(_inside(each.box_a, size_a), _inside(each.box_b, size_b)) for each in places)


def _size(image: ImageRecord) -> tuple[int, int]:
    return image.width, image.height


def _aspect(image: ImageRecord) -> float:
    return image.width / image.height


def _key(pair: CandidatePair) -> tuple[str, str]:
    return pair.a.content_hash, pair.b.content_hash


def _inside(box: Box, size: tuple[int, int]) -> Box:
    """Return what of a box lies inside a picture, one pixel at least: a fit may lay its edge beside it."""
    (left, top, right, bottom), (width, height) = box, size
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)


def _may_be_equal(a: ImageRecord, b: ImageRecord, picture_a: SeenPicture, picture_b: SeenPicture) -> bool:
    """Tell whether all pixels have to be compared. What a RAW holds is more than any pixels made of it."""
    if RAW in (a.format, b.format):
        return False
    if (a.width, a.height) != (b.width, b.height):
        return False
    small_a, small_b = picture_a.pixels, picture_b.pixels
    if small_a.shape != small_b.shape:  # one was decoded at a reduced scale, the other was not
        return True
    return float(np.abs(small_a.astype(np.int16) - small_b).mean()) <= NEARLY_EQUAL


def _fit(alignment: Alignment) -> Fit:
    agreement = alignment.agreement
    return Fit(
        matrix=alignment.matrix,
        mirrored=alignment.mirrored,
        inliers=alignment.inliers,
        covered_a=agreement.covered_a,
        covered_b=agreement.covered_b,
        residual=agreement.residual,
        correlation=agreement.correlation,
    )
