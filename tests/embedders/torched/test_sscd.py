"""SSCD's files, on small networks of random weights that are saved as its authors save theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contracts.embedder import EmbedderContract, embed
from tests.helpers.images import scene
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, identity, load
from visualsearch_cli.errors import ModelUnavailable

pytestmark = [
    pytest.mark.xdist_group("torch"),  # so that one process loads it, which takes seconds and memory
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*is deprecated:FutureWarning"),  # the files are what they are
    pytest.mark.usefixtures("torch"),
]

DIM = 24


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, torch: Any) -> Path:
    """Return a TorchScript that pools convolved pictures of any size, as the large networks do."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 16, 5, stride=4),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(16, DIM),
    )
    path = tmp_path_factory.mktemp("sscd") / "tiny.torchscript.pt"
    torch.jit.save(torch.jit.trace(network.eval(), torch.zeros(1, 3, 64, 64)), str(path))
    return path


def load_file(path: Path) -> Embedder:
    return load(ModelRequest("sscd", path, device="cpu"))


class TestSscdEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, tiny: Path) -> Embedder:
        return load_file(tiny)

    def test_equals_the_network_itself(self, embedder: Embedder, tiny: Path, torch: Any) -> None:
        image = scene(320, 320)  # nothing to resize
        mean, std = (
            torch.tensor(values)[:, None, None] for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
        )
        x = (torch.tensor(image).permute(2, 0, 1) / 255 - mean) / std
        with torch.no_grad():
            expected = torch.nn.functional.normalize(torch.jit.load(str(tiny))(x[None])).numpy()
        np.testing.assert_allclose(embed(embedder, image), expected, atol=1e-5)

    def test_spec(self, embedder: Embedder, tiny: Path) -> None:
        assert embedder.spec.name == "sscd"
        assert embedder.spec.dim == DIM
        assert identity(ModelRequest("sscd", tiny)).matches(embedder.spec)


def test_files_that_are_no_such_network(tmp_path: Path, tiny: Path, torch: Any) -> None:
    maps = torch.jit.trace(torch.nn.Conv2d(3, 4, 3), torch.zeros(1, 3, 64, 64))  # no vectors
    torch.jit.save(maps, str(tmp_path / "maps.pt"))
    torch.save({"weight": torch.zeros(3)}, tmp_path / "tensors.pt")
    (tmp_path / "text.pt").write_bytes(b"these are no weights")
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "cut.pt").write_bytes(tiny.read_bytes()[:-2000])
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(ModelUnavailable, match="is not a TorchScript network of SSCD") as caught:
            load_file(path)
        assert path.name in str(caught.value) and "\n" not in str(caught.value)


def test_without_a_file() -> None:
    with pytest.raises(ModelUnavailable, match=r"sscd needs a file of weights: pass --weights FILE"):
        load(ModelRequest("sscd"))
