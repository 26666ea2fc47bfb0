"""Folders of systems and other programs: what is left out, what is protected, what the document says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.places import PROJECT
from tests.helpers.sweeps import sweep
from visualsearch_cli.indexing.scanner import Scanner, ScanOptions
from visualsearch_cli.indexing.stores import PLACES, TRASHED, Places, Treatment

REPAIRED = [
    "LOST.DIR/a.jpg",
    "lost.dir/17/a.jpg",
    "FOUND.000/a.jpg",
    "found.012/DIR0000.CHK/a.jpg",
    "lost+found/#12/a.jpg",
]
BEHIND_EDITS = {".picasaoriginals", "[Originals]"}
LEFT_OUT = [
    "#recycle/a.jpg",
    "Recycle Bin/a.jpg",
    "Network Recycle Bin 1/a.jpg",
    "share/trashbox/a.jpg",
    "#Recycle/a.jpg",
    "@Recycle/2020/a.jpg",
    "$RECYCLE.BIN/S-1-5-21/a.jpg",
    "recycler/a.jpg",
    "SYSTEM VOLUME INFORMATION/a.jpg",
    "@Recently-Snapshot/a.jpg",
    "~snapshot/hourly.0/a.jpg",
    ".Snapshot/hourly.0/a.jpg",
    "@GMT-2024.01.01-00.00.00/a.jpg",
    "album/@eadir/a.jpg/SYNOPHOTO_THUMB_XL.jpg",
    ".Trash-1000/files/a.jpg",
    ".trashes/501/a.jpg",
    ".local/share/Trash/files/a.jpg",
    "DCIM/.thumbnails/a.jpg",
    "DCIM/.trashed-1700000000-IMG_1.jpg",
    "My.photoslibrary/a.jpg",
    "My.photoslibrary/resources/derivatives/a.jpg",
    "My.PhotosLibrary/resources/originals/a.jpg",
    "My.aplibrary/Thumbnails/a.jpg",
    "iPhoto Library/Data/a.jpg",
    "Lightroom.lrlibrary/x.jpg",
    "Lightroom.lrlibrary/0f/previews/a.jpg",
    "Catalog Previews.lrdata/a.jpg",
    "Photos.cocatalog/Cache/a.jpg",
    "Windows/Cache/a.jpg",
    "shoot/CaptureOne/Cache/Thumbnails/a.jpg",
    "session/Trash/a.jpg",
    "immich/thumbs/user/a.webp",
    "immich/encoded-video/a.jpg",
    "photoprism/storage/cache/thumbnails/a.jpg",
    "photoprism/storage/sidecar/2020/a.jpg",
    "data/appdata_ocabc/preview/a.jpg",
    "data/anna/files_trashbin/files/a.jpg",
    "data/anna/files_versions/a.jpg",
    "data/__groupfolders/trash/1/a.jpg",
    "Plex Media Server/Metadata/a.jpg",
    "iPod/iPod_Control/Artwork/a.jpg",
    "iPod/Photos/Thumbs/a.jpg",
    "#recycle/My.photoslibrary/originals/a.jpg",
    "My.photoslibrary/originals/@eaDir/a.jpg",
    "Android/media/.thumbs/a.jpg",
    "Android/data/org.example.app/cache/thumbs/a.jpg",
]
MANAGED = [
    "My.photoslibrary/originals/0/a.jpg",
    "My.photoslibrary/Masters/2014/a.jpg",
    "My.aplibrary/Masters/a.jpg",
    "My.aplibrary/Roll.approject/a.jpg",
    "iPhoto Library/Originals/2008/a.jpg",
    "Lightroom.lrlibrary/0f/originals/a.jpg",
    "Mobile Downloads.lrdata/a.jpg",
    "Photos.cocatalog/Originals/a.jpg",
    "Windows/Originals/a.jpg",
    "immich/library/admin/a.jpg",
    "immich/upload/user/a.jpg",
    "photoprism/originals/2020/a.jpg",
    "data/anna/files/Photos/a.jpg",
    "data/__groupfolders/1/a.jpg",
    "album/.picasaoriginals/a.jpg",
    "album/[Originals]/a.jpg",
]
PLAIN = [
    "Recycle/a.jpg",
    "my #recycle/a.jpg",
    "snapshot/a.jpg",
    "Trash/a.jpg",
    "share/Trash/a.jpg",
    "thumbs/a.jpg",
    "site/thumbs/a.jpg",
    "site/library/a.jpg",
    "storage/a.jpg",
    "site/storage/cache/a.jpg",
    "originals/a.jpg",
    "files/a.jpg",
    "Cache/a.jpg",
    "Thumbs/a.jpg",
    "photoprism/storage/users/a.jpg",
    "iPhoto Library 2/Data/a.jpg",
    "photoslibrary/resources/a.jpg",
]
EVIDENCE = [
    "iPhoto Library/AlbumData.xml",
    "Windows/Windows.cocatalogdb",
    "session/session.cosessiondb",
    "iPod/Photos/Photo Database",
    "data/.ocdata",
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = Path(os.path.realpath(tmp_path))
    for name in (*LEFT_OUT, *MANAGED, *PLAIN, *EVIDENCE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def found(folder: Path, *, hidden: bool = False, stores: bool = False) -> set[str]:
    files = Scanner(ScanOptions(hidden=hidden, stores=stores)).files(str(folder))
    return {Path(file.path).relative_to(folder).as_posix() for file in files}


@pytest.mark.slow
def test_places_are_left_out_with_and_without_hidden_names(tree: Path) -> None:
    assert found(tree) == found(tree, hidden=True) == {*MANAGED, *PLAIN}


@pytest.mark.slow
def test_all_is_taken_if_asked_for(tree: Path) -> None:
    assert found(tree, hidden=True, stores=True) == {*LEFT_OUT, *MANAGED, *PLAIN}
    beyond = {".local/share/Trash/files/a.jpg"}  # .local itself is no place
    assert found(tree, stores=True) == {*LEFT_OUT, *MANAGED, *PLAIN} - beyond


@pytest.mark.slow
def test_the_walk_and_the_catalog_agree(tree: Path) -> None:
    """`prune` asks of each known file what the scanner asks of each folder."""
    places = Places(str(tree))
    for name in (*MANAGED, *PLAIN):
        assert not places.leaves_out(str(tree / name)), name
    for name in LEFT_OUT:
        assert places.leaves_out(str(tree / name)), name


@pytest.mark.slow
def test_originals_are_those_of_programs_alone(tree: Path) -> None:
    places = Places()
    for name in MANAGED:
        place = places.of(str(tree / name))
        treatment = Treatment.BEHIND if {*Path(name).parts} & BEHIND_EDITS else Treatment.ORIGINALS
        assert place is not None and place.treatment is treatment, name
    for name in PLAIN:
        assert places.of(str(tree / name)) is None, name


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", sweep([name for name in LEFT_OUT if not Path(name).name.startswith(".")], quick=4)
)
def test_what_is_named_is_taken(tree: Path, name: str) -> None:
    folder = (tree / name).parent
    if folder != tree / "My.photoslibrary" and folder.suffix != ".lrlibrary":
        assert Path(name).name in found(folder)
    assert [file.path for file in Scanner().files(str(tree / name))] == [str(tree / name)]


@pytest.mark.slow
def test_of_a_library_that_is_named_the_originals_are_taken(tree: Path) -> None:
    assert found(tree / "My.photoslibrary") == {"originals/0/a.jpg", "Masters/2014/a.jpg"}
    assert not Places(str(tree / "My.photoslibrary")).leaves_out(str(tree / MANAGED[0]))
    assert Places(str(tree / "My.photoslibrary")).leaves_out(str(tree / LEFT_OUT[19]))


def test_folders_that_are_left_out_are_counted_once(tmp_path: Path) -> None:
    for name in ("a/@eaDir", "b/@eaDir", "b/@EADIR/@eaDir", "b/#recycle", "c"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    scanner = Scanner()
    for _ in range(2):
        assert list(scanner.files(str(tmp_path))) == []
    assert scanner.left_out["#recycle"] == 1 and scanner.left_out["@eaDir"] in (2, 3)  # cases may be one


@pytest.mark.slow
def test_a_pattern_fits_what_is_left_out_anyway(tree: Path) -> None:
    """Whoever has always excluded bins is not told that the pattern fits nothing."""
    scanner = Scanner(ScanOptions(exclude=("#recycle",)))
    assert list(scanner.files(str(tree)))
    assert scanner.unmatched == []


@pytest.mark.parametrize("name", sweep(REPAIRED, quick=4))
def test_what_a_repair_found_is_indexed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).touch()
    (tmp_path / "Found.photos").mkdir()
    place = Places().of(str(tmp_path / name))
    assert place is not None and place.treatment is Treatment.FOUND and not place.is_left_out
    assert Places().of(str(tmp_path / "Found.photos" / "a.jpg")) is None
    assert found(tmp_path) == {name}


def test_the_document_lists_all_places() -> None:
    text = (PROJECT / "docs" / "excluding.md").read_text("utf-8")
    lines = text.partition("## Places that are left out")[2].splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    expected = [
        f"| `{place.name}` | {place.what} | {treated(place.treatment)} | {beside(place.beside)} |"
        for place in PLACES
    ]
    assert rows == expected
    for place in PLACES:
        assert not place.originals or all(f"`{path}`" in text for path in place.originals)
    assert f"`{TRASHED}`" in text


def treated(treatment: Treatment) -> str:
    return "left out" if treatment is Treatment.LEFT_OUT else treatment.value


def beside(paths: tuple[str, ...]) -> str:
    return ", and ".join(" or ".join(f"`{option}`" for option in path.split("|")) for path in paths)


@pytest.mark.slow
@pytest.mark.parametrize("spelled", [str, str.upper, str.lower], ids=["as it is", "upper", "lower"])
@pytest.mark.parametrize("nested", ["", "2019/a trip/"])
def test_each_place_is_recognized_whatever_its_case_and_depth(
    tmp_path: Path, spelled: Callable[[str], str], nested: str
) -> None:
    for number, place in enumerate(PLACES):
        root = tmp_path / str(number)
        folder = root / nested / spelled(place.name.replace("*", "x1"))
        (folder / "deep" / "er").mkdir(parents=True)
        for needed in place.beside:
            proof = Path(os.path.normpath(folder.parent / needed.split("|")[0].replace("*", "x1")))
            if not proof.exists():
                proof.parent.mkdir(parents=True, exist_ok=True)
                proof.touch()
        places = Places(str(root))
        for name in ("IMG_1.jpg", "deep/er/IMG_1.jpg"):
            found = places.of(str(folder / name))
            assert found is not None and found.treatment is place.treatment, (place.name, name)
