"""Who writes, where locks do not tell: one writer, and no reader who takes its journal for another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
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


def test_there_is_one_writer(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(IndexLocked, match=f"by process {other.pid} through another path, {tmp_path}"),
        claimed(tmp_path),
    ):
        pass
    check_reading(tmp_path)  # through the same path its locks tell
    other.communicate("", timeout=30)
    assert os.listdir(tmp_path) == []


def test_nobody_reads_beside_a_writer_with_other_locks(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    change(tmp_path, device=0, path="/mnt/photos")
    with pytest.raises(IndexLocked, match=f"{other.pid} through another path, /mnt/photos: .* that path"):
        check_reading(tmp_path)
    change(tmp_path, machine="another")  # of which it cannot be told whether the process runs
    check_reading(tmp_path)


@pytest.mark.usefixtures("other")
@pytest.mark.parametrize("field", ["machine", "started"])
def test_a_process_of_that_number_may_be_another_one(tmp_path: Path, field: str) -> None:
    change(tmp_path, **{field: "another"})
    with claimed(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())[1] == os.getpid()
    assert os.listdir(tmp_path) == []


def test_what_a_killed_writer_left_does_not_count(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait(30)
    assert os.listdir(tmp_path) == [NAME]
    check_reading(tmp_path)
    with claimed(tmp_path):
        assert os.listdir(tmp_path) == [NAME]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("text", ["", "[1]", "no JSON", '["", "", "", "", ""]'])
def test_a_file_without_a_claim_counts_for_a_moment(tmp_path: Path, text: str) -> None:
    """Its writer may be about to write it; or it was killed, and a full disk took nothing of it."""
    (tmp_path / NAME).write_text(text)
    check_reading(tmp_path)
    with pytest.raises(IndexLocked, match="a moment ago"), claimed(tmp_path):
        pass
    then = time.time() - 2 * claims.FRESH_S
    os.utime(tmp_path / NAME, (then, then))
    with claimed(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())[1] == os.getpid()


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
