"""What libraries say where memory is short is told in one sentence; any other error of theirs is a bug."""

from __future__ import annotations

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
