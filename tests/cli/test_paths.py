"""Paths as users give them."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
import typer

from visualsearch_cli.cli.paths import given_paths
from visualsearch_cli.index.roots import absolute


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_arguments_are_taken_as_they_are() -> None:
    names = ["a.jpg", " b ", "./-", "--", "-x", "new\nline", "*.jpg", "\udcff"]
    assert given_paths(names, null=False) == names
    assert given_paths(names, null=True) == names


@pytest.mark.parametrize("arguments", [None, [], ()])
def test_nothing_given(arguments: list[str] | None) -> None:
    assert given_paths(arguments, null=False) == []


def test_an_empty_argument_is_a_mistake() -> None:
    """As of a variable that was not set: it must not stand for the current folder."""
    with pytest.raises(typer.BadParameter, match="empty path"):
        given_paths(["a", ""], null=False)


@pytest.mark.parametrize(
    ("data", "null", "expected"),
    [
        (b"a.jpg\nb.jpg\n", False, ["a.jpg", "b.jpg"]),
        (b"a.jpg\nb.jpg", False, ["a.jpg", "b.jpg"]),
        (b"a.jpg\r\n\r\nb.jpg\r\n", False, ["a.jpg", "b.jpg"]),
        (b" a \n-\n", False, [" a ", "-"]),
        (b"a.jpg\0new\nline.jpg\0", True, ["a.jpg", "new\nline.jpg"]),
        (b"a\r\0b", True, ["a\r", "b"]),
        (b"", False, []),
        (b"\n\n", False, []),
        (b"\0\0", True, []),
    ],
)
def test_a_dash_stands_for_stdin(
    data: bytes, null: bool, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(monkeypatch, data)
    assert given_paths(["-"], null=null) == expected


def test_paths_ended_by_nul_need_their_option(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"a.jpg\0b.jpg\0")
    with pytest.raises(typer.BadParameter, match="pass -0"):
        given_paths(["-"], null=False)


def test_stdin_comes_where_the_dash_is_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"2\n3\n")
    assert given_paths(["1", "-", "4", "-"], null=False) == ["1", "2", "3", "4"]


def test_names_on_stdin_need_not_be_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"\xff.jpg\ncaf\xc3\xa9.jpg\n")
    assert [os.fsencode(path) for path in given_paths(["-"], null=False)] == [b"\xff.jpg", b"caf\xc3\xa9.jpg"]


# Absolute


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    here = os.path.realpath(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    monkeypatch.chdir(here)
    return here


def link(at: str, target: str) -> None:
    try:
        os.symlink(target, at, target_is_directory=os.path.isdir(target))
    except OSError:
        pytest.skip("no symbolic links here")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("photos", "photos"),
        ("photos/", "photos"),
        ("./photos/../photos/a.jpg", "photos/a.jpg"),
        ("photos/missing.jpg", "photos/missing.jpg"),
        ("nowhere/a.jpg", "nowhere/a.jpg"),
        (".", "."),
    ],
)
def test_paths_become_absolute(path: str, expected: str, here: str) -> None:
    assert absolute(path) == os.path.normpath(os.path.join(here, expected))


def test_links_to_folders_are_resolved(here: str) -> None:
    """One folder, however it is reached, is one root."""
    link("link", "photos")
    assert absolute("link") == os.path.join(here, "photos")
    assert absolute("link/a.jpg") == os.path.join(here, "photos", "a.jpg")
    assert absolute("link/missing.jpg") == os.path.join(here, "photos", "missing.jpg")


def test_a_link_to_a_file_keeps_its_own_name(here: str) -> None:
    link("b.jpg", "photos/a.jpg")
    link("broken.jpg", "nowhere.jpg")
    assert absolute("b.jpg") == os.path.join(here, "b.jpg")
    assert absolute("broken.jpg") == os.path.join(here, "broken.jpg")
