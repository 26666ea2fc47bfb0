"""Which of two copies is kept, and why: by what was measured of both, by who wrote them, by circumstances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.facts import NoFacts
from tests.helpers.renditions import rendition
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Item, Key
from visualsearch_cli.duplicates.preference import Decision, Pair, decision, shown_better
from visualsearch_cli.duplicates.renditions import shows_more
from visualsearch_cli.pictures.held.holdings import Holdings
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.metadata.values import Metadata
from visualsearch_cli.pictures.quality.origin import JFIF, UNKNOWN_ORIGIN, Origin
from visualsearch_cli.reports.report import Companion
from visualsearch_cli.verdicts.evidence import Evidence, Fit, Place, Rendition
from visualsearch_cli.verdicts.verdict import Verdict

WHOLE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
CAMERA = Origin(camera="Kestrel KO-20", notes=True, taken=datetime(2023, 5, 1, 10, 4, 31))


class Told(NoFacts):
    """Files that tell what the test says, by stem."""

    def __init__(self, held: dict[str, Holdings] | None = None, **origins: Origin) -> None:
        super().__init__(**(held or {}))
        self.origins = origins

    def metadata(self, image: ImageRecord, beside: Iterable[Path]) -> Metadata:
        raise AssertionError(f"metadata decides nothing, and {image.path} was asked for it, and {beside}")

    def origin(self, image: ImageRecord) -> Origin:
        return self.origins.get(image.path.stem, UNKNOWN_ORIGIN)


def item(name: str, **other: Any) -> Item:
    image = ImageRecord(1, 1, Path("/p") / name, 1000, 100, name.encode().hex(), 400, 300, "JPEG")
    return Item(image._replace(**other))


def fit(covered_a: float = 1.0, covered_b: float = 1.0) -> Fit:
    return Fit(WHOLE, False, 50, covered_a, covered_b, residual=0.0, correlation=1.0)


def evidence(a: Rendition, b: Rendition, where: Fit | None = None, **other: Any) -> Evidence:
    return Evidence(Verdict.SAME, 0.1, where or fit(), renditions=(a, b), **other)


def decided(found: Evidence | None, facts: Told | None = None, *keys: Key) -> Decision:
    """Return the decision between a.jpg and b.jpg; that of b.jpg and a.jpg says the same."""
    facts = facts or Told()
    a, b = item("a.jpg"), item("b.jpg")
    decision_ab = decision(Pair(a, b, found), keys or DEFAULT_KEEP, facts)
    if found is not None and found.renditions is not None and found.fit is not None:
        turned = found._replace(
            renditions=found.renditions[::-1],
            fit=found.fit._replace(covered_a=found.fit.covered_b, covered_b=found.fit.covered_a),
        )
        decision_ba = decision(Pair(b, a, turned), keys or DEFAULT_KEEP, facts)
        assert (decision_ba.key, decision_ba.a_wins) == (decision_ab.key, not decision_ab.a_wins)
        assert (decision_ba.of_a, decision_ba.of_b) == (decision_ab.of_b, decision_ab.of_a)
    return decision_ab


WORSE: dict[str, tuple[dict[str, Any], str, str]] = {
    "softer": ({"fine": 2.0, "middle": 7.0}, "detail", "0.45 of the detail"),
    "of a JPEG": ({"quality": 10, "before": 10}, "detail", "JPEG of quality 10"),
    "of few colors": ({"colors": 256, "variety": 0.01}, "plain", "256 colors"),
    "grey": ({"color": 0.1}, "plain", "its color is lost"),
    "made of the other": ({"is_made": True}, "original", "made of the other one"),
    "saved again": ({"before": 89}, "original", "saved again, of quality 89 before"),
    "noisy": ({"noise": 6.0, "fine": 5.8}, "noise", "6.0 levels of noise"),
    "clipped": ({"clipped": 0.09}, "tones", "9.0 % clipped"),
    "sharpened": ({"top": 6.5, "fine": 7.5, "middle": 11.0}, "tones", "sharpened"),
    "enlarged": ({"scale": 2.0, "top": 3.0}, "detail", "2.00 times as large along a side, enlarged"),
}


@pytest.mark.parametrize("kind", WORSE)
def test_what_a_copy_has_lost(kind: str) -> None:
    values, key, text = WORSE[kind]
    found = decided(evidence(rendition(), rendition(**values)))
    assert (found.a_wins, found.key, found.of_b) == (True, key, text)
    assert found.for_offered.startswith(f"{key}: {text} (kept: ")


def test_of_what_codecs_made_the_one_with_more_detail_is_kept_however_large_it_is() -> None:
    a, b = (rendition(quality=0, richer=more) for more in (5.0, -5.0))
    found = decided(evidence(a, b))
    assert (found.a_wins, found.key) == (True, "quality")
    assert found.of_b == "less of the detail, as what is saved again has"
    unsure = a._replace(richer=1.0), b._replace(richer=-1.0)
    assert decided(evidence(*unsure)).key == "path"
    toned = b._replace(clipped=0.0)
    assert not decided(evidence(a._replace(clipped=0.09), toned)).a_wins  # more was made of it


def test_content_credentials_speak_only_where_nothing_better_does() -> None:
    """Programs sign what they save as well."""
    facts = Told({"b": Holdings(credentials=True)})
    assert decided(None, facts).of_b == "content credentials"
    assert not decided(None, facts).a_wins
    found = decided(evidence(rendition(), rendition(is_made=True)), facts)
    assert (found.a_wins, found.of_b) == (True, "made of the other one")


def test_true_pixels_count() -> None:
    found = decided(evidence(rendition(), rendition(scale=2.0, top=4.0, beyond=5.0)))
    assert not found.a_wins and found.of_a == "fewer true pixels"


def test_rounding_is_no_detail() -> None:
    """A soft picture that was enlarged has nothing beyond but what whole levels and a fine JPEG add."""
    soft = rendition(top=0.37, fine=0.47, middle=1.8, beyond=0.03)
    enlarged = soft._replace(beyond=0.35, scale=2.0)
    assert decided(evidence(soft, enlarged)).of_b == "2.00 times as large along a side, enlarged"
    assert decided(evidence(soft, enlarged._replace(beyond=0.6))).of_a == "fewer true pixels"


def test_of_a_thumbnail_detail_is_told_less_surely() -> None:
    for colors, wins in ((9000, False), (3000, True)):  # of 30,000 pixels and of 10,000
        thumbnail = rendition(colors=colors, fine=6.7, variety=0.3)
        larger = rendition(scale=1.34, top=4.0, beyond=3.0)
        assert decided(evidence(larger, thumbnail)).a_wins is wins


def test_a_crop_stands_behind_the_whole_and_a_border_behind_the_picture() -> None:
    wide = fit(covered_a=1.0, covered_b=0.6)
    found = decided(evidence(rendition(), rendition(bordered=0.2), wide))
    assert not found.a_wins and found.of_a == "cut to 60 %"
    found = decided(evidence(rendition(), rendition(bordered=0.98), wide))
    assert found.a_wins and "on 60 % of it, within something else" in found.of_b
    found = decided(evidence(rendition(), rendition(bordered=0.2, pasted=True), wide))
    assert found.a_wins and "on 60 % of it, within something else" in found.of_b


def test_a_grey_photograph_has_no_palette() -> None:
    """It has 256 colors at most, and its copy in sepia has more, as codecs blur them."""
    grey = rendition(color=0.0, colors=250, variety=0.015)
    sepia = rendition(color=0.3, colors=1600, variety=0.1, quality=90)
    assert decided(evidence(grey, sepia)).key == "path"
    found = decided(evidence(grey, grey._replace(colors=2)))
    assert found.key == "path", "of a flat picture nothing is known"
    found = decided(evidence(sepia, sepia._replace(colors=2, variety=0.001)))
    assert found.a_wins and (found.key, found.of_b) == ("plain", "2 colors")


def test_a_leaning_picture_stands_behind_the_one_that_was_turned() -> None:
    found = decided(evidence(rendition(), rendition(leans=True), fit(0.96, 0.87)))
    assert found.a_wins and (found.key, found.of_b) == ("plain", "leaning, with plain corners")


def test_a_picture_in_stronger_colors_does_not_make_another_one_grey() -> None:
    assert decided(evidence(rendition(), rendition(color=60.0))).key != "plain"


def test_noise_is_no_detail() -> None:
    """Where it is strong, what is left of the finest octave without it is too uncertain."""
    found = decided(evidence(rendition(), rendition(noise=10.6, fine=9.5, middle=9.6)))
    assert (found.a_wins, found.key, found.of_b) == (True, "noise", "10.6 levels of noise")


def test_noise_of_the_original_is_part_of_it_and_added_noise_is_not() -> None:
    noisy = {"noise": 6.0, "top": 7.0, "fine": 7.5, "middle": 9.0}
    filtered = rendition(top=5.5, fine=5.0, grained=False)
    found = decided(evidence(rendition(**noisy, grained=False), filtered))
    assert found.a_wins and found.key == "detail"
    found = decided(evidence(rendition(grained=False), rendition(**noisy, grained=True)))
    assert found.a_wins and (found.key, found.of_b) == ("noise", "noise was added")


def test_a_filter_against_noise_leaves_more_of_the_top_than_of_the_rest() -> None:
    """Who sharpens raises the top most, so a filtered copy does not make its original a sharpened one."""
    filtered = rendition(top=3.4, fine=3.5, middle=6.6)
    found = decided(evidence(rendition(), filtered))
    assert found.a_wins and (found.key, found.of_b) == ("detail", "0.85 of the detail")
    sharpened = rendition(top=6.0, fine=7.14, middle=9.7)
    found = decided(evidence(rendition(), sharpened))
    assert found.a_wins and found.of_b == "sharpened"


def test_a_median_leaves_least_where_a_sharpening_adds_most() -> None:
    """It takes as much of both octaves; of the highest frequencies it makes some."""
    photograph = rendition(top=0.64, fine=1.156, middle=4.5, noise=1.27, quality=93)
    median = rendition(top=0.735, fine=1.0, middle=3.94, noise=1.13, quality=95)
    for files, wins in (((photograph, median), True), ((median, photograph), False)):
        found = decided(evidence(*files))
        assert found.a_wins is wins
        assert (found.of_b if wins else found.of_a).endswith("of the detail")
    coarse = photograph._replace(quality=80)  # its codec may have taken the top of what was sharpened
    assert decided(evidence(coarse, median)).of_a == "sharpened"


def test_small_things_that_a_filter_took_were_not_drawn_over_the_original() -> None:
    spotted = rendition(marked=1.0, grained=False, top=3.0)
    filtered = rendition(grained=False, top=3.2, fine=4.5, middle=7.5)
    place = Place((0, 0, 9, 9), (0, 0, 9, 9))
    found = decided(evidence(spotted, filtered)._replace(differences=(place,)))
    assert found.key != "plain"
    covered = evidence(spotted, rendition(grained=False))._replace(differences=(place,))
    assert decided(covered).key == "plain"


def test_the_edges_of_letters_are_no_detail() -> None:
    place = Place((0, 0, 9, 9), (0, 0, 9, 9))
    plain = rendition(fine=3.4, middle=7.6)
    lettered = rendition(fine=4.4, middle=7.8, marked=1.0)
    found = decided(evidence(plain, lettered)._replace(differences=(place,)))
    assert found.a_wins and found.of_b == "drawn over or covered"
    soft = rendition(fine=2.0, middle=6.0)
    found = decided(evidence(soft, lettered)._replace(differences=(place,)))
    assert found.key == "detail" and not found.a_wins, "what was blurred has lost more than they add"


def test_a_picture_is_not_kept_for_noise_that_was_blurred_or_paled_with_all_else() -> None:
    noisy = rendition(noise=11.6, fine=9.0, middle=12.0)
    blurred = rendition(noise=1.0, fine=1.0, middle=3.0)
    paled = rendition(noise=5.8, fine=4.5, middle=6.0, tones=100.0)
    for copy in (blurred, paled):
        assert decided(evidence(noisy, copy)).key != "noise"


def test_marks_count_only_where_something_differs() -> None:
    marked = rendition(marked=1.0)
    place = Place((0, 0, 9, 9), (0, 0, 9, 9))
    assert decided(evidence(rendition(), marked, differences=(place,))).of_b == "drawn over or covered"
    assert decided(evidence(rendition(), marked)).key != "plain"


def test_a_camera_wrote_the_original() -> None:
    edited = replace(CAMERA, program="darktable 4.6.1", notes=False)
    found = decided(evidence(rendition(), rendition()), Told(a=CAMERA, b=edited))
    assert found.a_wins and found.for_offered == (
        "original: saved by darktable 4.6.1 (kept: as Kestrel KO-20 wrote it)"
    )
    soft = rendition(fine=2.0, middle=7.0)
    assert not decided(evidence(soft, rendition()), Told(a=CAMERA, b=edited)).a_wins  # detail comes first


def test_heic_of_the_same_moment_is_the_original() -> None:
    heic = replace(CAMERA, is_heic=True)
    assert decided(evidence(rendition(), rendition(quality=0)), Told(a=CAMERA, b=heic)).of_b.startswith(
        "HEIC"
    )
    later = replace(heic, taken=datetime(2024, 1, 1))
    assert decided(evidence(rendition(), rendition()), Told(a=CAMERA, b=later)).key != "original"


def test_a_profile_of_more_colors_is_kept_before_what_was_converted_to_srgb() -> None:
    """What is shown is equal: colors beyond sRGB are clipped in both."""
    wide = Origin(gamut=1.32)
    found = decided(evidence(rendition(), rendition(clipped=0.09)), Told(b=wide))
    assert not found.a_wins and found.key == "colors"
    assert (found.of_a, found.of_b) == ("1.00 times the colors of sRGB", "1.32 times the colors of sRGB")
    assert decided(evidence(rendition(), rendition()), Told(a=CAMERA, b=wide)).key == "original"
    assert decided(evidence(rendition(), rendition()), Told(b=Origin(gamut=1.05))).key != "colors"


def test_names_of_edits_and_copies() -> None:
    found = decision(Pair(item("a-edited.jpg"), item("a.jpg")), DEFAULT_KEEP, Told())
    assert not found.a_wins and found.of_a == "“-edited” in its name"
    found = decision(Pair(item("a (1).jpg"), item("a.jpg")), DEFAULT_KEEP, Told())
    assert not found.a_wins and found.of_a == "“(1)” in its name"


def test_what_files_hold_comes_before_all_keys_but_for_crops() -> None:
    soft = rendition(fine=2.0, middle=7.0)
    told = Told({"b": Holdings(film="f")})
    found = decided(evidence(rendition(), soft), told, Key.SIZE)
    assert not found.a_wins and (found.key, found.of_a, found.of_b) == ("holds", "no more", "a film")
    assert decided(evidence(rendition(), soft, fit(covered_a=0.5)), told).a_wins


def test_what_has_the_period_of_an_enlargement_is_none_however_little_larger_it_is() -> None:
    for factor in (1.05, 1.3, 1.5, 2.0):
        large = rendition(scale=factor, beyond=4.0)
        assert factor < 1.1 or not decided(evidence(rendition(), large)).a_wins
        found = decided(evidence(rendition(), large._replace(enlarged=60.0)))
        assert found.a_wins and (found.key, found.of_a) == ("detail", "as large as it was")


def test_of_two_that_are_out_of_focus_the_larger_is_no_softer() -> None:
    large = rendition(scale=1.67, beyond=0.45, top=0.29, fine=0.24, middle=2.9)
    small = rendition(top=0.43, fine=0.39, middle=3.1)
    assert decided(evidence(small, large)).of_b == "1.67 times as large along a side"
    sharper = small._replace(fine=1.2)
    assert decided(evidence(sharper, large)).a_wins


def test_what_is_soft_is_kept_rather_than_what_was_enlarged_from_it() -> None:
    """What resampling and a codec leave in the finest octave of either is no detail."""
    soft = rendition(top=0.40, fine=0.35, middle=1.32, beyond=0.03, noise=0.43, quality=93)
    enlarged = rendition(
        top=0.35, fine=0.36, middle=1.19, beyond=0.36, noise=0.39, quality=95, scale=1.5, enlarged=38.0
    )
    found = decided(evidence(soft, enlarged))
    assert found.a_wins and found.of_b == "1.50 times as large along a side, enlarged"


def test_a_soft_master_is_kept_rather_than_its_jpeg() -> None:
    """That has more of the finest octave: its own errors, which have nothing to do with the master's."""
    master = rendition(top=0.15, fine=0.12, middle=1.51, noise=0.28, quality=101, common=0.18)
    saved = rendition(top=0.35, fine=0.30, middle=1.53, noise=0.37, quality=95, common=0.18)
    found = decided(evidence(master, saved))
    assert found.a_wins and (found.key, found.of_b) == ("quality", "JPEG of quality 95")
    # What was halved and enlarged back lacks just that as well, and is no master: it is a JPEG itself.
    halved = master._replace(quality=95)
    assert not decided(evidence(halved, saved._replace(quality=93))).a_wins
    sharp = saved._replace(common=0.9)
    assert not decided(evidence(master._replace(common=0.9), sharp)).a_wins


def test_a_jpeg_is_kept_rather_than_what_a_codec_took_more_of() -> None:
    """As its quality is a low one, what nobody knows the quality of was kept."""
    jpeg, other = rendition(quality=70, unknown=2.5), rendition(quality=0)
    found = decided(evidence(jpeg, other))
    assert found.a_wins and (found.key, found.of_b) == ("quality", "differs by more than the JPEG lost")
    assert decided(evidence(jpeg._replace(unknown=0.0), other)).key != "quality"


def test_what_shows_more_than_a_file_that_holds_more_is_told() -> None:
    assert shown_better(evidence(rendition(fine=2.0, middle=7.0), rendition())) == (
        "1.00 of the detail (kept: 0.45 of the detail)"
    )
    assert not shown_better(evidence(rendition(), rendition(fine=2.0, middle=7.0)))
    assert not shown_better(evidence(rendition(), rendition()))


def test_what_shows_more_than_the_kept_file_is_told() -> None:
    """A part of it would be lost, unless that is a page, a border or the like around it."""
    plain, on_a_page = rendition(), rendition(bordered=1.0)
    more = "shows more than the kept file, which has 60 % of it"
    assert shows_more(evidence(plain, plain, fit(0.8, 0.6))) == more
    assert shows_more(evidence(plain, on_a_page, fit(0.8, 0.6))) == more, (
        "and that is not all of the kept file"
    )
    assert shows_more(evidence(plain, plain, fit(1.0, 0.6))) == more
    assert not shows_more(evidence(plain, on_a_page, fit(1.0, 0.6)))
    assert not shows_more(evidence(plain, plain, fit(0.6, 1.0)))
    assert not shows_more(Evidence(Verdict.SAME, 0.1))


def with_film(item: Item) -> Item:
    return replace(item, companions=(Companion(item.image.path.with_suffix(".MOV")),))


@pytest.mark.parametrize("kind", WORSE)
def test_what_lies_beside_a_file_speaks_for_it_unless_it_shows_less(kind: str) -> None:
    """Who has both the camera's files and smaller ones with JSON beside them, from the net, keeps both."""
    plain, worse = rendition(), rendition(**WORSE[kind][0])
    shows_less = {"softer", "of a JPEG", "of few colors", "grey", "enlarged"}
    found = decision(
        Pair(with_film(item("a.jpg")), item("b.jpg"), evidence(worse, plain)), (Key.OLDEST,), Told()
    )
    assert (found.key == "companions") is (kind not in shows_less)
    assert found.a_wins is (kind not in shows_less)
    found = decision(
        Pair(item("a.jpg"), with_film(item("b.jpg")), evidence(worse, plain)), DEFAULT_KEEP, Told()
    )
    assert found.key == "companions" and not found.a_wins
    assert (found.of_a, found.of_b) == ("nothing beside it", "a film beside it")


@pytest.mark.parametrize(
    ("worse", "plain", "facts"),
    [
        ({"is_made": True}, {}, Told()),
        ({"quality": 70, "before": 0}, {"quality": 92, "before": 0}, Told()),
        ({}, {}, Told(b=CAMERA)),
    ],
)
def test_a_sidecar_does_not_speak_for_what_was_made_of_the_other_one(
    worse: dict[str, Any], plain: dict[str, Any], facts: Told
) -> None:
    """A copy that was rated, or came from the net with JSON, is not kept before the camera's file."""
    copy, original = item("a.jpg"), item("b.jpg")
    noted = replace(copy, companions=(Companion(Path("/p/a.xmp")),))
    found = evidence(rendition(**worse), rendition(**plain))
    its = decision(Pair(noted, original, found), DEFAULT_KEEP, facts)
    assert its.key != "companions" and not its.a_wins
    filmed = decision(Pair(with_film(copy), original, found), DEFAULT_KEEP, facts)
    assert filmed.key == "companions" and filmed.a_wins
    noted = replace(original, companions=(Companion(Path("/p/b.xmp")),))
    its = decision(Pair(copy, noted, found), DEFAULT_KEEP, facts)
    assert its.key == "companions" and not its.a_wins


def test_of_two_with_sidecars_the_one_with_more_kinds_is_kept() -> None:
    """A program's suffix is a kind: who throws the .xmp away has the .aae alone."""
    a, b = item("a.jpg", mtime_ns=200), item("b.jpg")
    a = replace(a, companions=tuple(Companion(Path("/p") / name) for name in ("a.xmp", "a.aae")))
    b = replace(b, companions=tuple(Companion(Path("/p") / name) for name in ("b.aae", "b.AAE")))
    found = decision(Pair(a, b), DEFAULT_KEEP, Told())
    assert found.a_wins and (found.key, found.of_a) == ("companions", "2 kinds of sidecars beside it")


def test_what_lies_beside_a_crop_or_a_covered_copy_does_not_speak_for_it() -> None:
    wide = evidence(rendition(), rendition(), fit(covered_b=0.6))
    assert not decision(Pair(with_film(item("a.jpg")), item("b.jpg"), wide), DEFAULT_KEEP, Told()).a_wins
    place = Place((0, 0, 9, 9), (0, 0, 9, 9))
    covered = evidence(rendition(marked=1.0), rendition(), differences=(place,))
    assert not decision(Pair(with_film(item("a.jpg")), item("b.jpg"), covered), DEFAULT_KEEP, Told()).a_wins
    assert decision(Pair(with_film(item("b.jpg")), item("a.jpg")), DEFAULT_KEEP, Told()).a_wins, "equal bytes"


@pytest.mark.parametrize("worse", [{"quality": 40}, {"fine": 2.0}, {"quality": 80}, {"is_made": True}])
def test_what_a_program_manages_is_not_kept_where_it_shows_less(worse: dict[str, Any]) -> None:
    """A library with small copies of what lies elsewhere: neither is given up for the other."""
    found = evidence(rendition(**worse), rendition())
    managed, other = replace(item("a.jpg"), protected=True, managed=True), item("b.jpg")
    assert not decision(Pair(managed, other, found), DEFAULT_KEEP, Told()).a_wins
    same = evidence(rendition(), rendition())
    told = decision(Pair(managed, other, same), DEFAULT_KEEP, Told())
    assert told.a_wins and told.key == "place"
    assert decision(Pair(managed, other, same), DEFAULT_KEEP, Told(b=CAMERA)).key == "original"
    for a, b in (
        (replace(managed, managed=False), other),  # below a --reference folder, as the user says
        (managed, replace(other, set_aside=True)),  # in a bin
    ):
        told = decision(Pair(a, b, found), DEFAULT_KEEP, Told())
        assert told.a_wins and told.key == "place"


def test_the_keys_of_the_user_come_before_what_pictures_show() -> None:
    soft = item("b.jpg", size=2000)
    found = evidence(rendition(), rendition(fine=2.0, middle=7.0))
    assert not decision(Pair(item("a.jpg"), soft, found), (Key.SIZE,), Told()).a_wins
    assert decision(Pair(item("a.jpg"), soft, found), (Key.DETAIL, Key.SIZE), Told()).a_wins
    tie = decision(Pair(item("a.jpg"), item("b.jpg"), found), (Key.SIZE,), Told())
    assert tie.a_wins and tie.key == "detail"


def test_dates_are_of_capture_where_there_is_one() -> None:
    late = replace(CAMERA, taken=datetime(2023, 6, 1))
    old_file = item("b.jpg", mtime_ns=1)
    found = decision(Pair(item("a.jpg"), old_file), (Key.OLDEST,), Told(a=CAMERA, b=late))
    assert found.a_wins and found.of_b == "2023-06-01 00:00:00"
    found = decision(Pair(item("a.jpg"), old_file), (Key.OLDEST,), Told())
    assert not found.a_wins and found.of_a.endswith("(file time)")
    assert not decision(Pair(item("a.jpg"), old_file), (Key.NEWEST,), Told(a=CAMERA, b=late)).a_wins
    nearly = item("b.jpg", mtime_ns=101)  # in the same minute, as what is compared first
    for facts in (Told(), Told(a=CAMERA, b=CAMERA)):
        found = decision(Pair(item("a.jpg"), nearly), (Key.OLDEST,), facts)
        assert found.of_a.endswith("00.000000100 (file time)")
        assert found.of_b.endswith("00.000000101 (file time)")


def test_a_png_of_a_jpegs_pixels_was_made_of_it() -> None:
    png = item("a.png", format="PNG")
    found = decision(Pair(png, item("b.jpg"), Evidence(Verdict.PIXELS, 0.0)), DEFAULT_KEEP, Told())
    assert not found.a_wins and found.key == "original"


def test_the_blocks_of_a_coarse_jpeg_are_no_detail() -> None:
    plain, coarse = rendition(fine=1.2, quality=93), rendition(fine=2.4, quality=10, before=10)
    found = decided(evidence(plain, coarse))
    assert found.a_wins and (found.key, found.of_b) == ("detail", "JPEG of quality 10")
    sharper = rendition(fine=2.4, quality=60)
    assert decided(evidence(plain, sharper)).of_a.endswith("of the detail")  # its blocks hardly show


def test_what_coarser_steps_add_is_no_detail() -> None:
    """A JPEG that is just what its steps make of the other one is crisper by their errors alone."""
    softer, coarser = rendition(quality=92, fine=4.2), rendition(quality=75, unknown=1.0)
    found = decided(evidence(softer, coarser))
    assert found.a_wins and (found.key, found.of_b) == ("quality", "JPEG of quality 75")
    for other in (coarser._replace(unknown=0.2), coarser._replace(unknown=3.0), coarser._replace(before=60)):
        assert decided(evidence(softer, other)).of_a == "0.84 of the detail"
    toned = evidence(softer, coarser)._replace(verdict=Verdict.EDITED)
    assert not decided(toned).a_wins
    blurred = rendition(quality=95, fine=4.2)
    assert not decided(evidence(blurred, rendition(quality=90, unknown=1.0))).a_wins


def test_a_png_of_a_coarse_jpeg_is_not_kept_for_its_format() -> None:
    was_coarse = rendition(quality=75, before=75)
    found = decided(evidence(rendition(quality=92), was_coarse))
    assert found.a_wins and (found.key, found.of_b) == ("quality", "JPEG of quality 75")
    few = rendition(quality=101, colors=64, variety=0.003)
    assert decided(evidence(rendition(quality=92, variety=0.03, colors=200), few)).key == "path"


def test_a_picture_that_only_looks_noisy_is_not_softer() -> None:
    flat = rendition(fine=1.16, middle=4.5, noise=1.27, top=0.6)
    enlarged = rendition(fine=1.17, middle=4.6, noise=0.5, top=0.5, scale=2.0, beyond=0.0)
    found = decided(evidence(flat, enlarged))
    assert found.a_wins and found.of_b.endswith("enlarged")


def test_sharpening_is_told_before_clipping() -> None:
    plain = rendition(middle=8.0, clipped=0.07)
    sharpened = rendition(top=6.5, middle=12.0, fine=8.0, clipped=0.01)
    found = decided(evidence(plain, sharpened))
    assert found.a_wins and found.of_b == "sharpened"


def test_a_smaller_copy_is_not_kept_for_being_a_little_crisper() -> None:
    """Reducing a picture, and coarse steps after that, raise the finest octave of what is left."""
    small = rendition(fine=5.8)
    large = rendition(scale=1.33, beyond=3.0)
    found = decided(evidence(large, small))
    assert found.a_wins and found.of_b == "fewer true pixels"
    blurred = rendition(fine=2.0, scale=1.33, beyond=0.1)
    assert not decided(evidence(blurred, small)).a_wins


def test_noise_that_coarse_steps_cleared_from_quiet_places_is_none_that_a_small_copy_has_less_of() -> None:
    """As of a camera at a high ISO, and what a messenger made of it, saved again with the camera's EXIF."""
    original = rendition(
        top=2.75, fine=2.37, middle=7.56, beyond=5.95, scale=1.2, noise=4.91, tones=162.0, quality=97
    )
    sent = rendition(top=3.13, fine=2.36, middle=7.55, beyond=0.29, noise=0.29, tones=146.0, quality=65)
    found = decided(evidence(original, sent))
    assert found.a_wins and (found.key, found.of_b) == ("detail", "JPEG of quality 65")
    blurred = original._replace(fine=1.2)
    assert not decided(evidence(blurred, sent)).a_wins
    enlarged = rendition(fine=2.4, middle=7.6, noise=0.3, beyond=0.1, scale=1.6, quality=97)
    noisy = rendition(fine=2.37, middle=7.56, noise=4.9, quality=98)
    assert decided(evidence(noisy, enlarged)).of_b == "1.60 times as large along a side, enlarged"
    no_coarser = decided(evidence(original, sent._replace(quality=96)))
    assert no_coarser.of_a == "0.50 of the detail"


def test_a_finer_jpeg_that_noise_was_added_to_has_lost_no_less() -> None:
    plain = rendition(quality=72, grained=False)
    noisy = rendition(quality=97, noise=4.7, fine=5.65, grained=True)
    found = decided(evidence(plain, noisy))
    assert found.a_wins and (found.key, found.of_b) == ("noise", "noise was added")
    assert not decided(evidence(plain, noisy._replace(grained=False))).a_wins


def test_a_png_with_less_detail_than_a_cameras_jpeg_went_through_another_codec() -> None:
    """It shows no steps, as what was saved from a WebP; but it is no master of that JPEG."""
    jpeg = rendition(quality=75, unknown=8.2, fine=3.05, middle=6.58)
    decoded = rendition(quality=101, fine=2.78, middle=6.22)
    told = Told(a=CAMERA)
    assert decided(evidence(jpeg, decoded), told).of_a == "as Kestrel KO-20 wrote it"
    for master in (decoded._replace(fine=3.1), decoded._replace(middle=6.6)):
        assert decided(evidence(jpeg, master), told).of_b == "lossless"
    exported = jpeg._replace(unknown=1.2)
    assert decided(evidence(exported, decoded), told).of_b == "lossless"
    assert decided(evidence(jpeg, decoded)).of_b == "lossless", "nothing else speaks for it"


@pytest.mark.parametrize("again", ["progressive, as programs save", JFIF])
def test_a_cameras_exif_around_a_picture_that_a_program_wrote(again: str) -> None:
    """Programs hand on EXIF and notes; what they write around the picture is not what cameras write."""
    clipped = rendition(clipped=0.09)
    saved = replace(CAMERA, again=again)
    found = decided(evidence(clipped, rendition()), Told(a=CAMERA, b=saved))
    assert found.a_wins and (found.key, found.of_a) == ("original", "nothing that a program leaves")
    assert found.of_b == again
    both = Told(a=replace(CAMERA, again=JFIF), b=saved)
    assert decided(evidence(clipped, rendition()), both).key == "tones"
    stripped = Told(a=Origin(), b=Origin(again=again))
    assert decided(evidence(clipped, rendition()), stripped).key == "tones"


def test_a_jfif_header_does_not_speak_against_a_cameras_own_tables() -> None:
    phone = replace(CAMERA, again=JFIF, own_steps=True)
    saved = replace(CAMERA, own_steps=False)
    assert decided(evidence(rendition(), rendition()), Told(a=phone, b=saved)).of_a == (
        "tables of a camera's own"
    )
    other = replace(saved, own_steps=True)
    assert not decided(evidence(rendition(), rendition()), Told(a=phone, b=other)).a_wins


def test_a_coarser_jpeg_of_the_other_file_is_not_kept_for_the_exif_that_was_put_into_it() -> None:
    """What was rounded is lost; what the other file does not know may be merged into its sidecar."""
    finer, coarser = rendition(quality=93), rendition(quality=80, unknown=1.0)
    dated = replace(CAMERA, again=JFIF)
    found = decided(evidence(finer, coarser), Told(b=dated))
    assert found.a_wins and (found.key, found.of_b) == ("quality", "JPEG of quality 80")
    assert not decided(evidence(finer, coarser), Told(b=CAMERA)).a_wins, "as the camera wrote it"
    developed = Origin(camera="Kestrel KO-20", program="darktable 4.6.1")
    assert not decided(evidence(finer, coarser), Told(a=developed, b=dated)).a_wins
    for other in (coarser._replace(unknown=0.1), coarser._replace(unknown=3.0)):
        assert not decided(evidence(finer, other), Told(b=dated)).a_wins


class WithPlaces(Told):
    """b.jpg has a place in its EXIF, as a program wrote it; no camera is named."""

    def exif(self, image: ImageRecord) -> int:
        return 3 if image.path.stem == "b" else 0


def test_a_place_that_a_program_put_into_a_coarser_jpeg_does_not_speak_for_it() -> None:
    finer, coarser = rendition(quality=93), rendition(quality=80, unknown=1.0)
    assert decided(evidence(finer, coarser), WithPlaces()).key == "quality"
    assert decided(evidence(finer, coarser._replace(unknown=0.1)), WithPlaces()).of_b == "with the place"


def test_a_picture_that_was_halved_and_enlarged_beyond_its_size_has_no_more_true_pixels() -> None:
    """Both octaves are weaker then, as if the smaller one had been sharpened; but no sharpening adds so much
    of the finest one."""
    original = rendition(top=2.24, fine=3.13, middle=6.63, beyond=0.16, noise=0.94, quality=75)
    enlarged = rendition(top=1.06, fine=1.27, middle=4.27, beyond=0.72, noise=0.45, quality=99, scale=1.15)
    found = decided(evidence(original, enlarged))
    assert found.a_wins and found.of_b == "1.15 times as large along a side, and much softer"
    sharpened = original._replace(fine=2.6, middle=7.2)  # of a larger one that is as soft as lenses are
    larger = enlarged._replace(fine=1.8, middle=5.8, beyond=0.9)
    assert decided(evidence(sharpened, larger)).of_a == "fewer true pixels"


def test_coarser_steps_that_clip_less_do_not_speak_for_a_copy() -> None:
    """What is black or white in a photograph is grey in its coarser JPEG, and that was not made paler."""
    original = rendition(quality=93, clipped=0.042, tones=244.0)
    saved = rendition(quality=70, clipped=0.015, tones=246.0, unknown=1.2)
    for unknown in (1.2, 1.6):
        found = decided(evidence(original, saved._replace(unknown=unknown)))
        assert found.a_wins and (found.key, found.of_b) == ("quality", "JPEG of quality 70")
    for other in (original._replace(tones=254.0), original._replace(quality=72)):
        assert decided(evidence(other, saved._replace(unknown=3.0))).key == "tones"
    lossless = saved._replace(quality=101)
    assert decided(evidence(original, lossless)).key == "tones"


def test_a_png_of_a_webp_is_not_kept_for_being_lossless() -> None:
    """It differs by far more than the JPEG lost, and by what a codec drops: a little, the finer the more."""
    jpeg = rendition(quality=93, unknown=11.0)
    png = rendition(quality=101, fine=4.9, middle=7.95, top=4.02)
    found = decided(evidence(jpeg, png))
    assert found.a_wins and (found.key, found.of_b) == ("quality", "differs by more than the JPEG lost")
    for master in (
        png._replace(middle=7.6),  # the JPEG was sharpened
        png._replace(top=3.3),
        png._replace(fine=5.1),  # smoothed
        png._replace(middle=8.1),
        png._replace(tones=220.0),  # stretched
    ):
        assert not decided(evidence(jpeg, master)).a_wins
    assert decided(evidence(jpeg._replace(unknown=1.0), png)).of_b == "lossless", "the JPEG was made of it"


def test_noise_that_was_added_to_a_grey_picture_is_no_color_that_it_lost() -> None:
    grey = rendition(noise=11.0, color=0.0, colors=256, variety=0.015, grained=False)
    noisy = rendition(noise=11.9, color=3.4, colors=9255, variety=0.56, grained=True)
    assert decided(evidence(grey, noisy)).of_b == "noise was added"
    assert decided(evidence(grey, noisy._replace(grained=False))).of_a == "256 colors"
    few = grey._replace(color=9.0)
    assert decided(evidence(few, noisy._replace(color=12.0))).of_a == "256 colors"


def test_what_a_program_leaves_is_a_better_sign_than_detail_that_a_size_should_have() -> None:
    """As of a camera that writes 1280 × 960 and keeps little at its full size, and of the half of that."""
    camera = rendition(top=12.28, fine=14.84, middle=18.19, beyond=7.75, scale=2.0, quality=87)
    half = rendition(top=9.61, fine=14.44, middle=18.23, beyond=0.49, quality=96)
    assert decided(evidence(camera, half)).of_a == "2.00 times as large along a side, enlarged"
    reduced = replace(CAMERA, again="640×480, and EXIF is of another size")
    found = decided(evidence(camera, half), Told(a=CAMERA, b=reduced))
    assert found.a_wins and (found.key, found.of_b) == ("original", reduced.again)
    enlarged = replace(CAMERA, again="1280×960, and EXIF is of another size")
    assert not decided(evidence(camera, half), Told(a=enlarged, b=CAMERA)).a_wins
