"""The cascade: bytes, then pixels, then an alignment. Files are real, alignments are made up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from threading import Lock, current_thread

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.documents.shots.profiles import wide_profile, widened
from tests.helpers.documents import font
from tests.helpers.pictures import photograph
from tests.helpers.renditions import rendition
from tests.verdicts.test_rules import NOTHING_DIFFERS, PAPER
from tests.verdicts.test_words import IDENTITY, alignment
from visualsearch_cli.ahead import beside
from visualsearch_cli.pictures.image import DecodedImage, ImageRecord, Pixels
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.verdicts.comparison import (
    Alignment,
    Difference,
    FullPicture,
    LocalFeatures,
    Picture,
    Proof,
    Retouch,
    Traits,
)
from visualsearch_cli.verdicts.evidence import Box, CandidatePair, Finding, Place, Rendition
from visualsearch_cli.verdicts.judge import PictureJudge
from visualsearch_cli.verdicts.verdict import Verdict

FEATURES = LocalFeatures(np.full((1, 2), 0.5, np.float32), np.zeros((1, 128), np.uint8))


class FakeComparer:
    """Finds a full frame wherever both pictures have the same mean, and asks for features otherwise."""

    reduced_side = 8

    def __init__(self, proof: Proof = NOTHING_DIFFERS) -> None:
        self.proof = proof
        self.others: list[Box] = []
        self.made: int | None = None
        self.detected = 0
        self.helped: list[bool] = []  # by a second thread
        self._lock = Lock()

    def reduced(self, pixels: Pixels) -> Pixels:
        return pixels

    def detect(self, pixels: Pixels) -> LocalFeatures:
        assert pixels.ndim == 3
        with self._lock:
            self.detected += 1
        return FEATURES

    def is_page(self, pixels: Pixels) -> bool:
        return pixels.ndim == 3

    def other_strokes(self, a: Pixels, b: Pixels) -> list[Box]:
        assert a.ndim == b.ndim == 3
        return self.others

    def alignments(self, a: Picture, b: Picture) -> Iterator[Alignment]:
        if abs(float(a.pixels.mean()) - float(b.pixels.mean())) < 3:
            yield alignment(IDENTITY, 1, 1)
        elif len(a.features) + len(b.features) == 0:
            raise AssertionError("features are found")

    def prove(self, a: FullPicture, b: FullPicture, alignment: Alignment) -> Proof | None:
        with beside(current_thread) as other:
            self.helped.append(other() is not current_thread())
        assert a.pixels.shape[2] == b.pixels.shape[2] == 3 and alignment.inliers
        return self.proof

    def may_be_remade(self, a: Pixels, b: Pixels) -> bool:
        assert a.ndim == b.ndim == 3
        return self.made is not None

    def remade(self, a: FullPicture, b: FullPicture) -> tuple[Alignment, Proof] | None:
        assert a.pixels.shape == b.pixels.shape
        return alignment(IDENTITY, 1, 1), self.proof._replace(made=self.made)

    def retouch(self, a: FullPicture, b: FullPicture, alignment: Alignment) -> Retouch | None:
        assert a.pixels.shape[2] == b.pixels.shape[2] == 3 and alignment.inliers
        return Retouch(stops=0.4, contrast=1, saturation=1.2, warmth=0, green=0, finer=1)

    def renditions(
        self, a: FullPicture, b: FullPicture, alignment: Alignment, proof: Proof, *, origins: bool
    ) -> tuple[Rendition, Rendition] | None:
        self.origins = origins
        assert (
            a.pixels.shape[2] == b.pixels.shape[2] == 3
            and alignment.inliers
            and proof.noise == self.proof.noise
        )
        return rendition(), rendition(fine=4.0)


class Remembering:
    """A TraitsCache in memory."""

    def __init__(self) -> None:
        self.traits: dict[str, Traits] = {}

    def load(self, hashes: Sequence[str]) -> Mapping[str, Traits]:
        return {hash_: self.traits[hash_] for hash_ in hashes if hash_ in self.traits}

    def store(self, traits: Mapping[str, Traits]) -> None:
        self.traits.update(traits)


def saved(path: Path, level: int, *, noise: int = 0) -> ImageRecord:
    rng = np.random.default_rng(level)
    pixels = np.clip(level + rng.integers(-20, 21, (24, 32, 3)) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return record(path)


def record(path: Path) -> ImageRecord:
    data = path.read_bytes()
    image = PillowReader().read(data)
    return ImageRecord(
        id=0,
        content_id=0,
        path=path,
        size=len(data),
        mtime_ns=path.stat().st_mtime_ns,
        content_hash=hash_content(data).hex(),
        width=image.width,
        height=image.height,
        format=image.format,
    )


@pytest.fixture
def judge() -> PictureJudge:
    return PictureJudge(PillowReader(), FakeComparer(), threads=2, similar_distance=0.4)


def test_the_cascade(tmp_path: Path, judge: PictureJudge) -> None:
    a = saved(tmp_path / "a.png", 100)
    copied = a._replace(path=tmp_path / "nowhere.png")  # equal bytes need no look at the file
    pixels = saved(tmp_path / "a.bmp", 100)
    toned = saved(tmp_path / "b.png", 100, noise=1)
    other = saved(tmp_path / "c.png", 200)
    pairs = [CandidatePair(a, b, 0.1) for b in (copied, pixels, toned, other)]
    pairs.append(CandidatePair(a, other, 0.41))
    evidence = judge.judge(pairs)
    assert [e.verdict for e in evidence] == [
        Verdict.IDENTICAL, Verdict.PIXELS, Verdict.SAME, Verdict.SIMILAR, None,
    ]  # fmt: skip
    assert evidence[0].distance == 0 and evidence[1].distance == 0.1
    assert evidence[2].fit is not None and evidence[2].reason == "full frame, scaled 1.00, no rotation"
    assert [e.fit for e in evidence[3:]] == [None, None]


class InOrder:
    """An ImageReader that notes the formats of what it decodes at full size."""

    def __init__(self) -> None:
        self.formats: list[str] = []

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        image = PillowReader().read(data, min_side)
        if min_side is None:
            self.formats.append(image.format)
        return image


@pytest.mark.parametrize(("a", "b"), [("a.png", "b.webp"), ("a.webp", "b.png")])
def test_what_its_reader_holds_twice_is_decoded_beside_nothing(a: str, b: str, tmp_path: Path) -> None:
    pair = CandidatePair(saved(tmp_path / a, 100), saved(tmp_path / b, 100, noise=1), 0.1)
    stranger = CandidatePair(pair.a, saved(tmp_path / "c.png", 200), 0.1)
    reader = InOrder()
    evidence, _ = PictureJudge(reader, FakeComparer()).judge([pair, stranger])  # one alone is decoded at once
    assert evidence.fit is not None
    assert reader.formats == ["WEBP", "PNG"]


def test_a_second_thread_may_help_where_one_small_pair_is_asked_about(tmp_path: Path) -> None:
    small = CandidatePair(saved(tmp_path / "a.png", 100), saved(tmp_path / "b.png", 100, noise=1), 0.1)
    large = small._replace(a=small.a._replace(width=5000, height=4000))
    comparer = FakeComparer()
    for pairs in ([small], [small, large], [large]):
        PictureJudge(PillowReader(), comparer).judge(pairs)
    assert comparer.helped == [True, False, False, False]


def test_other_writing_on_a_form_is_told_at_a_glance(tmp_path: Path) -> None:
    a, b = saved(tmp_path / "a.png", 100), saved(tmp_path / "b.png", 100, noise=1)
    comparer = FakeComparer()
    comparer.others = [(4, 5, 10, 11), (20, 5, 40, 11)]
    pair = CandidatePair(a, b._replace(width=64, height=48), 0.1)  # of which half the size is compared
    (evidence,) = PictureJudge(PillowReader(), comparer).judge([pair])
    assert (evidence.verdict, evidence.reason) == (Verdict.SIMILAR, "the writing differs at 2 places")
    places = [place.a for place in evidence.differences], [place.b for place in evidence.differences]
    assert places == ([(4, 5, 10, 11), (20, 5, 32, 11)], [(8, 10, 20, 22), (40, 10, 64, 22)])
    small = CandidatePair(a._replace(width=15, height=9), b, 0.1)  # reduced unevenly: only a proof tells
    (evidence,) = PictureJudge(PillowReader(), comparer).judge([small])
    assert evidence.fit is not None


def test_what_was_made_of_the_other_is_named_where_nothing_fits(tmp_path: Path) -> None:
    a, b = saved(tmp_path / "a.png", 100), saved(tmp_path / "b.png", 200)
    place = Difference((0, 0, 12, 8), (0, 0, 12, 8), 9.0, 30)
    comparer = FakeComparer(NOTHING_DIFFERS._replace(differences=(place,)))
    comparer.made = 0
    (evidence,) = PictureJudge(PillowReader(), comparer).judge([CandidatePair(a, b, 0.1)])
    words = "full frame, scaled 1.00, no rotation, drawn over at the upper left, A was made of B"
    assert (evidence.verdict, evidence.reason) == (Verdict.EDITED, words)
    assert [place.a for place in evidence.differences] == [(0, 0, 12, 8)]
    cropped = CandidatePair(a, b._replace(width=31), 0.1)
    (evidence,) = PictureJudge(PillowReader(), comparer).judge([cropped])
    assert evidence.verdict is Verdict.SIMILAR
    proof = comparer.proof
    comparer.proof = proof._replace(is_open=True)
    (evidence,) = PictureJudge(PillowReader(), comparer).judge([CandidatePair(a, b, 0.1)])
    assert evidence.verdict is Verdict.SIMILAR
    comparer.proof = proof._replace(grounds=PAPER)
    (evidence,) = PictureJudge(PillowReader(), comparer).judge([CandidatePair(a, b, 0.1)])
    assert evidence.verdict is Verdict.SIMILAR


@pytest.mark.slow
def test_a_replaced_sky_is_an_edit_whichever_is_named_first(tmp_path: Path) -> None:
    photograph("coffee").save(tmp_path / "a.jpg", quality=93)
    with Image.open(tmp_path / "a.jpg") as scene:
        sky = photograph("astronaut").resize(scene.size)
        ramp = Image.linear_gradient("L").point([min(255, max(0, 10 * (128 - y))) for y in range(256)])
        Image.composite(sky, scene.convert("RGB"), ramp.resize(scene.size)).save(
            tmp_path / "b.jpg", quality=90
        )
    a, b = record(tmp_path / "a.jpg"), record(tmp_path / "b.jpg")
    forth, back = PictureJudge(PillowReader()).judge([CandidatePair(a, b, 0.1), CandidatePair(b, a, 0.1)])
    assert forth.verdict is back.verdict is Verdict.EDITED
    assert forth.reason.endswith("drawn over at the top, B was made of A")
    assert back.reason.endswith("drawn over at the top, A was made of B")
    assert forth.renditions is not None and [shown.is_made for shown in forth.renditions] == [False, True]


@pytest.mark.slow
def test_a_lost_profile_is_named(tmp_path: Path) -> None:
    """The numbers are equal; what they show differs, for one who takes them for sRGB."""
    scene = photograph("coffee")
    scene.save(tmp_path / "a.jpg", quality=93, icc_profile=wide_profile())
    scene.save(tmp_path / "b.jpg", quality=92)
    a, b = record(tmp_path / "a.jpg"), record(tmp_path / "b.jpg")
    judge = PictureJudge(PillowReader())
    forth, back = judge.judge([CandidatePair(a, b, 0.1), CandidatePair(b, a, 0.1)])
    assert forth.verdict is back.verdict is Verdict.SAME
    assert forth.reason.endswith(", B lost its color profile")
    assert back.reason.endswith(", A lost its color profile")


def board(seed: int, *, other: bool = False) -> Image.Image:
    """A score in bright colors on black, of which one digit may be another."""
    chance, picture = Random(seed), Image.new("RGB", (520, 380), (8, 8, 12))
    draw, colors = ImageDraw.Draw(picture), ["#ff0000", "#00ff00", "#ff00c8", "#005aff", "#ffb400"]
    for _ in range(24):
        x, y, radius = chance.randrange(500), chance.randrange(360), chance.randrange(6, 30)
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, outline=chance.choice(colors), width=3)
    for number in range(6):
        value = chance.randrange(1000, 9999) + (other and number == 3)
        at = (20 + 250 * (number % 2), 20 + 110 * (number // 2))
        draw.text(at, str(value), chance.choice(colors), font(30))
    return picture


@pytest.mark.slow
@pytest.mark.parametrize("seed", [4, 5])
def test_what_a_codec_did_in_a_wide_profile_is_no_edit(seed: int, tmp_path: Path) -> None:
    """In sRGB, saturated colors are dark there: a level of the profile is several."""
    board(seed).save(tmp_path / "a.jpg", quality=92)
    for name, other in (("b.jpg", False), ("c.jpg", True)):
        widened(board(seed, other=other)).save(tmp_path / name, quality=92, icc_profile=wide_profile())
    a, b, c = (record(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.jpg"))
    pairs = [CandidatePair(a, b, 0.1), CandidatePair(b, a, 0.1), CandidatePair(a, c, 0.1)]
    verdicts = [evidence.verdict for evidence in PictureJudge(PillowReader()).judge(pairs)]
    assert verdicts == [Verdict.SAME, Verdict.SAME, Verdict.SIMILAR]


def test_what_was_done_comes_before_where_it_was_drawn_over(tmp_path: Path) -> None:
    a, b = saved(tmp_path / "a.png", 100), saved(tmp_path / "b.png", 100, noise=1)
    mark = Difference((2, 2, 6, 6), (2, 2, 6, 6), 20, 16)
    toned = NOTHING_DIFFERS._replace(toning=NOTHING_DIFFERS.toning._replace(luma=30))

    def reason(proof: Proof, image: ImageRecord = b) -> str:
        (evidence,) = PictureJudge(PillowReader(), FakeComparer(proof)).judge([CandidatePair(a, image, 0.1)])
        return evidence.reason.removeprefix("full frame, scaled 1.00, no rotation")

    assert reason(NOTHING_DIFFERS) == ""
    assert reason(toned) == ", brighter by 0.4 EV, saturation +20 %"
    assert reason(NOTHING_DIFFERS._replace(differences=(mark,))) == ", drawn over at the upper left"
    both = reason(toned._replace(differences=(mark,)))
    assert both == ", brighter by 0.4 EV, saturation +20 %, drawn over at the upper left"
    raw = a._replace(format="RAW", path=b.path, content_hash=b.content_hash)
    assert reason(toned, raw) == ""  # its tones are those of whoever developed it


def test_places_lie_inside_both_pictures(tmp_path: Path) -> None:
    """The fit may lay the edge of a box beside the picture, or a small one onto nothing."""
    both = saved(tmp_path / "a.png", 100), saved(tmp_path / "b.png", 100, noise=1)
    a, b = sorted(both, key=lambda image: image.content_hash)  # as they are given to a comparer
    assert (a.width, a.height) == (b.width, b.height) == (32, 24)
    places = (
        Difference((4, 4, 8, 8), (30, 20, 40, 30), 9, 20),
        Difference((30, 22, 32, 24), (33, 25, 35, 27), 8, 20),
        Difference((0, 0, 2, 2), (0, 0, 0, 0), 7, 20),
    )
    judge = PictureJudge(PillowReader(), FakeComparer(NOTHING_DIFFERS._replace(differences=places)))
    there, back = judge.judge([CandidatePair(a, b, 0.1), CandidatePair(b, a, 0.1)])
    assert there.verdict is back.verdict is Verdict.EDITED
    assert there.differences == (
        Place((4, 4, 8, 8), (30, 20, 32, 24)),
        Place((30, 22, 32, 24), (31, 23, 32, 24)),
        Place((0, 0, 2, 2), (0, 0, 1, 1)),
    )
    assert back.differences == tuple(Place(place.b, place.a) for place in there.differences)


def test_equal_pixels_say_nothing_of_a_raw(tmp_path: Path, judge: PictureJudge) -> None:
    """It holds more than any pixels that are made of it."""
    a, b = saved(tmp_path / "a.png", 100), saved(tmp_path / "a.bmp", 100)
    pairs = [CandidatePair(a._replace(format="RAW"), b, 0.1), CandidatePair(b, a._replace(format="RAW"), 0.1)]
    assert [e.verdict for e in judge.judge(pairs)] == [Verdict.SAME, Verdict.SAME]


def test_orientation_comes_before_pixels(tmp_path: Path, judge: PictureJudge) -> None:
    a = saved(tmp_path / "a.png", 100)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise
    with Image.open(a.path) as image:
        turned = image.transpose(Image.Transpose.ROTATE_90)
    turned.save(tmp_path / "turned.png", exif=exif)
    (evidence,) = judge.judge([CandidatePair(a, record(tmp_path / "turned.png"), 0.0)])
    assert evidence.verdict is Verdict.PIXELS


def test_what_cannot_be_read_is_similar_at_most(tmp_path: Path, judge: PictureJudge) -> None:
    a, gone = saved(tmp_path / "a.png", 100), saved(tmp_path / "gone.png", 101)
    changed, broken = saved(tmp_path / "changed.png", 102), tmp_path / "broken.jpg"
    gone.path.unlink()
    saved(changed.path, 103)
    broken.write_bytes(b"no image")
    damaged = a._replace(path=broken, content_hash=hash_content(b"no image").hex())
    pairs = [CandidatePair(a, b, 0.0) for b in (gone, changed, damaged)]
    evidence = judge.judge(pairs)
    assert [e.verdict for e in evidence] == [Verdict.SIMILAR] * 3
    for pair, found in zip(pairs, evidence, strict=True):
        assert found.failure is not None and found.failure.startswith(f"{pair.b.path}: ")


@pytest.mark.slow
def test_threads_change_nothing(tmp_path: Path) -> None:
    records = [saved(tmp_path / f"{level}.png", level) for level in range(40, 200, 8)]
    pairs = [CandidatePair(a, b, 0.2) for a in records for b in records]
    one, many = (PictureJudge(PillowReader(), FakeComparer(), threads=n).judge(pairs) for n in (1, 4))
    assert one == many and len(one) == len(pairs)


def test_a_second_run_detects_nothing_again(tmp_path: Path) -> None:
    pairs = [CandidatePair(saved(tmp_path / "a.png", 50), saved(tmp_path / "b.png", 150), 0.2)]
    cache = Remembering()
    first, second = FakeComparer(), FakeComparer()
    found = PictureJudge(PillowReader(), first, cache=cache).judge(pairs)
    assert first.detected == 2 and len(cache.traits) == 2
    assert PictureJudge(PillowReader(), second, cache=cache).judge(pairs) == found
    assert second.detected == 0


class Noting:
    """A FindingsCache in memory."""

    def __init__(self) -> None:
        self.findings: dict[tuple[str, str], Finding] = {}

    def load(self, pairs: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Finding]:
        return {pair: self.findings[pair] for pair in pairs if pair in self.findings}

    def store(self, findings: Mapping[tuple[str, str], Finding]) -> None:
        self.findings.update(findings)


class Unused(PillowReader):
    """A reader that nothing should be read with."""

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        raise AssertionError(f"{len(data)} bytes are decoded, to {min_side}")


def test_a_second_run_looks_at_no_pair_again(tmp_path: Path) -> None:
    a, pixels, toned = (
        saved(tmp_path / "a.png", 100),
        saved(tmp_path / "a.bmp", 100),
        saved(tmp_path / "b.png", 100, noise=1),
    )
    other = saved(tmp_path / "c.png", 200)
    pairs = [CandidatePair(a, b, 0.1) for b in (pixels, toned, other)]
    findings = Noting()
    first = PictureJudge(PillowReader(), FakeComparer(), findings=findings, similar_distance=0.4).judge(pairs)
    second = PictureJudge(Unused(), FakeComparer(), findings=findings, similar_distance=0.4)
    assert second.judge(pairs) == first
    assert [e.verdict for e in first] == [Verdict.PIXELS, Verdict.SAME, Verdict.SIMILAR]
    (far,) = second.judge([CandidatePair(a, other, 0.5)])  # the distance is no part of what is remembered
    assert far.verdict is None and far.distance == 0.5


def test_what_is_remembered_of_a_file_that_changed_is_not_used(tmp_path: Path) -> None:
    a, b = saved(tmp_path / "a.png", 100), saved(tmp_path / "b.png", 100, noise=1)
    findings = Noting()
    judge = PictureJudge(PillowReader(), FakeComparer(), findings=findings)
    judge.judge([CandidatePair(a, b, 0.1)])
    saved(b.path, 200)
    (evidence,) = PictureJudge(PillowReader(), FakeComparer(), findings=findings).judge(
        [CandidatePair(a, b, 0.1)]
    )
    assert evidence.verdict is Verdict.SIMILAR and evidence.failure is not None


def test_failures_are_not_remembered(tmp_path: Path) -> None:
    a, gone = saved(tmp_path / "a.png", 100), saved(tmp_path / "gone.png", 101)
    gone.path.unlink()
    findings = Noting()
    PictureJudge(PillowReader(), FakeComparer(), findings=findings).judge([CandidatePair(a, gone, 0.1)])
    assert not findings.findings


def test_more_pictures_than_memory_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualsearch_cli.verdicts.judge.KEPT", 3)
    records = [saved(tmp_path / f"{level}.png", level) for level in range(20, 240, 20)]
    pairs = [CandidatePair(a, b, 0.2) for a, b in itertools.pairwise(records)]
    cache, comparer = Remembering(), FakeComparer()
    PictureJudge(PillowReader(), comparer, cache=cache).judge(pairs)
    assert len(cache.traits) == len(records)
    assert all(traits.features is FEATURES for traits in cache.traits.values())


@pytest.mark.parametrize(("chunk_bytes", "visits"), [(10**9, 1), (2 * 12 * 32 * 24, 3), (1, 5)])
def test_what_takes_long_is_remembered_earlier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_bytes: int, visits: int
) -> None:
    monkeypatch.setattr("visualsearch_cli.verdicts.judge.CHUNK_BYTES", chunk_bytes)
    records = [saved(tmp_path / f"{level}.png", level) for level in range(20, 200, 30)]
    pairs = [CandidatePair(a, b, 0.2) for a, b in itertools.pairwise(records)]
    stored: list[int] = []

    class Counting(Noting):
        def store(self, findings: Mapping[tuple[str, str], Finding]) -> None:
            stored.append(len(findings))
            super().store(findings)

    findings = Counting()
    assert len(PictureJudge(PillowReader(), FakeComparer(), findings=findings).judge(pairs)) == len(pairs)
    assert len(stored) == visits and sum(stored) == len(findings.findings) == len(pairs)


@pytest.mark.parametrize(("remembered", "again"), [(100, 0), (0, 5)])
def test_features_outlive_the_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remembered: int, again: int
) -> None:
    monkeypatch.setattr("visualsearch_cli.verdicts.judge.KEPT", 3)
    monkeypatch.setattr("visualsearch_cli.verdicts.seen_pictures.REMEMBERED", remembered)
    records = [saved(tmp_path / f"{level}.png", level) for level in range(20, 240, 40)]
    pairs = [CandidatePair(a, b, 0.2) for a, b in itertools.pairwise([*records, *records])]
    comparer = FakeComparer()
    PictureJudge(PillowReader(), comparer).judge(pairs)
    assert comparer.detected >= len(records)
    assert (comparer.detected > len(records)) == (again > 0)
