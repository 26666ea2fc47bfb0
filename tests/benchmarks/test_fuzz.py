"""The fuzzing itself: its changes can be made again, its targets read them, and it sees what is wrong."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.fuzz.mutations import change_rows, changed_bytes, changed_document
from benchmarks.fuzz.targets import TARGETS, Wrong, run
from tests.helpers.places import PROJECT

TIMEOUT = 300  # seconds


def test_a_change_can_be_made_again() -> None:
    data = bytes(range(256)) * 4
    changes = [changed_bytes(data, [data], random.Random(number)) for number in range(50)]
    assert changes == [changed_bytes(data, [data], random.Random(number)) for number in range(50)]
    assert len(set(changes)) > 45
    text = json.dumps({"groups": [{"path": "/a", "size": 1}]}).encode()
    assert len({changed_document(text, random.Random(number)) for number in range(50)}) > 20


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


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_some_inputs_of_each_kind() -> None:
    line = [sys.executable, "-m", "benchmarks.fuzz", "--minutes", "0.1", "--seed", "7"]
    done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("0 wrong\n")
    assert all(re.search(rf"[1-9]\d* {kind}", done.stdout) for kind in TARGETS)
