"""`embed s3://…`: pictures in object storage, which is a local server here."""

from __future__ import annotations

import logging
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.program import Program

pytestmark = pytest.mark.xdist_group("objects")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server for object storage, on this machine alone."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    pytest.importorskip("s3fs")
    moto = pytest.importorskip("moto.server")
    thread = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    thread.start()
    host, port = thread.get_host_and_port()
    yield f"http://{host}:{port}"
    thread.stop()


@pytest.fixture
def client(server: str, run: Program) -> Any:
    """A client that writes, and the program with the same credentials."""
    boto3 = pytest.importorskip("boto3")
    run.env.update(
        AWS_ENDPOINT_URL=server,
        AWS_ACCESS_KEY_ID="somebody",
        AWS_SECRET_ACCESS_KEY="a secret",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_MAX_ATTEMPTS="1",
    )
    names = {"aws_access_key_id": "somebody", "aws_secret_access_key": "a secret"}
    client = boto3.client("s3", endpoint_url=server, region_name="us-east-1", **names)
    yield client
    for bucket in client.list_buckets()["Buckets"]:
        for item in client.list_objects_v2(Bucket=bucket["Name"]).get("Contents", ()):
            client.delete_object(Bucket=bucket["Name"], Key=item["Key"])
        client.delete_bucket(Bucket=bucket["Name"])


@pytest.fixture
def mirror(client: Any, photos: Path) -> Path:
    """~/Photos, with a folder more, and the same in the bucket `photos`, below `all`, with its times."""
    (photos / "ä b").mkdir()
    shutil.copy(photos / "coffee.jpg", photos / "ä b" / "coffee.jpg")
    (photos / "notes.jpg").write_text("no picture")
    (photos / ".hidden.jpg").write_text("nor this")
    (photos / "notes.txt").write_text("nor this")
    client.create_bucket(Bucket="photos")
    files = [path for path in sorted(photos.rglob("*")) if path.is_file()]
    for path in files:
        key = f"all/{path.relative_to(photos).as_posix()}"
        client.put_object(Bucket="photos", Key=key, Body=path.read_bytes())
        time = client.head_object(Bucket="photos", Key=key)["LastModified"].timestamp()
        os.utime(path, (time, time))  # as `aws s3 sync` leaves it
    for key in ("odd//x.jpg", "../x.jpg", "empty/"):
        client.put_object(Bucket="photos", Key=f"all/{key}", Body=b"")
    return photos


def test_objects_are_embedded_as_files_are_and_taken_where_they_are_mounted(
    run: Program, client: Any, mirror: Path
) -> None:
    told = run("embed", "s3://photos/all/", "-o", "objects.npz", code=3).err
    assert "skipped s3://photos/all/notes.jpg" in told and "11 embeddings" in told
    for folder in ("all/odd/", "all/.."):
        assert f"skipped s3://photos/{folder}: has objects with keys that no path can have" in told
    run("embed", mirror, "-o", "files.npz", code=3)
    objects, files = np.load(run.home / "objects.npz"), np.load(run.home / "files.npz")
    for name in ("content_hash", "embeddings", "size", "width", "height", "format"):
        there = dict(zip(objects["path"].tolist(), objects[name].tolist(), strict=True))
        here = dict(zip(files["path"].tolist(), files[name].tolist(), strict=True))
        assert there == {f"s3://photos/all/{Path(p).relative_to(mirror).as_posix()}": here[p] for p in here}
    message = run("index", "--from", "objects.npz", "--index", "idx", code=1).message
    assert "images of s3://photos/all, which is not there" in message and "--map s3://photos/all=" in message
    taken = run("index", "--from", "objects.npz", "--index", "idx", "--map", "s3://photos=.", code=1)
    assert f"{run.home}/all, which is not there" in taken.message
    taken = run(
        "index", "--from", "objects.npz", "--index", "idx", "--map", "s3://photos/all=Photos", "--json"
    )
    assert taken.json["images"] == 11 and taken.json["embedded"] == 0
    (group,) = run("dupes", "--json", "--index", "idx").json["groups"]
    assert group["verdict"] == "identical"
    before = client.list_objects_v2(Bucket="photos")
    assert before["KeyCount"] == 17, "nothing is written there"


@pytest.mark.usefixtures("mirror")
def test_shards_patterns_and_single_objects(run: Program) -> None:
    parts = []
    (run.home / "Photos" / "notes.jpg").unlink()
    for part in (1, 2):
        run("embed", "s3://photos/all", "--shard", f"{part}/2", "-o", f"{part}.npz", code=3)
        parts.append(set(np.load(run.home / f"{part}.npz")["path"].tolist()))
        run("embed", run.home / "Photos", "--shard", f"{part}/2", "-o", f"file{part}.npz")
        names = np.load(run.home / f"file{part}.npz")["path"].tolist()
        assert {Path(name).name for name in names} == {name.rpartition("/")[2] for name in parts[-1]}
    assert len(parts[0] | parts[1]) == 11 and not parts[0] & parts[1]
    run("embed", "s3://photos/all", "--exclude", "ä b/", "--exclude", "*s.jpg", "-o", "few.npz", code=3)
    few = set(np.load(run.home / "few.npz")["path"].tolist())
    assert "s3://photos/all/coffee.jpg" in few and "s3://photos/all/ä b/coffee.jpg" not in few
    run("embed", "s3://photos/all/coffee.jpg", run.home / "Photos" / "rocket.jpg", "-o", "two.npz")
    two = np.load(run.home / "two.npz")
    assert two["path"].tolist() == ["s3://photos/all/coffee.jpg", str(run.home / "Photos" / "rocket.jpg")]
    assert two["root"].tolist() == ["s3://photos/all", str(run.home / "Photos")]


@pytest.mark.usefixtures("mirror")
def test_what_goes_wrong_is_one_sentence(run: Program) -> None:
    def message(address: str, code: int = 1) -> str:
        return run("embed", address, "-o", "x.npz", code=code).message

    assert "s3://nobody/all does not exist: check the bucket" in message("s3://nobody/all")
    assert "s3://photos/gone does not exist" in message("s3://photos/gone")
    assert "s3:// is no s3://BUCKET" in message("s3://", 2)
    secret = message("s3://me:secret@photos/all", 2)
    assert "holds credentials" in secret and "secret@" not in secret
    assert "is a web address" in message("https://example.org/x.jpg", 2)
    assert (
        "names objects, which `embed` and no other command reads"
        in run("index", "s3://photos/all", code=2).message
    )
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        run.env["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert "s3://photos/all cannot be asked for (Could not connect" in message("s3://photos/all")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del run.env[name]
    assert "s3://photos/all needs credentials" in message("s3://photos/all")
    assert not (run.home / "x.npz").exists()
