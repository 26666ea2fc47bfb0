"""What goes wrong around the program is told in one sentence; any other error is a bug."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from visualsearch_cli.cli.command import _outcome
from visualsearch_cli.cli.exit_codes import ExitCode

SHORT = {
    "Python": MemoryError(),
    "C++": RuntimeError("std::bad_alloc"),
    "threads": RuntimeError("can't start new thread"),
    "loader": ImportError("libonnxruntime.so.1: failed to map segment from shared object"),
    "onnxruntime": RuntimeError("Failed to allocate memory for requested buffer of size 4194304"),
}


@pytest.mark.parametrize("library", SHORT)
def test_short_memory_is_told(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> ExitCode:
        raise SHORT[library]

    assert _outcome(command, {}) is ExitCode.ERROR
    assert capsys.readouterr().err.startswith("visualsearch: there is too little memory")


def test_another_error_is_not() -> None:
    def command() -> ExitCode:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        _outcome(command, {})


def test_a_current_folder_that_is_removed_meanwhile_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def command() -> ExitCode:
        shutil.rmtree(here)
        Path.cwd()
        return ExitCode.DONE

    assert _outcome(command, {}) is ExitCode.ERROR
    assert capsys.readouterr().err.startswith("visualsearch: the current folder was removed meanwhile")


def test_another_file_that_is_missing_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _outcome(lambda: (tmp_path / "gone").stat(), {})  # type: ignore[arg-type, return-value]
