"""Who writes, where locks do not tell: one writer, and no reader who takes its journal for another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from visualsearch_cli.errors import IndexLocked
from visualsearch_cli.index.disks import claims
from visualsearch_cli.index.disks.claims import NAME, check_reading, claimed

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs fork")

HOLDING = """
import sys
from pathlib import Path
from visualsearch_cli.index.disks.claims import claimed
with claimed(Path(sys.argv[1])):
    print("claimed", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes, until its input ends."""
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdin
        assert process.stdout.readline() == "claimed\n"
        try:
            yield process
        finally:
            process.kill()


def change(folder: Path, **fields: object) -> None:
    """Change what a claim says."""
    claim = claims.Claim(*json.loads((folder / NAME).read_text()))._replace(**fields)  # type: ignore[arg-type]
    (folder / NAME).write_text(json.dumps(claim))


@pytest.mark.slow
def test_there_is_one_writer(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    change(tmp_path, device=0, path="/mnt/photos")
    with (
        pytest.raises(IndexLocked, match=f"by process {other.pid} through another path, /mnt/photos: wait"),
        claimed(tmp_path),
    ):
        pass
    other.communicate("", timeout=30)
    assert os.listdir(tmp_path) == []


def test_nobody_reads_beside_a_writer_with_other_locks(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    check_reading(tmp_path)  # through the same device its locks tell
    change(tmp_path, device=0, path="/mnt/photos")
    with pytest.raises(IndexLocked, match=f"{other.pid} through another path, /mnt/photos: .* that path"):
        check_reading(tmp_path)
    change(tmp_path, machine="another")  # of which it cannot be told whether the process runs
    check_reading(tmp_path)


@pytest.mark.usefixtures("other")
def test_who_has_the_lock_knows_that_the_other_ended(tmp_path: Path) -> None:
    """It may be ending still, or be dead with nobody who asked how."""
    with claimed(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())[1] == os.getpid()


@pytest.mark.slow
@pytest.mark.usefixtures("other")
@pytest.mark.parametrize("field", ["machine", "started"])
def test_a_process_of_that_number_may_be_another_one(tmp_path: Path, field: str) -> None:
    change(tmp_path, device=0, **{field: "another"})
    with claimed(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())[1] == os.getpid()
    assert os.listdir(tmp_path) == []


def test_what_a_killed_writer_left_does_not_count(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    """Nor while nobody has asked how it ended."""
    change(tmp_path, device=0)
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    check_reading(tmp_path)
    with claimed(tmp_path):
        assert os.listdir(tmp_path) == [NAME]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("text", ["", "[1]", "no JSON", '["", "", "", "", ""]'])
def test_what_is_no_claim_does_not_count(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    check_reading(tmp_path)
    with claimed(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())[1] == os.getpid()
    assert os.listdir(tmp_path) == []


def test_who_is_made_way_before_its_claim_is_written_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its empty file looked like what a killed process left."""
    theirs = claims.Claim("here", 1, "", 0, "theirs")

    def exchange(handle: int, data: bytes) -> int:
        (tmp_path / NAME).unlink()
        (tmp_path / NAME).write_text(json.dumps(theirs))
        return len(data) + 0 * handle

    monkeypatch.setattr(os, "write", exchange)
    with pytest.raises(IndexLocked, match="a moment ago"), claimed(tmp_path):
        pass
    assert claims._read(tmp_path / NAME) == theirs


def test_two_that_begin_at_once_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both saw nothing, and one was faster."""
    monkeypatch.setattr(claims, "_make_way", lambda _: None)
    (tmp_path / NAME).touch()
    with pytest.raises(IndexLocked, match="a moment ago"), claimed(tmp_path):
        pass
    assert os.listdir(tmp_path) == [NAME]


def test_two_that_make_way_at_once_do_not_take_each_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the rename, another one made way and put its own there."""
    old = claims.Claim("gone", 1, "", 0, "old")
    new = old._replace(path="new")
    (tmp_path / NAME).write_text(json.dumps(new))
    seen = iter([old])
    read = claims._read
    monkeypatch.setattr(claims, "_read", lambda path: next(seen, None) or read(path))
    with pytest.raises(IndexLocked, match="a moment ago"), claimed(tmp_path):
        pass
    assert os.listdir(tmp_path) == [NAME] and read(tmp_path / NAME) == new


def test_where_none_can_be_made_the_lock_is_enough(tmp_path: Path) -> None:
    with claimed(tmp_path / "nowhere"):
        pass
