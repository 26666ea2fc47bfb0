"""Which files belong to which picture, by their names, and by what is in both files of a Live Photo."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.live_photos import film, still
from visualsearch_cli.pictures.beside.company import Companions, Company, names_in
from visualsearch_cli.pictures.beside.live_photos import content_identifier
from visualsearch_cli.pictures.beside.names import KINDS, MOST_ALIKE, folded
from visualsearch_cli.pictures.beside.takeout import ADDITION, CUT, CUT_BEFORE, EDITED

NFC, NFD = "Caf\u00e9", "Cafe\u0301"
LONG = "original_1d4caa6f-16c6-4c3d-901b-9387de10e528_"  # 46 characters


def company(*names: str) -> Company:
    return Company(names, lambda _: "")


@pytest.mark.parametrize(
    ("picture", "companion"),
    [
        ("IMG_1.jpg", "IMG_1.xmp"),
        ("IMG_1.jpg", "IMG_1.jpg.xmp"),
        ("IMG_1.JPG", "img_1.XMP"),
        ("IMG_1.JPG", "IMG_1.jpg.Xmp"),
        ("IMG_1.jpg", "IMG_1_01.jpg.xmp"),
        ("GOPR0001.JPG", "GOPR0001.GPR"),
        ("IMG_1.jpg", "IMG_1.jpg.arp"),
        ("IMG_1.jpg", "IMG_1.jpg.out.arp"),
        ("IMG_1.jpg", "IMG_1.ufraw"),
        ("aerial.jpg", "aerial.jgw"),
        ("aerial.tif", "aerial.TFW"),
        ("aerial.tif", "aerial.tif.points"),
        ("IMG_1.JPG", "SILKYPIX_DS/IMG_1.JPG.9.spd"),
        ("IMG_1.jpg", "IMG_1.m4a"),
        ("IMG_1.jpg", "IMG_1.3gp"),
        ("IMG_1.jpg", "IMG_1.M4V"),
        ("IMG_1.HEIC", "IMG_1.AAE"),
        ("IMG_1234.HEIC", "IMG_O1234.AAE"),
        ("IMG_E1234.HEIC", "IMG_1234.AAE"),
        ("IMG_E1234.JPG", "IMG_O1234.aae"),
        ("IMG_1234.JPG", "IMG_E1234.AAE"),
        ("IMG_E1234.JPG", "IMG_E1234.MOV"),
        ("IMG_1234 (1).HEIC", "IMG_1234 (1).AAE"),
        ("IMG_1.HEIC", "IMG_1.MOV"),
        ("IMG_1.HEIC", "img_1.mp4"),
        ("IMG_1.HEIC", "IMG_1.HEIC.MOV"),
        ("IMG_1.HEIC", "IMG_1_HEVC.MOV"),
        ("PXL_1.MP.jpg", "PXL_1.MP"),
        ("CRW_1.CRW", "CRW_1.THM"),
        ("DSC_1.JPG", "DSC_1.WAV"),
        ("a.nef", "a.nef.dop"),
        ("a.jpg", "a.pp3"),
        ("a.jpg", "a.jpg.pp3"),
        ("a.jpg", "a.jpg.out.pp3"),
        ("a.jpg", "a.on1"),
        ("a.cr2", "a.VRD"),
        ("a.jpg", "a.NEF"),
        ("A.HEIC", "a.dng"),
        (f"{NFC}.jpg", f"{NFD}.xmp"),
        (f"{NFD}.jpg", f"{NFC}.jpg.xmp"),
        ("a.b.jpg", "a.b.xmp"),
        ("DSC_1.NEF", "CaptureOne/Settings166/DSC_1.NEF.comask"),
        ("DSC_1.NEF", "CaptureOne/Settings166/DSC_1.NEF.5f2c.1.comask"),
        ("a.jpg", "Exposure Software/Exposure X6/a.jpg.exposurex6"),
        ("a.jpg", "Alien Skin/Exposure X3/a.jpg.exposurex3"),
        ("a.jpg", ".comments/a.jpg.xml"),
        ("a.tif", "a.tif.xml"),
        ("a.jpg", "a.jpg.data-zps"),
        ("IMG_1.JPG", "IMG_1.JPG_original"),
        ("IMG_1.JPG", "IMG_1.xmp_original"),
        ("IMG_1.JPG", "IMG_1.JPG.xmp_original"),
        ("IMG_1.HEIC", "IMG_1.MOV_original"),
        ("IMG_1234(1).JPG", "IMG_1234.JPG(1).xmp"),
        ("IMG_1234 (1).JPG", "IMG_1234.JPG (1).xmp"),
        ("IMG_1234.JPG", "IMG_1234.JPG (1).xmp"),
        ("IMG_1234.JPG", "SND_1234.WAV"),
        ("PXL_1.MP~2.jpg", "PXL_1.MP~2"),
        ("MVIMG_1.jpg", "MVIMG_1.MV"),
        ("PXL_1.RAW-01.COVER.jpg", "PXL_1.RAW-02.ORIGINAL.dng"),
        ("PXL_1.RAW-01.MP.COVER.jpg", "PXL_1.RAW-02.ORIGINAL.dng"),
        ("PXL_1.RAW-01.jpg", "PXL_1.RAW-02.ORIGINAL.dng"),
        ("PXL_1.MP.jpg", "PXL_1.dng"),
        ("WP_1_Pro.jpg", "WP_1_Pro__highres.dng"),
        ("IMG_1.JPG", "IMG_1.dr4"),
        ("IMG_1.HEIC", "IMG_1.photo-edit"),
        ("a.3fr", "a.3fr.phos"),
        ("IMG_1.jpg", "IMG_1.jpg.c2pa"),
        ("IMG_1.jpg", "IMG_1.c2pa"),
        ("IMG_1.jpg", ".photoprism/IMG_1.yml"),
        ("IMG_1.jpg", "IMG_1.yml"),
        ("IMG_1.jpg", ".metadata/IMG_1.jpg.gq.xmp"),
        ("IMG_1.jpg", ".metadata/IMG_1.jpg.meta"),
        ("IMG_1.jpg", "IMG_1.jpg.gq.xmp"),
        ("IMG_1.jpg", "IMG_1.amr"),
        ("DSC00001.JPG", "DSC00001.MP3"),
        ("DSC00001.JPG", "DSC00001.MPG"),
        ("MVI_1.JPG", "MVI_1.AVI"),
        ("WP_1.jpg", "WP_1.nar"),
        ("P1.JPG", "P1.ORI"),
        ("P1.JPG", "P1.eip"),
        # The whole name of the picture, and whatever a program adds
        ("IMG_1.CR2", "IMG_1.CR2.cfg"),
        ("IMG_1.jpg", "IMG_1.JPG.txt"),
        ("IMG_1.png", "IMG_1.png.meta"),
        ("IMG_1.jpg", "IMG_1.jpg.somebody's"),
        ("a.tif", "a.tif.aux.xml"),
        ("IMG_1.jpg", "IMG_1.jpg.faces.json"),
        ("IMG_1.jpg", "IMG_1_100.jpg.xmp"),
        # What pictures show, in words or in boxes, for training
        ("IMG_1.jpg", "IMG_1.txt"),
        ("IMG_1.jpg", "IMG_1.caption"),
        ("IMG_1.jpg", "IMG_1.xml"),
        # Google Takeout
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.JPG", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-me.json"),
        ("IMG_1.jpg", "IMG_1.jpg.s.json"),
        ("IMG_1.jpg", "IMG_1.jpg..json"),
        ("IMG_1(2).jpg", "IMG_1.jpg(2).json"),
        ("IMG_1(2).jpg", "IMG_1(2).jpg.json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supplemental-metadata(2).json"),
        ("IMG_1(12).jpg", "IMG_1.jpg.supplemen(12).json"),
        ("IMG_1-edited.jpg", "IMG_1.jpg.json"),
        ("IMG_1-編集済み.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1-modifié(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1-ha editado.jpg", "IMG_1.jpg.json"),
        ("IMG_1-Изменено.jpg", "IMG_1.jpg.json"),
        ("IMG_1(1)-edited.jpg", "IMG_1.jpg(1).json"),
        ("IMG_1.jpg", "IMG_1.json"),
        ("IMG_1(1).jpg", "IMG_1.supplemental-metadata(1).json"),
        (f"{LONG}P.jpg", f"{LONG}.json"),
        (f"{LONG}P(1).jpg", f"{LONG}(1).json"),
        ("PXL_20230330_184138390.MOTION-01.COVER.jpg", "PXL_20230330_184138390.MOTION-01.COVER.jp.json"),
        (f"{LONG[:43]}-ed.jpg", f"{LONG[:43]}.jp.json"),
        (f"{LONG[:43]}.jpg", f"{LONG[:46]}.json"),
        (f"{LONG[:43]}(4).jpg", f"{LONG[:46]}(4).json"),
        ("a.jpg", "a.acr"),
        ("Backyard_ceremony_wedding_with_all_of_us_2019_(9).jpg",
         "Backyard_ceremony_wedding_with_all_of_us_2019_m(9).json"),
    ],
)  # fmt: skip
def test_it_belongs_to_its_picture_and_to_no_other(picture: str, companion: str) -> None:
    others = ["IMG_2.jpg", "IMG_12345.HEIC", "b.jpg", "IMG_1(3).jpg", "DSC_2.png", f"{LONG[:30]}.jpg"]
    found = company(picture, companion, *others)
    assert found.owners(companion) == (picture,)
    assert found.of(picture) == (companion,)
    assert not any(found.of(other) for other in others)


@pytest.mark.parametrize(
    ("picture", "other"),
    [
        ("IMG_1.jpg", "IMG_10.xmp"),
        ("IMG_1.jpg", "IMG_1.doc"),
        ("IMG_1.jpg", "IMG_1.jpg(2).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "metadata.json"),
        ("IMG_1.jpg", "IMG_1.supplement-metadata.json"),
        ("IMG_1.jpg", "IMG_1.jpg.a.b.json"),
        ("IMG_1.jpg", "IMG_1-edited.json"),
        ("a.png", "a.cr2"),  # nothing that a camera writes beside a RAW
        ("IMG_1.png", "IMG_1.jpg_original"),
        ("IMG_1.jpg", "IMG_1.doc_original"),
        ("IMG_1234.JPG", "SND_1235.WAV"),
        ("PXL_1.RAW-01.COVER.jpg", "PXL_1.dng"),
        ("IMG_1.jpg", "._IMG_1.xmp"),
        ("IMG_1.jpg", "IMG_1.jpg.crdownload"),
        ("IMG_1.jpg", "IMG_1.jpg.png"),
        ("IMG_1.png", "IMG_1.jpg.cfg"),
        ("IMG_1.jpg", "IMG_1.pdf"),
        ("._IMG_1.jpg", "IMG_1.xmp"),
        (f"{LONG}P(1).jpg", f"{LONG}.json"),
        ("long name that is not cut.jpg", "long name that is not.json"),
    ],
)
def test_it_belongs_to_nothing(picture: str, other: str) -> None:
    found = company(picture, other)
    assert found.owners(other) == () and found.of(picture) == ()


def test_the_very_letters_count_before_others() -> None:
    """Where the system tells case apart, two pictures may differ in nothing else."""
    found = company("a.jpg", "A.jpg", "a.xmp", "A.jpg.xmp", "B.jpg", "b.JPG", "B.XMP")
    assert found.of("a.jpg") == ("a.xmp",) and found.of("A.jpg") == ("A.jpg.xmp",)
    assert found.owners("B.XMP") == ("B.jpg",)
    found = company("a.jpg", "A.JPG", "a-edited.jpg", "A.JPG.json", "a(1).jpg", "A(1).JPG", "a.jpg(1).json")
    assert found.owners("A.JPG.json") == ("A.JPG", "a-edited.jpg")
    assert found.owners("a.jpg(1).json") == ("a(1).jpg",)


def test_of_two_long_names_the_one_that_goes_on_counts() -> None:
    shorter, longer = f"{LONG[:43]}.jpg", f"{LONG[:46]}P.jpg"
    assert company(shorter, longer, f"{LONG[:46]}.json").owners(f"{LONG[:46]}.json") == (longer,)


def test_of_pixels_names_the_whole_one_counts() -> None:
    found = company("PXL_1.jpg", "PXL_1.MP.jpg", "PXL_1.MP", "PXL_1.dng")
    assert found.owners("PXL_1.MP") == ("PXL_1.MP.jpg",) and found.owners("PXL_1.dng") == ("PXL_1.jpg",)


def test_what_goes_with_a_film_belongs_to_its_picture() -> None:
    beside = ("DJI_1.LRF", "DJI_1.MP4", "DJI_1.SRT", "DJI_1.THM", "DJI_1M01.XML")
    assert company("DJI_1.JPG", *beside).of("DJI_1.JPG") == beside
    assert company("a.JPG", *beside).owners("DJI_1.SRT") == ()


def test_downloads_are_counted_before_the_suffix_of_a_sidecar() -> None:
    found = company("a.JPG", "a (1).JPG", "a.JPG.xmp", "a.JPG (1).xmp")
    assert found.of("a.JPG") == ("a.JPG.xmp",) and found.of("a (1).JPG") == ("a.JPG (1).xmp",)


def test_a_sidecar_may_belong_to_several() -> None:
    found = company("a.jpg", "a.png", "a.xmp", "a.mov")
    assert found.owners("a.xmp") == found.owners("a.mov") == ("a.jpg", "a.png")


def test_the_original_comes_before_what_was_made_of_it() -> None:
    found = company(
        "IMG_1234.HEIC", "IMG_E1234.HEIC", "IMG_1234.AAE", "IMG_O1234.AAE", "IMG_E1234.MOV", "IMG_1234.MOV"
    )
    assert found.of("IMG_1234.HEIC") == ("IMG_1234.AAE", "IMG_1234.MOV", "IMG_O1234.AAE")
    assert found.of("IMG_E1234.HEIC") == ("IMG_E1234.MOV",)
    found = company("a.jpg", "a-edited.jpg", "a.jpg.json")
    assert found.owners("a.jpg.json") == ("a-edited.jpg", "a.jpg"), "it tells of both"


def test_what_belongs_to_a_raw_or_a_film_belongs_to_the_picture() -> None:
    found = company("a.jpg", "a.CR2", "a.CR2.xmp", "a.xmp", "a.MOV", "a.MOV.json", "a.CR2.dop")
    assert found.of("a.jpg") == ("a.CR2", "a.CR2.dop", "a.CR2.xmp", "a.MOV", "a.MOV.json", "a.xmp")
    assert found.of("a.CR2") == ()
    alone = company("a.CR2", "a.xmp", "a.CR2.xmp", "b.MOV", "b.MOV.json")
    assert alone.of("a.CR2") == ("a.CR2.xmp", "a.xmp") and alone.owners("b.MOV.json") == ()


@pytest.mark.slow
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="/\0.()"), min_size=1, max_size=70),
    st.sampled_from([".jpg", ".JPG", ".heic", ".png", ".jpeg"]),
    st.integers(0, 12),
    st.sampled_from(["", *EDITED]),
    st.booleans(),
    st.sampled_from([CUT, CUT_BEFORE]),
)
def test_every_name_that_takeout_makes_is_found(
    title: str, suffix: str, number: int, edited: str, added: bool, cut: int
) -> None:
    mark = f"({number})" if number else ""
    whole = f"{title}{suffix}{'.' + ADDITION if added else ''}"
    json = f"{whole[:cut]}{mark}.json"
    picture = f"{(title + edited)[: cut + 1]}{mark}{suffix}"
    assert picture in company(picture, json, "other.jpg").owners(json)


def cased(number: int) -> str:
    """Return one of the spellings of a name that differ in case alone."""
    return "".join(
        letter.upper() if number >> place & 1 else letter for place, letter in enumerate("abcdefghijklmnop")
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pictures", "companions"),
    [
        pytest.param(lambda n: f"IMG_{n:05}.heic", lambda n: f"IMG_{n:05}.mov", id="Live Photos"),
        pytest.param(lambda n: f"{'x' * 40}{n:05}.jpg", lambda n: f"{'x' * 40}z{n:05}.json", id="long names"),
        pytest.param(
            lambda n: f"{'x' * 40}{n:05}.jpg", lambda n: f"{'x' * 40}({n}).json", id="long, numbered"
        ),
        *(
            pytest.param(
                lambda n: f"{cased(n)}.jpg", lambda n, s=s: f"{cased(n + 4000)}{s}", id=f"cases of {s}"
            )
            for s in (".xmp", ".json", ".mov", ".dng", ".jpg_original")
        ),
    ],
)
def test_what_belongs_to_whom_in_a_large_folder_is_told_in_seconds(
    pictures: Callable[[int], str], companions: Callable[[int], str]
) -> None:
    """Ten thousand Live Photos of one phone, or names that a stranger chose."""
    names = [make(number) for number in range(4_000) for make in (pictures, companions)]
    start = time.process_time()
    beside = Company(names, lambda name: os.path.splitext(name)[0])
    assert time.process_time() - start < 5
    assert all(len(beside.owners(companions(number))) <= MOST_ALIKE for number in range(4_000))


def test_names_are_told_apart_as_systems_do() -> None:
    assert folded(NFC) == folded(NFD) and folded("STRASSE") == folded("straße")
    assert all(suffix == suffix.lower() for suffix in KINDS)


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("order", [b"MM", b"II"])
@pytest.mark.parametrize("brand", ["mov", "mp4"])
def test_films_are_told_apart_by_what_is_in_them(tmp_path: Path, order: bytes, brand: str) -> None:
    """The names of two films were exchanged, as happens where the folders of two phones are put together."""
    one, two = "11111111-AAAA-4AAA-8AAA-111111111111", "22222222-BBBB-4BBB-8BBB-222222222222"
    a = written(tmp_path, "IMG_1.JPG", still(one, order))
    b = written(tmp_path, "IMG_1 (1).JPG", still(two, order))
    film_b = written(tmp_path, f"IMG_1.{brand}", film(two, brand))
    film_a = written(tmp_path, f"other.{brand}", film(one, brand))
    beside = Companions(os.listdir)
    assert beside.of(a) == [film_a] and beside.of(b) == [film_b]
    assert beside.owners(film_a) == [a] and beside.owners(film_b) == [b]


@pytest.mark.parametrize("before", [b"", bytes(300_000)])
def test_the_identifier_is_found_wherever_the_maker_note_lies(tmp_path: Path, before: bytes) -> None:
    """As in a HEIC, which has it among its pictures."""
    one = "11111111-AAAA-4AAA-8AAA-111111111111"
    data = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + before + still(one)[2:]
    picture = written(tmp_path, "a.heic", data)
    moved = written(tmp_path, "b.mov", film(one))
    written(tmp_path, "a.mov", film("22222222-BBBB-4BBB-8BBB-222222222222"))
    assert Companions(os.listdir).of(picture) == [moved]


def test_without_an_identifier_in_both_the_name_counts(tmp_path: Path) -> None:
    one = "11111111-AAAA-4AAA-8AAA-111111111111"
    pictures = [
        written(tmp_path, "a.jpg", still("")),
        written(tmp_path, "b.jpg", still(one)),
        written(tmp_path, "c.jpg", b""),
        written(tmp_path, "d.jpg", b"Apple iOS\0\0\1MM\xff\xff"),
    ]
    films = [
        written(tmp_path, "a.mov", film(one)),
        written(tmp_path, "b.mov", film("")),
        written(tmp_path, "c.mov", film(one)[:60]),
        written(tmp_path, "d.mov", b""),
    ]
    beside = Companions(os.listdir)
    # The film of a.jpg says that it is that of b.jpg, and a.jpg says nothing: it belongs to both.
    assert beside.owners(films[0]) == pictures[:2]
    assert [beside.owners(film) for film in films[1:]] == [[picture] for picture in pictures[1:]]


@pytest.mark.slow
def test_films_that_were_made_to_take_long_say_nothing_in_seconds(tmp_path: Path) -> None:
    def box(kind: bytes, contents: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(contents), kind) + contents

    keys = box(b"keys", bytes(8) + box(b"mdta", b"") * 100_000)
    values = box(b"ilst", b"".join(box(struct.pack(">I", number), b"") for number in range(100_000)))
    start = time.process_time()
    for number, data in enumerate((box(b"free", b"") * 2_000_000, box(b"moov", box(b"meta", keys + values)))):
        assert not content_identifier(written(tmp_path, f"{number}.mov", data))
    with open(tmp_path / "a.heic", "wb") as sparse:
        sparse.truncate(20 << 30)
    assert not content_identifier(tmp_path / "a.heic")
    assert time.process_time() - start < 5


def test_what_was_edited_has_a_film_of_its_own(tmp_path: Path) -> None:
    one = "11111111-AAAA-4AAA-8AAA-111111111111"
    pictures = [written(tmp_path, f"IMG_{which}1234.JPG", still(one)) for which in ("", "E")]
    films = [written(tmp_path, f"IMG_{which}1234.MOV", film(one)) for which in ("", "E")]
    sidecar = written(tmp_path, "IMG_E1234.xmp", b"")
    beside = Companions(os.listdir)
    assert beside.of(pictures[0]) == [films[0]] and beside.of(pictures[1]) == [films[1], sidecar]


def test_folders_are_looked_at_again_when_asked(tmp_path: Path) -> None:
    picture = written(tmp_path, "a.jpg", b"picture")
    beside = Companions(os.listdir)
    assert beside.of(picture) == []
    sidecar = written(tmp_path, "a.xmp", b"")
    assert beside.of(picture) == []
    beside.look_again()
    assert beside.of(picture) == [sidecar]
    sidecar.unlink()
    beside.look_again()
    assert beside.of(picture) == []
    written(tmp_path, "a.xmp", b"")
    picture.unlink()
    beside.look_again()
    assert beside.of(picture) == [sidecar] and beside.owners(sidecar) == []


def test_programs_keep_sidecars_in_folders_of_their_own(tmp_path: Path) -> None:
    picture, raw = (written(tmp_path, name, b"picture") for name in ("a.jpg", "b.NEF"))
    for folder in ("CaptureOne/Settings153", "captureone/settings", "CaptureOne/Cache", "NKSC_PARAM"):
        (tmp_path / folder).mkdir(parents=True)
    mine = written(tmp_path / "CaptureOne/Settings153", "A.jpg.cos", b"")
    older = written(tmp_path / "captureone/settings", "a.jpg.cos", b"")
    nikon = written(tmp_path / "NKSC_PARAM", "b.NEF.nksc", b"")
    mask = written(tmp_path / "CaptureOne/Settings153", "b.NEF.1.comask", b"")
    for folder in ("CaptureOne/Cache", "CaptureOne", "NKSC_PARAM"):
        written(tmp_path / folder, "a.jpg.cos", b"")
    written(tmp_path / "CaptureOne/Settings153", "a.jpg.xmp", b"")
    beside = Companions(names_in)
    assert beside.of(picture) == [mine, older] and beside.of(raw) == [mask, nikon]
    assert beside.owners(mask) == [raw]
    assert beside.owners(mine) == [picture] == beside.owners(older) and beside.owners(nikon) == [raw]
    assert not beside.owners(tmp_path / "CaptureOne/Cache/a.jpg.cos")


def test_a_picture_without_a_suffix_has_companions(tmp_path: Path) -> None:
    """As one that was named itself when it was indexed."""
    sidecar = written(tmp_path, "scan.xmp", b"")
    assert Companions(os.listdir).of(written(tmp_path, "scan", b"picture")) == [sidecar]


def test_a_large_folder_that_was_just_listed_is_believed_for_a_moment() -> None:
    folder, now, listings = ["a.jpg", *map(str, range(999))], 0.0, 0

    def listed(_: Path) -> list[str]:
        nonlocal listings
        listings += 1
        return folder

    beside = Companions(listed, patience=0.001, clock=lambda: now)
    assert beside.of(Path("a.jpg")) == []
    folder.append("a.xmp")
    now = 0.9
    beside.look_again()
    assert beside.of(Path("a.jpg")) == [] and listings == 1
    now = 1.0
    beside.look_again()
    assert beside.of(Path("a.jpg")) == [Path("a.xmp")] and listings == 2
    del folder[:998]
    now = 3.0
    for again in range(3, 6):  # what is small now is listed each time
        beside.look_again()
        assert beside.of(Path("a.jpg")) == [Path("a.xmp")] and listings == again
