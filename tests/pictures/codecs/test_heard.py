from __future__ import annotations

import os

import pytest

from visualsearch_cli.pictures.codecs.heard import faults_heard


def test_what_libraw_writes_is_heard_and_all_else_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    with faults_heard() as faults:
        os.write(2, b"unknown file: data corrupted at 4096\nreading 3 of 7\n")
        os.write(2, b"x.nef: Unexpected end of file\n")
    assert faults == ["data corrupted at 4096", "Unexpected end of file"]
    assert capfd.readouterr().err == "reading 3 of 7\n"
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "afterwards\n"


def test_it_goes_on_where_there_is_no_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    kept = os.dup(2)
    os.close(2)
    try:
        with faults_heard() as faults:
            pass
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    assert faults == []
    assert capfd.readouterr().err == ""


def test_an_exception_gives_stderr_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="x"), faults_heard():
        raise ValueError("x")
    os.write(2, b"here\n")
    assert capfd.readouterr().err == "here\n"
