"""Networks of timm with weights by chance, as files of it are saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contracts.embedder import EmbedderContract, embed
from tests.helpers.images import scene
from tests.helpers.networks import write_network
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, identity, load
from visualsearch_cli.embedders.specs import TIMM_PREPROCESSING
from visualsearch_cli.errors import ModelUnavailable

pytestmark = [
    pytest.mark.xdist_group("torch"),  # so that one process loads it, which takes seconds and memory
    pytest.mark.slow,
    pytest.mark.usefixtures("torch"),
]

NAME = "mobilenetv3_small_050"  # the smallest of the known ones


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory, torch: Any) -> Path:
    """Return weights by chance of the whole network, its last layer among them."""
    timm = pytest.importorskip("timm", reason="needs the extra 'timm'")
    safetensors = pytest.importorskip("safetensors.torch", reason="needs the extra 'timm'")
    torch.manual_seed(0)
    path: Path = tmp_path_factory.mktemp("timm") / "model.safetensors"
    safetensors.save_file(timm.create_model(NAME, pretrained=False).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def loaded(weights: Path) -> Embedder:
    return load(ModelRequest(f"timm:{NAME}", weights, device="cpu"))


class TestTimmEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, loaded: Embedder) -> Embedder:
        return loaded

    def test_the_same_picture_at_another_size_is_nearer_than_another(self, embedder: Embedder) -> None:
        picture, smaller, other = embed(
            embedder, scene(320, 240), scene(200, 150), scene(320, 240, phase=1.0)
        )
        assert picture @ smaller > picture @ other

    def test_equals_the_network_itself(self, embedder: Embedder, weights: Path, torch: Any) -> None:
        import timm

        side = embedder.input_side
        image = scene(side, side)  # nothing to resize
        network: Any = timm.create_model(NAME, checkpoint_path=str(weights)).eval()
        config = network.pretrained_cfg
        mean, std = (torch.tensor(config[key])[:, None, None] for key in ("mean", "std"))
        x = (torch.tensor(image).permute(2, 0, 1) / 255 - mean) / std
        with torch.no_grad():
            features = network.forward_head(network.forward_features(x[None]), pre_logits=True)
            expected = torch.nn.functional.normalize(features).numpy()
        np.testing.assert_allclose(embed(embedder, image), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("architecture", "dim", "options"),
    [
        ("resnet18", 512, {}),
        ("efficientnet_b0", 1280, {}),
        ("inception_v3", 2048, {"aux_logits": True}),  # as torchvision trained it, whose weights are timm's
        ("vgg11", 4096, {}),
    ],
)
def test_each_family_of_networks_makes_vectors(
    architecture: str, dim: int, options: dict[str, bool], tmp_path: Path
) -> None:
    timm = pytest.importorskip("timm", reason="needs the extra 'timm'")
    file = write_network(architecture, tmp_path / "weights.pt", **options)
    embedder = load(ModelRequest(f"timm:{architecture}", file, device="cpu"))
    size = timm.get_pretrained_cfg(architecture).input_size
    assert (embedder.spec.dim, embedder.input_side) == (dim, max(size))
    picture, smaller, other = embed(embedder, scene(320, 240), scene(200, 150), scene(320, 240, phase=1.0))
    np.testing.assert_allclose([np.linalg.norm(each) for each in (picture, smaller, other)], 1, atol=1e-5)
    assert picture @ smaller > picture @ other


def test_identity(loaded: Embedder, weights: Path) -> None:
    assert identity(ModelRequest(f"timm:{NAME}", weights)).matches(loaded.spec)
    found = identity(ModelRequest("timm:resnet50.a1_in1k"))
    assert (found.weights, found.preprocessing) == ("hub:a1_in1k", TIMM_PREPROCESSING)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("timm:mobilenetv3_smal_050", "did you mean mobilenetv3_small_050"),
        ("timm:resnet18", "does not fit the architecture resnet18 .*pass --model timm:MODEL"),
    ],
)
def test_refusals(name: str, words: str, weights: Path) -> None:
    with pytest.raises(ModelUnavailable, match=words):
        load(ModelRequest(name, weights, device="cpu"))


def test_weights_that_nobody_knows() -> None:
    with pytest.raises(ModelUnavailable, match="timm knows no weights 'none_such' of resnet18"):
        load(ModelRequest("timm:resnet18.none_such", device="cpu"))
