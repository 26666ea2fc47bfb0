from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contracts.embedder import EmbedderContract, embed
from tests.contracts.text_tower import TextTowerContract
from tests.helpers.images import scene
from tests.helpers.tiny_clip import TINY, write_tiny
from visualsearch_cli.embedders.embedder import Embedder, TextTower
from visualsearch_cli.embedders.registry import CLIP, CLIP_LOCATION, ModelRequest, identity, load, load_text
from visualsearch_cli.embedders.weights import cached_file
from visualsearch_cli.errors import ModelUnavailable

pytestmark = [
    pytest.mark.xdist_group("torch"),  # so that one process loads it, which takes seconds and memory
    pytest.mark.slow,
    pytest.mark.usefixtures("open_clip"),
]

CANONICAL = [-0.2773, -0.3856, -0.2847, 0.1371]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, torch: Any, open_clip: Any) -> Any:
    """A whole model of open_clip with random weights, and its files beside it."""
    assert torch and open_clip
    return write_tiny(tmp_path_factory.mktemp("tiny"))


def load_tiny(path: Path) -> Embedder:
    return load(ModelRequest(f"open_clip:{TINY}", path, device="cpu"))


class TestOpenClipEmbedder(EmbedderContract):
    @pytest.fixture(params=["weights.safetensors", "weights.pt", "epoch_3.pt"])
    def embedder(self, request: pytest.FixtureRequest, tiny: Any) -> Embedder:
        return load_tiny(tiny.folder / request.param)

    def test_equals_open_clip_itself(self, embedder: Embedder, tiny: Any, torch: Any, open_clip: Any) -> None:
        images = [scene(48, 48, phase) for phase in (0.0, 0.5)]  # nothing to resize
        mean, std = (
            torch.tensor(values)[:, None, None]
            for values in (open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD)
        )
        x = torch.stack([torch.tensor(image).permute(2, 0, 1) / 255 for image in images])
        with torch.no_grad():
            expected = tiny.encode_image((x - mean) / std, normalize=True).numpy()
        np.testing.assert_allclose(embed(embedder, *images), expected, atol=1e-5)

    def test_spec(self, embedder: Embedder) -> None:
        assert embedder.spec.name == f"open_clip:{TINY}"
        assert embedder.spec.weights.startswith("sha256:")
        assert embedder.spec.dim == 16
        assert embedder.input_side == 48


class TestOpenClipText(TextTowerContract):
    @pytest.fixture(params=["weights.safetensors", "weights.pt", "epoch_3.pt"])
    def tower(self, request: pytest.FixtureRequest, tiny: Any) -> TextTower:
        path = tiny.folder / request.param
        return load_text(ModelRequest(f"open_clip:{TINY}", path, device="cpu"))

    def test_equals_open_clip_itself(self, tower: TextTower, tiny: Any, torch: Any, open_clip: Any) -> None:
        texts = ["a dog on a beach", "two cups of coffee", ""]
        with torch.no_grad():
            tokens = open_clip.get_tokenizer(TINY)(texts)
            expected = tiny.encode_text(tokens, normalize=True).numpy()
        np.testing.assert_allclose(tower.embed_texts(texts), expected, atol=1e-5)

    def test_values_that_stay(self, tower: TextTower) -> None:
        """Of the random weights of seed 0, by torch and open_clip as they were when this was written."""
        (vector,) = tower.embed_texts(["a dog on a beach"])
        np.testing.assert_allclose(vector[:4], CANONICAL, atol=2e-3)

    def test_a_text_is_tokenized_once(self, tower: TextTower, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[list[str]] = []
        tokenizer = tower._tokenizer  # type: ignore[attr-defined]

        def counted(texts: list[str]) -> Any:
            asked.append(texts)
            return tokenizer(texts)

        monkeypatch.setattr(tower, "_tokenizer", counted)
        first = tower.embed_texts(["red", "blue", "red"])
        again = tower.embed_texts(["blue", "red"])
        assert asked == [["red"], ["blue"]]
        np.testing.assert_array_equal(first[0], first[2])
        np.testing.assert_allclose(again, first[[1, 0]], atol=1e-6)


def test_weights_without_a_text_tower(tmp_path: Path, tiny: Any) -> None:
    from safetensors.torch import save_file

    tower = {name: tensor for name, tensor in tiny.state_dict().items() if name.startswith("visual.")}
    save_file(tower, tmp_path / "images-only")
    asked = ModelRequest(f"open_clip:{TINY}", tmp_path / "images-only")
    assert identity(asked).name == f"open_clip:{TINY}"
    load(asked)
    with pytest.raises(ModelUnavailable, match=rf"images-only does not fit .* {TINY} .*tensors are missing"):
        load_text(asked)


def test_a_text_tower_of_transformers_is_named(tiny: Any) -> None:
    with pytest.raises(ModelUnavailable, match=r"the text tower of .* is one of the package transformers"):
        load_text(ModelRequest("open_clip:roberta-ViT-B-32", tiny.folder / "weights.pt"))


def test_the_identity_is_known_before_loading(tiny: Any) -> None:
    path = tiny.folder / "weights.pt"
    asked = identity(ModelRequest(f"open_clip:{TINY}", path))
    assert asked.matches(load_tiny(path).spec)
    assert not asked.matches(load_tiny(tiny.folder / "weights.safetensors").spec)


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_checkpoint_does_not_run(tmp_path: Path, tiny: Any, torch: Any, zipped: bool) -> None:
    assert tiny
    marker, path = tmp_path / "marker", tmp_path / "bomb.pt"
    if zipped:
        torch.save({"state_dict": Bomb(marker)}, path)
    else:
        path.write_bytes(pickle.dumps({"state_dict": Bomb(marker)}, protocol=2))
    with pytest.raises(ModelUnavailable, match=r"bomb\.pt .* refused because they can run code"):
        load_tiny(path)
    assert not marker.exists()


def broken_files(folder: Path, model: Any, torch: Any) -> dict[str, Path]:
    """Files that are no weights of the tiny model."""
    whole = (model.folder / "weights.safetensors").read_bytes()
    zipped = (model.folder / "weights.pt").read_bytes()
    files = {
        "empty.pt": b"",
        "text.pt": b"these are no weights",
        "cut.safetensors": whole[: len(whole) // 2],
        "cut.pt": zipped[: len(zipped) // 2],
        "header.safetensors": b"\xff" * 8 + b"{" + b"\xff" * 100,
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    torch.save([1, 2, 3], folder / "list.pt")
    torch.save({"epoch": 3}, folder / "nothing.pt")
    return {path.name: path for path in folder.iterdir()}


def test_files_that_are_no_weights(tmp_path: Path, tiny: Any, torch: Any) -> None:
    files = broken_files(tmp_path, tiny, torch)
    assert len(files) == 7
    for name, path in files.items():
        with pytest.raises(ModelUnavailable) as caught:
            load_tiny(path)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


def test_missing_file(tiny: Any) -> None:
    with pytest.raises(ModelUnavailable, match=r"gone\.pt \(No such file.*pass --weights FILE"):
        load_tiny(tiny.folder / "gone.pt")


def test_weights_of_another_architecture(tmp_path: Path, tiny: Any, torch: Any) -> None:
    from safetensors.torch import save_file

    state = tiny.state_dict()
    save_file({**state, "visual.conv1.weight": torch.zeros(2, 3, 4, 4)}, tmp_path / "shape")
    save_file({**state, "visual.extra": torch.zeros(1)}, tmp_path / "extra")
    save_file({"visual.proj": state["visual.proj"]}, tmp_path / "missing")
    save_file({"text_projection": state["text_projection"]}, tmp_path / "text")
    for name, words in {
        "shape": r"has the shape \(2, 3, 4, 4\) instead of \(32, 3, 16, 16\)",
        "extra": "no place in it, such as visual.extra",
        "missing": "tensors are missing",
        "text": "tensors are missing",
    }.items():
        with pytest.raises(ModelUnavailable, match=rf"does not fit .* {TINY} .*{words}"):
            load_tiny(tmp_path / name)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (ModelRequest("open_clip:ViT-B-23/openai"), "no model 'ViT-B-23' .did you mean .*ViT-B-32"),
        (ModelRequest("open_clip:ViT-B-32/laion"), "no weights 'laion' of .* openai, laion400m_e31"),
        (ModelRequest("open_clip:ViT-B-32/openai", device="tpu"), "no device 'tpu'.* auto or "),
    ],
)
def test_unknown_names(request_: ModelRequest, words: str) -> None:
    with pytest.raises(ModelUnavailable, match=words):
        load(request_)


def test_weights_of_the_hub_while_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelUnavailable, match=rf"{CLIP} are not on this machine, .* --weights FILE"):
        load(ModelRequest("clip"))


def test_what_clip_stands_for(open_clip: Any) -> None:
    model, tag = CLIP.removeprefix("open_clip:").split("/")
    assert open_clip.get_pretrained_cfg(model, tag)["hf_hub"] == CLIP_LOCATION
    assert open_clip.get_model_config(model)["embed_dim"] == 512


@pytest.mark.weights
def test_the_weights_of_clip() -> None:
    if cached_file(CLIP_LOCATION) is None:
        pytest.skip(f"the weights of {CLIP} are not in the cache of huggingface_hub")
    embedder = load(ModelRequest("clip", device="cpu"))
    assert identity(ModelRequest("clip")).matches(embedder.spec)
    picture, smaller, other = embed(embedder, scene(400, 300), scene(200, 150), scene(400, 300, phase=1.0))
    assert picture @ smaller > 0.97
    assert picture @ smaller > picture @ other
