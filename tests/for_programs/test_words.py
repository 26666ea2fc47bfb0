"""Words from a program, by two small towers of ONNX."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.onnx_files import COLORS, SIDE, write_towers
from tests.helpers.user_folders import give_folders
from visualsearch_cli.library import Index, open_index


@pytest.fixture
def colors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An index of a noisy picture of each color, which knows words."""
    pytest.importorskip("tokenizers", reason="needs the extra 'onnx'")
    give_folders(tmp_path, monkeypatch)
    write_towers(tmp_path)
    folder = tmp_path / "Colors"
    folder.mkdir()
    random = np.random.default_rng(1)
    for name, color in COLORS.items():
        pixels = np.clip(np.array(color) * 0.8 + random.integers(-40, 40, (SIDE, SIDE, 3)), 0, 255)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{name}.png")
    towers, tokenizer = f"{tmp_path}/image.onnx,{tmp_path}/text.onnx", tmp_path / "tokenizer.json"
    with open_index(folder, create=True, model="onnx", weights=towers, tokenizer=tokenizer) as index:
        index.add(folder)
        yield index


@pytest.mark.slow
def test_words_find_pictures(colors: Index, tmp_path: Path) -> None:
    near = colors.search("red", k=4).matches
    assert near[0].image.path.stem == "red" and len(near) == 4
    (mixed,) = colors.search(["red", "blue"], 1, without="green").matches
    assert mixed.image.path.stem in ("red", "blue")
    (beside,) = colors.search("blue", 1, images=tmp_path / "Colors" / "red.png").matches
    assert beside.image.path.stem == "blue", "the picture that is asked with is no answer"


@pytest.mark.slow
def test_one_template_is_no_list_of_letters(colors: Index) -> None:
    plain = [match.distance for match in colors.search("red", k=4).matches]
    told = [match.distance for match in colors.search("red", k=4, templates="night {}").matches]
    assert told == [match.distance for match in colors.search("night red", k=4).matches] != plain
