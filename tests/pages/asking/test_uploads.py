"""What is given to ask with is taken as it is, by a form or a script, and is gone when the server ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from visualsearch_cli.pages.asking.uploads import MOST, Uploads, file_of_form

KIND = "multipart/form-data; boundary=----WebKitFormBoundary7MA4"
DATA = b"\xff\xd8\r\n--\r\n\r\n\0binary\r\n"


def form(*parts: bytes, boundary: bytes = b"----WebKitFormBoundary7MA4") -> bytes:
    return (
        b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
    )


FILE = (
    b'Content-Disposition: form-data; name="image"; filename="x.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    + DATA
)
FIELD = b'Content-Disposition: form-data; name="words"\r\n\r\na dog'


def test_a_form_holds_its_file() -> None:
    assert file_of_form(KIND, form(FIELD, FILE, FIELD)) == DATA
    assert file_of_form('multipart/form-data; boundary="a b"', form(FILE, boundary=b"a b")) == DATA


def test_a_script_sends_the_file_itself() -> None:
    assert file_of_form("application/octet-stream", DATA) == DATA
    assert file_of_form("", DATA) == DATA


@pytest.mark.parametrize("body", [b"", form(FIELD), b"no form", form()])
def test_a_form_without_a_file_holds_none(body: bytes) -> None:
    assert file_of_form(KIND, body) == b""
    assert file_of_form("multipart/form-data", body) == b""


def test_they_are_the_users_alone_and_few_and_go() -> None:
    uploads = Uploads()
    names = [uploads.keep(b"x") for _ in range(MOST + 3)]
    paths = [uploads.path(name) for name in names]
    assert paths[:3] == [None] * 3
    kept = [path for path in paths if path is not None]
    assert len(kept) == MOST
    folder = kept[0].parent
    assert sorted(path.name for path in folder.iterdir()) == sorted(names[3:])
    if os.name != "nt":
        assert folder.stat().st_mode & 0o077 == 0
    assert uploads.path("../../etc/passwd") is None
    uploads.close()
    assert not folder.exists()
    assert isinstance(folder, Path)
