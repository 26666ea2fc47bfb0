"""Search by words, through the true open_clip path with small random weights, and how it is typed."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from tests.helpers.images import scene
from tests.helpers.tiny_clip import TINY, write_tiny
from visualsearch_cli.cli.commands.search import _wishes
from visualsearch_cli.cli.narrowing import spelled_out
from visualsearch_cli.cli.program import program

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        (["beach", "-people"], ["beach", "--without=people"]),
        (
            ["beach", "-two people", "-k", "5", "-k5", "-q"],
            ["beach", "--without=two people", "-k", "5", "-k5", "-q"],
        ),
        (["--", "-people"], ["--", "-people"]),
        (["--without", "x", "--diverse"], ["--without", "x", "--diverse=0.5"]),
        (["--diverse", "0.2", "--diverse", "beach"], ["--diverse", "0.2", "--diverse=0.5", "beach"]),
        (["-"], ["-"]),
    ],
)
def test_what_is_typed(typed: list[str], parsed: list[str]) -> None:
    assert spelled_out("search", typed) == parsed


def test_a_query_has_no_words() -> None:
    assert spelled_out("query", ["x.jpg", "-kx", "--diverse"]) == ["x.jpg", "-kx", "--diverse=0.5"]


def test_words_on_stdin_are_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    def said(data: bytes) -> list[tuple[str, ...]]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return [tuple(wish.words) for wish in _wishes(["-"], [], [], has_images=False)]

    assert said("a café\n\n two cups \n".encode()) == [("a café",), ("two cups",)]
    for data in (b"\xff\xfe\n", "a dog\na café\n".encode("latin-1")):
        with pytest.raises(typer.BadParameter, match="is not UTF-8"):
            said(data)


pytestmark = pytest.mark.xdist_group("torch")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A model of open_clip with random weights."""
    pytest.importorskip("torch", reason="needs the extra 'clip'")
    pytest.importorskip("open_clip", reason="needs the extra 'clip'")
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve pictures, one of them also as a copy, and one saved again."""
    folder = tmp_path_factory.mktemp("album")
    for number in range(12):
        Image.fromarray(scene(96, 64, number / 2)).save(folder / f"{number:02}.png")
    (folder / "00 copy.png").write_bytes((folder / "00.png").read_bytes())
    Image.fromarray(scene(96, 64, 0.0)).save(folder / "00.jpg", quality=97)
    return folder


@pytest.fixture
def run(tiny: Any, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program, in this process, and an index made with the tiny model."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("VISUALSEARCH_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments: str | Path, code: int = 0, stdin: str | None = None) -> Any:
        result = CliRunner().invoke(program(), [str(argument) for argument in arguments], input=stdin)
        assert result.exit_code == code, result.output
        return result

    weights = ["--weights", tiny.folder / "weights.safetensors", "--device", "cpu"]
    invoke("index", album, "--model", f"open_clip:{TINY}", *weights)
    return invoke


def distances(tiny: Any, text: list[str], album: Path) -> dict[str, float]:
    """What open_clip itself says of each picture: the cosine distance to the sum of some words."""
    import open_clip
    import torch

    mean, std = (
        torch.tensor(values)[:, None, None]
        for values in (open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD)
    )
    found = {}
    with torch.no_grad():
        words = tiny.encode_text(open_clip.get_tokenizer(TINY)(text), normalize=True).sum(dim=0)
        words /= words.norm()
        for path in sorted(album.iterdir()):
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB").resize((48, 48), Image.Resampling.BICUBIC))
            x = torch.tensor(pixels).permute(2, 0, 1)[None] / 255
            found[path.name] = float(1 - tiny.encode_image((x - mean) / std, normalize=True)[0] @ words)
    return found


@pytest.mark.slow
def test_words_find_what_open_clip_says(run: Run, tiny: Any, album: Path) -> None:
    answer = json.loads(
        run("search", "a dog on a beach", "at night", "-k", 20, "--no-distinct", "--json").stdout
    )
    assert (answer["schema"], answer["model"]) == ("visualsearch/search/1", f"open_clip:{TINY}")
    (result,) = answer["results"]
    assert (result["query"], result["error"]) == ("a dog on a beach at night", None)
    expected = distances(tiny, ["a dog on a beach", "at night"], album)
    found = {Path(row["path"]).name: row["distance"] for row in result["neighbors"]}
    assert found.keys() == expected.keys()
    assert all(abs(found[name] - expected[name]) < 1e-4 for name in expected)
    assert [row["distance"] for row in result["neighbors"]] == sorted(found.values())
    first = result["neighbors"][0]
    assert (first["verdict"], first["stranger"], first["looked_at"], first["copies"]) == (
        None,
        False,
        False,
        [],
    )


@pytest.mark.slow
def test_copies_are_one_row(run: Run, album: Path) -> None:
    answer = json.loads(run("search", "a dog", "-k", 20, "--json").stdout)
    rows = [[row["path"], *row["copies"]] for row in answer["results"][0]["neighbors"]]
    assert sorted(path for row in rows for path in row) == sorted(map(str, album.iterdir()))
    (row,) = [row for row in rows if str(album / "00.png") in row]
    assert str(album / "00 copy.png") in row
    assert len(rows) < 13 <= sum(map(len, rows))
    table = run("search", "a dog", "-k", 20).stdout.splitlines()
    assert table[0] == "a dog"
    assert table[1].split() == ["distance", "pixels", "size", "copies", "path"]
    assert any(f"+{len(row) - 1}" in line.split() for line in table)


@pytest.mark.slow
def test_words_are_taken_away_and_pictures_added(run: Run, album: Path) -> None:
    plain = run("search", "a dog", "--format", "paths", "-k", 3).stdout
    less = json.loads(run("search", "a dog", "-two cups", "--json").stdout)["results"][0]
    assert less["query"] == "a dog −two cups"
    same = json.loads(run("search", "a dog", "--without", "two cups", "--json").stdout)["results"][0]
    assert same == less
    picture = album / "05.png"
    beside = json.loads(run("search", "a dog", "--image", picture, "-k", 20, "--json").stdout)["results"][0]
    assert beside["query"] == f"a dog +{picture}"
    assert str(picture) not in [row["path"] for row in beside["neighbors"]], "it is no answer to itself"
    alone = json.loads(run("search", "--image", picture, "-k", 1, "--json").stdout)["results"][0]
    nearest = json.loads(run("query", picture, "-k", 1, "--no-verify", "--json").stdout)["results"][0]
    assert alone["neighbors"][0]["path"] == nearest["neighbors"][0]["path"]
    assert plain.splitlines() != [row["path"] for row in less["neighbors"]][:3]
    run("search", "a dog", "-a dog", code=1)


@pytest.mark.slow
def test_each_line_is_a_search(run: Run) -> None:
    lines = run("search", "-", "-k", 2, "--format", "jsonl", stdin="a dog\n\ntwo cups\n").stdout.splitlines()
    assert [json.loads(line)["query"] for line in lines] == ["a dog", "two cups"]


@pytest.mark.slow
def test_templates_and_limits(run: Run) -> None:
    plain = json.loads(run("search", "dog", "-k", 2, "--json").stdout)["results"][0]["neighbors"]
    templates = ["--template", "a photo of {}", "--template", "{}"]
    told = json.loads(run("search", "dog", "-k", 2, *templates, "--json").stdout)["results"][0]["neighbors"]
    assert [row["distance"] for row in told] != [row["distance"] for row in plain]
    limit = plain[0]["distance"]
    assert len(run("search", "dog", "--max-distance", limit, "--format", "paths").stdout.splitlines()) == 1
    run("search", "dog", "--max-distance", 0, "--exit-code", code=4)


@pytest.mark.slow
def test_diverse_answers_differ(run: Run) -> None:
    near = run("search", "dog", "-k", 4, "--format", "paths").stdout.splitlines()
    differing = run("search", "dog", "-k", 4, "--format", "paths", "--diverse", "0.1").stdout.splitlines()
    assert near[0] == differing[0] and set(near) != set(differing)
    assert run("search", "dog", "-k", 4, "--format", "paths", "--diverse", "1").stdout.splitlines() == near


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to look for was given"),
        (["  "], "empty words were given"),
        (["x", "--template", "a photo"], "has no {}"),
        (["x", "--exact", "--hnsw"], "exclude each other"),
        (["x", "--diverse", "2"], "2"),
    ],
)
def test_what_cannot_be_meant(run: Run, arguments: list[str], words: str) -> None:
    assert words in run("search", *arguments, code=2).output
