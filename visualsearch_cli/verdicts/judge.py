"""Say what pairs of images are, with proof: bytes, then pixels, then how one lies in the other."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from threading import Lock, Thread
from typing import TypeVar

import numpy as np

from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.color import seen_through
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.pictures.image import ImageReader, ImageRecord, Pixels, is_as_indexed
from visualsearch_cli.pictures.pillow import GATE
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.pictures.whole import facts_of, whole_of
from visualsearch_cli.verdicts.comparison import (
    INPUT_SIDE,
    Alignment,
    Comparer,
    FindingsCache,
    FullPicture,
    LocalFeatures,
    Proof,
    Traits,
    TraitsCache,
)
from visualsearch_cli.verdicts.detail import softness
from visualsearch_cli.verdicts.evidence import Box, CandidatePair, Evidence, Finding, Fit, Place
from visualsearch_cli.verdicts.full_pictures import LARGE_PAIR, SMALL_PAIR, FullPictures, Room, bytes_of
from visualsearch_cli.verdicts.one_sided import lost_colors
from visualsearch_cli.verdicts.rules import decide, is_paper, settle, settle_remade
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
from visualsearch_cli.watched import WATCH

T = TypeVar("T")

KEPT = 512  # pictures in memory, about half a megabyte each
KEPT_BESIDE_LARGE = 32  # of them, beside a pair that is large
REMEMBERED = 4096  # further pictures of which the features are in memory, up to 68 kB each
CHUNK = 512  # pairs between two visits to the cache
BESIDE_PICTURES = 4 << 20  # bytes of a file that is held whole beside what is decoded
ROWS = 64  # of a picture, that are looked at at once for whether they are equal
LEAST_AT_A_GLANCE = 2  # times as large as reduced: less is reduced unevenly
NEARLY_EQUAL = 2.0  # mean difference of reduced pixels, of 255, beyond which the full ones are not equal


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
        self._reader = reader
        self._given_comparer = comparer
        self._cache = cache
        self._findings = findings
        self._threads = threads
        self._similar_distance = similar_distance
        self._origins = origins
        self._pictures: OrderedDict[str, _Picture] = OrderedDict()
        self._remembered: OrderedDict[str, Traits] = OrderedDict()  # of pictures no longer in memory
        self._known: Mapping[str, Traits] = {}
        self._found: dict[str, Traits] = {}  # since the last visit to the cache
        self._decided: Mapping[tuple[str, str], Finding] = {}  # of the pairs at hand
        self._fulls = FullPictures(GATE)
        self._new: dict[tuple[str, str], Finding] = {}
        self._lock = Lock()

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
        for start in range(0, len(pairs), CHUNK):
            chunk = pairs[start : start + CHUNK]
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
        most = KEPT if bytes_of(pair.a, pair.b) <= LARGE_PAIR else KEPT_BESIDE_LARGE
        a, b = self._picture(pair.a, most), self._picture(pair.b, most)
        if alone and bytes_of(pair.a, pair.b) <= SMALL_PAIR:  # no thread is busy with another pair
            self._decode_beside(a, b)
        for picture in (a, b):
            _ = picture.pixels  # before there is a room: who holds that waits for no picture of another pair
        with self._fulls.room_for(pair.a, pair.b) as room:
            if _may_be_equal(pair.a, pair.b, a, b) and self._are_equal(a, b, room):
                found = Finding(Verdict.PIXELS, reason="same pixels, different file")
            else:
                found = self._aligned(pair, a, b, room)
        self._new[_key(pair)] = found
        return found

    def _decode_beside(self, a: _Picture, b: _Picture) -> None:
        """Decode two small pictures, at full size and reduced, while the comparer is imported."""
        threads = [
            Thread(target=picture.decode_into, args=(self._fulls,), name="beside", daemon=True)
            for picture in (a, b)
        ]
        for thread in threads:
            thread.start()
        _ = self._comparer
        for thread in threads:
            thread.join()

    def _are_equal(self, a: _Picture, b: _Picture, room: Room) -> bool:
        """Tell whether all that two pictures show is equal.

        Mostly it is not, and their first frames tell, which a proof needs anyway.
        """
        is_known = a.traits.pixel_hash and b.traits.pixel_hash
        if not is_known and not _are_equal(a.full_in(room).pixels, b.full_in(room).pixels):
            return False
        return a.pixel_hash == b.pixel_hash

    def _aligned(self, pair: CandidatePair, a: _Picture, b: _Picture, room: Room) -> Finding:
        """Lay one picture onto the other: always the same one, so that their order changes nothing."""
        turned = a.content_hash > b.content_hash
        size_a, size_b = (pair.a.width, pair.a.height), (pair.b.width, pair.b.height)
        aspect_a, aspect_b = size_a[0] / size_a[1], size_b[0] / size_b[1]
        if other := self._of_other_writing(pair, a, b, turned=turned):
            return other
        refused: Finding | None = None
        for found in self._comparer.alignments(b, a) if turned else self._comparer.alignments(a, b):
            alignment = found.turned() if turned else found
            if decide(alignment, aspect_a, aspect_b) is None:
                continue
            full_a, full_b = a.full_in(room), b.full_in(room)
            if why := full_a.capture.is_another_than(full_b.capture):
                return Finding(None, _fit(alignment), f"two shots of one camera: {why}")
            proof = self._proved(full_a, full_b, alignment, found, turned=turned)
            if proof is None:
                continue
            developed = RAW in (pair.a.format, pair.b.format)
            settled = settle(alignment, proof, aspect_a, aspect_b, developed=developed)
            unprofiled = ""
            if settled.verdict is not Verdict.SAME and bool(full_a.profile) != bool(full_b.profile):
                seen = _in_one_profile(full_a, full_b)
                again = self._proved(*seen, alignment, found, turned=turned)
                if again is not None:
                    better = settle(alignment, again, aspect_a, aspect_b)
                    if better.verdict is Verdict.SAME:
                        proof, settled = again, better
                        unprofiled = describe_profile(1 if full_a.profile else 0)
            why = describe_differences(settled, proof, size_a, alignment.agreement.drawn)
            places = tuple(
                Place(_inside(place.box_a, size_a), _inside(place.box_b, size_b))
                for place in settled.differences[:MOST_PLACES]
            )
            if settled.verdict is not None and full_a.frames > 1 and full_b.frames > 1:
                # One cover page, one black first frame: what follows is not equal, or it would be `pixels`.
                return Finding(
                    None, _fit(alignment), "the first frames, pages or layers agree, others differ"
                )
            if settled.verdict is Verdict.SAME and full_a.frames != full_b.frames:
                return Finding(
                    Verdict.EDITED, _fit(alignment), "one of several frames, pages or layers", places
                )
            if settled.verdict is not None:
                words = [describe(alignment, size_a, size_b)]
                if settled.toned and not alignment.inversion:
                    retouch = self._comparer.retouch(full_a, full_b, alignment)
                    scale = scale_of(alignment, size_a, size_b)
                    words.append(describe_toning(retouch, proof, scale) if retouch else "other tones")
                shown = self._comparer.renditions(full_a, full_b, alignment, proof, origins=self._origins)
                verdict, softer = settled.verdict, ""
                if verdict is Verdict.SAME and shown is not None and not developed:
                    softer = softness(*shown)
                    verdict = Verdict.EDITED if softer else verdict
                paler = lost_colors(*shown) if shown is not None and verdict is Verdict.EDITED else None
                direction = describe_direction(paler)
                words += [part for part in (softer, why, unprofiled, direction) if part]
                return Finding(verdict, _fit(alignment), ", ".join(words), places, shown)
            refused = refused or Finding(None, _fit(alignment), why, places)
            if settled.two_shots or is_paper(proof):
                break  # no other alignment makes one of them
        remade = self._remade(pair, a, b, room)
        return remade or refused or Finding(None, reason="neither picture fits onto the other")

    def _remade(self, pair: CandidatePair, a: _Picture, b: _Picture, room: Room) -> Finding | None:
        """Find out whether one of two pictures that nothing else proves was made of the other's file."""
        size = pair.a.width, pair.a.height
        if size != (pair.b.width, pair.b.height) or not self._comparer.may_be_remade(a.pixels, b.pixels):
            return None
        full_a, full_b = a.full_in(room), b.full_in(room)
        if max(full_a.frames, full_b.frames) > 1 or full_a.capture.is_another_than(full_b.capture):
            return None
        found = self._comparer.remade(full_a, full_b)
        settled = settle_remade(found[1]) if found else None
        if found is None or settled is None:
            return None
        alignment, proof = found
        words = [
            describe(alignment, size, size),
            describe_differences(settled, proof, size, alignment.agreement.drawn),
            describe_direction(proof.made),
        ]
        places = tuple(
            Place(_inside(place.box_a, size), _inside(place.box_b, size))
            for place in settled.differences[:MOST_PLACES]
        )
        shown = self._comparer.renditions(full_a, full_b, alignment, proof, origins=self._origins)
        return Finding(
            Verdict.EDITED, _fit(alignment), ", ".join(word for word in words if word), places, shown
        )

    def _proved(
        self, a: FullPicture, b: FullPicture, alignment: Alignment, found: Alignment, *, turned: bool
    ) -> Proof | None:
        """Prove an alignment, `found` for these two or for the other order."""
        if not turned:
            return self._comparer.prove(a, b, alignment)
        proof = self._comparer.prove(b, a, found)
        return None if proof is None else proof.turned()

    def _of_other_writing(
        self, pair: CandidatePair, a: _Picture, b: _Picture, *, turned: bool
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

    def _picture(self, image: ImageRecord, most: int) -> _Picture:
        with self._lock:
            picture = self._pictures.get(image.content_hash)
            if picture is None:
                remembered = self._remembered.pop(image.content_hash, None)
                known = remembered or self._known.get(image.content_hash, Traits())
                picture = _Picture(image, self._reader, lambda: self._comparer, known)
                self._pictures[image.content_hash] = picture
            self._pictures.move_to_end(image.content_hash)
            while len(self._pictures) > most:
                self._forget_pixels(self._pictures.popitem(last=False)[1])
        return picture

    def _forget_pixels(self, picture: _Picture) -> None:
        """Keep of a picture what cost most: its features take six times as long as reading it again."""
        self._note(picture)
        self._remembered[picture.content_hash] = picture.traits
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    def _recall(self, pairs: Sequence[CandidatePair]) -> None:
        """Ask the caches about these pairs, and about the pictures that are new in the others."""
        if self._findings is not None:
            self._decided = self._findings.load([_key(pair) for pair in pairs])
        if self._cache is not None:
            unknown = [pair for pair in pairs if _key(pair) not in self._decided]
            hashes = {image.content_hash for pair in unknown for image in (pair.a, pair.b)}
            self._known = self._cache.load(sorted(hashes - self._pictures.keys() - self._remembered.keys()))

    def _remember(self) -> None:
        """Tell the caches what they did not know."""
        if self._findings is not None and self._new:
            self._findings.store(self._new)
        self._new = {}
        if self._cache is not None:
            for picture in self._pictures.values():
                self._note(picture)
            if self._found:
                self._cache.store(self._found)
        self._found = {}

    def _note(self, picture: _Picture) -> None:
        if self._cache is not None and picture.traits != picture.known:
            self._found[picture.content_hash] = picture.known = picture.traits


class _Picture:
    """One picture in memory. What costs time is found when first asked for, once, whoever asks."""

    def __init__(
        self, image: ImageRecord, reader: ImageReader, comparer: Callable[[], Comparer], known: Traits
    ) -> None:
        self.content_hash = image.content_hash
        self.known = known  # to the cache
        self._image = image
        self._reader = reader
        self._comparer = comparer
        self._lock = Lock()
        self._pixels: Pixels | None = None
        self._features = known.features
        self._is_page: bool | None = None
        self._pixel_hash = known.pixel_hash
        self._error: ImageError | None = None

    @property
    def traits(self) -> Traits:
        """What was found so far."""
        return Traits(self._pixel_hash, self._features)

    @property
    def pixels(self) -> Pixels:
        """Reduced. Raises ImageError."""
        with self._lock:
            if self._pixels is None:
                self._pixels = self._reduced(self._data(to_decode=True))
            return self._pixels

    @property
    def features(self) -> LocalFeatures:
        """Raises ImageError."""
        pixels = self.pixels
        with self._lock:
            if self._features is None:
                self._features = self._comparer().detect(pixels)
            return self._features

    @property
    def is_page(self) -> bool:
        """Raises ImageError."""
        pixels = self.pixels
        with self._lock:
            if self._is_page is None:
                self._is_page = self._comparer().is_page(pixels)
            return self._is_page

    @property
    def pixel_hash(self) -> bytes:
        """Of all that it shows: frames, alpha, all bits, attached pictures and films. Raises ImageError."""
        with self._lock:
            if self._pixel_hash is None:
                self._pixel_hash = self._asked(whole_of, self._data()).hash
            return self._pixel_hash

    def full_in(self, room: Room) -> FullPicture:
        """Return it at full size, out of the room for a pair. Raises ImageError."""
        return room.full(self.content_hash, lambda: self._full(self._data(to_decode=True)))

    def decode_into(self, pictures: FullPictures) -> None:
        """Decode it, at full size and reduced, before its pair enters: in there, one thread alone may decode.

        What is wrong is found again by who asks for it.
        """
        with suppress(ImageError, MemoryError), self._lock:
            data = self._data(to_decode=True)
            pictures.of(self.content_hash, lambda: self._full(data))
            if self._pixels is None:
                self._pixels = self._reduced(data)

    def _full(self, data: bytes) -> FullPicture:
        facts = self._asked(facts_of, data)
        return FullPicture(self.content_hash, self._decoded(data, None), *facts)

    def _reduced(self, data: bytes) -> Pixels:
        pixels = self._decoded(data, INPUT_SIDE)  # first: it needs no comparer
        return self._comparer().reduced(pixels)

    def _data(self, *, to_decode: bool = False) -> bytes:
        if self._error is not None:
            raise self._error
        try:
            read = read_file(self._image.path, BESIDE_PICTURES, to_decode=to_decode)
            if read.content_hash.hex() != self._image.content_hash:
                raise ImageError("changed since it was indexed: index it again")
            return read.data
        except ImageError as error:
            self._error = type(error)(f"{self._image.path}: {error}")
            raise self._error from error

    def _decoded(self, data: bytes, side: int | None) -> Pixels:
        return self._asked(lambda content: self._reader.read(content, side).pixels, data)

    def _asked(self, ask: Callable[[bytes], T], data: bytes) -> T:
        """Return what is asked of the contents; errors name the file, and are remembered."""
        try:
            with WATCH.decoding(self._image.path):
                return ask(data)
        except ImageError as error:
            self._error = type(error)(f"{self._image.path}: {error}")
            raise self._error from error


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


def _key(pair: CandidatePair) -> tuple[str, str]:
    return pair.a.content_hash, pair.b.content_hash


def _inside(box: Box, size: tuple[int, int]) -> Box:
    """Return what of a box lies inside a picture, one pixel at least: a fit may lay its edge beside it."""
    (left, top, right, bottom), (width, height) = box, size
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)


def _may_be_equal(a: ImageRecord, b: ImageRecord, picture_a: _Picture, picture_b: _Picture) -> bool:
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
