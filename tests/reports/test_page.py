"""The page of a report: every file is on it, nothing leads out of it, no name acts on it."""

from __future__ import annotations

import base64
import dataclasses
import io
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.places import SAMPLES
from tests.helpers.reports import member, report, sample_groups
from visualsearch_cli.errors import ImageUnreadable, VisualSearchError
from visualsearch_cli.pictures.image import DecodedImage, SkippedImage
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.reports import thumbnails as made
from visualsearch_cli.reports.differences import below, common_folder
from visualsearch_cli.reports.page import write_html
from visualsearch_cli.reports.report import Companion, Group, Member, Report
from visualsearch_cli.reports.thumbnails import SIDE, side_for, thumbnails
from visualsearch_cli.verdicts.evidence import Place
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import printable

VOID = {"meta", "img", "input", "link", "br", "hr"}
NO_PLACE = {
    "script",
    "link",
    "iframe",
    "object",
    "embed",
    "form",
    "base",
    "video",
    "audio",
    "image",
    "use",
    "foreignobject",
    "template",
}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
HOSTILE = (
    "<b>bold</b>.jpg",
    "'\"><img src=x onerror=alert(1)>.jpg",
    "&amp;&lt;.jpg",
    "{{ 7*7 }}{% raw %}.jpg",
    "new\nline.jpg",
    "\udcff\udc80.jpg",
    "\x1b[31m\x07.jpg",
    "\u202egpj.exe",
    "写真 📷.jpg",
    "javascript:alert(1)",
    "--><!-- ]]>.jpg",
    "-->.jpg",
    "a%20b#c?d.jpg",
)


class Page(HTMLParser):
    """What a browser makes of a page; fails where a tag is not closed in its place."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.styles: list[str] = []
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.styles if self._open and self._open[-1] == "style" else self.texts).append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def all(self, tag: str, class_: str = "") -> list[dict[str, str]]:
        """Return the attributes of all elements of a kind."""
        return [a for name, a in self.tags if name == tag and class_ in (*a.get("class", "").split(), "")]

    @property
    def text(self) -> str:
        """All that is to be read, spaces as one."""
        return " ".join(" ".join(self.texts).split())


def write(found: Report, file: Path) -> Page:
    write_html(found, PillowReader(), file, NoProgress(), 2)
    page = Page(file)
    assert_nothing_leads_out(page)
    return page


def assert_nothing_leads_out(page: Page) -> None:
    """Check that a page loads nothing and runs nothing."""
    assert {"http-equiv": "Content-Security-Policy", "content": POLICY} in page.all("meta")
    assert not NO_PLACE & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "srcset"], tag
        style = attributes.get("style", "")
        assert re.fullmatch(r"(--kept: url\(data:image/webp;base64,[A-Za-z0-9+/=]+\))?", style), tag
        assert "src" not in attributes or attributes["src"].startswith("data:image/webp;base64,")
        assert "href" not in attributes or attributes["href"].startswith(("file:///", "#group-"))
        if tag in ("svg", "rect"):
            assert all(re.fullmatch(r"places|true|[\d. ]+", value) for value in attributes.values()), (
                attributes
            )
    (style,) = page.styles
    assert not re.search(r"url\(|@import|expression", style)


def picture(path: Path, color: str = "red", size: tuple[int, int] = (40, 30)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path, "PNG")
    return path


def of(path: Path, verdict: Verdict | None = None, reason: str = "") -> Member:
    """Return the member that a file on disk is."""
    data, state = path.read_bytes(), path.stat()
    digest = hash_content(data).hex()
    return member(
        path, verdict, reason, size=len(data), mtime_ns=state.st_mtime_ns, content_hash=digest, shape=(40, 30)
    )


def images(page: Page) -> list[Image.Image]:
    """Return the pictures in a page."""
    sources = [image["src"].partition(",")[2] for image in page.all("img")]
    return [Image.open(io.BytesIO(base64.b64decode(source, validate=True))) for source in sources]


@pytest.mark.slow
def test_every_file_of_the_samples_is_there(tmp_path: Path) -> None:
    groups = sample_groups()
    members = [one for group in groups for one in group.members]
    page = write(report(*groups), tmp_path / "report.html")
    assert len(page.all("section")) == len(groups)
    assert len(page.all("li", "card")) == len(members)
    assert len(page.all("li", "keep")) == len(groups)
    assert [a["href"] for a in page.all("a") if a["href"].startswith("file:")] == [
        one.path.as_uri() for one in members
    ]
    for image, attributes in zip(images(page), page.all("img"), strict=True):
        assert image.format == "WEBP"
        assert 0 < max(image.size) <= side_for(len(members))
        shown = int(attributes["width"]), int(attributes["height"])
        assert max(shown) == min(SIDE, max(image.size))
        assert shown[0] / shown[1] == pytest.approx(image.width / image.height, rel=0.02)
        assert attributes["alt"].endswith(": open the file")
    for group in groups:
        folder = common_folder(one.path for one in group.members)
        assert f"group {group.id}" in page.text
        for one in group.members:
            assert f"{below(one.path, folder)} " in page.text
            assert one.reason in page.text


def test_the_fewer_the_larger() -> None:
    assert [side_for(files) for files in (2, 240, 241, 960, 961, 100_000)] == [640, 640, 480, 480, 320, 320]


@pytest.mark.slow
def test_headings_and_labels_are_in_order(tmp_path: Path) -> None:
    page = write(report(*sample_groups()[:3]), tmp_path / "report.html")
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for section in page.all("section"):
        assert section["aria-labelledby"] in ids
    assert page.all("html") == [{"lang": "en"}]


def test_verdicts_marks_and_differences_are_said(tmp_path: Path) -> None:
    kept = dataclasses.replace(
        of(picture(tmp_path / "a.png")),
        links=(tmp_path / "l.png",),
        companions=(Companion(tmp_path / "a.dng"),),
        symlinks=(tmp_path / "album.png",),
    )
    copies = [of(picture(tmp_path / f"{v.value}.png"), v, f"because {v.value}") for v in Verdict]
    copies[0] = dataclasses.replace(copies[0], protected=True)
    copies[2] = dataclasses.replace(copies[2], width=20, height=15)
    page = write(report(Group("g", (kept, *copies))), tmp_path / "report.html")
    assert (
        [badge["class"].split()[1] for badge in page.all("span", "badge")]
        == [
            "similar",  # in the filter
            "similar",
            "keep",
            "holds",  # a RAW beside it
            "identical",
            "protected",
            *(verdict.value for verdict in list(Verdict)[1:]),
        ]
    )
    for verdict in Verdict:
        assert f"because {verdict.value}" in page.text
    assert len(page.all("dd", "differs")) == 1
    assert "20×15 −75 %" in page.text
    assert "Hard link l.png" in page.text
    assert "With a.dng" in page.text and "From symbolic link album.png" in page.text
    assert "3 files of 6" in page.text
    assert "1 file is protected." in page.text
    assert "1 file is only similar" in page.text


def test_places_that_differ_are_marked_on_both_pictures(tmp_path: Path) -> None:
    kept, copy, other = (
        of(picture(tmp_path / f"{name}.png"), v)
        for name, v in (("a", None), ("b", Verdict.EDITED), ("c", Verdict.SAME))
    )
    place = Place((20, 15, 40, 30), (0, 0, 20, 15))
    copy = dataclasses.replace(copy, differences=(place,))
    page = write(report(Group("g", (kept, copy, other))), tmp_path / "report.html")
    on_kept, on_copy = page.all("rect")
    assert [svg["viewbox"] for svg in page.all("svg", "places")] == ["0 0 40 30"] * 2
    assert float(on_kept["x"]) > 15 and float(on_kept["y"]) > 10
    assert float(on_copy["x"]) < 5 and float(on_copy["y"]) < 5
    assert float(on_copy["x"]) + float(on_copy["width"]) == pytest.approx(23)
    assert "Mark where a picture differs" in page.text
    picture(copy.path, "blue", (30, 40))
    changed = write(report(Group("g", (kept, copy, other))), tmp_path / "report.html")
    assert len(changed.all("rect")) == 1  # nothing is known of a file that changed since
    same = write(report(Group("g", (kept, other))), tmp_path / "report.html")
    assert not same.all("svg") and "Mark where" not in same.text


def test_files_that_cannot_be_shown_have_the_reason_in_their_place(tmp_path: Path) -> None:
    kept, broken, gone = (
        of(picture(tmp_path / f"{name}.png"), v)
        for name, v in (("a", None), ("b", Verdict.SAME), ("c", Verdict.SAME))
    )
    broken.path.write_bytes(b"nothing of a picture")
    gone.path.unlink()
    found = report(Group("g", (kept, broken, gone)))
    unseen = write_html(found, PillowReader(), tmp_path / "report.html", NoProgress(), 2)
    page = Page(tmp_path / "report.html")
    assert [item.path for item in unseen] == [str(broken.path), str(gone.path)]
    assert len(page.all("img")) == 1
    assert len(page.all("p", "missing")) == 2
    for item in unseen:
        assert f"No picture: {item.reason}" in page.text
    assert "does not exist" in page.text


def test_a_file_that_changed_since_is_marked(tmp_path: Path) -> None:
    kept, copy = of(picture(tmp_path / "a.png")), of(picture(tmp_path / "b.png"), Verdict.IDENTICAL)
    picture(copy.path, "blue")
    os.utime(copy.path, ns=(0, copy.mtime_ns + 1))
    page = write(report(Group("g", (kept, copy))), tmp_path / "report.html")
    assert page.text.count("Changed since this report was made") == 1
    red, blue = (image.convert("RGB").getpixel((5, 5)) for image in images(page))
    assert isinstance(red, tuple) and isinstance(blue, tuple)
    assert red[0] > 200 and blue[2] > 200


@pytest.mark.slow
def test_skipped_files_and_how_it_was_made_are_on_the_page(tmp_path: Path) -> None:
    found = dataclasses.replace(
        report(*sample_groups()[:1]), skipped=(SkippedImage("/x/<i>.jpg", "damaged & cut"),), command="a <b>"
    )
    page = write(found, tmp_path / "report.html")
    assert "1 file skipped" in page.text
    assert "/x/<i>.jpg : damaged & cut" in page.text
    assert "By a <b> Index" in page.text


def test_nothing_found_makes_a_page(tmp_path: Path) -> None:
    page = write(report(level=Verdict.SAME), tmp_path / "report.html")
    assert "Nothing was found at level same or stronger." in page.text
    assert page.all("section") == []
    assert page.all("input") == []


# Names


@pytest.mark.skipif(os.name == "nt", reason="such names are not allowed there")
@pytest.mark.skipif(sys.platform == "darwin", reason="such names are not allowed there")
@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_real_file_with_a_hostile_name_is_shown(tmp_path: Path, name: str) -> None:
    kept = of(picture(tmp_path / name))
    copy = of(picture(tmp_path / "copy" / name), Verdict.IDENTICAL, name)
    page = write(report(Group(name, (kept, copy))), tmp_path / "report.html")
    assert len(page.all("img")) == 2
    assert [a["href"] for a in page.all("a", "picture")] == [kept.path.as_uri(), copy.path.as_uri()]
    shown = " ".join(printable(name).split())
    assert page.text.count(shown) == 2 * 2 + 1 + 1  # two headings and paths, the reason, the id


anything = st.text(st.characters(), max_size=25) | st.sampled_from(HOSTILE)
file_names = st.binary(min_size=1, max_size=25).map(
    lambda raw: raw.decode("utf-8", "surrogateescape")
) | st.sampled_from(HOSTILE)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="such names are not allowed there")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(file_names, min_size=2, max_size=4), anything, anything, anything)
def test_no_name_breaks_the_page(
    tmp_path: Path, names: Sequence[str], reason: str, id: str, command: str
) -> None:
    clean = [f"{number}{name.replace(os.sep, '')}" for number, name in enumerate(names)]
    paths = [tmp_path / "none" / name for name in clean]
    members = (member(paths[0]), *(member(path, Verdict.SAME, reason) for path in paths[1:]))
    found = dataclasses.replace(
        report(Group(id, members)), command=command, model=reason, skipped=(SkippedImage(command, reason),)
    )
    page = write(found, tmp_path / "report.html")
    assert len(page.all("li", "card")) == len(names)
    assert len(page.all("img")) == 0
    for name in clean:
        assert " ".join(printable(name).split()) in page.text
    raw = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert all(char.isprintable() or char == "\n" for char in raw)


# Writing


class Failing:
    """A reader that always raises the same."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        del data, min_side
        raise self.error


def test_the_page_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    write_html(report(), PillowReader(), file, NoProgress(), 1)
    before = file.read_text(encoding="utf-8")
    groups = [Group("g", (of(picture(tmp_path / "a.png")), of(picture(tmp_path / "b.png"), Verdict.SAME)))]
    with pytest.raises(KeyboardInterrupt):
        write_html(report(*groups), Failing(KeyboardInterrupt()), file, NoProgress(), 1)
    assert file.read_text(encoding="utf-8") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png", "report.html"]


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VisualSearchError, match=r"no[/\\]report\.html cannot be written"):
        write_html(report(), PillowReader(), tmp_path / "no" / "report.html", NoProgress(), 1)


@pytest.mark.slow
def test_the_same_report_makes_the_same_page(tmp_path: Path) -> None:
    first, second = tmp_path / "1.html", tmp_path / "2.html"
    for file, threads in ((first, 1), (second, 4)):
        write_html(report(*sample_groups()), PillowReader(), file, NoProgress(), threads)
    assert first.read_bytes() == second.read_bytes()


# Thumbnails


class CountingReader:
    """Counts what is read, and what was read before the first thumbnail was used."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        self.reads += 1
        return PillowReader().read(data, min_side)


@pytest.mark.slow
def test_only_a_few_thumbnails_wait(tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"{number}.png", f"#{number:06x}") for number in range(60)]
    groups = [Group(str(n), (of(a), of(b, Verdict.SAME))) for n, (a, b) in enumerate(pairs(paths))]
    reader = CountingReader()
    pictures = thumbnails(groups, reader, threads=1)
    next(pictures)
    assert reader.reads <= 6
    assert len([1 for one in pictures if one.uri]) == 59
    assert reader.reads == 60


def pairs(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    return zip(paths[::2], paths[1::2], strict=True)


def test_equal_bytes_are_read_once(tmp_path: Path) -> None:
    original = picture(tmp_path / "a.png")
    copies = [Path(shutil.copy2(original, tmp_path / f"{number}.png")) for number in range(9)]
    reader = CountingReader()
    group = Group("g", (of(original), *(of(path, Verdict.IDENTICAL) for path in copies)))
    assert len({one.uri for one in thumbnails([group], reader, threads=2)}) == 1
    assert reader.reads == 1
    copies[3].unlink()
    assert [bool(one.uri) for one in thumbnails([group], reader, threads=2)].count(False) == 1


@pytest.mark.parametrize(
    ("size", "shown"),
    [((16, 9), (16, 9)), ((2000, 100), (320, 16)), ((30, 3000), (3, 320)), ((1, 1), (1, 1))],
)
def test_thumbnails_keep_the_shape_and_grow_nothing(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    one = made.thumbnail(of(picture(tmp_path / "a.png", size=size)), PillowReader())
    assert (one.width, one.height) == shown


def test_what_the_reader_refuses_is_a_note(tmp_path: Path) -> None:
    assert (
        made.thumbnail(of(picture(tmp_path / "a.png")), Failing(ImageUnreadable("not today"))).note
        == "not today"
    )


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="sample_images is not here")
def test_thumbnails_are_upright() -> None:
    upright = made.thumbnail(of(SAMPLES / "phone" / "pears.jpg"), PillowReader())
    turned = made.thumbnail(of(SAMPLES / "backup" / "pears.jpg"), PillowReader())
    assert (upright.width, upright.height) == (turned.width, turned.height)
