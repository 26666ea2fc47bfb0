"""What a user types for a store, and what of it reaches the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from visualsearch_cli.index.records import Circle, Filter
from visualsearch_cli.store.address import Address, parsed_address
from visualsearch_cli.store.engine_rows import bytes_of, expression_of, text_of
from visualsearch_cli.store.mounted import MountedRoots


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("milvus:/x/y.db", Address("/x/y.db", True)),
        ("milvus:http://host:19530/", Address("http://host:19530", False)),
        ("milvus:https://host?collection=a_1", Address("https://host", False, "a_1")),
        ("milvus:/x.db?index=hnsw&ef=99", Address("/x.db", True, index_type="HNSW", ef=99)),
    ],
)
def test_addresses_are_taken_apart(text: str, address: Address) -> None:
    assert parsed_address(text) == address
    assert parsed_address(address.text)[:3] == address[:3]


def test_a_file_is_named_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parsed_address("milvus:x.db").uri == str(tmp_path / "x.db")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x.db",
        "milvus:",
        "milvus:x.txt",
        "milvus:ftp://host",
        "milvus:http://",
        "milvus:http://me:secret@host",
        "milvus:x.db?collection=a-b",
        "milvus:x.db?collection=",
        "milvus:x.db?index=ANNOY",
        "milvus:x.db?ef=0",
        "milvus:x.db?ef=many",
        "milvus:x.db?other=1",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"store|http|password|\.db|collection|index|ef|known"):
        parsed_address(text)


@pytest.mark.parametrize(
    ("index_type", "params"), [("FLAT", {}), ("HNSW", {"ef": 7}), ("DISKANN", {"search_list": 7})]
)
def test_candidates_are_told_to_those_that_have_any(index_type: str, params: dict[str, int]) -> None:
    assert parsed_address(f"milvus:x.db?index={index_type}&ef=7").params == params


@pytest.mark.parametrize("raw", [b"a/b.jpg", "ü\n\\x41".encode(), b"\xff\\xff\\\\", bytes(range(1, 256))])
def test_paths_are_texts_that_give_them_back(raw: bytes) -> None:
    text = text_of(raw)
    assert text.encode("utf-8") and bytes_of(text) == raw


def test_no_text_of_others_reaches_an_expression() -> None:
    assert expression_of(Filter(cameras=('x" or 1 == 1',))) == ""
    assert expression_of(Filter(cameras=("100%",))) == ""
    assert (
        expression_of(Filter(cameras=("eos 5d",), min_width=7)) == 'width >= 7 and (camera like "%eos 5d%")'
    )
    assert expression_of(Filter(labels=("x",), larger_than=5)) == ""
    near = expression_of(Filter(near=Circle(10.0, 20.0, 111.0)))
    assert near == "latitude >= 8.990000 and latitude <= 11.010000"


def test_roots_have_two_names() -> None:
    mounts = MountedRoots([("/mnt/a", "/home/me/a"), ("/mnt/a/b", "/b")])
    for theirs, ours in (("/mnt/a/x", "/home/me/a/x"), ("/mnt/a/b/x", "/b/x"), ("/mnt/abc", "/mnt/abc")):
        assert mounts.here(theirs) == ours
        assert mounts.there(ours) == theirs
