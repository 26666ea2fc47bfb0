"""A review by forms and links alone, as a browser without scripts does it."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageFilter

from tests.helpers.reports_of_files import group, member, report
from tests.helpers.reviewing import PATIENCE, Client, served
from visualsearch_cli.acting.journal import JournalFolder
from visualsearch_cli.reports.report import Report
from visualsearch_cli.reports.report_json import read_report
from visualsearch_cli.verdicts.verdict import Verdict

pytestmark = pytest.mark.slow  # a server with an index for each

REMOVE = {"keep": "0", "do": "remove"}


def words(client: Client, path: str) -> str:
    """Return what a page says, on one line."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", client.get(path).text, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def states(client: Client) -> list[str]:
    return [client.review.standing(number).word for number in range(1, len(client.review) + 1)]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def finish(client: Client) -> str:
    """Wait until what is being done is over; return what the page says of it."""
    deadline = time.monotonic() + PATIENCE
    while not json.loads(client.get("/job").body)["over"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return words(client, "/apply")


def test_the_list_shows_every_group(client: Client) -> None:
    said = words(client, "/")
    assert "0 of 4 groups decided" in said
    for number in range(1, 5):
        assert re.search(rf"{number} same 3 files, \d", said)
    assert client.get("/").text.count("/p/") == 12
    assert client.get("/rows?from=2&count=50").text.count("<li ") == 2
    assert client.get("/rows?from=x&count=-3").text.count("<li ") == 0


def test_a_group_says_what_is_kept_what_goes_and_why(client: Client) -> None:
    said = words(client, "/g/2")
    assert "Group 2 of 4 same undecided" in said
    assert "1 keep phone/1.jpg" in said
    assert "2 identical goes backup/1.jpg" in said
    assert "3 same goes small/1.jpg" in said
    assert "Remove 2 files" in said
    assert "full frame, scaled 0.60, no rotation" in said
    assert re.search(r"Size \d+\.?\d* kB −\d\d %", said)
    assert client.get("/g/5").status == 404
    assert client.get("/g/0").status == 404


def test_a_decision_leads_to_the_next_group_that_is_open(client: Client) -> None:
    answer = client.post("/g/1", REMOVE)
    assert (answer.status, answer.headers["location"]) == (303, f"{client.opened.door.base}/g/2")
    assert client.post("/g/3", {"keep": "0", "do": "all"}).headers["location"].endswith("/g/4")
    assert client.post("/g/4", {"keep": "0", "do": "different"}).headers["location"].endswith("/g/2")
    assert client.post("/g/2", REMOVE).headers["location"].endswith("/apply")
    assert states(client) == ["remove", "remove", "all", "different"]
    assert "4 of 4 groups decided · 4 files would go" in words(client, "/")


def test_another_file_is_kept_and_the_others_are_measured_against_it(client: Client) -> None:
    client.post("/g/1", {"keep": "2", "do": "keep"})
    assert states(client)[0] == "keep"
    said = words(client, "/g/1")
    assert "3 keep small/0.jpg" in said
    assert "chosen in the review" in said
    assert re.search(r"1 same goes phone/0.jpg .*scaled 1\.67", said)
    client.post("/g/1", {"keep": "2", "do": "remove"})
    record = read_report(client.get("/report.json").text, "it")
    kept = record.groups[0].kept
    assert kept.path.parent.name == "small"
    assert [member.protected for member in record.groups[0].others] == [False, False]
    assert all(member.protected for group in record.groups[1:] for member in group.members)


def test_a_file_can_be_left(client: Client) -> None:
    client.post("/g/1", {"keep": "0", "do": "keep", "spared": "2"})
    assert "3 same stays small/0.jpg" in words(client, "/g/1")
    client.post("/g/1", {**REMOVE, "spared": "2"})
    assert client.review.sums().going == 1


def test_the_last_decision_is_taken_back(client: Client) -> None:
    client.post("/g/1", REMOVE)
    client.post("/g/2", {"keep": "0", "do": "different"})
    assert client.memory.known == {1: {client.review.group(2).kept.content_hash: 2, _small(client, 2): 1}}
    assert client.post("/undo").headers["location"].endswith("/g/2")
    assert not client.memory.known
    assert client.post("/undo").headers["location"].endswith("/g/1")
    assert client.post("/undo").headers["location"].endswith("/")
    assert states(client) == ["undecided"] * 4


def _small(client: Client, number: int) -> str:
    return client.review.group(number).others[1].content_hash


def test_the_index_is_told_when_it_can_be(client: Client) -> None:
    client.memory.is_locked = True
    client.post("/g/1", {"keep": "0", "do": "different"})
    assert states(client)[0] == "different"
    assert "1 decision of “no duplicates” waits" in words(client, "/")
    client.memory.is_locked = False
    client.post("/g/2", REMOVE)
    assert len(client.memory.known) == 1
    assert "waits" not in words(client, "/")


def test_two_reviews_of_one_index_see_what_the_other_decides(
    client: Client, found: Report, photos: Path, tmp_path: Path
) -> None:
    client.post("/g/1", REMOVE)
    with served(found, photos, tmp_path / "journals") as other:
        assert states(other)[0] == "remove"  # also who starts anew
        other.post("/g/2", {"keep": "0", "do": "all"})
        client.post("/g/3", REMOVE)
        assert states(other) == states(client) == ["remove", "all", "remove", "undecided"]
        other.post("/undo")
    assert states(client) == ["remove", "all", "undecided", "undecided"]


def test_tabs_and_reviews_that_decide_at_once_lose_nothing(
    client: Client, found: Report, photos: Path, tmp_path: Path
) -> None:
    rounds = 5
    with served(found, photos, tmp_path / "journals") as other, ThreadPoolExecutor(8) as pool:
        tabs = [(place, number) for place in (client, other) for number in range(1, 5)]

        def decide(tab: tuple[Client, int]) -> list[int]:
            place, number = tab
            return [place.post(f"/g/{number}", REMOVE).status for _ in range(rounds)]

        answers = list(pool.map(decide, tabs))
        assert answers == [[303] * rounds] * len(tabs)
        assert states(other) == states(client) == ["remove"] * 4
        taken_back = 0
        while client.review.undo() is not None:
            taken_back += 1
        assert taken_back == rounds * len(tabs)
        assert states(other) == ["undecided"] * 4


def test_what_was_decided_about_other_files_is_not_held_against_these(
    client: Client, found: Report, photos: Path, tmp_path: Path
) -> None:
    client.post("/g/1", REMOVE)
    first = found.groups[0]
    fewer = type(first)(first.id, first.members[:2])
    again = dataclasses.replace(found, groups=(fewer, *found.groups[1:]))
    with served(again, photos, tmp_path / "journals") as other:
        assert states(other)[0] == "undecided"


def test_filters_and_order_are_in_the_address(client: Client) -> None:
    client.post("/g/2", REMOVE)
    assert "2 same 3 files" not in words(client, "/?state=undecided")
    assert "No group fits" in words(client, "/?verdict=edited")
    assert "No group fits" in words(client, "/?least=900")
    assert "4 same 3 files" in words(client, "/?reason=&folder=small")
    by_size = re.findall(r"/g/(\d)\?sort=size", client.get("/?sort=size").text)
    sizes = [client.review.group(int(number)).bytes_reclaimable for number in by_size]
    assert sizes == sorted(sizes, reverse=True)
    assert "4 same 3 files" in words(client, "/?verdict=same&reason=SCALED&least=0.001")
    assert "4 same 3 files" in words(client, "/?reason=ganzes+Bild")  # as a German page says it
    assert "No group fits" in words(client, "/?reason=mirrored")
    assert "No group fits" in words(client, "/?reason=gespiegelt")
    assert "No group fits" in words(client, f"/?folder={client.review.group(1).kept.path.parent}/none")
    assert re.findall(r"/g/(\d)\?sort=path", client.get("/?sort=path").text) == ["1", "2", "3", "4"]
    number = int(by_size[0])
    assert f"/g/{by_size[1]}?sort=size" in client.get(f"/g/{number}?sort=size").text


def test_a_rule_says_how_many_groups_it_decides(client: Client, photos: Path) -> None:
    client.post("/g/1", {"keep": "0", "do": "all"})
    said = words(client, f"/rule?folder={photos / 'small'}")
    assert "This decides 3 groups that are not decided yet" in said
    assert "In 3 of them another file than the proposed one is kept" in said
    assert "This decides no group" in words(client, f"/rule?folder={photos}")
    assert "This decides no group" in words(client, "/rule?folder=/elsewhere")
    client.post("/rule", {"folder": str(photos / "small")})
    assert states(client) == ["all", "remove", "remove", "remove"]
    assert "3 groups are compared with another file" in words(client, "/")
    record = read_report(client.get("/report.json").text, "it")
    assert [group.kept.path.parent.name for group in record.groups] == ["phone", "small", "small", "small"]
    client.post("/undo")
    assert states(client) == ["all", "undecided", "undecided", "undecided"]


def test_a_rule_keeps_all_below_its_folder(client: Client, photos: Path) -> None:
    client.post("/rule", {"folder": f"{photos / 'backup'}/"})
    client.post("/g/1", {**REMOVE})
    record = read_report(client.get("/report.json").text, "it")
    assert {group.kept.path.parent.name for group in record.groups[1:]} == {"backup"}
    assert client.post("/rule", {"folder": "not absolute"}).status == 303


@pytest.mark.parametrize("moves", [False, True])
def test_what_was_decided_is_applied_and_comes_back(
    found: Report, photos: Path, tmp_path: Path, moves: bool
) -> None:
    before = contents(photos)
    folder = tmp_path / "moved" if moves else None
    with served(found, photos, tmp_path / "journals", folder) as client:
        assert "Nothing was decided yet" in words(client, "/apply")
        client.post("/g/1", REMOVE)
        client.post("/g/2", {"keep": "2", "do": "remove"})
        assert ("Move to " + str(folder) if moves else "Move to the trash") in words(client, "/apply")
        assert client.post("/apply").status == 303
        said = finish(client)
        assert "4 files are gone" in said
        left = {"phone/0.jpg", "small/1.jpg", *(name for name in before if name[-5] in "23")}
        assert set(contents(photos)) == left
        assert states(client)[:2] == ["applied", "applied"]
        assert "was acted upon" in words(client, "/g/1")
        assert client.post("/g/1", REMOVE).status == 409
        (journal,) = client.review.journals()
        assert [each.header.id for each in JournalFolder(tmp_path / "journals").all()] == [journal]
        client.post("/g/3", REMOVE)
        client.post("/apply")
        assert "2 files are gone" in finish(client)
        assert len(client.review.journals()) == 2
        for each in client.review.journals():
            assert client.post("/return", {"journal": each}).status == 303
            said = finish(client)
            assert re.search(r"[24] files are back", said), said
        assert contents(photos) == before
        assert states(client)[:3] == ["remove", "remove", "remove"]
        assert client.post("/return", {"journal": "../../etc"}).status == 404


def test_what_changed_is_left_and_said(client: Client, photos: Path) -> None:
    client.post("/g/1", REMOVE)
    shutil.copy(photos / "phone" / "1.jpg", photos / "backup" / "0.jpg")
    client.post("/apply")
    said = finish(client)
    assert "1 file is gone" in said
    assert "1 file was left alone" in said
    assert (photos / "backup" / "0.jpg").exists()


def test_two_files_are_compared(client: Client) -> None:
    said = words(client, "/g/2/c/2")
    assert "Laid onto each other by what both show" in said
    assert "What the file holds besides" in said
    page = client.get("/g/2/c/2").text
    matrix = json.loads(re.findall(r'data-matrix="([^"]*)"', page)[0])
    assert matrix == pytest.approx([1, 0, 0, 0, 1, 0, 0, 0, 1], abs=0.01)
    assert client.get("/g/2/c/0").status == 404
    assert client.get("/g/2/c/9").status == 404
    cuts = client.get("/g/2/sharp?x=0.4&y=0.3")
    assert cuts.text.count("data:image/png;base64,") == 3
    assert cuts.text.count("sharpest here") >= 1
    assert client.get("/g/2/c/2?sharp").text.count("data:image/png;base64,") == 3


@pytest.fixture
def burst(photos: Path, tmp_path: Path) -> Iterator[Client]:
    """A review of three shots of one thing, the second of which is sharp; it says which camera took it."""
    image = Image.open(photos / "phone" / "1.jpg")
    exif = Image.Exif()
    exif[ExifTags.Base.Make.value], exif[ExifTags.Base.Model.value] = "Fujifilm", "X100V"
    for number, radius in enumerate((3, 0, 5)):
        shot = image.filter(ImageFilter.GaussianBlur(radius))
        shot.save(photos / f"shot{number}.jpg", quality=95, exif=exif if number == 1 else b"")
    shots = [member(photos / f"shot{number}.jpg", Verdict.SIMILAR) for number in (1, 2)]
    found = report(group(photos / "shot0.jpg", *shots, id="burst"), index=photos / ".visualsearch")
    with served(found, photos, tmp_path / "journals") as client:
        yield client


def test_the_sharpest_of_a_burst_is_marked(burst: Client) -> None:
    for place in ("", "?x=0.2&y=0.7"):
        cuts = burst.get(f"/g/1/sharp{place}").text.split("<li")[1:]
        assert len(cuts) == 3
        assert ["sharpest here" in cut for cut in cuts] == [False, True, False]
        assert "shot1.jpg" in cuts[1]


def test_what_the_camera_wrote_is_told_beside_each(burst: Client) -> None:
    first, second = burst.get("/g/1/c/1").text.split('<section aria-labelledby="of-')[1:]
    assert "X100V" not in first
    assert "X100V" in second
    assert "camera" in second


def test_the_page_speaks_the_language_of_the_browser(client: Client) -> None:
    client.opened._language = None
    assert "Gruppe" not in words(client, "/g/1")
    client.post("/language", {"language": "de"})
    assert "Gruppe 1 von 4" in words(client, "/g/1")
    assert '<html lang="de">' in client.get("/g/1").text
    assert "ganzes Bild, Maßstab 0,60, nicht gedreht" in words(client, "/g/1")
    assert re.search(r"Größe \d+,?\d* kB −\d\d %", words(client, "/g/1"))
    client.post("/language", {"language": "xx"})
    assert "Gruppe 1 von 4" in words(client, "/g/1")


def test_what_makes_no_sense_is_refused_in_words(client: Client) -> None:
    for form in ({}, {"do": "remove"}, {"keep": "7", "do": "remove"}, {"keep": "0", "do": "burn"}):
        assert client.post("/g/1", form).status == 404
    assert client.raw("POST", f"{client.opened.door.base}/g/1", _own(client), b"keep=0&do=%ff").status == 404
    assert states(client) == ["undecided"] * 4


def _own(client: Client) -> dict[str, str]:
    return {"Host": client.host, "Origin": f"http://{client.host}"}


def test_the_page_ends_the_server(client: Client) -> None:
    assert "The review has ended" in client.post("/end").text
    server = client.opened.door.server
    assert server is not None
    assert server.should_exit
