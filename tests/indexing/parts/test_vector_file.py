"""Files of embeddings: bit-exact round trips, and nothing a stranger's file could do but be refused."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import pickle
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch_cli.atomic import check_output
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.errors import OutputRefused, VisualSearchError
from visualsearch_cli.indexing.parts.vector_file import (
    SCHEMA,
    VECTORS,
    VectorFile,
    VectorFileError,
    VectorRecord,
    write_jsonl,
    write_npz,
)

MODEL = ModelSpec("toy", "sha256:" + "0" * 64, "toy/1", 8)
ROOT = os.path.abspath(os.sep + "photos")


def record(seed: int = 0, name: str = "a.jpg", **changes: Any) -> VectorRecord:
    rng = np.random.default_rng(seed)
    vector = rng.standard_normal(MODEL.dim)
    vector = (vector / np.linalg.norm(vector)).astype(np.float32)
    path = os.path.join(ROOT, name)
    made = VectorRecord(path, ROOT, 2**40 + 1, 2**62 + 1, rng.bytes(32).hex(), 640, 480, "JPEG", vector)
    return dataclasses.replace(made, **changes)


def write(path: Path, records: list[VectorRecord], model: ModelSpec = MODEL) -> Path:
    """Write a file of the kind its name tells."""
    if path.suffix == ".npz":
        write_npz(path, model, records)
    else:
        with path.open("w", encoding="utf-8") as stream:
            write_jsonl(stream, model, records)
    return path


def read_vectors(path: Path) -> tuple[ModelSpec, list[VectorRecord]]:
    """Read all of a file."""
    file = VectorFile(path)
    return file.model, list(file)


def assert_equal(found: list[VectorRecord], expected: list[VectorRecord]) -> None:
    """Compare records; vectors bit by bit."""

    def plain(record: VectorRecord) -> dict[str, object]:
        values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
        return {**values, "vector": (record.vector.dtype.str, record.vector.tobytes())}

    assert [plain(record) for record in found] == [plain(record) for record in expected]


kinds = pytest.mark.parametrize("kind", ["npz", "jsonl"])


@kinds
def test_what_was_written_is_read_bit_for_bit(kind: str, tmp_path: Path) -> None:
    records = [record(seed, f"{seed}.jpg") for seed in range(50)]
    assert read_vectors(write(tmp_path / f"v.{kind}", records))[0] == MODEL
    assert_equal(read_vectors(tmp_path / f"v.{kind}")[1], records)


@kinds
@pytest.mark.parametrize(
    "name",
    ["new\nline.jpg", "\udcff\udc80.jpg", 'it\'s "x".jpg', "\u00e9 \U0001f4f7.jpg", " .jpg", "-.jpg"],
    ids=ascii,
)
def test_names_come_back_as_they_were(kind: str, name: str, tmp_path: Path) -> None:
    records = [record(0, name), record(1, "much longer than the other.jpg")]
    _, found = read_vectors(write(tmp_path / f"v.{kind}", records))
    assert [os.fsencode(item.path) for item in found] == [os.fsencode(item.path) for item in records]


float32s = st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-1, max_value=1)


@pytest.mark.slow
@settings(max_examples=100)
@given(st.lists(float32s, min_size=7, max_size=7))
def test_jsonl_keeps_every_float32(values: list[float]) -> None:
    vector = np.array([*values, 0], np.float32) / np.float32(4)
    vector[7] = np.sqrt(1 - float(vector.astype(np.float64) @ vector.astype(np.float64)))
    stream = io.StringIO()
    write_jsonl(stream, MODEL, [record(vector=vector)])
    found = np.array(json.loads(stream.getvalue())["embedding"], np.float32)
    assert found.tobytes() == vector.tobytes()


def test_a_line_of_json_explains_itself(tmp_path: Path) -> None:
    line = write(tmp_path / "v.jsonl", [record()]).read_text(encoding="ascii")
    found = json.loads(line)
    assert found["schema"] == SCHEMA == "visualsearch/embeddings/1"
    assert found["model"] == MODEL._asdict()
    assert set(found) == {
        "schema", "model", "path", "root", "size", "mtime_ns", "content_hash", "width", "height", "format",
        "embedding",
    }  # fmt: skip
    assert len(found["embedding"]) == MODEL.dim


def test_the_arrays_of_npz_are_plain(tmp_path: Path) -> None:
    with np.load(write(tmp_path / "v.npz", [record(0), record(1)]), allow_pickle=False) as arrays:
        assert arrays["embeddings"].shape == (2, MODEL.dim)
        assert arrays["embeddings"].dtype == np.float32
        assert arrays["path"].tolist() == [record().path] * 2
        assert json.loads(str(arrays["model"])) == MODEL._asdict()


def test_an_empty_npz_has_no_records(tmp_path: Path) -> None:
    assert read_vectors(write(tmp_path / "v.npz", [])) == (MODEL, [])


def test_what_is_read_at_a_time_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [record(seed, f"{seed}.jpg") for seed in range(10)]
    monkeypatch.setattr("visualsearch_cli.indexing.parts.vector_file.ROWS", 3)
    file = VectorFile(write(tmp_path / "v.npz", records))
    assert_equal(list(file), records)
    assert_equal(list(file), records)
    with np.load(tmp_path / "v.npz") as arrays:
        columns = dict(arrays)
    columns["embeddings"] = np.asfortranarray(columns["embeddings"])  # as another program may keep them
    np.savez_compressed(tmp_path / "w.npz", **columns)
    assert_equal(list(VectorFile(tmp_path / "w.npz")), records)


def test_a_pipe_is_read_as_often_as_a_file() -> None:
    records = [record(seed, f"{seed}.jpg") for seed in range(3)]
    read, written = os.pipe()
    with os.fdopen(written, "w") as stream:
        write_jsonl(stream, MODEL, records)
    with os.fdopen(read, "rb") as stdin:
        file = VectorFile(Path("-"), stdin)
        assert_equal(list(file), records)
        assert_equal(list(file), records)


@pytest.mark.slow
@kinds
def test_memory_does_not_grow_with_a_file(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualsearch_cli.indexing.parts.vector_file.ROWS", 100)

    def peak(count: int) -> int:
        file = VectorFile(write(tmp_path / f"{count}.{kind}", [record(n, f"{n}.jpg") for n in range(count)]))
        tracemalloc.start()
        assert sum(1 for _ in file) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(3_000) < 1.5 * peak(300)


def test_npz_appears_at_once_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "v.npz", [record()])
    before = path.read_bytes()

    def full(stream: io.BufferedWriter, **arrays: object) -> None:
        del arrays
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("visualsearch_cli.indexing.parts.vector_file.np.savez", full)
    with pytest.raises(VisualSearchError, match="No space left on device"):
        write_npz(path, MODEL, [record(1)])
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["v.npz"]


@pytest.mark.slow
@kinds
def test_a_file_of_embeddings_takes_the_place_of_its_like_only(kind: str, tmp_path: Path) -> None:
    for records in ([record()], [record(seed, f"{seed}.jpg") for seed in range(300)]):
        path = write(tmp_path / f"v.{kind}", records)
        check_output(path, VECTORS)
        write_npz(path, MODEL, records)
        assert_equal(read_vectors(path)[1], records)
    with path.open("wb") as stream:  # as another program might
        np.savez(stream, path=np.array(["mine"]), embeddings=np.eye(8), schema=np.array("mine/1"))
    mine = path.read_bytes()
    with pytest.raises(OutputRefused, match="is not a file of embeddings"):
        write_npz(path, MODEL, [])
    assert path.read_bytes() == mine


# What is refused


def refused(path: Path) -> str:
    with pytest.raises(VectorFileError) as caught:
        read_vectors(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def changed_npz(path: Path, changes: dict[str, Any]) -> Path:
    """Write a file with one record, some of its arrays replaced, or left out where None."""
    write(path, [record()])
    with np.load(path) as arrays:
        columns = {**arrays, **changes}
    np.savez(path, **{name: array for name, array in columns.items() if array is not None})
    return path


def changed_jsonl(path: Path, changes: dict[str, Any]) -> Path:
    """Write a file with one record, some of its values replaced, or left out where `...`."""
    write(path, [record()])
    values = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({name: value for name, value in values.items() if value is not ...}))
    return path


class Trap:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, ("trapped",)


@pytest.mark.parametrize("name", ["embeddings", "path", "model", "schema"])
def test_pickled_objects_are_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    trap = np.empty(1, object)
    trap[0] = Trap()
    refused(changed_npz(tmp_path / "v.npz", {name: trap}))
    assert not (tmp_path / "trapped").exists()


def test_a_pickle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.npz").write_bytes(pickle.dumps(Trap()))
    refused(tmp_path / "v.npz")
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        archive.writestr("schema", pickle.dumps(Trap()))
    refused(tmp_path / "v.npz")
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"PK",
        b"PK\x03\x04 not a zip file after all",
        b"garbage",
        b"\xff\xd8\xff\xe0 a photo",
        b"\x00" * 100,
        b"{}",
        b"[]",
        b"3",
        b"null",
        b'{"schema": "visualsearch/query/1"}',
        b'{"schema": "visualsearch/embeddings/2"}',
        b"[" * 100_000,
    ],
    ids=lambda data: ascii(data[:12]),
)
def test_garbage_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(data)
    refused(tmp_path / "v")


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    assert "check the path" in refused(tmp_path / "missing.npz")
    refused(tmp_path)


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.9])
def test_a_file_cut_short_is_refused(where: float, tmp_path: Path) -> None:
    for kind in ("npz", "jsonl"):
        path = write(tmp_path / f"v.{kind}", [record()])
        data = path.read_bytes()
        path.write_bytes(data[: int(where * len(data))])
        refused(path)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = tmp_path_factory.mktemp("sound") / "v.npz"
    data = write(path, [record(0), record(1, "b.jpg")]).read_bytes()
    return path, data


@pytest.mark.slow
@settings(max_examples=100)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=30))
def test_damage_anywhere_is_an_answer_or_our_error(
    sound: tuple[Path, bytes], start: int, damage: bytes
) -> None:
    path, data = sound
    start %= len(data)
    path.write_bytes((data[:start] + damage + data[start + len(damage) :])[: len(data)])
    try:
        _, records = read_vectors(path)
    except VectorFileError:
        return
    assert len(records) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"embeddings": np.ones((1, 7), np.float32) / np.sqrt(7)}, "(7,) values"),
        ({"embeddings": np.full((1, 8), np.nan, np.float32)}, "unit length"),
        ({"embeddings": np.ones((1, 8), np.float32)}, "unit length"),
        ({"embeddings": np.zeros((1, 8), np.float32)}, "unit length"),
        ({"embeddings": np.eye(2, 8, dtype=np.float32)}, ""),
        ({"embeddings": np.float32(1)}, ""),
        ({"embeddings": np.full((1, 8), "x")}, ""),
        ({"embeddings": None}, "embeddings"),
        ({"model": None}, "model"),
        ({"model": np.array("{}")}, ""),
        ({"model": np.array("[]")}, ""),
        ({"model": np.array(json.dumps({**MODEL._asdict(), "dim": "8"}))}, ""),
        ({"schema": np.array("other/1")}, "other/1"),
        ({"path": np.array([7])}, "path is int64 of shape (1,), expected texts"),
        ({"path": np.array(["relative.jpg"])}, "'relative.jpg' is not a path below its root"),
        ({"path": np.array([["a"]])}, ""),
        ({"path": np.array([])}, ""),
        ({"size": np.array(["x"])}, "size is <U1 of shape (1,), expected whole numbers"),
        ({"size": np.array([1.5])}, "size is float64"),
        ({"content_hash": np.array(["ab"])}, "the content hash 'ab', expected 64 hexadecimal digits"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_wrong_arrays_are_refused(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert message in refused(changed_npz(tmp_path / "v.npz", changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"embedding": [1.0] * 7}, "(7,) values"),
        ({"embedding": [[1.0]] * 8}, "line 1: embedding[0] is [1.0], expected a finite number"),
        ({"embedding": [1.0, [2.0]]}, "embedding[1] is [2.0]"),
        ({"embedding": ["x"] * 8}, "embedding[0] is 'x'"),
        ({"embedding": {"x": 1}}, "embedding is {'x': 1}, expected a list"),
        ({"embedding": None}, "embedding is None"),
        ({"embedding": [float("nan")] * 8}, "expected a finite number"),
        ({"embedding": [10**400] * 8}, "expected a finite number"),
        ({"embedding": [1e300] * 8}, "unit length"),
        ({"embedding": [0.5] * 8}, "unit length"),
        ({"embedding": ...}, "line 1: embedding is missing"),
        ({"model": {"name": []}}, "line 1: model.name is [], expected a text"),
        ({"model": {**MODEL._asdict(), "name": ["x"]}}, "model.name"),
        ({"model": {**MODEL._asdict(), "more": 1}}, "model.more is not a field"),
        ({"model": {**MODEL._asdict(), "dim": 0}}, "model.dim is 0"),
        ({"model": "toy"}, "line 1: model is 'toy', expected a JSON object"),
        ({"content_hash": "zz" * 32}, "hexadecimal"),
        ({"content_hash": "ab"}, "content hash"),
        ({"content_hash": 5}, "content_hash is 5, expected a text"),
        ({"path": 0}, "line 1: path is 0, expected a text"),  # os.stat would take it as an open file
        ({"path": None}, "path is None"),
        ({"path": "relative.jpg"}, "not a path below its root"),
        ({"path": os.path.join(ROOT, "..", "outside.jpg")}, "not a path below its root"),
        ({"path": os.path.abspath(os.sep + "elsewhere.jpg")}, "not a path below its root"),
        ({"path": os.path.join(ROOT, "a\0.jpg")}, "not a path below its root"),
        ({"path": ROOT + "2" + os.sep + "a.jpg"}, "not a path below its root"),
        ({"root": "photos"}, "not a path below its root"),
        ({"size": "x"}, "size is 'x', expected a whole number"),
        ({"size": 2**63}, f"size is {2**63}"),
        ({"size": -1}, "size is -1"),
        ({"mtime_ns": 1.5}, "mtime_ns is 1.5"),
        ({"mtime_ns": True}, "mtime_ns is True"),
        ({"width": [1, 2]}, "width is [1, 2]"),
        ({"width": ...}, "width is missing"),
        ({"format": 7}, "format is 7"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_wrong_lines_are_refused(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert message in refused(changed_jsonl(tmp_path / "v.jsonl", changes))


@kinds
def test_a_bug_of_ours_is_no_damage_of_the_file(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / f"v.{kind}", [record()])
    for error in (AttributeError, KeyError, TypeError, ValueError, IndexError):

        def broken(*_: object, error: type[Exception] = error) -> None:
            raise error("planted")

        for place in ("model_of", "_is_below_root"):
            monkeypatch.setattr(f"visualsearch_cli.indexing.parts.vector_file.{place}", broken)
            with pytest.raises(error, match="planted"):
                read_vectors(path)
            monkeypatch.undo()


def test_vectors_of_several_models_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "v.jsonl").open("w") as stream:
        write_jsonl(stream, MODEL, [record(0)])
        write_jsonl(stream, MODEL._replace(preprocessing="toy/2"), [record(1)])
    assert "2 models" in refused(tmp_path / "v.jsonl")
