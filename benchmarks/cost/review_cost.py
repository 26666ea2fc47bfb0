"""What `review` costs: the first group on screen and the next one, beside static pages of the same pictures.

The index has 10,000 files, the report 2,000 groups of five. The groups that are looked at are twelve
megapixels of noise under a gradient, which are as hard to decode as photographs; all others are small. There
are two static pages: one that shows the files themselves, and the one that `dupes --html` writes of that
group, with small pictures that were made before. Then come the private memory of the server, and a report of
100,000 pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.cost.html_page import drawn
from tests.helpers.driven import driven
from tests.helpers.program import COMMAND
from tests.helpers.reports import member, report
from visualsearch_cli.pictures.reader import AnyImageReader
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.reports import thumbnails
from visualsearch_cli.reports.page import write_html
from visualsearch_cli.reports.report import Group, Member, Report
from visualsearch_cli.reports.report_json import report_record
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

LARGE, SMALL = (4000, 3000), (320, 240)
DISTINCT = 6  # drawings; each file has bytes of its own behind the picture, so none is known from another
MEMBERS = 5
ROUNDS = 5  # starts of a review
SETTLED = 1.0  # seconds
LOOKED = 1.0  # seconds that somebody looks at a group before the next one
MOST_FIRST, MOST_NEXT = 2.0, 1.5  # times a static page
MOST_MEMORY = 150  # megabytes
PATIENCE = 120  # seconds
WHOLE = """
const [number, done] = arguments;
const seen = () => {
  const section = document.querySelector("[data-number]");
  if (number && Number(section?.dataset.number) !== number) return setTimeout(seen, 2);
  const pictures = [...document.querySelectorAll("main img:not([loading=lazy])")];
  Promise.all(pictures.map((picture) => picture.decode().catch(() => 0))).then(() =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))));
};
seen();
"""
"""Says how many milliseconds after the beginning of a page all of its pictures were on screen."""

NEXT = """
const done = arguments[arguments.length - 1];
const start = performance.now();
document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "n", code: "KeyN", bubbles: true}));
const number = arguments[0];
const seen = () => {
  if (Number(document.querySelector("[data-number]").dataset.number) !== number) return setTimeout(seen, 2);
  const pictures = [...document.querySelectorAll("main img:not([loading=lazy])")];
  Promise.all(pictures.map((picture) => picture.decode().catch(() => 0))).then(() =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start))));
};
seen();
"""
SCROLL = """
const done = arguments[arguments.length - 1];
const start = performance.now();
scrollTo(0, document.scrollingElement.scrollHeight * arguments[0]);
const seen = () => {
  const at = Math.max(0, Math.floor((scrollY - document.getElementById("rows").offsetTop) / 84));
  const there = new Set([...document.querySelectorAll(".row")].map((row) => Number(row.dataset.row)));
  for (let row = at; row < at + 8; row++) if (!there.has(row)) return setTimeout(seen, 2);
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
};
requestAnimationFrame(seen);
"""


class Served(NamedTuple):
    """A review that runs."""

    process: subprocess.Popen[str]
    address: str
    seconds: float  # from the start of the command to its address


def main() -> None:
    """Measure and print; end with 1 if a bound is not kept."""
    thumbnails.LARGER = ()  # as large as those of the review
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=2000)
    parser.add_argument("--looked", type=int, default=10, help="groups that are looked at")
    parser.add_argument("--pictures", type=int, default=100_000, help="of the second report")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        for folder in ("STATE", "CACHE", "DATA"):
            os.environ[f"XDG_{folder}_HOME"] = str(home / folder.lower())
        found = _written(home / "Photos", arguments.groups, arguments.looked)
        index = ["index", str(home / "Photos"), "--model", "dct", "-q"]
        subprocess.run([COMMAND, *index], check=True, timeout=30 * PATIENCE)
        pages = [_static(found, number, home) for number in range(arguments.looked)]
        plain = [_plain(found, number, home) for number in range(arguments.looked)]
        with driven() as page:
            kept = _first_and_next(page, found, home, pages, plain)
            _many(page, found, home, arguments.pictures)
    sys.exit(0 if kept else 1)


def _first_and_next(
    page: Chrome, found: Report, home: Path, pages: Sequence[Path], plain: Sequence[Path]
) -> bool:
    """Measure the first group and those that follow, in turns with the static pages; return whether the
    bounds are kept."""
    kinds: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        shutil.rmtree(home / "cache", ignore_errors=True)
        for kind in ("cold", "warm"):
            _settle(page)
            with _reviewing(found, home) as served:
                before = _private(served.process.pid)
                page.get(served.address + "g/1")
                kinds[kind].append(page.execute_async_script(WHOLE, 1))
                kinds[f"{kind} start"].append(served.seconds)
        _settle(page)
        kinds["made"].append(_opened(page, pages[0]))
    for _ in range(ROUNDS):  # by themselves: what these leave to be done slows down what is opened next
        _settle(page)
        kinds["shown"].append(_opened(page, plain[0]))
    first = {kind: statistics.median(times) for kind, times in kinds.items()}
    shutil.rmtree(home / "cache", ignore_errors=True)
    with _reviewing(found, home) as served:
        page.get(served.address + "g/1")
        page.execute_async_script(WHOLE, 1)
        following = []
        for number in range(2, len(pages) + 1):
            time.sleep(LOOKED)
            following.append(page.execute_async_script(NEXT, number))
        memory = _private(served.process.pid)
        usual = [[_opened(page, file) for file in some] for some in (pages, plain)]
    files, groups = sum(len(group.members) for group in found.groups), len(found.groups)
    after = statistics.median(following)
    print(f"report of {groups:,} groups, {files:,} files; {len(pages)} groups of {MEMBERS} × 12 megapixels")
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"medians of {ROUNDS} starts, and of {len(following)} groups that follow; load {load}")
    starts = first["cold start"], first["warm start"]
    print(f"address printed after {starts[0]:.2f} s; with pictures made before, after {starts[1]:.2f} s")
    for name, kind, times in (
        ("of the files", "shown", usual[1]),
        ("of `dupes --html`, with pictures made before", "made", usual[0]),
    ):
        one, all_ = first[kind], statistics.median(times)
        print(f"static page {name}: that group {one:.0f} ms, all groups {all_:.0f} ms; beside it")
        for what, its in (("nothing was made before", "cold"), ("pictures made before   ", "warm")):
            print(f"  first group, {what}  {first[its]:6.0f} ms  {first[its] / one:.2f} times")
        print(f"  next group after {LOOKED:.0f} s                  {after:6.0f} ms  {after / all_:.2f} times")
    print(f"the slowest next group took {max(following):.0f} ms")
    print(f"private memory of the server: {before:.0f} MB at the start, {memory:.0f} MB after these groups")
    return (
        first["cold"] <= MOST_FIRST * first["made"]
        and after <= MOST_NEXT * statistics.median(usual[0])
        and max(before, memory) <= MOST_MEMORY
    )


def _many(page: Chrome, found: Report, home: Path, count: int) -> None:
    """Measure the list of a report with many more pictures: hard links to those that there are."""
    each = count // len(found.groups) - MEMBERS
    groups = []
    for number, group in enumerate(found.groups):
        more = [_linked(group.others[0], number, place) for place in range(each)]
        groups.append(replace(group, members=(*group.members, *more)))
    with _reviewing(replace(found, groups=tuple(groups)), home) as served:
        page.get(served.address)
        first = page.execute_async_script(WHOLE, 0)
        jumps = [page.execute_async_script(SCROLL, share / 16) for share in range(1, 17)]
        page.get(served.address + f"g/{len(groups) // 2}")
        group_time = page.execute_async_script(WHOLE, len(groups) // 2)
        rows = page.execute_script("return document.querySelectorAll('.card').length")
        memory = _private(served.process.pid)
    print(f"report of {sum(len(group.members) for group in groups):,} files:")
    print(f"address printed after {served.seconds:.2f} s; the list is there after {first:.0f} ms")
    print(f"a jump in it takes {statistics.median(jumps):.0f} ms, most {max(jumps):.0f} ms")
    print(f"a group of {each + MEMBERS} files, {rows} shown: {group_time:.0f} ms")
    print(f"private memory of the server: {memory:.0f} MB")


def _linked(member_: Member, number: int, place: int) -> Member:
    """Return a further name of a file: a hard link."""
    path = member_.path.with_name(f"{number}+{place}.jpg")
    os.link(member_.path, path)
    return replace(member_, path=path)


def _settle(page: Chrome) -> None:
    """Let the browser do what a page of large pictures leaves it to do."""
    page.get("about:blank")
    time.sleep(SETTLED)


def _opened(page: Chrome, file: Path) -> float:
    page.get(file.as_uri())
    return float(page.execute_async_script(WHOLE, 0))


@contextmanager
def _reviewing(found: Report, home: Path) -> Iterator[Served]:
    file = home / "report.json"
    file.write_text(json.dumps(report_record(found)))
    start = time.perf_counter()
    with subprocess.Popen(
        [COMMAND, "review", file, "--no-open", "-q"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().strip()
            assert address.startswith("http"), address
            yield Served(process, address, time.perf_counter() - start)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


def _private(process: int) -> float:
    """Return the private memory of a process and those that it started, in megabytes (Linux)."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    fields = dict(line.split(":") for line in text.splitlines()[1:])
    own = sum(int(fields[f"Private_{kind}"].split()[0]) for kind in ("Clean", "Dirty")) / 1000
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return own + sum(_private(int(child)) for child in children)


def _static(found: Report, number: int, home: Path) -> Path:
    file = home / f"static-{number}.html"
    write_html(replace(found, groups=(found.groups[number],)), AnyImageReader(), file, NoProgress(), 2)
    return file


def _plain(found: Report, number: int, home: Path) -> Path:
    file = home / f"plain-{number}.html"
    pictures = "".join(
        f'<img src="{member_.path.as_uri()}" width="320" height="240" alt="">'
        for member_ in found.groups[number].members
    )
    file.write_text(f"<!doctype html><title>{number}</title><main>{pictures}</main>")
    return file


def _written(folder: Path, groups: int, looked: int) -> Report:
    """Write the pictures, and return their report."""
    folder.mkdir()
    with ProcessPoolExecutor(1) as other, tempfile.TemporaryDirectory() as place:
        kinds = []
        for shape in (LARGE, SMALL):
            paths = [Path(place, f"{shape[0]}-{seed}.jpg") for seed in range(DISTINCT)]
            kinds.append([other.submit(drawn, path, seed, shape) for seed, path in enumerate(paths)])
        large, small = ([drawing.result().read_bytes() for drawing in kind] for kind in kinds)
    found = []
    for number in range(groups):
        is_large = number < looked
        members = []
        for place_ in range(MEMBERS):
            data = (large if is_large else small)[(number + place_) % DISTINCT]
            path = folder / f"{number // 100:02}" / f"{number}-{place_}.jpg"
            members.append(_member(path, data + path.name.encode(), LARGE if is_large else SMALL, place_))
        found.append(Group(f"{number:08x}", tuple(members)))
    return replace(report(*found), index=folder / ".visualsearch")


def _member(path: Path, data: bytes, shape: tuple[int, int], place: int) -> Member:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    state = path.stat()
    return member(
        path,
        Verdict.SAME if place else None,
        "full frame, scaled 1.00, no rotation" if place else "",
        shape=shape,
        size=state.st_size,
        mtime_ns=state.st_mtime_ns,
        content_hash=hash_content(data).hex(),
    )


if __name__ == "__main__":
    main()
