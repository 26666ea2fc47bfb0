"""What a command does not load, it does not wait for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.photographs import copy_of
from tests.e2e.program import Program

NUMERIC = {"numpy", "torch", "PIL", "onnxruntime", "hnswlib", "open_clip", "safetensors", "timm"}
HEAVY = NUMERIC | {"sqlite3", "filelock", "huggingface_hub"}
MODELS = {"onnxruntime", "PIL", "torch", "open_clip"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--help", 0),
        ("--version", 0),
        ("index --help", 0),
        ("query --help", 0),
        ("embed --help", 0),
        ("apply --help", 0),
        ("undo --help", 0),
        ("undo", 2),
        ("apply x.json --trash --delete", 2),
        ("no-such-command", 2),
        ("query --no-such-option", 2),
        ("query x.jpg -k 0", 2),
        ("query x.jpg --format xml", 2),
    ],
)
def test_help_and_wrong_arguments_load_nothing_heavy(run: Program, line: str, code: int) -> None:
    _, loaded = run.modules(*line.split(), code=code)
    assert not loaded & HEAVY


@pytest.mark.parametrize(
    ("line", "code"), [("query", 2), ("query x.jpg", 10), ("embed -o x.npz", 2), ("index", 10), ("models", 0)]
)
def test_what_fails_before_it_begins_loads_no_model(run: Program, line: str, code: int) -> None:
    _, loaded = run.modules(*line.split(), code=code)
    assert not loaded & MODELS


def test_a_query_for_an_image_of_the_index_loads_no_model(run: Program, chosen: Path) -> None:
    result, loaded = run.modules("query", chosen / "coffee.jpg", "--json")
    assert len(result.json["results"][0]["neighbors"]) == 9
    assert not loaded & MODELS


def test_a_query_for_a_copy_of_an_image_of_the_index_loads_no_model(run: Program, chosen: Path) -> None:
    shutil.copy(chosen / "coffee.jpg", run.home / "elsewhere.jpg")
    result, loaded = run.modules("query", "elsewhere.jpg", "--json")
    assert result.json["results"][0]["neighbors"][0]["verdict"] == "identical"
    assert not loaded & MODELS


@pytest.mark.parametrize("command", ["info", "check", "prune"])
@pytest.mark.usefixtures("chosen")
def test_looking_after_an_index_loads_no_model(run: Program, command: str) -> None:
    _, loaded = run.modules(command)
    assert not loaded & MODELS


def test_an_unchanged_folder_loads_nothing_heavy(run: Program, chosen: Path) -> None:
    result, loaded = run.modules("index", chosen, "--json")
    assert result.json["unchanged"] == result.json["found"] > 0
    assert not loaded & NUMERIC


def test_the_default_model_needs_no_torch(run: Program, photos: Path) -> None:
    _, loaded = run.modules("index", photos)
    assert "onnxruntime" in loaded and not loaded & {"torch", "open_clip"}
    copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    _, loaded = run.modules("query", "x.jpg")
    assert "onnxruntime" in loaded and not loaded & {"torch", "open_clip"}


def test_a_query_for_a_new_picture_loads_only_what_it_needs(run: Program, chosen: Path) -> None:
    """Each of these takes longer to import than a small index to search: see `make bench-start`."""
    copy_of(chosen / "coffee.jpg", run.home / "x.jpg")
    result, loaded = run.modules("query", "x.jpg")
    assert "coffee.jpg" in result.out and "onnxruntime" in loaded
    assert not loaded & {"rich.console", "rich.table", "pydantic", "hnswlib", "numpy.ma", "filelock"}
    assert not loaded & {"visualsearch_cli.cli.index", "visualsearch_cli.cli.eval", "concurrent.futures"}
