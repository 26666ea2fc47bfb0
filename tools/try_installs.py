"""Install the program as people do, into folders that are thrown away, and do the main job with each: `make
try-installs`. Nothing of this machine's own installations is touched."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE = 1800  # seconds, for any one step: hnswlib is compiled
IMAGE = "visualsearch-tried"


def done(command: Sequence[str | Path], env: Mapping[str, str] | None = None, code: int = 0) -> str:
    """Run a command to its end, shown as it would be typed; return what it printed.

    Raises SystemExit if it ends otherwise than expected.
    """
    words = [str(word) for word in command]
    print(f"$ {shlex.join(words)}", flush=True)
    ended = subprocess.run(
        words,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if ended.returncode != code:
        sys.exit(f"ended with {ended.returncode}, not {code}:\n{ended.stdout}")
    return ended.stdout


@contextmanager
def with_uv(work: Path, _: argparse.Namespace) -> Iterator[list[str]]:
    """Install with `uv tool install`."""
    done([installer(work, "uv"), "tool", "install", PROJECT], env=own_places(work))
    yield [str(work / "bin" / "visualsearch")]
    done([work / "tool" / "bin" / "uv", "tool", "uninstall", "visualsearch-cli"], env=own_places(work))


@contextmanager
def with_pipx(work: Path, _: argparse.Namespace) -> Iterator[list[str]]:
    """Install with `pipx install`."""
    done([installer(work, "pipx"), "install", PROJECT], env=own_places(work))
    yield [str(work / "bin" / "visualsearch")]
    done([work / "tool" / "bin" / "pipx", "uninstall", "visualsearch-cli"], env=own_places(work))


@contextmanager
def in_a_container(work: Path, asked: argparse.Namespace) -> Iterator[list[str]]:
    """Build the image of the Containerfile, with buildah, which needs no daemon."""
    base = ["--build-arg", f"BASE={asked.base}"] if asked.base else []
    done(["buildah", "build", *base, *asked.build_option, "-t", IMAGE, PROJECT])
    container = done(["buildah", "from", IMAGE]).strip()
    volumes = ["-v", f"{work}:{work}", "-v", f"{work / 'state'}:/state"]
    try:
        yield ["buildah", "run", *volumes, container, "--", "visualsearch"]
    finally:
        done(["buildah", "rm", container])
        done(["buildah", "rmi", IMAGE])


def installer(work: Path, name: str) -> Path:
    """Return uv or pipx, in an environment of its own."""
    venv.create(work / "tool", with_pip=True)
    done([work / "tool" / "bin" / "python", "-m", "pip", "install", "--quiet", name])
    return work / "tool" / "bin" / name


def own_places(work: Path) -> dict[str, str]:
    """Return the variables by which uv and pipx put all that they make below a folder."""
    return {
        "UV_TOOL_DIR": str(work / "tools"),
        "UV_TOOL_BIN_DIR": str(work / "bin"),
        "PIPX_HOME": str(work / "pipx"),
        "PIPX_BIN_DIR": str(work / "bin"),
        "PIPX_MAN_DIR": str(work / "man"),
        "XDG_STATE_HOME": str(work / "state"),
        "HNSWLIB_NO_NATIVE": "1",
    }


WAYS: Mapping[str, Callable[[Path, argparse.Namespace], AbstractContextManager[list[str]]]] = {
    "uv": with_uv,
    "pipx": with_pipx,
    "container": in_a_container,
}


def do_the_main_job(program: Sequence[str], work: Path) -> None:
    """Index two pictures and a copy, find it, move it away, and take that back."""
    samples, photos = PROJECT / "sample_images" / "phone", work / "Photos"
    photos.mkdir()
    (work / "state").mkdir(exist_ok=True)
    for name in ("red-dice.jpg", "sunflower.jpg"):
        shutil.copy(samples / name, photos / name)
    shutil.copy(samples / "red-dice.jpg", photos / "red-dice again.jpg")
    report = work / "dupes.json"
    env = {"XDG_STATE_HOME": str(work / "state")}
    print(done([*program, "--version"], env=env).strip())
    done([*program, "index", photos], env=env)
    nearest = json.loads(done([*program, "query", photos / "red-dice.jpg", "-k", "1", "--json"], env=env))
    expect([n["verdict"] for n in nearest["results"][0]["neighbors"]], ["identical"])
    done([*program, "dupes", photos, "--report", report], env=env)
    done([*program, "apply", report, "--move-to", work / "out", "--yes"], env=env)
    expect(sorted(path.name for path in photos.glob("*.jpg")), ["red-dice.jpg", "sunflower.jpg"])
    done([*program, "undo", "--last"], env=env)
    expect(len(list(photos.glob("*.jpg"))), 3)


def expect(found: object, wanted: object) -> None:
    """End with a sentence if something is not as it should be."""
    if found != wanted:
        sys.exit(f"expected {wanted}, found {found}")


def main() -> None:
    """Try the ways that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ways", nargs="+", choices=WAYS)
    parser.add_argument("--base", help="the image to build on, in place of Debian's from the hub")
    parser.add_argument("--build-option", action="append", default=[], help="for buildah build; repeatable")
    asked = parser.parse_args()
    for way in asked.ways:
        with tempfile.TemporaryDirectory(prefix=f"try-{way}-") as work:
            place = Path(work).resolve()
            with WAYS[way](place, asked) as program:
                do_the_main_job(program, place)
            if way != "container":
                expect((place / "bin" / "visualsearch").exists(), False)
        print(f"{way}: installed, used and removed", flush=True)


if __name__ == "__main__":
    main()
