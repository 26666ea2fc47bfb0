"""Drawn pairs are the same every time, differ where they say, and copies show what they are copies of."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from benchmarks.documents.__main__ import main
from benchmarks.documents.cases import ALL, Truth, copy, differing, differing_pair, sheet, token
from benchmarks.documents.changes import LEAST_STROKE, LEAST_X_HEIGHT, other_changes, small_change
from benchmarks.documents.copies import COPIES
from benchmarks.documents.folder import write_documents
from benchmarks.documents.fonts import FAMILIES, face
from benchmarks.documents.kinds.codes import draw_qr, ean_bars, ean_digits, qr_modules
from benchmarks.documents.kinds.registry import KINDS
from benchmarks.documents.report import bounds, by_change, by_copy, kind_lines
from benchmarks.documents.running import Outcome, Plan, all_kinds, case_of, seeds
from benchmarks.documents.sheet import TEXT, Box, Picture
from benchmarks.documents.shots.camera import Camera, exposed
from benchmarks.documents.shots.copies import PHOTO_COPIES
from benchmarks.documents.shots.registry import PHOTOGRAPH, RECOLORED, TAKES
from benchmarks.documents.shots.scenes import scene
from visualsearch_cli.pictures.reader import AnyImageReader

SEED = token("train", 7, 0)
DRAWN_TAKES = [kind for kind in TAKES if kind != RECOLORED]


def changed(a: Picture, b: Picture) -> Box:
    """The least box around what differs."""
    assert a.size == b.size
    apart = np.abs(np.asarray(a, np.int16) - np.asarray(b, np.int16)).max(axis=2)
    rows, columns = np.nonzero(apart)
    assert len(rows), "nothing differs"
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def inside(inner: Box, outer: Box) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


@pytest.mark.parametrize("kind", KINDS)
def test_a_pair_differs_in_its_box_and_only_there(kind: str) -> None:
    for number, small in ((0, True), (1, False)):
        pair = differing_pair(kind, token("train", 7, number), small)
        assert pair.legible
        if pair.box is None:
            assert pair.what == ALL
            changed(pair.a, pair.b)
        else:
            assert inside(changed(pair.a, pair.b), pair.box)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_is_the_same_every_time_and_another_of_its_form_in_size(kind: str) -> None:
    first = sheet(kind, SEED)
    assert sheet(kind, SEED).picture.tobytes() == first.picture.tobytes()
    other = sheet(kind, SEED, "another")
    assert other.picture.size == first.picture.size
    assert other.picture.tobytes() != first.picture.tobytes()
    assert max(first.picture.size) >= 300
    assert all(inside(field.box, (0, 0, *first.picture.size)) for field in first.fields)


def test_there_are_as_many_kinds_as_asked_for() -> None:
    assert len(KINDS) >= 25
    assert set(all_kinds(())) == {*KINDS, *DRAWN_TAKES, PHOTOGRAPH}


def test_small_changes_are_of_one_sign_that_is_legible() -> None:
    fields = sheet("invoice", SEED).fields
    for number in range(60):
        scale = 0.8 + number % 3 * 0.1
        change = small_change(fields, Random(number), scale)
        assert change is not None
        ((place, shown),) = change.contents.items()
        field = fields[place]
        assert field.role == TEXT
        apart = [pair for pair in zip(field.content, shown, strict=True) if pair[0] != pair[1]]
        assert len(apart) == 1
        assert apart[0][0].isdigit() == apart[0][1].isdigit() == (change.what == "digit")
        assert field.detail * scale >= LEAST_X_HEIGHT
        assert field.stroke * scale >= LEAST_STROKE


def test_every_word_may_be_another_of_its_length() -> None:
    fields = sheet("book page", SEED).fields
    changes = {change.what: change for change in other_changes(fields, Random(1))}
    assert {"word", "line", "field", "every word", "some signs"} <= changes.keys()
    shown = changes["every word"].contents
    assert len(shown) > 0.9 * len(fields)
    assert all(len(text) == len(fields[number].content) for number, text in shown.items())
    assert all(text != fields[number].content for number, text in shown.items())


def test_a_form_has_crosses_signatures_and_stamps_that_may_be_others() -> None:
    roles = {change.what for change in other_changes(sheet("form", SEED).fields, Random(2))}
    assert {"cross", "signature", "stamp"} <= roles


def test_the_box_of_the_reduced_file_is_reduced() -> None:
    for number in range(200):
        case = differing("receipt", token("train", 7, number), True)
        if case.dress.startswith("reduced"):
            break
    assert case.box_a is not None and case.box_b is not None
    sizes = case.a.picture().width, case.b.picture().width
    assert sizes[0] != sizes[1]
    assert case.box_b[0] / case.box_a[0] == pytest.approx(sizes[1] / sizes[0], rel=0.05)


def blocks(picture: Picture, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Means of 16 × 16 pixels, at a size."""
    shown = picture.resize(
        size, Image.Resampling.BOX if picture.width > size[0] else Image.Resampling.BICUBIC
    )
    return np.asarray(shown.reduce(16), np.float32)


@pytest.mark.parametrize("how", [how for how in COPIES if "scan" not in how and how != "photographed"])
def test_a_copy_differs_nowhere(how: str) -> None:
    case = copy("invoice", SEED, how)
    a, b = case.a.picture(), case.b.picture()
    apart = np.abs(blocks(a, a.size) - blocks(b, a.size))
    assert apart.max() < (32 if "quarter" in how or "25" in how else 20)
    if how == "png":
        assert a.tobytes() == b.tobytes()
        assert case.a.data != case.b.data


@pytest.mark.parametrize("how", ["scan", "scan-half", "two-scans", "photographed"])
def test_a_rescan_shows_the_page_a_little_askew(how: str) -> None:
    case = copy("invoice", SEED, how)
    assert case.truth is Truth.EDITED
    assert copy("invoice", SEED, how).b.data == case.b.data
    a, b = (
        np.asarray(file.picture().convert("L").resize((180, 254)), np.float32) for file in (case.a, case.b)
    )
    soft = [cv2.GaussianBlur(one, (0, 0), 3) for one in (a, b)]
    if how != "photographed":
        assert np.corrcoef(soft[0].ravel(), soft[1].ravel())[0, 1] > 0.8
    assert np.abs(a - b).mean() > 1


@pytest.mark.parametrize("how", PHOTO_COPIES)
def test_a_copy_of_a_photograph_shows_it(how: str) -> None:
    chance = Random(5)
    rng = np.random.default_rng(5)
    place = scene((480, 320), chance)
    first, second = PHOTO_COPIES[how].make(exposed(place.light, Camera.drawn(chance), -0.3, rng), chance)
    assert first.data != second.data
    a, b = first.picture(), second.picture()
    apart = np.abs(blocks(a, a.size) - blocks(b, a.size))
    assert apart.mean() < (20 if PHOTO_COPIES[how].asked == "edit" or "profile" in how else 5)


def test_the_wide_profile_shows_the_colors_of_the_picture() -> None:
    case = copy(PHOTOGRAPH, SEED, "profile-converted")
    reader = AnyImageReader()
    a, b = (reader.read(file.data).pixels.astype(np.int16) for file in (case.a, case.b))
    assert np.abs(a - b).mean() < 2.5
    with Image.open(BytesIO(case.a.data)) as stored:
        raw = np.asarray(stored, np.int16)
    assert np.abs(raw - b).mean() > 2 * np.abs(a - b).mean()


@pytest.mark.parametrize("kind", DRAWN_TAKES)
def test_shots_are_the_same_every_time_and_no_copies_of_each_other(kind: str) -> None:
    first, again = (differing(kind, SEED, True) for _ in range(2))
    assert (first.a.data, first.b.data) == (again.a.data, again.b.data)
    a, b = first.a.picture(), first.b.picture()
    assert a.size == b.size
    assert first.truth is Truth.OTHER
    changed(a, b)


def test_each_frame_has_noise_of_its_own() -> None:
    chance = Random(3)
    place, camera = scene((320, 240), chance), Camera.drawn(chance)
    rng = np.random.default_rng(1)
    clean = np.asarray(exposed(place.light, camera, 0.0, None), np.float32)
    grain = [np.asarray(exposed(place.light, camera, 0.0, rng), np.float32) - clean for _ in range(2)]
    assert min(float(one.std()) for one in grain) > 0.5
    assert abs(np.corrcoef(grain[0].ravel(), grain[1].ravel())[0, 1]) < 0.2


def test_a_bracket_says_so_only_with_exif() -> None:
    with_exif, without = (differing(kind, SEED, True) for kind in ("bracket with EXIF", "bracket"))
    times = []
    for file in (with_exif.a, with_exif.b):
        with Image.open(BytesIO(file.data)) as image:
            about = image.getexif().get_ifd(0x8769)
        assert {0x829A, 0x9003, 0x9291, 0xA431} <= about.keys()
        times.append(about[0x829A])
    assert times[0] != times[1]
    with Image.open(BytesIO(without.a.data)) as image:
        assert not dict(image.getexif())


@pytest.mark.parametrize("text", ["a", "https://keller.example/copper/48213", "x" * 106])
def test_qr_codes_can_be_read(text: str) -> None:
    drawn = Image.new("RGB", (420, 420))
    draw_qr(drawn, text)
    assert cv2.QRCodeDetector().detectAndDecode(np.asarray(drawn))[0] == text


def test_a_text_too_long_for_a_qr_code() -> None:
    with pytest.raises(ValueError, match="107 bytes"):
        qr_modules("x" * 107)


def test_bar_codes_follow_their_standard() -> None:
    assert ean_digits("400638133393") == "4006381333931"
    bars = ean_bars("4006381333931")
    assert len(bars) == 95
    assert (bars[:3], bars[45:50], bars[-3:]) == ("101", "01010", "101")
    assert all(bars[50 + 7 * place : 57 + 7 * place].count("1") % 2 == 0 for place in range(6))


def test_faces_have_the_height_that_is_asked_for() -> None:
    for family in FAMILIES:
        _, top, _, bottom = face(family).at(40).getbbox("x", anchor="ls")
        assert bottom - top == pytest.approx(40, abs=1.5)
        assert 0.03 < face(family).stem < 0.25


def test_seeds_name_all_cases_and_no_split_has_those_of_another() -> None:
    plan = Plan("test", 1, 4, 40)
    found = seeds("invoice", plan)
    assert len(found) == len(set(found)) == 44
    assert {seed.partition(":")[2] for seed in found[4:]} == set(COPIES)
    assert not set(found) & set(seeds("invoice", replace(plan, split="train")))
    assert case_of("invoice", "train-7-0:half").what == "half"
    assert case_of("invoice", "train-7-0").what in ("digit", "letter")
    assert len(seeds(PHOTOGRAPH, plan)) == 16


OUTCOME = Outcome(
    "chat", "test-1-0", "digit", "png", "other", True, None, None, "similar", "similar", "", 0.1
)


def test_what_is_wrong() -> None:
    for truth, right in (
        (Truth.OTHER, {"similar", "none"}),
        (Truth.EDIT, {"edited"}),
        (Truth.EDITED, {"edited", "same", "pixels", "identical"}),
        (Truth.SAME, {"same", "pixels", "identical"}),
    ):
        for verdict in ("identical", "pixels", "same", "edited", "similar", "none"):
            assert replace(OUTCOME, truth=truth.value, verdict=verdict).wrong == (verdict not in right)
    assert not replace(OUTCOME, verdict="same", legible=False).wrong


def test_bounds_count_what_they_name() -> None:
    outcomes = [
        replace(OUTCOME, verdict="same", turned="edited"),
        OUTCOME,
        replace(OUTCOME, truth="same", what="half", verdict="same", turned="same"),
        replace(OUTCOME, truth="edited", what="scan"),
        replace(OUTCOME, truth="edited", what="quarter", verdict="same", turned="same"),
        replace(OUTCOME, kind="bracket", verdict="edited", turned="edited"),
        replace(OUTCOME, kind="number plate", truth="edited", what="quarter", verdict="same", turned="same"),
    ]
    lines = [bound.line(outcomes) for bound in bounds()]
    assert lines[0].endswith("0.5000 (1 of 2) MISSED, worst: chat, 1 of 2")
    assert "0.0000 (0 of 2) ok" in lines[1]
    assert "1.0000 (1 of 1) ok" in lines[2]
    assert "0.6667 (2 of 3) MISSED" in lines[3]
    assert "1.0000 (1 of 1) MISSED" in lines[4]
    assert "none drawn" in lines[5]
    assert "1.0000 (1 of 1) MISSED" in lines[8]
    assert "0.1429 (1 of 7) MISSED" in lines[-1]
    table = kind_lines("chat", outcomes[:4])
    assert table[0].split()[:6] == ["chat", "2", "1", "0", "1", "0"]
    assert "test-1-0: digit (png), said: same" in table[1]
    assert by_change(outcomes) == ["digit                    2  same 1, similar 1"]
    assert len(by_copy(outcomes)) == 3


@pytest.mark.slow
def test_a_run_goes_on_where_it_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "found.json"
    words = ["--pairs", "2", "--copies", "1", "--split", "train", "--processes", "1", "--json", str(file)]
    main(["--kinds", "receipt", *words])
    document = json.loads(file.read_text("utf-8"))
    assert [one["seed"] for one in document["kinds"]["receipt"][:2]] == ["train-1-0", "train-1-1"]
    document["kinds"]["receipt"][0]["verdict"] = "pixels"  # to tell that it is taken up
    file.write_text(json.dumps(document), "utf-8")
    main(["--kinds", "receipt,bar code", *words])
    found = json.loads(file.read_text("utf-8"))["kinds"]
    assert found.keys() == {"receipt", "bar code"}
    assert found["receipt"][0]["verdict"] == "pixels"
    assert "documents that legibly differ" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="holds another run"):
        main(["--kinds", "receipt", *words, "--seed", "2"])


def test_a_pair_is_drawn_again_by_its_seed(tmp_path: Path) -> None:
    main(["--draw", "receipt", "train-7-0", "train-7-0:half", "--to", str(tmp_path)])
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert [one["truth"] for one in manifest] == ["other", "same"]
    assert all((tmp_path / one[side]).is_file() for one in manifest for side in ("a", "b"))
    assert manifest[0]["box_a"] is not None


def test_a_kind_that_there_is_not() -> None:
    with pytest.raises(SystemExit, match="no kind is named wallpaper"):
        main(["--kinds", "wallpaper"])


def test_a_folder_of_documents_holds_no_copies(tmp_path: Path) -> None:
    write_documents(tmp_path, 4, 8, "train", 1)
    pictures = {path.name: Image.open(path).convert("RGB") for path in sorted(tmp_path.iterdir())}
    assert len({picture.tobytes() for picture in pictures.values()}) == 8
    assert {picture.size for picture in pictures.values()} == {(1240, 1754)}
    assert {Path(name).suffix for name in pictures} == {".png", ".jpg"}
