"""What lists of a whole folder know of one of its pictures."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.pictures.metadata import folder_lists
from visualsearch_cli.pictures.metadata.folder_lists import known_by_lists, metadata_in
from visualsearch_cli.pictures.metadata.values import Metadata

PICASA = """[Picasa]
name=Holiday
[IMG_1.JPG]
star=yes
caption=On the pier
keywords=pier,sea
faces=rect64(3f845bcb59418507),8e62398ebda8c1a5;rect64(0),ffffffffffffffff
[IMG_2.JPG]
rotate=rotate(1)
[Contacts2]
8e62398ebda8c1a5=Ada Lovelace;;
"""


def test_picasa_keeps_captions_keywords_stars_and_faces_in_a_section_for_each_file() -> None:
    assert metadata_in(".picasa.ini", PICASA.encode(), "img_1.jpg") == Metadata(
        caption="On the pier", keywords=("pier", "sea"), people=("Ada Lovelace",), label="starred"
    )
    assert metadata_in("Picasa.ini", PICASA.encode(), "IMG_2.JPG") == Metadata()
    assert metadata_in(".picasa.ini", PICASA.encode(), "Contacts2") == Metadata()


@pytest.mark.parametrize(
    ("called", "data", "caption"),
    [
        pytest.param("descript.ion", b"IMG_1.JPG On the pier\r\nIMG_2.JPG Not", "On the pier", id="plain"),
        pytest.param("DESCRIPT.ION", b'"IMG_1.JPG" On the pier\x04\xc2', "On the pier", id="with a note"),
        pytest.param("descript.ion", b"IMG_1.JPG On\\nthe pier\x04\xc2", "On\nthe pier", id="several lines"),
        pytest.param("descript.ion", "IMG_1.JPG Über dem Meer".encode(), "Über dem Meer", id="UTF-8"),
        pytest.param("descript.ion", "IMG_1.JPG Über".encode("cp1252"), "Über", id="a code page"),
        pytest.param("descript.ion", "IMG_1.JPG Über".encode("utf-16"), "Über", id="UTF-16"),
        pytest.param(
            "files.bbs", b"IMG_1.JPG  On\n           | the pier\nX.JPG no", "On the pier", id="lines"
        ),
        pytest.param("FILES.BBS", b"IMG_1.JPG 123456 01-02-98 On the pier", "On the pier", id="with a date"),
        pytest.param("files.bbs", b"IMG_1.JPG 1998 on the pier", "1998 on the pier", id="a number"),
        pytest.param("descript.ion", b"IMG_1.JPG\nIMG_1.JPG.txt On the pier", "", id="nothing"),
        pytest.param("descript.ion", b"\xff\0\1 \xfe", "", id="damaged"),
    ],
)
def test_a_list_describes_files_by_their_names(called: str, data: bytes, caption: str) -> None:
    assert metadata_in(called, data, "IMG_1.JPG") == Metadata(caption=caption)


def test_a_list_speaks_of_the_files_of_its_own_folder() -> None:
    lists = [Path("/a/descript.ion"), Path("/b/descript.ion")]
    said = {lists[0]: b"1.jpg here", lists[1]: b"1.jpg there\n2.jpg linked"}

    assert known_by_lists([Path("/a/1.jpg")], lists, said.__getitem__).caption == "here"
    assert known_by_lists([Path("/c/1.jpg"), Path("/b/2.jpg")], lists, said.__getitem__).caption == "linked"


@pytest.mark.parametrize("called", ["descript.ion", "files.bbs", ".picasa.ini"])
def test_a_list_of_many_pictures_is_read_once(called: str) -> None:
    """Else a folder of ten thousand would be read ten thousand times."""
    names = [f"IMG_{number:05}.JPG" for number in range(5_000)]
    line = "[{}]\ncaption=On the pier\n" if called == ".picasa.ini" else "{} On the pier\n"
    data = "".join(line.format(name) for name in names).encode()
    start = time.process_time()
    assert {metadata_in(called, data, name).caption for name in names} == {"On the pier"}
    assert time.process_time() - start < 10


def test_a_text_of_many_lines_is_read_in_no_time() -> None:
    data = b"IMG_1.JPG On the\n" + b" pier\n" * 200_000
    start = time.process_time()
    assert metadata_in("files.bbs", data, "IMG_1.JPG").caption.startswith("On the pier pier")
    assert time.process_time() - start < 10


@pytest.mark.slow
@pytest.mark.parametrize("called", ["descript.ion", "files.bbs", ".picasa.ini"])
def test_of_a_list_without_end_the_first_names_are_read(called: str) -> None:
    line = "[{}]\n[Contacts]\n" if called == ".picasa.ini" else "{} x\n"
    first = "[IMG_1.JPG]\ncaption=x\n" if called == ".picasa.ini" else "IMG_1.JPG x\n"
    data = (first + "".join(line.format(number) for number in range(300_000))).encode()
    assert metadata_in(called, data, "IMG_1.JPG").caption == "x"
    assert len(folder_lists._known_in(called, data)) <= folder_lists.MOST_NAMES + 1


@given(st.sampled_from(["descript.ion", "files.bbs", ".picasa.ini"]), st.binary(max_size=200))
def test_damaged_lists_say_something_or_nothing(called: str, data: bytes) -> None:
    assert isinstance(metadata_in(called, data, "IMG_1.JPG"), Metadata)
    assert isinstance(metadata_in(called, data + b"\nIMG_1.JPG text", "IMG_1.JPG"), Metadata)
