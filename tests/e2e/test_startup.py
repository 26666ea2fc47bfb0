"""What a command does not load, it does not wait for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.photographs import copy_of
from tests.helpers.program import Program

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
        ("watch --help", 0),
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


NEVER = {
    "torch",
    "open_clip",
    "pydantic",
    "asyncio",
    "jinja2",
    "unittest",
    "pathspec",
    "watchdog",
    "pymilvus",
    "grpc",
}
UNASKED = {"cv2", "hnswlib", "rich.console", "concurrent.futures", "filelock", "platformdirs", "csv", "shlex"}
UNASKED |= {"numpy.ma"}  # by numpy's median
UNASKED |= {
    f"visualsearch_cli.{name}"
    for name in (
        *("cli.commands.index", "cli.commands.dupes", "indexing.scanner", "index.known_files"),
        *("verdicts.judge", "verdicts.evidence", "pictures.formats"),
    )
}
RARE_FORMATS = {
    f"PIL.{name}" for name in ("TiffImagePlugin", "AvifImagePlugin", "MpoImagePlugin", "ImageCms")
}


LOOKED_FOR_WITH = {"cv2", "concurrent.futures", "filelock", "platformdirs"}
LOOKED_FOR_WITH |= {
    f"visualsearch_cli.{name}" for name in ("verdicts.judge", "verdicts.evidence", "pictures.formats")
}
"""What a look at a neighbor needs."""


@pytest.mark.parametrize(
    ("line", "most", "unloaded"),
    [
        ("--version", 175, HEAVY | UNASKED | {"visualsearch_cli.cli.commands.query"}),
        ("--help", 440, HEAVY | {"cv2"}),
        ("query Photos/coffee.jpg", 248, MODELS | UNASKED | {"hashlib", "_hashlib", "logging"}),
        ("query x.jpg --no-verify", 310, UNASKED | RARE_FORMATS),
        ("query x.jpg", 440, (UNASKED - LOOKED_FOR_WITH) | RARE_FORMATS),
        (
            "index Photos",
            320,
            {"onnxruntime", "cv2", "rich.console", "numpy.ma", "concurrent.futures"} | RARE_FORMATS,
        ),
        ("dupes", 480, {"onnxruntime", "hnswlib", "numpy.ma"}),
    ],
)
def test_a_command_loads_what_it_needs(
    run: Program, chosen: Path, line: str, most: int, unloaded: set[str]
) -> None:
    """What each takes is measured by `make bench-start`. A module takes half a millisecond, some take 20.

    `most` is a tenth more than were loaded when this was written, without those of numpy: if you need
    more, see with `python -X importtime -m visualsearch_cli …` what they take, then raise it.
    """
    copy_of(chosen / "coffee.jpg", run.home / "x.jpg")
    _, loaded = run.modules(*line.split())
    assert not loaded & (NEVER | unloaded)
    assert len({name for name in loaded if not name.startswith("numpy")}) <= most


@pytest.mark.parametrize(
    "change", [lambda image: image.reduce(2), lambda image: image.crop((9, 9, 300, 200))]
)
def test_a_look_at_a_smaller_copy_loads_no_masked_arrays(
    run: Program, chosen: Path, change: Callable[[Image.Image], Image.Image]
) -> None:
    """They take 12 ms: numpy's median and unique load them, where numbers may be masked."""
    with Image.open(chosen / "coffee.jpg") as image:
        change(image).save(run.home / "x.jpg", quality=90)
    result, loaded = run.modules("query", "x.jpg", "--json")
    (asked,) = result.json["results"]
    assert asked["neighbors"][0]["verdict"] in ("same", "edited")
    assert "cv2" in loaded and "numpy.ma" not in loaded


@pytest.mark.parametrize(
    ("line", "most"), [("--version", 0), ("query Photos/coffee.jpg", 20), ("query x.jpg --no-verify", 20)]
)
def test_a_query_defines_few_dataclasses(run: Program, chosen: Path, line: str, most: int) -> None:
    """Each takes a third of a millisecond on Python 3.11, a named tuple a fifth of that."""
    copy_of(chosen / "coffee.jpg", run.home / "x.jpg")
    _, loaded = run.modules(*line.split())
    defined = {
        f"{name}.{defined.__name__}"
        for name in loaded
        if name.startswith("visualsearch_cli")
        for defined in vars(import_module(name)).values()
        if isinstance(defined, type) and is_dataclass(defined) and defined.__module__ == name
    }
    assert len(defined) <= most, sorted(defined)


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
