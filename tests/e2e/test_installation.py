"""An installation without hnswlib, which takes a compiler, or with one that this processor cannot run."""

from __future__ import annotations

import re
import sys
import venv
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.places import PACKAGE, PROJECT
from tests.helpers.program import Program, Result

STOPPED = "import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n"
"""In place of code for another processor: what the system does to it."""


class Installation:
    """All that is here but some packages, and nothing on PATH that could compile one."""

    def __init__(self, folder: Path, run: Program, *without: str) -> None:
        venv.create(folder, symlinks=True)
        self.python = folder / "bin" / "python"
        self.packages = next((folder / "lib").glob("python*/site-packages"))
        for place in (Path(entry) for entry in sys.path if Path(entry).name == "site-packages"):
            for entry in place.iterdir():
                here = self.packages / entry.name
                if not entry.name.startswith(without) and entry.suffix != ".pth" and not here.exists():
                    here.symlink_to(entry)
        (self.packages / "tree.pth").write_text(str(PACKAGE.parent))
        self._run = run
        self._env = {"PATH": str(self.python.parent), "NO_COLOR": "1"}

    def __call__(self, *arguments: str | Path, code: int = 0, cwd: Path | None = None) -> Result:
        return self._run(*arguments, code=code, cwd=cwd, env=self._env, prefix=(str(self.python),))


@pytest.fixture
def without(tmp_path: Path, run: Program) -> Installation:
    return Installation(tmp_path / "without", run, "hnswlib")


@pytest.fixture
def stopped(tmp_path: Path, run: Program) -> Installation:
    installation = Installation(tmp_path / "stopped", run, "hnswlib")
    (installation.packages / "hnswlib.py").write_text(STOPPED)
    return installation


def neighbors(result: Result) -> list[tuple[str, float]]:
    return [(found["path"], found["distance"]) for found in result.json["results"][0]["neighbors"]]


def test_all_works_without_hnswlib_and_a_compiler(run: Program, photos: Path, without: Installation) -> None:
    assert "hnswlib" not in without("index", photos).err
    assert "hnswlib" in without("index", "-v", photos).err
    assert without("info", "--json", cwd=photos).json["graph"] is None
    assert without("check", cwd=photos).err == ""
    assert without("dupes", "--json", cwd=photos).json["groups"] == []
    exact = without("query", photos / "coffee.jpg", "--json", cwd=photos)
    assert exact.err == ""
    for asked in (["--hnsw"], ["--ef-search", "50"]):
        found = without("query", photos / "coffee.jpg", "--json", *asked, cwd=photos)
        assert neighbors(found) == neighbors(exact)
        (said,) = found.err.splitlines()
        assert "which is not installed: run `pip install hnswlib`" in said
        assert said.endswith("comparing every vector instead")

    run("index", photos)  # with hnswlib: now there is a graph
    assert run("info", "--json", cwd=photos).json["graph"]["vectors"] == 10
    found = without("query", photos / "coffee.jpg", "--json", "--hnsw", cwd=photos)
    assert neighbors(found) == neighbors(exact)
    assert "hnsw.000001.bin the checksum alone was verified" in without("check", cwd=photos).err
    graph = photos / ".visualsearch" / "hnsw.000001.bin"
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    without("check", cwd=photos, code=13)
    without("check", "--repair", cwd=photos)
    assert run("check", cwd=photos).err == ""


def test_a_graph_library_of_another_processor_is_named(photos: Path, stopped: Installation) -> None:
    said = stopped("index", photos).err
    assert "compiled for another processor" in said and "HNSWLIB_NO_NATIVE=1" in said
    assert stopped("check", cwd=photos).err == ""
    found = stopped("query", photos / "coffee.jpg", "--json", "--hnsw", cwd=photos)
    assert len(neighbors(found)) == 9
    (said,) = found.err.splitlines()
    assert "HNSWLIB_NO_NATIVE=1" in said and said.endswith("comparing every vector instead")


def test_the_list_of_what_needs_no_compiler_is_complete() -> None:
    project = (PROJECT / "pyproject.toml").read_text("utf-8")
    block = project.partition("\ndependencies = [")[2].partition("\n]")[0]
    declared = re.findall(r'^ +"([^"]+)"', block, re.MULTILINE)
    listed = (PROJECT / "requirements-without-hnswlib.txt").read_text("utf-8").splitlines()
    assert listed[1:] == [package for package in declared if not package.startswith("hnswlib")]
    assert len(listed) == len(declared)


def test_the_image_installs_and_starts_what_there_is() -> None:
    """No container is built here: what its file names must be there to be installed and started."""
    text = (PROJECT / "Containerfile").read_text("utf-8")
    project = (PROJECT / "pyproject.toml").read_text("utf-8")
    (command,) = re.findall(r'^ENTRYPOINT \["(.+)"\]$', text, re.MULTILINE)
    assert f"\n{command} = " in project.partition("\n[project.scripts]")[2]
    (extra,) = re.findall(r"pip install .*'/source\[(\w+)\]'", text)
    assert f"\n{extra} = [" in project.partition("\n[project.optional-dependencies]")[2]
    (state,) = re.findall(r"^VOLUME (.+)$", text, re.MULTILINE)
    assert f"XDG_STATE_HOME={state} " in text
    for each in re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE):
        assert (PROJECT / each).exists()


def test_formats_whose_packages_are_missing_are_named(run: Program, photos: Path, tmp_path: Path) -> None:
    pytest.importorskip("pillow_jxl")
    pytest.importorskip("pillow_heif").register_heif_opener()
    with Image.open(photos / "coffee.jpg") as image:
        image.save(photos / "coffee.jxl", lossless_jpeg=False)
        image.save(photos / "coffee.heic")
    small = Installation(tmp_path / "small", run, "hnswlib", "pillow_jxl", "pillow_heif", "_pillow_heif")
    said = small("index", photos, code=3).err
    assert "coffee.jxl: JPEG XL needs the package pillow-jxl-plugin: pip install" in said
    assert "coffee.heic: HEIC needs the package pillow-heif: pip install" in said
    run("index", photos, "--retry-skipped")
    (group,) = run("dupes", photos, "--json", cwd=photos).json["groups"]
    assert {Path(member["path"]).suffix for member in group["members"]} == {".jpg", ".jxl", ".heic"}


def test_raw_codestreams_of_jpeg_2000_are_walked_to_by_each_of_their_names(
    run: Program, photos: Path
) -> None:
    with Image.open(photos / "coffee.jpg") as image:
        for suffix in (".j2c", ".jpc", ".j2k"):
            image.save(photos / f"coffee{suffix}", "JPEG2000", no_jp2=True)
            assert (
                (photos / f"coffee{suffix}").read_bytes().startswith(b"\xff\x4f\xff\x51")
            )  # no boxes around it
        image.save(photos / "coffee.jp2")
    run("index", photos)
    groups = run("dupes", photos, "--json", cwd=photos).json["groups"]
    suffixes = {Path(member["path"]).suffix for group in groups for member in group["members"]}
    assert suffixes == {".jpg", ".j2c", ".jpc", ".j2k", ".jp2"}
