"""The page to search in finds what `query` finds, shows it, and follows what others write to the index."""

from __future__ import annotations

import html
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.helpers.onnx_files import COLORS, plain, write_towers
from tests.helpers.photographs import copy_of, write_album
from tests.helpers.reports_of_files import report
from tests.helpers.reviewing import Client, served
from tests.helpers.user_folders import give_folders
from visualsearch_cli.library import open_index
from visualsearch_cli.search import opening, plan

pytestmark = pytest.mark.slow  # a server with an index for each


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten photographs, indexed."""
    folder = tmp_path_factory.mktemp("album") / "Photos"
    write_album(folder)
    with open_index(folder, create=True) as index:
        index.add(folder)
    return folder


@pytest.fixture
def client(album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A page to search in a copy of them."""
    give_folders(tmp_path, monkeypatch)
    photos = shutil.copytree(album, tmp_path / "Photos")
    empty = report(index=photos / ".visualsearch")
    with served(empty, photos, tmp_path / "journals", indexes=[photos]) as client:
        yield client


def give(client: Client, data: bytes, kind: str = "application/octet-stream") -> str:
    """Drop a picture onto the page; return where it leads."""
    answer = client.post("/search", data=data, content_type=kind)
    assert answer.status == 303, answer.text
    return answer.headers["location"].removeprefix(client.opened.door.base)


def paths(page: str) -> list[str]:
    return [html.unescape(found).rpartition("/")[2] for found in re.findall(r'<p class="path">([^<]*)', page)]


def test_a_picture_that_is_dropped_is_found(client: Client, tmp_path: Path) -> None:
    small = copy_of(tmp_path / "Photos" / "coffee.jpg", tmp_path / "x.jpg")
    address = give(client, small.read_bytes())
    page = client.get(address).text
    assert paths(page)[0] == "coffee.jpg"
    assert len(paths(page)) == 10
    first = page[page.index('<ol class="hits">') :].partition("</li>")[0]
    assert '<span class="badge same">same</span>' in first
    assert "full frame" in first
    assert re.search(r"</span> 0\.\d{4}\s*</p>", first)  # the distance
    (shown,) = re.findall(r"/r/[0-9a-f]{64}", first)
    assert client.get(shown).headers["content-type"] == "image/webp"
    (given,) = re.findall(r"/u/[0-9a-f]{16}", page)
    assert client.get(given).headers["content-type"] == "image/webp"
    only = client.get(address + "&level=same").text
    assert paths(only) == ["coffee.jpg"]


def test_a_program_gets_json(client: Client, tmp_path: Path) -> None:
    small = copy_of(tmp_path / "Photos" / "coffee.jpg", tmp_path / "x.jpg").read_bytes()
    answer = client.post("/search.json", data=small, content_type="image/jpeg")
    assert answer.status == 200 and answer.headers["content-type"] == "application/json"
    found = json.loads(answer.body)
    first = found["neighbors"][0]
    assert found["schema"] == "visualsearch/asked/1" and len(found["neighbors"]) == 10
    assert (first["rank"], first["path"]) == (1, str(tmp_path / "Photos" / "coffee.jpg"))
    assert (first["verdict"], first["width"]) == ("same", 320) and "full frame" in first["reason"]
    again = json.loads(client.get(f"/search.json?upload={found['asked']['upload']}&level=same").body)
    assert [each["path"] for each in again["neighbors"]] == [first["path"]]
    filtered = client.post(f"/search.json?within={tmp_path / 'Photos' / 'trip'}", data=small)
    assert len(json.loads(filtered.body)["neighbors"]) == 3
    for address, status, said in (
        ("/search.json", 404, "nothing was asked for"),
        ("/search.json?words=beach", 409, "no words"),
        ("/search.json?words=beach&after=never", 404, "never"),
    ):
        refused = client.get(address)
        assert (refused.status, said in json.loads(refused.body)["error"]) == (status, True), refused.text
    assert client.post("/search.json", data=b"no picture").status == 409
    assert client.post("/search.json", data=small, origin="").status == 403
    assert client.get("/search.json?words=beach", token="/x").status == 403


def test_a_form_without_a_script_gives_a_picture(client: Client, tmp_path: Path) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="<x>.jpg"\r\n\r\n'
    body = head + (tmp_path / "Photos" / "rocket.jpg").read_bytes() + b"\r\n--b--\r\n"
    address = give(client, body, "multipart/form-data; boundary=b")
    assert paths(client.get(address).text)[0] == "rocket.jpg"


def test_more_like_a_match_and_filters_go_on(client: Client, tmp_path: Path) -> None:
    address = give(client, (tmp_path / "Photos" / "coffee.jpg").read_bytes())
    page = client.get(f"{address}&within={tmp_path / 'Photos' / 'trip'}").text
    assert len(paths(page)) == 3
    (like, *_) = re.findall(r'href="[^"]*(/search\?like=[^"]*)"', page)
    more = client.get(html.unescape(like)).text
    assert len(paths(more)) == 2  # it is no match of itself
    assert "More like" in more
    assert "within=" in like


def test_what_another_process_adds_is_found_without_a_restart(client: Client, tmp_path: Path) -> None:
    small = copy_of(tmp_path / "Photos" / "coffee.jpg", tmp_path / "x.jpg").read_bytes()
    address = give(client, small)
    assert "new.jpg" not in paths(client.get(address).text)
    copy_of(tmp_path / "Photos" / "coffee.jpg", tmp_path / "Photos" / "new.jpg", scale=0.9)
    with open_index(tmp_path / "Photos") as index:
        index.add(tmp_path / "Photos")
    assert {"new.jpg", "coffee.jpg"} == set(paths(client.get(address).text)[:2])


def test_what_is_no_picture_is_said_and_not_shown(client: Client) -> None:
    address = give(client, b"<script>alert(1)</script>")
    assert client.get(address).status == 409
    name = address.partition("upload=")[2]
    assert client.get(f"/u/{name}").status == 403
    assert client.post("/search", data=b"").status == 404
    assert client.get("/search?like=" + "ab" * 32).status == 200
    assert client.get("/r/" + "ab" * 32).status == 404
    assert client.get("/u/0000000000000000").status == 404
    assert client.get("/search?upload=..%2f..%2fetc%2fpasswd").status == 200
    assert client.get(address + "&after=yesterday").status == 404


def test_an_index_without_words_has_no_field_for_them(client: Client) -> None:
    page = client.get("/search").text
    assert 'name="words"' not in page
    assert "knows pictures and no words" in page
    assert client.get("/search?words=dog").status == 409


@pytest.mark.parametrize("models", [["onnx"], ["bundled", "onnx"]])
def test_words_find_pictures_where_the_index_knows_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: list[str]
) -> None:
    pytest.importorskip("tokenizers", reason="needs the extra 'onnx'")
    give_folders(tmp_path, monkeypatch)
    folder = tmp_path / "Colors"
    folder.mkdir()
    for name, color in COLORS.items():
        Image.fromarray(plain(color)).save(folder / f"{name}.png")
    write_towers(tmp_path)
    towers = f"{tmp_path / 'image.onnx'},{tmp_path / 'text.onnx'}"
    tokenizer = tmp_path / "tokenizer.json"
    weights = [towers if model == "onnx" else None for model in models]
    with open_index(folder, create=True, model=models, weights=weights, tokenizer=tokenizer) as index:
        index.add(folder)
        index.search("red")  # so the text tower is known
    with served(report(index=folder), folder, tmp_path / "journals", indexes=[folder]) as client:
        assert 'name="words"' in client.get("/search").text
        for name in COLORS:
            page = client.get(f"/search?words=a+{name}+wall").text
            assert paths(page)[0] == f"{name}.png"
            assert len(paths(page)) == len(COLORS)
        address = give(client, (folder / "red.png").read_bytes())
        assert paths(client.get(address).text)[0] == "red.png", "a picture is looked for with the first model"


@pytest.mark.usefixtures("client")
def test_several_indexes_are_searched_as_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        copy_of(tmp_path / "Photos" / "coffee.jpg", folder / f"{name}.jpg", scale=0.8)
        with open_index(folder, create=True) as index:
            index.add(folder)
    both = [tmp_path / "one", tmp_path / "two"]
    with served(report(index=both[0]), tmp_path, tmp_path / "journals", indexes=both) as joined:
        address = give(joined, (tmp_path / "Photos" / "coffee.jpg").read_bytes())
        page = joined.get(address).text
        assert sorted(paths(page)) == ["one.jpg", "two.jpg"]
        for shown in re.findall(r"/r/[0-9a-f]{64}", page):
            assert joined.get(shown).status == 200
        (tmp_path / "two" / "more.jpg").write_bytes((tmp_path / "Photos" / "rocket.jpg").read_bytes())
        with open_index(tmp_path / "two") as index:
            index.add(tmp_path / "two")  # the second one, while both are open
        assert sorted(paths(joined.get(address).text)) == ["more.jpg", "one.jpg", "two.jpg"]
        (like, *_) = re.findall(r'href="[^"]*(/search\?like=[^"]*)"', joined.get(address).text)
        assert len(paths(joined.get(html.unescape(like)).text)) == 2
        assert paths(joined.get(f"{address}&within={tmp_path / 'one'}").text) == ["one.jpg"]


def test_a_match_of_a_region_says_which(client: Client, tmp_path: Path) -> None:
    with open_index(tmp_path / "Photos") as index:
        index.add(tmp_path / "Photos", thorough=True)
    with Image.open(tmp_path / "Photos" / "coffee.jpg") as image:
        image.crop((0, 0, image.width * 6 // 10, image.height * 6 // 10)).save(tmp_path / "x.png")
    page = client.get(give(client, (tmp_path / "x.png").read_bytes())).text
    first = page[page.index('<ol class="hits">') :].partition("</li>")[0]
    assert "coffee.jpg" in first
    assert re.search(r"0\.\d{4} · top left", first)


def test_the_graph_is_loaded_once_it_is_worth_it(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[int] = []
    graph = opening._graph

    def counted(*arguments: Any) -> Any:
        loaded.append(1 + len(asked))
        return graph(*arguments)

    monkeypatch.setattr(opening, "_graph", counted)
    monkeypatch.setattr(plan, "GRAPH_CANDIDATE", 0)
    monkeypatch.setattr(plan, "LOAD_VECTOR", 4.5 * plan.EXACT_VECTOR_ALONE)  # what 4.5 queries cost
    monkeypatch.setattr(plan, "READ_VECTOR", 0)
    asked: list[list[str]] = []
    address = give(client, copy_of(tmp_path / "Photos" / "coffee.jpg", tmp_path / "x.jpg").read_bytes())
    for _ in range(8):
        asked.append(paths(client.get(address).text))
    assert loaded == [5]  # once, by the fifth question, and not again
    assert all(each == asked[0] for each in asked)
    copy_of(tmp_path / "Photos" / "coffee.jpg", tmp_path / "Photos" / "new.jpg", scale=0.9)
    with open_index(tmp_path / "Photos") as index:
        index.add(tmp_path / "Photos")
    assert "new.jpg" in paths(client.get(address).text)  # what was written since is found, graph or not


def test_the_map_shows_every_picture_and_leads_to_what_is_like_it(client: Client, tmp_path: Path) -> None:
    copy_of(tmp_path / "Photos" / "coffee.jpg", tmp_path / "Photos" / "new.jpg", scale=0.9)
    (tmp_path / "Photos" / "again.jpg").write_bytes((tmp_path / "Photos" / "rocket.jpg").read_bytes())
    with open_index(tmp_path / "Photos") as index:
        index.add(tmp_path / "Photos")
        index.label(tmp_path / "Photos" / "coffee.jpg", "<b>Breakfast</b>")
    page = client.get("/map").text
    assert "11 pictures" in page
    assert "&lt;b&gt;Breakfast" in page and "<b>Breakfast" not in page
    known = json.loads(client.get("/map.json").text)
    assert len(known["pictures"]) == 11
    by_name = {Path(each["name"]).name: each for each in known["pictures"]}
    assert by_name["coffee.jpg"]["label"] == "<b>Breakfast</b>"
    assert {each["files"] for each in known["pictures"]} == {1, 2}
    pair = {Path(known["pictures"][place]["name"]).name for place in known["near"][0]}
    assert pair == {"coffee.jpg", "new.jpg"}
    base = client.opened.door.base
    assert paths(client.get(by_name["coffee.jpg"]["like"].removeprefix(base)).text)[0] == "new.jpg"
    (sheet,) = known["sheets"]
    sent = client.get(sheet.removeprefix(base))
    with Image.open(io.BytesIO(sent.body)) as image:
        assert image.size == (8 * known["side"], 2 * known["side"])
        assert image.convert("RGB").crop((0, 0, 64, 64)).getcolors(100) is None  # a picture
    assert client.get("/map/1").status == 404
    (tmp_path / "Photos" / "coffee.jpg").unlink()
    with open_index(tmp_path / "Photos") as index:
        index.add(tmp_path / "Photos")
    assert len(json.loads(client.get("/map.json").text)["pictures"]) == 10
