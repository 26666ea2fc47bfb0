from __future__ import annotations

import time
from pathlib import Path

import pytest

from visualsearch_cli.embedders import weights as hub
from visualsearch_cli.errors import ModelUnavailable

huggingface_hub = pytest.importorskip("huggingface_hub", reason="needs the extra 'clip'")

LOCATION = "someone/some-model/"
NAME = "open_clip:SOME/tag"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, for what the hub's client read from the environment when it was imported."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return tmp_path


def put(cache: Path, name: str) -> Path:
    """Put a file into the cache as a download would."""
    repository = cache / "models--someone--some-model"
    file = repository / "snapshots" / "abc" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"weights")
    (repository / "refs").mkdir(exist_ok=True)
    (repository / "refs" / "main").write_text("abc")
    return file


def test_nothing_cached() -> None:
    assert hub.cached_file(LOCATION) is None


def test_safetensors_come_first(cache: Path) -> None:
    torch_file = put(cache, "open_clip_pytorch_model.bin")
    assert hub.cached_file(LOCATION) == torch_file
    safe = put(cache, "open_clip_model.safetensors")
    assert hub.cached_file(LOCATION) == safe


def test_a_named_file(cache: Path) -> None:
    file = put(cache, "model.safetensors")
    assert hub.cached_file("someone/some-model/model.bin") == file
    assert hub.cached_file("someone/some-model/other.bin") is None


def test_what_is_cached_is_not_fetched(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(cache, "open_clip_model.safetensors")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert hub.fetch(LOCATION, NAME) == file


def test_offline_by_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelUnavailable) as caught:
        hub.fetch(LOCATION, NAME)
    for words in (NAME, "HF_HUB_OFFLINE", "https://huggingface.co/someone/some-model", "--weights"):
        assert words in str(caught.value)


def test_offline_by_fate_is_noticed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing listens on port 9 of this machine.
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    start = time.monotonic()
    with pytest.raises(ModelUnavailable, match="hub cannot be reached"):
        hub.fetch(LOCATION, NAME)
    assert time.monotonic() - start < 5


def test_trouble_while_downloading(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr(hub, "_unreachable", lambda: None)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fail)
    with pytest.raises(ModelUnavailable, match=r"cannot download .* \(Connection reset by peer\)"):
        hub.fetch(LOCATION, NAME)


def test_the_next_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(_: str, name: str) -> str:
        if name.endswith(".safetensors"):
            raise huggingface_hub.errors.EntryNotFoundError("404")
        return name

    monkeypatch.setattr(hub, "_unreachable", lambda: None)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    assert hub.fetch(LOCATION, NAME) == Path("open_clip_pytorch_model.bin")
