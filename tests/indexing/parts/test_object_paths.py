"""Addresses of objects, and what stands in their way before anybody is asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.catalog import MODEL
from visualsearch_cli.indexing.parts import object_storage
from visualsearch_cli.indexing.parts.mounts import Mounts, mount_given
from visualsearch_cli.indexing.parts.object_paths import is_plain_object, object_given
from visualsearch_cli.indexing.parts.shards import Shard
from visualsearch_cli.indexing.parts.vector_file import VectorFile, VectorFileError, VectorRecord, write_npz

VECTOR = np.eye(1, MODEL.dim, dtype=np.float32)[0]
RECORD = VectorRecord("s3://photos/a b/x.jpg", "s3://photos", 10, 5 * 10**9, "ab" * 32, 4, 3, "JPEG", VECTOR)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("s3://photos", "s3://photos"),
        ("s3://photos/", "s3://photos"),
        ("s3://photos/2024//", "s3://photos/2024"),
        ("s3://my.photos-1/ä b/x.jpg", "s3://my.photos-1/ä b/x.jpg"),
    ],
)
def test_addresses(typed: str, address: str) -> None:
    assert object_given(typed) == address and is_plain_object(address)


@pytest.mark.parametrize(
    "typed", ["s3://", "s3:///", "s3:///x", "s3://p", "s3://photos//x", "s3://photos/../x", "s3://photos/./x"]
)
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(ValueError, match="is no s3://BUCKET"):
        object_given(typed)


def test_credentials_are_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="holds credentials") as refused:
        object_given("s3://me:secret@photos/x")
    assert "secret@" not in str(refused.value) and "me:" not in str(refused.value)


def test_they_are_mapped_to_where_they_are_here(tmp_path: Path) -> None:
    mounts = Mounts([mount_given(f"s3://photos/={tmp_path}")])
    here = mounts.record(RECORD)
    assert (here.root, here.path) == (str(tmp_path), str(tmp_path / "a b" / "x.jpg"))
    assert not mounts.unused


def test_they_are_in_the_shard_of_the_file() -> None:
    for part in (1, 2, 3):
        shard = Shard(part, 3)
        assert shard.has(RECORD.path, RECORD.root) == shard.has("/photos/a b/x.jpg", "/photos")


def test_records_that_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    write_npz(tmp_path / "sound.npz", MODEL, [RECORD])
    assert [record.path for record in VectorFile(tmp_path / "sound.npz")] == [RECORD.path]
    for path in ("s3://photos/../x.jpg", "s3://photosx/x.jpg", "/photos/x.jpg", "s3://photos//x.jpg"):
        write_npz(tmp_path / "wrong.npz", MODEL, [replace(RECORD, path=path)])
        with pytest.raises(VectorFileError, match="is not a path below its root"):
            list(VectorFile(tmp_path / "wrong.npz"))


def test_without_the_client_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_storage, "find_spec", lambda name: None if name == "s3fs" else object())
    with pytest.raises(
        object_storage.ObjectStorageError, match=r"needs the package s3fs: pip install .*cloud"
    ):
        object_storage.ObjectStorage()
