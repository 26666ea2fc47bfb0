"""Stars, tags and comments that a file manager keeps in the attributes of a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from visualsearch_cli.pictures.metadata.file_attributes import COMMENT, RATING, TAGS, known_by_attributes
from visualsearch_cli.pictures.metadata.values import Metadata


def with_attributes(path: Path, **said: str) -> Path:
    path.write_bytes(b"")
    try:
        for name, value in said.items():
            os.setxattr(path, {"rating": RATING, "tags": TAGS, "comment": COMMENT}[name], value.encode())
    except OSError:
        pytest.skip("no extended attributes here")
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="Python asks for attributes on Linux alone")
def test_attributes_are_read(tmp_path: Path) -> None:
    path = with_attributes(tmp_path / "a", rating="7", tags="sea, pier,,sea", comment="Über dem Meer")
    assert known_by_attributes([path]) == Metadata(
        rating=4, keywords=("sea", "pier"), caption="Über dem Meer"
    )
    assert known_by_attributes([tmp_path / "nothing", with_attributes(tmp_path / "b")]) == Metadata()
    assert known_by_attributes([with_attributes(tmp_path / "c", rating="many")]) == Metadata()
