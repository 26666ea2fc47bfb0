"""Indexes whose vectors are shorter than those of their model, from the start."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.kinds import write_kinds
from visualsearch_cli import library
from visualsearch_cli.embedders.projection import read_projection
from visualsearch_cli.embedders.weights import PROJECTION, projection_in, weights_id
from visualsearch_cli.errors import ModelMismatch, ModelUnavailable, VisualSearchError
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.open import open_reader
from visualsearch_cli.remembered import WEIGHTS, remembered


@pytest.fixture
def kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """40 folders of some pictures each, and a user who named no weights yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return write_kinds(tmp_path / "Kinds")


def place(kinds: Path) -> Path:
    return kinds / ".visualsearch"


def shorter(kinds: Path, **options: object) -> library.Index:
    return library.open_index(kinds, create=True, model="pixels", dim=16, **options)  # type: ignore[arg-type]


@pytest.mark.slow
def test_pictures_are_embedded_and_projected(kinds: Path) -> None:
    picture = kinds / "kind-03" / "0.png"
    with shorter(kinds) as index:
        assert index.model == "adapted"
        index.add(kinds)
        found = index.single_lookup(picture, k=3).matches
    header, projection = read_projection(place(kinds) / PROJECTION)
    assert (header.base.name, header.dim, header.learned["whitened"]) == ("pixels", 16, False)
    with library.open_index(kinds) as again:  # by the file in its folder: nobody named one
        vector = projection(library.embed([picture, found[0].image.path], model="pixels").vectors)
        assert vector.shape == (2, 16)
        assert again.query_vector(vector[0], k=1).matches[0].distance < 1e-6
    assert found[0].distance == pytest.approx(1 - float(vector[0] @ vector[1]), abs=1e-5)
    assert weights_id(place(kinds) / PROJECTION) not in remembered(WEIGHTS)


@pytest.mark.slow
def test_an_index_keeps_its_length(kinds: Path) -> None:
    with shorter(kinds, whiten=True) as index:
        index.add(kinds / "kind-00")
    before = (place(kinds) / PROJECTION).read_bytes()
    with shorter(kinds, whiten=True) as index:
        index.add(kinds / "kind-01")
    assert (place(kinds) / PROJECTION).read_bytes() == before
    with pytest.raises(ModelMismatch, match="has vectors of 16 values, and --dim asks for 8"):
        library.open_index(kinds, dim=8)
    with pytest.raises(ModelMismatch, match="were whitened: add --whiten"):
        shorter(kinds)
    with pytest.raises(ModelMismatch, match=r"made of those of pixels .*, not of hog"):
        library.open_index(kinds, model="hog", dim=16, whiten=True)


@pytest.mark.slow
def test_what_makes_no_shorter_index(kinds: Path, tmp_path: Path) -> None:
    for problem, options in (
        ("432 values, and --dim asks for 433", {"dim": 433}),
        ("tell at most .* directions, and --dim asks for 300", {"dim": 300}),
        ("has no images", {"dim": 8, "learn_from": tmp_path / "empty"}),
    ):
        (tmp_path / "empty").mkdir(exist_ok=True)
        (tmp_path / "empty" / "a.txt").touch()
        with pytest.raises(VisualSearchError, match=problem):
            library.open_index(kinds, create=True, model="pixels", **options)
        assert not (kinds / ".visualsearch").exists()
    with pytest.raises(ValueError, match="dim is 8, of 2 models"):
        library.open_index(kinds, create=True, model=["pixels", "hog"], dim=8)
    with pytest.raises(ValueError, match="whiten is for dim"):
        library.open_index(kinds, create=True, whiten=True)


@pytest.mark.slow
def test_the_axes_are_learned_from_some_of_many(kinds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualsearch_cli.learning.shortening.LEARNED_FROM", 50)
    with shorter(kinds):
        header, _ = read_projection(place(kinds) / PROJECTION)
    assert header.learned["pictures"] == 64  # four for each value


@pytest.mark.slow
def test_only_a_projection_is_taken_from_the_folder_of_an_index(kinds: Path, tmp_path: Path) -> None:
    with shorter(kinds) as index:
        index.add(kinds / "kind-00")
    file = place(kinds) / PROJECTION
    with open_reader(IndexFolder(place(kinds))) as catalog:
        manifest = catalog.manifest()
    assert projection_in(place(kinds), manifest.model.weights) == file
    assert projection_in(place(kinds), "sha256:0") is None
    assert ModelChoice().of_index(manifest, place(kinds)).request.weights == file
    program = manifest._replace(model=manifest.model._replace(name="sscd"))  # as somebody else may write it
    assert ModelChoice().of_index(program, place(kinds)).request.weights is None
    own = tmp_path / "own.model"
    file.rename(own)
    file.symlink_to(own)
    with library.open_index(kinds) as index, pytest.raises(ModelUnavailable, match="pass --weights FILE"):
        index.single_lookup(_new(tmp_path))
    file.unlink()
    file.write_bytes(own.read_bytes()[:-4] + np.float32(1).tobytes())
    with library.open_index(kinds) as index, pytest.raises(ModelUnavailable, match="pass --weights FILE"):
        index.single_lookup(_new(tmp_path))
    with library.open_index(kinds, weights=own) as index:
        assert index.single_lookup(_new(tmp_path), k=1).matches


def _new(folder: Path) -> Path:
    from PIL import Image

    Image.new("RGB", (32, 24), (200, 30, 10)).save(folder / "new.png")
    return folder / "new.png"
