"""What templates around words find, by true towers with small weights."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.models.templates import HEAD, TEMPLATES, Found, found, row
from benchmarks.places import PROJECT
from tests.helpers.onnx_files import COLORS, write_towers


def test_what_names_find_by_hand() -> None:
    names = np.eye(2, dtype=np.float32)
    angles = np.radians([0, 10, 30, 60, 80])
    pictures = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    its = found(np.repeat(pictures, 4, axis=0), np.repeat([0, 0, 1, 1, 1], 4), names)
    assert its.of_nearest.tolist() == [
        0.8,
        1.0,
    ]  # eight of the one kind are nearest to its name, then two of the other
    assert its.named == pytest.approx(16 / 20)


def test_a_row_says_what_chance_does() -> None:
    bare, its = Found(np.full(6, 0.5), 0.5), Found(np.array([0.6] * 5 + [0.5]), 0.7)
    assert row("a {}", its, bare) == ("a {}", "0.583", "0.700", "5", "0", "0.031")
    assert row("none", bare, bare) == ("none", "0.500", "0.500", "", "", "")


@pytest.fixture
def kinds(tmp_path: Path) -> Path:
    """A folder with noisy pictures for each color, and towers that know the colors' names beside it."""
    pytest.importorskip("tokenizers", reason="needs the extra 'onnx'")
    random = np.random.default_rng(1)
    for name, color in COLORS.items():
        (tmp_path / "kinds" / name).mkdir(parents=True)
        for number in range(10):
            noise = random.integers(-40, 40, (32, 32, 3))
            pixels = np.clip(np.array(color) * 0.8 + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "kinds" / name / f"{number}.png")
    write_towers(tmp_path)
    return tmp_path / "kinds"


def test_towers_are_measured_from_the_command_line(kinds: Path) -> None:
    files = f"{kinds.parent}/image.onnx,{kinds.parent}/text.onnx"
    command = [sys.executable, "-m", "benchmarks.models.templates", str(kinds), "--weights", files]
    done = subprocess.run(
        [*command, "--tokenizer", f"{kinds.parent}/tokenizer.json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    head, _, titles, _, *rows = done.stdout.splitlines()
    assert head == "40 pictures of 4 kinds, by onnx" and titles.split(" | ")[1:3] == list(HEAD[1:3])
    by_name = {line.split(" | ")[0].removeprefix("| "): line.split(" | ")[1:] for line in rows}
    assert list(by_name) == list(TEMPLATES)
    assert by_name["none"][:2] == ["1.000", "1.000"]  # the name of a color is a picture of it


@pytest.mark.xdist_group("torch")
def test_towers_of_open_clip_are_measured(kinds: Path, tmp_path: Path) -> None:
    pytest.importorskip("open_clip", reason="needs the extra 'clip'")
    from benchmarks.models.templates import embedded, measured
    from tests.helpers.tiny_clip import TINY, write_tiny
    from visualsearch_cli.index.model import ModelChoice

    folder: Any = write_tiny(tmp_path).folder
    model = ModelChoice(f"open_clip:{TINY}", folder / "weights.safetensors", "cpu").new()
    table = measured(*embedded(kinds, "", model()), model.text())
    assert [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]] == list(TEMPLATES)
