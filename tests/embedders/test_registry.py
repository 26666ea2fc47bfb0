from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from visualsearch_cli.calibration.known import calibration
from visualsearch_cli.embedders import registry
from visualsearch_cli.embedders.registry import CLIP, ModelRequest, available, identity, resolve
from visualsearch_cli.embedders.specs import BUILT_IN
from visualsearch_cli.embedders.weights import weights_id
from visualsearch_cli.errors import ModelUnavailable


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_models(name: str) -> None:
    request = ModelRequest(name)
    spec = registry.load(request).spec
    assert spec.name == name
    assert identity(request).matches(spec)
    assert not identity(request).matches(spec._replace(preprocessing="other/1"))
    levels = calibration(spec)
    assert levels is not None, "new weights: run `make calibrate-embedders`"
    assert levels.regions is not None and levels.copies is not None
    assert calibration(spec._replace(weights="sha256:others")) is None


def test_the_alias() -> None:
    request = ModelRequest("clip", device="cpu")
    assert resolve(request) == ModelRequest(CLIP, device="cpu")
    assert identity(request).weights == f"hub:{CLIP.partition('/')[2]}"


def test_identity_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(b"abc")
    first = identity(ModelRequest("open_clip:ViT-B-32", path)).weights
    assert first == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    path.write_bytes(b"abcd")
    assert weights_id(path) != first


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (ModelRequest("bundeld"), "did you mean bundled"),
        (
            ModelRequest("resnet"),
            r"pass bundled, .*clip, onnx, sscd, adapted, timm:MODEL.TAG or open_clip:MODEL/TAG",
        ),
        (ModelRequest("open_clip:"), "there is no model"),
        (ModelRequest("open_clip:ViT-B-32"), "/TAG, or --weights FILE"),
        (ModelRequest("timm:resnet18"), r"pass timm:resnet18\.TAG"),
        (ModelRequest("sscd"), "pass --weights FILE"),
        (ModelRequest("sscd", Path("gone.pt")), r"gone\.pt \(No such file"),
        (ModelRequest("bundled", Path("a.pt")), r"to use a\.pt, name the architecture"),
        (ModelRequest("open_clip:ViT-B-32", Path("gone.pt")), r"gone\.pt \(No such file"),
        (ModelRequest("open_clip:ViT-B-32", Path()), "cannot read the weights"),
    ],
)
def test_refusals(request_: ModelRequest, words: str) -> None:
    with pytest.raises(ModelUnavailable, match=words) as caught:
        identity(request_)
    assert "\n" not in str(caught.value)


def test_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "visualsearch_cli.embedders.torched.openclip", None)
    with pytest.raises(ModelUnavailable, match=r"pip install 'visualsearch-cli\[clip\]'"):
        registry.load(ModelRequest("clip"))
    monkeypatch.setattr(registry, "find_spec", lambda _: None)
    states = {info.name: info.weights for info in available()}
    assert states["clip"] == "needs pip install 'visualsearch-cli[clip]'"


@pytest.mark.slow
def test_available() -> None:
    infos = {info.name: info for info in available()}
    assert list(infos) == [
        "bundled",
        "dct",
        "pixels",
        "histogram",
        "hog",
        "sift",
        "orb",
        "clip",
        "onnx",
        "timm:MODEL.TAG",
        "adapted",
        "sscd",
    ]
    assert [name for name, info in infos.items() if info.is_default] == ["bundled"]
    assert all(infos[name].dim == spec.dim for name, spec in BUILT_IN.items())
    assert infos["clip"].weights.startswith(("downloaded", "not here", "needs"))


@pytest.mark.slow
def test_names_are_cheap() -> None:
    code = (
        "import sys; from visualsearch_cli.embedders.registry import *; "
        "identity(ModelRequest('clip')); identity(ModelRequest('bundled')); available(); "
        "print({'numpy', 'PIL', 'torch', 'open_clip', 'onnxruntime'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
