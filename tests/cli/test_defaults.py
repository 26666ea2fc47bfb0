"""Defaults from files: which hold, and what an index may not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from visualsearch_cli.cli import defaults
from visualsearch_cli.cli.program import program


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an index, as far as settings are concerned; the user's file is not there yet."""
    index = tmp_path / "Photos" / ".visualsearch"
    index.mkdir(parents=True)
    monkeypatch.setattr(defaults, "user_file", lambda: tmp_path / "config" / defaults.NAME)
    monkeypatch.setattr("visualsearch_cli.cli.locating.index_around", lambda _: index)
    (tmp_path / "config").mkdir()
    return tmp_path


def write(here: Path, *, user: str = "", index: str = "") -> None:
    for folder, text in (("config", user), ("Photos/.visualsearch", index)):
        if text:
            (here / folder / defaults.NAME).write_text(text)


def dupes(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[dict[str, Any], str]:
    """Return the options that `dupes` would be run with, or what is said instead."""
    got: dict[str, Any] = {}

    def instead(**options: Any) -> Any:
        got.update(options)
        raise SystemExit(0)

    monkeypatch.setattr("visualsearch_cli.cli.command._outcome", lambda _, options: instead(**options))
    result = CliRunner().invoke(program(["dupes", "query"]), ["dupes", *arguments], env={"COLUMNS": "300"})
    return got, result.output


def test_what_is_typed_comes_before_the_index_and_that_before_the_user(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        here,
        user='[dupes]\nlevel = "edited"\nkeep = "size"\nmin-size = "1k"\ncross = true\n[query]\nk = 3\n',
        index='[dupes]\nkeep = "oldest"\nexclude = ["*.png", "raw/"]\n',
    )
    got, _ = dupes(monkeypatch)
    values = (got["level"].value, got["keep"], got["min_size"], got["cross"])
    assert values == ("edited", "oldest", "1k", True)
    assert list(got["exclude"]) == ["*.png", "raw/"]
    write(here, index='[dupes]\nexclude = "*.png"\n')
    assert list(dupes(monkeypatch)[0]["exclude"]) == ["*.png"], "one value is not taken letter by letter"
    got, _ = dupes(monkeypatch, "--keep", "newest", "--level", "same", "--exclude", "x")
    assert (got["level"].value, got["keep"], list(got["exclude"])) == ("same", "newest", ["x"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[dupes]\nreport = "/home/anna/.bashrc"', "[dupes] report is not for an index to say"),
        ('[index]\nweights = "w.pt"', "[index] weights is not for an index to say"),
        ('[apply]\nlevel = "edited"', "[apply] level is not for an index to say"),
        ('level = "same"', "level = 'same' stands outside of a table"),
        ("[dupes", "is no TOML"),
        ("[dupes]\nk = 3", "`visualsearch dupes` has no such option"),
        ('[dupes]\nlevel = "equal"', "[dupes] level = 'equal': "),
        ("[dupes]\nlevel = true", "[dupes] level = True: takes a value"),
        ('[dupes]\nkeep = ["size"]', "[dupes] keep = ['size']: takes one value"),
        ('[dupe]\nlevel = "same"', "[dupe] is no command"),
    ],
)
def test_what_an_index_may_not_say_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    write(here, index=text)
    got, output = dupes(monkeypatch)
    assert got == {} and said in output and str(here / "Photos") in output


@pytest.mark.parametrize("value", ['"yes"', "1"])
def test_a_switch_is_true_or_false(here: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    write(here, user=f"[dupes]\ncross = {value}")
    assert "takes true or false" in dupes(monkeypatch)[1]


@pytest.mark.slow
def test_the_file_of_an_index_is_no_link(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "secret").write_text("[dupes]")
    (here / "Photos" / ".visualsearch" / defaults.NAME).symlink_to(here / "secret")
    assert "is a link" in dupes(monkeypatch)[1]


def test_without_files_nothing_changes(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert here.is_dir()
    got, _ = dupes(monkeypatch)
    assert got["level"] is None and got["min_size"] == "0"
