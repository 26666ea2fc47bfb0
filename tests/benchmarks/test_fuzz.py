"""The fuzzing itself: its changes can be made again, its targets read them, and it sees what is wrong."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.fuzz import __main__ as fuzz
from benchmarks.fuzz.mutations import change_rows, changed_bytes, changed_document, changed_name
from benchmarks.fuzz.targets import TARGETS, Trial, World, Wrong, run
from tests.helpers.places import PROJECT

TIMEOUT = 300  # seconds


def test_a_change_can_be_made_again() -> None:
    data = bytes(range(256)) * 4
    changes = [changed_bytes(data, [data], random.Random(number)) for number in range(50)]
    assert changes == [changed_bytes(data, [data], random.Random(number)) for number in range(50)]
    assert len(set(changes)) > 45
    text = json.dumps({"groups": [{"path": "/a", "size": 1}]}).encode()
    assert len({changed_document(text, random.Random(number)) for number in range(50)}) > 20
    names = {changed_name(random.Random(number)) for number in range(50)}
    assert len(names) > 20 and not any(b"/" in name or b"\0" in name for name in names)


def test_rows_of_a_catalog_are_changed(tmp_path: Path) -> None:
    changed = 0
    for number in range(20):
        path = tmp_path / f"{number}.sqlite"
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
            database.execute("INSERT INTO manifest VALUES ('model', '{\"dim\": 3}')")
            database.execute("CREATE TABLE images (id INTEGER PRIMARY KEY, size INTEGER)")
            database.execute("INSERT INTO images VALUES (1, 2)")
            before = list(database.iterdump())
        database.close()
        change_rows(path, random.Random(number))
        with sqlite3.connect(path) as database:
            changed += list(database.iterdump()) != before
        database.close()
    assert changed > 10


def test_a_traceback_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("visualsearch_cli.cli.commands.models.models", lambda: 1 / 0)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Wrong, match="ZeroDivisionError"):
        run("models")
    run("info", "--index", str(tmp_path))  # there is none, which is said by a code


class HarmfulWorld(World):
    """One whose inputs do harm when they are read, each kind its own."""

    def draw(self, kind: str, rng: random.Random) -> Trial:
        return Trial(kind, "picture", rng.randbytes(4))

    def place(self, trial: Trial) -> None:
        pass

    def read(self, trial: Trial) -> None:
        match trial.kind:
            case "loop":
                while True:
                    pass
            case "sleep":
                time.sleep(60)
            case "crash":
                os.kill(os.getpid(), signal.SIGKILL)
            case "fail":
                raise ValueError("no error of ours")
            case "write":
                (self.home / "precious").write_text("gone")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_harm_is_seen_and_its_input_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz, "LIMIT", 0.3)
    monkeypatch.setattr(fuzz, "KEPT", tmp_path / "kept")
    home = tmp_path / "home"
    home.mkdir()
    reasons = {
        "none": "",
        "loop": "no answer within",
        "sleep": "no answer within",
        "crash": "the process was ended: exit code -9",
        "fail": "ValueError: no error of ours",
        "write": f"written outside: open {home / 'precious'}",
    }
    assert fuzz.Fuzzing(HarmfulWorld(home), list(reasons), 0, 2).run(0) == 1
    said = capsys.readouterr().out
    for kind, reason in reasons.items():
        if reason:
            assert f"{kind}: {reason}" in said
            assert len(next((tmp_path / "kept" / kind).glob("*/picture")).read_bytes()) == 4
    assert f"write, batch 5: written outside: {home / 'precious'}" in said, "as is seen without Python"
    assert "none:" not in said and re.search(r"\n[1-9] wrong\n$", said)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_some_inputs_of_each_kind() -> None:
    line = [sys.executable, "-m", "benchmarks.fuzz", "--minutes", "0", "--batch", "2", "--seed", "7"]
    done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("0 wrong\n")
    assert all(re.search(rf"[1-9]\d* {kind}", done.stdout) for kind in TARGETS)
