"""`review` as a user runs it: decisions about a folder or a report are kept, applied and taken back."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest
from PIL import Image

from tests.e2e.test_errors import HOLD_LOCK
from tests.e2e.test_native_code import DECODER, injected, write_picture
from tests.helpers.driven import complaints, driven, text_of, type_key, wait_for
from tests.helpers.photographs import copy_of, write_cuttings
from tests.helpers.program import Program

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

GROUPS = 40
PATIENCE = 60  # seconds
ENTER = "\ue007"
NUMBER = "return Number(document.querySelector('[data-number]')?.dataset.number || 0)"


@contextmanager
def reviewing(run: Program, *arguments: str | Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start a review, and give the process and the address that it prints."""
    with run.started("review", *arguments, "--no-open") as process:
        assert process.stdout and process.stderr
        address = process.stdout.readline().decode().strip()
        if not address.startswith("http://127.0.0.1:"):
            process.kill()
            raise AssertionError(process.stderr.read().decode())
        yield process, address


def ended(process: subprocess.Popen[bytes], number: int = signal.SIGINT) -> str:
    """End a review; return what it said on stderr."""
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    return said.decode()


def ask(address: str, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Ask for a page, or post a form."""
    url = urlsplit(address)
    headers = {} if form is None else {"Origin": f"http://{url.netloc}"}
    connection = http.client.HTTPConnection(url.netloc, timeout=PATIENCE)
    try:
        method, body = ("GET", None) if form is None else ("POST", urlencode(form))
        connection.request(method, url.path.rstrip("/") + path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def contents(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".visualsearch" not in path.parts:
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


@pytest.fixture
def copies(run: Program, indexed: Path) -> Path:
    """~/Photos with ten photographs, of which two have a copy."""
    shutil.copy2(indexed / "coffee.jpg", indexed / "coffee (1).jpg")
    copy_of(indexed / "rocket.jpg", indexed / "small.jpg")
    run("index", indexed, "-q")
    return indexed


def test_a_review_outlives_a_crash_and_ends_as_a_report(run: Program, copies: Path) -> None:
    run("dupes", "--report", "dupes.json", "-q")
    with reviewing(run, "dupes.json") as (process, address):
        assert b"0 of 2 groups decided" in ask(address, "/")[1]
        assert ask(address, "/g/1", {"keep": "0", "do": "remove"})[0] == 303
        process.kill()  # nothing is told
        process.wait(PATIENCE)
    with reviewing(run, copies, "--report", "reviewed.json") as (process, address):
        assert b"1 of 2 groups decided" in ask(address, "/")[1]
        lock = copies / ".visualsearch" / "lock"
        with subprocess.Popen(
            [sys.executable, "-c", HOLD_LOCK, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as holder:
            assert holder.stdout and holder.stdout.readline() == b"held\n"
            assert ask(address, "/g/2", {"keep": "0", "do": "different"})[0] == 303
            assert "waits until the index can be written to" in ask(address, "/")[1].decode()
            holder.kill()
        said = ended(process)  # then it is told
        assert process.returncode == 0, said
        assert said.endswith("\n2 of 2 groups decided: run the same command again to go on\n")
        assert "Traceback" not in said
    ignored = run("ignore", "--list", "--json").json["ignored"]
    assert len(ignored) == 1
    groups = run("dupes", "--json").json["groups"]
    assert len(groups) == 1  # that no duplicates were found in the other one is what `ignore` says, too
    before = contents(copies)
    result = run("apply", "reviewed.json", "--yes", "--json")
    assert result.json["files"] == 1
    run("undo", "--last")
    assert contents(copies) == before


def test_a_page_to_search_in_answers_programs(run: Program, copies: Path) -> None:
    with reviewing(run, "--search", "--index", copies) as (process, address):
        assert address.endswith("/search")
        status, page = ask(address, "")
        assert status == 200 and b"<form" in page
        status, answer = ask(address.removesuffix("/search"), "/search.json?words=beach")
        assert status == 409 and "no words" in json.loads(answer)["error"]
        ended(process)


def test_what_cannot_be_served_is_said(run: Program, copies: Path) -> None:
    assert "does not exist" in run("review", "nowhere.json", "--no-open", code=1).message
    (run.home / "other.json").write_text('{"schema": "visualsearch/dupes/1"}')
    assert "not a whole report" in run("review", "other.json", "--no-open", code=1).message
    assert "'fr' is none of" in run("review", "--language", "fr", "--no-open", code=2).message
    assert "it is left as it is" in run("review", "--report", copies / "coffee.jpg", code=2).message
    script = (
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'starlette' else find(name, *rest)\n"
        "sys.argv = ['visualsearch', 'review', '--no-open']\n"
        "from visualsearch_cli.cli.app import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=run.env,
        cwd=run.home,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert b"pip install 'visualsearch-cli[review]'" in done.stderr


def test_a_report_of_several_indexes_shows_pictures_of_all(run: Program, copies: Path) -> None:
    run.env.pop("VISUALSEARCH_INDEX", None)
    other = run.home / "Backup"
    copy_of(copies / "coffee.jpg", other / "small coffee.jpg")
    run("index", other, "-q")
    run("dupes", copies, other, "--report", "dupes.json", "-q")
    report = json.loads((run.home / "dupes.json").read_text())
    with reviewing(run, "dupes.json") as (process, address):
        for number, group in enumerate(report["groups"], 1):
            for place, each in enumerate(group["members"]):
                status, said = ask(address, f"/p/{number}/{place}/thumb")
                assert status == 200, (each["path"], said)
        paths = [each["path"] for group in report["groups"] for each in group["members"]]
        assert any(path.startswith(str(other)) for path in paths)
        names = {Path(each["name"]).name for each in json.loads(ask(address, "/map.json")[1])["pictures"]}
        assert {"small coffee.jpg", "rocket.jpg"} <= names
        ended(process)


@pytest.fixture
def forty(run: Program) -> Path:
    """~/Photos with forty photographs; each has a copy in ~/Photos/copies, ten of them compressed again."""
    folder = run.home / "Photos"
    for number, path in enumerate(write_cuttings(folder, GROUPS)):
        copy = folder / "copies" / path.name
        if number % 4 == 1:
            copy_of(path, copy, quality=80, scale=1.0)
        else:
            copy.parent.mkdir(exist_ok=True)
            shutil.copy2(path, copy)
    run("index", folder, "-q")
    return folder


def keys_for(number: int) -> list[str]:
    """Return what is typed at a group, the last key of which leads on."""
    if number % 10 == 3:
        return ["s"]
    if number % 10 == 5:
        return ["x"]
    if number % 10 == 7:
        return ["2", ENTER]
    return [ENTER]


@pytest.mark.browser
def test_forty_groups_by_keyboard_applied_and_undone(run: Program, forty: Path) -> None:
    before = contents(forty)
    with reviewing(run, forty) as (process, address), driven() as page:
        page.get(address)
        wait_for(page, lambda page: page.execute_script("return document.documentElement.dataset.ready"))
        assert "0 of 40 groups decided" in text_of(page, "sums")
        page.find_element("css selector", ".row a").send_keys(ENTER)
        wait_for(page, _is_at(1))
        typed(page)
        wait_for(page, lambda page: page.current_url.endswith("/apply"))
        # 4 stay, 4 are no duplicates, and the others lose a file
        assert "40 of 40 groups decided · 32 files would go" in text_of(page, "sums")
        assert contents(forty) == before
        type_key(page, ENTER)
        wait_for(page, lambda page: "are gone" in text_of(page, "job"))
        assert "32 files are gone" in text_of(page, "job")
        left = contents(forty)
        assert len(left) == 80 - 32
        assert {Path(name).name for name in left} == {Path(name).name for name in before}
        type_key(page, "z")
        wait_for(page, lambda page: "32 files are back" in text_of(page, "job"))
        assert contents(forty) == before
        assert complaints(page) == []
        assert "40 of 40 groups decided" in ended(process)
    assert len(run("ignore", "--list", "--json", "--index", forty).json["ignored"]) == 4
    journals = run("undo", "--list", "--json").json["journals"]
    assert [(each["done"], each["undone"]) for each in journals] == [(0, 32)]
    report = json.loads(Path(journals[0]["report"]).read_text())
    assert len(report["groups"]) == 36
    kept = [group["members"][0]["kept_because"] for group in report["groups"]]
    assert kept.count("chosen in the review") == 4


def _is_at(number: int) -> Callable[[Chrome], bool]:
    return lambda page: bool(page.execute_script(NUMBER) == number)


def typed(page: Chrome) -> None:
    """Decide about all groups with keys alone, one decision being taken back and made again."""
    for number in range(1, GROUPS + 1):
        wait_for(page, _is_at(number))
        *first, last = keys_for(number)
        for key in first:
            type_key(page, key)
            wait_for(page, lambda page: page.find_elements("css selector", "section.group.keep"))
        type_key(page, last)
        if number == 12:
            wait_for(page, _is_at(13))
            type_key(page, "u")
            wait_for(page, _is_at(12))
            assert "11 of 40" in text_of(page, "sums")
            type_key(page, last)


def write_deadly(run: Program, folder: Path, tmp_path: Path) -> int:
    """Write a picture that crashes its decoder as soon as the file $DEADLY is there, and a sound copy of it.

    Returns the number of their group in dupes.json.
    """
    write_picture(folder / "deadly.jpg", 123)
    with Image.open(folder / "deadly.jpg") as picture:
        picture.resize((104, 76)).save(folder / "deadly (1).jpg")
    run("index", folder, "-q")
    groups = run("dupes", "--report", "dupes.json", "--json", "-q").json["groups"]
    (deadly,) = [at for at, group in enumerate(groups, 1) if "deadly.jpg" in group["members"][0]["path"]]
    run.env["DEADLY"] = str(tmp_path / "now")
    run.env.update(
        injected(tmp_path, DECODER.replace("== 123", "== 123 and os.path.exists(os.environ['DEADLY'])"))
    )
    return deadly


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_crash_after_it_was_told_to_end_does_not_begin_it_again(
    run: Program, copies: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    deadly = write_deadly(run, copies, tmp_path)
    run.env["PAUSE"], run.env["STALL"] = "2", "60"  # seconds: less than answers under way have
    with reviewing(run, "dupes.json") as (process, address):
        Path(run.env["DEADLY"]).touch()
        asking = Thread(target=ask_in_vain, args=(address, f"/p/{deadly}/0/full"))
        asking.start()
        time.sleep(0.5)
        said = ended(process, number)
        asking.join()
        assert process.returncode == code, said
    assert "beginning again" not in said


def ask_in_vain(address: str, path: str) -> None:
    with suppress(http.client.HTTPException, ConnectionError):
        ask(address, path)


def test_a_picture_that_crashes_its_decoder_takes_no_server(
    run: Program, copies: Path, tmp_path: Path
) -> None:
    deadly = write_deadly(run, copies, tmp_path)
    sound = 1 if deadly == 2 else 2
    with reviewing(run, "dupes.json") as (process, address):
        assert ask(address, f"/p/{deadly}/0/full")[0] == 200
        assert ask(address, f"/g/{deadly}", {"keep": "0", "do": "remove"})[0] == 303
        Path(run.env["DEADLY"]).touch()
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            ask(address, f"/p/{deadly}/0/full")
        # The next process answers at the same address, knows what was decided, and leaves that picture out.
        assert b"1 of 3 groups decided" in ask(address, "/")[1]
        assert ask(address, f"/p/{deadly}/0/full")[0] == 403
        assert ask(address, f"/p/{sound}/0/full")[0] == 200
        said = ended(process)
        assert process.returncode == 0, said
    assert said.count("its decoder crashed (SIGSEGV): beginning again without it") == 1
    assert said.endswith("\n1 of 3 groups decided: run the same command again to go on\n")
