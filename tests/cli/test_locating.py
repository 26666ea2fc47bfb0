"""Where the index is looked for, in which order, and what is said about it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contracts.catalog import MODEL
from tests.helpers.permissions import bound_by_permissions
from visualsearch_cli.cli import locating
from visualsearch_cli.cli.locating import (
    find_index,
    find_index_to_write,
    find_indexes,
    index_around,
    known_indexes,
    remember,
)
from visualsearch_cli.cli.output.console import settings
from visualsearch_cli.errors import IndexNotFound, IndexStoreError, IndexUntrusted, VisualSearchError
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.vectors.index import IndexParams


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder, with no index used before."""
    here = Path(os.path.realpath(tmp_path)) / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(locating, "_memory", lambda: tmp_path / "state" / "visualsearch" / "last-index")
    monkeypatch.setattr("visualsearch_cli.remembered.state_folder", lambda: tmp_path / "state")
    monkeypatch.setattr(settings, "quiet", False)
    monkeypatch.setattr(locating, "_is_watched", lambda: True)
    return here


def made(path: Path) -> Path:
    """Make an index at a place."""
    folder = IndexFolder(path)
    with folder.lock():
        folder.create(MODEL, None, IndexParams())
    return path


# To read


def test_the_index_that_is_given_wins(here: Path) -> None:
    made(here / ".visualsearch")
    given = made(here.parent / "other" / ".visualsearch")
    assert find_index(given).path == given
    assert find_index(given.parent).path == given


def test_an_index_that_is_given_and_not_there_is_not_replaced_by_another(here: Path) -> None:
    made(here / ".visualsearch")
    with pytest.raises(
        IndexNotFound, match=r"no index in nowhere: run `visualsearch index PATH --index nowhere`"
    ):
        find_index(Path("nowhere"))


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_the_nearest_index_in_or_above_the_current_folder(
    depth: int, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(here.parent / ".visualsearch")
    path = made(here / ".visualsearch")
    below = here.joinpath(*(["sub"] * depth))
    below.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(below)
    assert find_index(None).path == path


def test_an_empty_folder_of_that_name_is_no_index(here: Path) -> None:
    (here / ".visualsearch").mkdir()
    path = made(here.parent / ".visualsearch")
    assert find_index(None).path == path


def test_the_index_used_last_comes_last_and_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = made(here.parent / "elsewhere" / ".visualsearch")
    remember(IndexFolder(last))
    assert find_index(None).path == last
    out, err = capsys.readouterr()
    assert out == ""
    assert str(last) in err
    near = made(here / ".visualsearch")
    assert find_index(None).path == near
    assert capsys.readouterr().err == ""


def test_nobody_who_does_not_see_it_gets_the_index_used_last(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = made(here.parent / "elsewhere" / ".visualsearch")
    remember(IndexFolder(last))
    monkeypatch.setattr(locating, "_is_watched", lambda: False)
    expected = r"pass --index DIR; .*elsewhere.* is only used on a terminal"
    with pytest.raises(IndexNotFound, match=expected):
        find_index(None)
    with pytest.raises(IndexNotFound, match=expected):
        find_index_to_write(None, None)


def test_what_is_named_leads_to_its_index(here: Path) -> None:
    remember(IndexFolder(made(here.parent / "elsewhere" / ".visualsearch")))
    photos = made(here.parent / "photos" / ".visualsearch").parent
    (photos / "trip").mkdir()
    (photos / "a.jpg").touch()
    (here.parent / "b.jpg").touch()
    for named in (photos, photos / "trip", photos / "a.jpg"):
        assert find_index(None, [str(here.parent / "b.jpg"), str(named)]).path == photos / ".visualsearch"
    assert find_index(None, [str(here.parent / "b.jpg")]).path.parent.name == "elsewhere"
    near = made(here / ".visualsearch")
    assert find_index(None, [str(photos)]).path == near


@pytest.mark.parametrize("forget", [lambda last: last.unlink(), lambda last: last.parent.rename("moved")])
def test_an_index_used_last_that_is_gone_is_not_used(forget: Callable[[Path], object], here: Path) -> None:
    last = made(here.parent / "elsewhere" / ".visualsearch")
    remember(IndexFolder(last))
    forget(last / "catalog.sqlite")
    with pytest.raises(IndexNotFound):
        find_index(None)


@pytest.mark.parametrize("data", [b"", b"\0", b"\xff\xfe", b"relative", b"/" + b"x" * 5000])
def test_a_memory_that_makes_no_sense_is_no_memory(data: bytes) -> None:
    path = locating._memory()
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    with pytest.raises(IndexNotFound):
        find_index(None)


def test_odd_names_are_remembered(here: Path) -> None:
    path = here.parent / "it's \u00e9\n\udcff"
    try:
        path.mkdir()
    except OSError:
        pytest.skip("a file system with rules for names")
    remember(IndexFolder(made(path)))
    assert find_index(None).path == path


def test_failing_to_remember_is_no_failure(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "file").touch()
    monkeypatch.setattr(locating, "_memory", lambda: here / "file" / "last-index")
    remember(IndexFolder(made(here / ".visualsearch")))


def test_no_index_says_where_it_looked_and_what_to_do(here: Path) -> None:
    with pytest.raises(IndexNotFound) as caught:
        find_index(None)
    text = str(caught.value)
    assert f"no .visualsearch in or above {here}" in text
    assert "visualsearch index PATH" in text
    assert "--index DIR" in text
    assert caught.value.exit_code == 10
    (here / ".visualsearch").mkdir()
    with pytest.raises(IndexNotFound) as caught:
        find_index(None)
    assert f"{here / '.visualsearch'} holds no index" in str(caught.value)


def test_an_index_that_may_not_be_looked_into_is_named(here: Path) -> None:
    """As that of another user. What only looks for settings, or completes a word, goes on."""
    folder = made(here / ".visualsearch")
    remember(IndexFolder(folder))
    folder.chmod(0)
    try:
        with pytest.raises(IndexStoreError) as caught:
            bound_by_permissions(lambda: find_index(None))
        assert bound_by_permissions(lambda: (index_around(None), known_indexes(here))) == (None, [])
    finally:
        folder.chmod(0o700)
    assert f"{here / '.visualsearch'} may not be looked into (Permission denied)" in str(caught.value)


def test_a_path_that_is_not_there_is_named_before_an_index_that_is_not(here: Path) -> None:
    with pytest.raises(VisualSearchError, match="TYPO does not exist: check the path"):
        find_indexes(None, [str(here / "TYPO")])


# To write


def test_the_place_that_is_given_need_not_exist(here: Path) -> None:
    made(here / ".visualsearch")
    folder = find_index_to_write(here / "new", str(here))
    assert folder.path == here / "new"
    assert not folder.exists()


def test_without_a_path_the_place_that_is_given_must_exist(here: Path) -> None:
    made(here / "old")
    assert find_index_to_write(here / "old", None).path == here / "old"
    with pytest.raises(IndexNotFound, match="new"):
        find_index_to_write(here / "new", None)


def test_an_index_above_the_current_folder_is_appended_to(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(here / ".visualsearch")
    (here / "sub").mkdir()
    monkeypatch.chdir(here / "sub")
    assert find_index_to_write(None, str(here / "sub")).path == path
    assert find_index_to_write(None, str(here.parent / "elsewhere")).path == path
    assert find_index_to_write(None, None).path == path


def test_else_a_new_index_is_made_in_the_first_path(here: Path) -> None:
    photos = here.parent / "photos"
    (photos / "trip").mkdir(parents=True)
    (photos / "trip" / "a.jpg").touch()
    remember(IndexFolder(made(here.parent / "elsewhere" / ".visualsearch")))  # is for reading
    for first in (photos / "trip", photos / "trip" / "a.jpg"):
        folder = find_index_to_write(None, str(first))
        assert folder.path == photos / "trip" / ".visualsearch"
        assert not folder.exists()


def test_an_index_in_or_above_the_first_path_is_appended_to(here: Path) -> None:
    photos = here.parent / "photos"
    (photos / "trip").mkdir(parents=True)
    path = made(photos / ".visualsearch")
    for first in (photos, photos / "trip", photos / "trip" / "a.jpg"):
        assert find_index_to_write(None, str(first)).path == path


def test_without_a_path_the_index_used_last_is_brought_up_to_date(here: Path) -> None:
    with pytest.raises(IndexNotFound):
        find_index_to_write(None, None)
    last = made(here.parent / "elsewhere" / ".visualsearch")
    remember(IndexFolder(last))
    assert find_index_to_write(None, None).path == last


# Whose it is


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be another user than the one who makes the files here."""
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1, raising=False)
    real = os.stat

    def owned(path: str | Path, **options: bool) -> os.stat_result:
        state = list(real(path, **options))
        state[4] = OWNER
        return os.stat_result(state)

    monkeypatch.setattr(os, "stat", owned)


OWNER = 54321


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owners by number")
@pytest.mark.usefixtures("somebody")
def test_an_index_of_another_user_is_used_once_it_was_named(here: Path) -> None:
    index = made(here / ".visualsearch")
    for find in (find_index, lambda given: find_index_to_write(given, str(here))):
        with pytest.raises(IndexUntrusted, match=f"belongs to another user .* pass --index {index} once"):
            find(None)
    assert find_index(index).path == index
    assert find_index(None).path == index, "it is remembered"
    assert find_index_to_write(None, str(here)).path == index


def test_a_link_in_the_place_of_an_index_is_followed_once_it_was_named(here: Path, tmp_path: Path) -> None:
    elsewhere = made(tmp_path / "elsewhere" / ".visualsearch")
    link = here / ".visualsearch"
    link.symlink_to(elsewhere)
    for find in (find_index, lambda given: find_index_to_write(given, str(here))):
        with pytest.raises(
            IndexUntrusted, match=f"is a symbolic link to {elsewhere}.* pass --index {link} once"
        ):
            find(None)
    assert find_index(link).path == link
    assert find_index(None).path == link, "it is remembered"
    assert find_index_to_write(None, str(here)).path == link
    link.unlink()
    empty = tmp_path / "empty"
    empty.mkdir()
    link.symlink_to(empty)
    with pytest.raises(IndexUntrusted, match=f"is a symbolic link to {empty}"):
        find_index_to_write(None, str(here))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owners by number")
@pytest.mark.usefixtures("somebody")
def test_an_index_that_was_named_is_not_trusted_after_it_changed_hands(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = made(here / ".visualsearch")
    find_index(index)
    monkeypatch.setattr("tests.cli.test_locating.OWNER", OWNER + 1)
    with pytest.raises(IndexUntrusted, match=str(OWNER)):
        find_index(None)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owners by number")
@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("owner", ["root", "me", "behind sudo"])
def test_whose_indexes_are_used_without_a_word(
    owner: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = {"root": 0, "me": os.geteuid(), "behind sudo": 777}[owner]
    monkeypatch.setattr("tests.cli.test_locating.OWNER", number)
    if owner == "behind sudo":
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setenv("SUDO_UID", "777")
    index = made(here / ".visualsearch")
    assert find_index(None).path == index
