"""One file is one file, on every kind of file system that can be mounted here: acted upon, and taken back."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.mounts import PREPARED, TWO_PATHS, NotHere, Seen, mounted, program, share
from tests.helpers.mounts import run as run_here
from tests.helpers.places import PROJECT
from tests.helpers.program import Program, Result
from tests.helpers.reports_of_files import group, member, write_report
from visualsearch_cli.index.sqlite.database import BUSY_TIMEOUT_S
from visualsearch_cli.verdicts.verdict import Verdict

FILES = 4  # to act upon, each time
ACTIONS = ("--trash", "--move-to", "--hardlink", "--symlink", "--reflink", "--delete")
IMPOSSIBLE = {
    "--hardlink": ("exfat", "rclone", "vfat"),
    "--symlink": ("exfat", "rclone", "vfat", "smb", "smb-spelled"),
    "--reflink": (*(name for name in TWO_PATHS if name not in ("btrfs", "xfs")),),
}
"""What the file system itself cannot do."""
STAMP = 1_600_000_000_000_000_000  # ns: whole seconds, and an even number of them, as FAT has them


@pytest.fixture(scope="module", params=list(TWO_PATHS))
def kind(request: pytest.FixtureRequest) -> str:
    """One after the other: each is mounted once."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def seen(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """A folder that is there under two paths."""
    mount = TWO_PATHS[kind](tmp_path_factory.mktemp(kind))
    try:
        found = mount.__enter__()
    except NotHere as error:
        pytest.skip(str(error))
    yield found
    mount.__exit__(None, None, None)


REFUSING = """
import os, sqlite3, time
connect = sqlite3.connect
GRANTED = ("PRAGMA foreign", "PRAGMA sync", "PRAGMA query")
if os.environ.get("REFUSED") == "writes":
    GRANTED = ("PRAGMA", "SELECT", "WITH", "BEGIN DEFERRED", "COMMIT")
class Refusing(sqlite3.Connection):
    def execute(self, sql, *parameters):
        if not sql.lstrip().startswith(GRANTED):
            time.sleep(self.patience)
            raise sqlite3.OperationalError("database is locked")
        return super().execute(sql, *parameters)
def refusing(path, *given, **options):
    if os.environ["REFUSES_LOCKS"] not in str(path):
        return connect(path, *given, **options)
    connection = connect(path, *given, factory=Refusing, **options)
    connection.patience = options.get("timeout", 5)
    return connection
sqlite3.connect = refusing
"""
"""What Python loads at its start, by which SQLite can lock nothing in a folder, or not for writing: as on a
share over SMB."""

numbers = count()


def test_the_document_says_what_each_can_do() -> None:
    """A column for each kind of link, "no" where the tests below expect that."""
    text = (PROJECT / "docs" / "disks.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    head = next(row for row in rows if "`--hardlink`" in row)
    told = {row[0]: row for row in rows if len(row) == len(head)}
    for kind in TWO_PATHS:
        names = [name for name in told if name.lower().split()[0] == kind]
        assert len(names) == (0 if kind == "smb-spelled" else 1), kind
        for action, column in ((cell.strip("`"), head.index(cell)) for cell in head[4:] if names):
            assert (told[names[0]][column] == "no") is (kind in IMPOSSIBLE[action]), (kind, action)


def option(action: str, folder: Path) -> tuple[str, ...]:
    return (action, str(folder)) if action == "--move-to" else (action,)


def write(folder: Path, begin: str) -> list[str]:
    """Write files into a folder; return their names."""
    names = [f"{begin}{number}.jpg" for number in range(FILES)]
    for name in names:
        (folder / name).write_bytes(b"%s in %s" % (name[1:].encode(), b"picture" * 5000))
        os.utime(folder / name, ns=(STAMP, STAMP))
    return names


def contents(folder: Path) -> dict[str, bytes]:
    """Return the pictures of a folder, and whatever was left there."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".wh.")}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("kept", ["near", "far"])
def test_one_file_under_two_paths_is_left(seen: Seen, run: Program, kept: str, action: str) -> None:
    """Whichever of the two the report keeps, and whatever is to be done with the other."""
    work = seen.folder(next(numbers) % PREPARED)
    near, far = seen.near / work, seen.far / work
    names = write(near, "p")
    keeps, offers = (near, far) if kept == "near" else (far, near)
    groups = [
        group(keeps / name, member(offers / name, Verdict.IDENTICAL), id=name)
        for name in names
        if (offers / name).exists()
    ]
    assert len(groups) == FILES
    before = contents(near)
    report = write_report(run.home / "r.json", *groups)
    # Refused, failed or left: another name of the kept file.
    done = run("apply", report, *option(action, run.home / "moved"), "--yes", code=None)
    assert contents(near) == before, done.err
    assert sorted(os.listdir(near)) == sorted(before)


def act(run: Program, what: list[str | Path], kind: str) -> None:
    """Act on the files of a report.

    rclone gives one another inode now and then, which is left alone: if so, take
    back what was done, and try again, as the message says.
    """
    for is_last in (False, False, True) if kind == "rclone" else (True,):
        try:
            run(*what)
            return
        except AssertionError as error:
            if is_last or "changed a moment ago" not in str(error):
                raise
            run("undo", "--last")


def listed(folder: Path, names: list[str]) -> bool:
    """Tell whether a folder holds these names, now or soon: SMB shows what it listed a second ago."""
    deadline = time.monotonic() + 10
    while sorted(os.listdir(folder)) != names:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


@pytest.mark.parametrize("action", ACTIONS)
def test_copies_are_acted_on_and_come_back(seen: Seen, run: Program, action: str, kind: str) -> None:
    """Real ones, in one folder."""
    work = seen.folder(next(numbers) % PREPARED)
    folder = seen.far / work
    kept, copies = write(seen.near / work, "k"), write(seen.near / work, "c")
    before = contents(folder)
    groups = [
        group(folder / name, member(folder / copy, Verdict.IDENTICAL), id=name)
        for name, copy in zip(kept, copies, strict=True)
    ]
    report = write_report(run.home / "r.json", *groups, index=seen.far / ".visualsearch")
    what: list[str | Path] = ["apply", report, *option(action, seen.far / "moved"), "--yes"]
    if kind in IMPOSSIBLE.get(action, ()):
        assert "cannot be made" in run(*what, code=3).err
        assert contents(folder) == before
        assert "did nothing, so nothing is to be taken back" in run("undo", "--last").err
        return
    act(run, what, kind)
    assert listed(folder, sorted(kept + copies) if "link" in action else kept)
    if action == "--delete":
        return
    run("undo", "--last")
    assert contents(folder) == before
    for name in copies:
        state = os.lstat(folder / name)
        assert (state.st_mtime_ns, state.st_nlink, stat.S_ISREG(state.st_mode)) == (STAMP, 1, True)


def test_one_tree_is_named_as_one(seen: Seen, run: Program, kind: str) -> None:
    """Two roots that are one, with a real copy in it: that alone is offered, and once."""
    work = seen.folder(next(numbers) % PREPARED)
    for number, name in enumerate(("a.png", "b.png")):
        Image.effect_noise((64, 48), 40 + number).save(seen.near / work / name)
    shutil.copy2(seen.near / work / "a.png", seen.near / work / "copy.png")
    run("index", seen.near / work, seen.far / work, "--index", run.home / "index", "-q")
    found = run("dupes", "--index", run.home / "index", "--json", "--level", "identical")
    members = [Path(member["path"]).name for item in found.json["groups"] for member in item["members"]]
    assert sorted(members) == ["a.png", "copy.png"]
    if kind not in ("btrfs", "xfs", "ntfs", "vfat"):  # there, device and inode tell
        assert "under another path: 3 files there left out" in found.err
    is_emptied = not os.listdir(seen.far / work)  # fuse-overlayfs forgets what was not made through it
    asked = run(
        "only", seen.near / work, "--not-in", seen.far / work, "--index", run.home / "index", "--json",
        code=3 if is_emptied else 0,
    )  # fmt: skip
    states = [(Path(file["path"]).name, file["state"]) for file in asked.json["files"]]
    assert states == [(name, "only here") for name in ("a.png", "b.png", "copy.png")], "all would be gone"
    assert sorted(os.listdir(seen.near / work)) == ["a.png", "b.png", "copy.png"]


def squashfs(photos: Path, image: Path) -> None:
    """Pack a folder, with seconds for times."""
    run_here(program("mksquashfs"), photos, image, "-quiet", "-no-progress")


def iso9660(photos: Path, image: Path) -> None:
    """Burn a folder, with seconds for times."""
    run_here(program("genisoimage"), "-quiet", "-rock", "-output", image, photos)


def vfat(photos: Path, image: Path) -> None:
    """Copy a folder to a card, which keeps every other second."""
    with image.open("wb") as stream:
        stream.truncate(32 << 20)
    run_here(program("mkfs.vfat"), image)
    point = image.with_suffix(".writing")
    with mounted(point, program("mount"), "-o", "loop", image, point):
        shutil.copytree(photos, point, dirs_exist_ok=True)


@pytest.mark.parametrize(("pack", "unit"), [(squashfs, 1), (iso9660, 1), (vfat, 2)])
def test_an_index_goes_on_where_times_are_coarser(
    run: Program, tmp_path: Path, pack: Callable[[Path, Path], None], unit: int
) -> None:
    """In a folder that went there with its index, and nothing can be written: all is found unchanged."""
    photos, point = tmp_path / "Photos", tmp_path / "mounted"
    photos.mkdir()
    Image.effect_noise((64, 48), 40).save(photos / "a.png")
    shutil.copy(photos / "a.png", photos / "b.png")
    run("index", photos, "-q")
    try:
        pack(photos, tmp_path / "disk")
        with mounted(point, program("mount"), "-o", "loop,ro", tmp_path / "disk", point):
            found = run("dupes", "--index", point / ".visualsearch", "--json")
            assert os.stat(point / "a.png").st_mtime_ns % (unit * 10**9) == 0
    except NotHere as error:
        pytest.skip(str(error))
    (group,) = found.json["groups"]
    assert [Path(member["path"]).parent for member in group["members"]] == [point, point]


def test_a_disk_inside_a_root_is_offline_by_itself(run: Program, tmp_path: Path) -> None:
    """Its pictures are neither missing nor offered while it is away, and are forgotten only if asked for."""
    photos, disk = tmp_path / "Photos", tmp_path / "disk"
    card = photos / "card"
    for folder in (photos, disk, card):
        folder.mkdir(exist_ok=True)
    for number in range(3):
        Image.effect_noise((64, 48), 40 + number).save(disk / f"{number}.png")
    shutil.copy(disk / "0.png", photos / "0.png")
    try:
        with mounted(card, program("bindfs"), disk, card):
            assert run("index", photos, "--json").json["images"] == 4
            assert len(run("dupes", "--index", photos / ".visualsearch", "--json").json["groups"]) == 1
    except NotHere as error:
        pytest.skip(str(error))
    away = run("index", photos, "--json")
    assert f"{card}, where another disk was mounted, is offline: its 3 images are left alone" in away.err
    assert (away.json["missing"], away.json["images"]) == (0, 4)
    found = run("dupes", "--index", photos / ".visualsearch", "--json", code=3).json
    assert found["groups"] == [] and [item["path"] for item in found["skipped"]] == [str(card)]
    with mounted(card, program("bindfs"), disk, card):
        back = run("index", photos, "--json")
        assert (back.json["unchanged"], back.err.count("offline")) == (4, 0)
    assert "3 files forgotten" in run("prune", "--index", photos / ".visualsearch", "--root", card).out
    assert run("index", photos, "--json").err.count("offline") == 0


@pytest.mark.parametrize("kind", ["bindfs", "vfat"])
def test_two_cards_take_turns_in_one_reader(run: Program, tmp_path: Path, kind: str) -> None:
    """At one path, with the same names on both: neither makes the index forget the other."""
    index, reader = run.home / "index", tmp_path / "reader"
    cards = [tmp_path / "first", tmp_path / "second"]
    devices = set()
    for number, card in enumerate(cards):
        (card / "DCIM").mkdir(parents=True)
        for picture in range(3):
            Image.effect_noise((64, 48), 10 * number + picture + 3).save(card / "DCIM" / f"{picture}.png")

    def put_in(card: Path) -> Result:
        command: tuple[str | Path, ...] = (program("bindfs"), card, reader)
        try:
            if kind == "vfat":
                image = card.with_suffix(".image")
                if not image.exists():
                    vfat(card, image)
                command = (program("mount"), "-o", "loop", image, reader)
            with mounted(reader, *command):
                state = reader.stat()
                devices.add((state.st_dev, state.st_ino))
                done = run("index", reader, "--index", index, "--json")
                run("prune", "--index", index)
        except NotHere as error:
            pytest.skip(str(error))
        return done

    assert put_in(cards[0]).json["embedded"] == 3
    second = put_in(cards[1])
    assert (second.json["embedded"], second.json["missing"], second.json["images"]) == (3, 0, 6)
    assert f"{reader} holds another disk now" in second.err
    first = put_in(cards[0])
    assert (first.json["unchanged"], first.json["missing"], first.json["images"]) == (3, 0, 6)
    away = re.search(r"3 images of the one before stay in the index, as (.*?), which is", first.err)
    assert away and "holds the disk again" in first.err
    assert "3 files forgotten" in run("prune", "--index", index, "--root", away[1]).out
    assert kind != "vfat" or len(devices) == 1, "neither device nor inode tells cards apart"


HOLDING = """
import sys
from pathlib import Path
from visualsearch_cli.index.folder import IndexFolder
with IndexFolder(Path(sys.argv[1])).lock():
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_nobody_writes_through_two_mounts(run: Program, tmp_path: Path) -> None:
    """A mirror has locks of its own, so they tell nothing of who writes to the folder itself."""
    real, seen = tmp_path / "real", tmp_path / "seen"
    real.mkdir()
    Image.effect_noise((64, 48), 40).save(real / "a.png")
    run("index", real, "-q")
    writer = [sys.executable, "-c", HOLDING, os.fspath(real)]
    try:
        with (
            mounted(seen, program("bindfs"), real, seen),
            subprocess.Popen(writer, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        ):
            try:
                assert process.stdout and process.stdout.readline() == "writing\n"
                said = f"by process {process.pid} through another path, {real / '.visualsearch'}"
                assert said in run("index", seen, code=11).message
                assert said in run("dupes", cwd=seen, code=11).message, "it might undo what is being written"
                assert "another process" in run("index", real, code=11).message
                run("dupes", cwd=real)
            finally:
                process.kill()
                process.wait(30)
            assert run("index", seen, "--json").json["unchanged"] == 1, "what was killed does not count"
            assert "catalog.sqlite-writer" not in os.listdir(real / ".visualsearch")
    except NotHere as error:
        pytest.skip(str(error))


def test_where_locks_are_refused_the_index_goes_to_the_state_folder(run: Program, tmp_path: Path) -> None:
    """It is found again from where it was to be, from every folder there."""
    share, fake = tmp_path / "share", tmp_path / "fake"
    (share / "trip").mkdir(parents=True)
    fake.mkdir()
    Image.effect_noise((64, 48), 40).save(share / "trip" / "a.png")
    shutil.copy(share / "trip" / "a.png", share / "b.png")
    (fake / "sitecustomize.py").write_text(REFUSING)
    refusing = {"PYTHONPATH": str(fake), "REFUSES_LOCKS": str(share)}
    made = run("index", share, env=refusing)
    assert f"{share / '.visualsearch'} refuses the locks of an index, which is in {run.home}" in made.err
    assert sorted(os.listdir(share / ".visualsearch")) == ["README", "elsewhere.json"]
    assert len(run("dupes", "--json", cwd=share / "trip", env=refusing).json["groups"]) == 1
    again = run("index", "--json", cwd=share, env=refusing)
    assert again.json["unchanged"] == 2
    (pointer,) = (share / ".visualsearch").glob("*.json")
    pointer.write_text('{"schema": "visualsearch/elsewhere/1", "name": "../../elsewhere"}')
    assert "cannot be followed" in run("dupes", cwd=share, code=13).message


def test_over_smb_an_index_goes_to_the_state_folder(run: Program, tmp_path: Path) -> None:
    """Mounted as it is if nothing else is said. An index that the server made can be read there."""
    try:
        with share(tmp_path) as seen:
            photos, here = seen.far / "Photos", seen.near / "Photos"
            here.mkdir()
            Image.effect_noise((64, 48), 40).save(here / "a.png")
            shutil.copy(here / "a.png", here / "b.png")
            assert "refuses the locks of an index" in run("index", photos).err
            assert sorted(os.listdir(here / ".visualsearch")) == ["README", "elsewhere.json"]
            assert len(run("dupes", "--json", cwd=photos).json["groups"]) == 1
            shutil.rmtree(here / ".visualsearch")
            run("index", here, "-q")
            assert len(run("dupes", "--json", cwd=photos).json["groups"]) == 1
            began = time.monotonic()
            assert "refuses locks" in run("index", cwd=photos, code=1).message
            assert time.monotonic() - began < BUSY_TIMEOUT_S
    except NotHere as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("refused", ["", "writes"])
def test_an_index_that_came_to_where_locks_are_refused_says_so(
    run: Program, tmp_path: Path, refused: str
) -> None:
    """And soon. If only a writer's locks are refused, it can be read."""
    share, fake = tmp_path / "share", tmp_path / "fake"
    for folder in (share, fake):
        folder.mkdir()
    Image.effect_noise((64, 48), 40).save(share / "a.png")
    shutil.copy(share / "a.png", share / "b.png")
    run("index", share, "-q")
    (fake / "sitecustomize.py").write_text(REFUSING)
    refusing = {"PYTHONPATH": str(fake), "REFUSES_LOCKS": str(share), "REFUSED": refused}
    began = time.monotonic()
    if refused:
        assert len(run("dupes", "--json", cwd=share, env=refusing).json["groups"]) == 1
    said = run("index" if refused else "dupes", cwd=share, env=refusing, code=1).message
    assert "refuses locks" in said and "--index DIR" in said
    assert time.monotonic() - began < BUSY_TIMEOUT_S / 2
