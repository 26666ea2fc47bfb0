"""The tests that may be skipped although every extra and a browser are installed, and why nothing helps."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.helpers.places import SHARED

LIST = "tests/helpers/expected_skips.py"

LINUX = sys.platform == "linux"
WINDOWS = os.name == "nt"
MACOS = sys.platform == "darwin"
ROOT = not WINDOWS and os.geteuid() == 0


@dataclass(frozen=True, slots=True)
class Expected:
    """Tests, a pattern of ids, that may be skipped for a reason on a machine where `here` is true."""

    reason: str
    why: str
    here: bool
    tests: str = "*"

    def covers(self, test: str, reason: str) -> bool:
        """Tell whether this test may be skipped here for the reason it gave."""
        return self.here and fnmatchcase(test, self.tests) and fnmatchcase(reason, self.reason)


EXPECTED = (
    Expected(
        "GNU parallel is not installed",
        "Debian has it as `parallel`; it runs a recipe, and the parts are tested without it, too.",
        here=shutil.which("parallel") is None,
        tests="tests/e2e/test_shards.py::*",
    ),
    Expected(
        "what other systems tell is theirs",
        "Of changes, each system tells in its own way; `watch` is tried with the one of Linux.",
        here=not LINUX,
        tests="tests/*watch*/test_*.py::*",
    ),
    Expected(
        "glibc alone is told how to allocate",
        "Others allocate as they do.",
        here=platform.libc_ver()[0] != "glibc",
        tests="tests/pictures/test_memory_gate.py::*",
    ),
    Expected(
        "chromedriver is not installed",
        "Chrome comes without one there; on Linux `.ci/run` installs it.",
        here=MACOS or WINDOWS,
    ),
    Expected(
        "axe-core is not here",
        "`make axe` fetches it with npm, and there is none here.",
        here=shutil.which("npm") is None,
        tests="tests/pages/test_in_browser.py::*",
    ),
    Expected(
        "the RAW of a real camera is not here",
        "`make raws` fetches it from PyPI with pip, which has failed, or was not asked to.",
        here=not (Path(sys.prefix) / "raws" / ".fetched").is_file(),
        tests="tests/pictures/test_real_raws.py::*",
    ),
    Expected(
        "the weights of open_clip:* are not in the cache of huggingface_hub",
        "They are 600 MB of other people's; a tiny network of the same kind is tested instead.",
        here=True,
        tests="tests/embedders/torched/test_openclip.py::*",
    ),
    Expected(
        "no photographs in *",
        "The photographs are not part of the project; where they lie beside the checkout, the test runs.",
        here=not SHARED.is_dir(),
    ),
    Expected(
        "could not import 'pdqhash'*",
        "There is no pdqhash for Python 3.14 yet.",
        here=sys.version_info >= (3, 14),
        tests="tests/benchmarks/*",
    ),
    Expected(
        "permissions do not bind root*",
        "setpriv takes root's power away where the kernel lets it; other users have none.",
        here=ROOT,
    ),
    Expected(
        "*mount here",
        "To mount a small disk and fill it takes root, and a container that allows it.",
        here=True,
        tests="tests/e2e/test_apply.py::*",
    ),
    Expected(
        "root, and no *",
        "Root is stopped by immutable folders alone, which some file systems and containers do not have.",
        here=ROOT,
        tests="tests/e2e/test_apply.py::*",
    ),
    Expected(
        "no second file system",
        "The folder for temporary files and the one in memory are one file system here.",
        here=True,
        tests="tests/acting/test_killed.py::*",
    ),
    Expected(
        "* is not here",
        "The programs that mount a disk are packages of Linux.",
        here=not LINUX,
        tests="tests/e2e/test_disks.py::*",
    ),
    Expected(
        "only root may *",
        "Loop devices and overlays are for root; what is mounted over FUSE is tested by everybody.",
        here=LINUX and not ROOT,
        tests="tests/e2e/test_disks.py::*",
    ),
    Expected(
        "* cannot mount here: *",
        "What a kernel can mount depends on how it was built, and containers may forbid it.",
        here=LINUX,
        tests="tests/e2e/test_disks.py::*",
    ),
    Expected("no extended attributes here", "The file system of temporary files has none.", here=True),
    Expected("a file system that ignores case", "As macOS and Windows have it.", here=not LINUX),
    Expected("a file system * names", "As macOS and Windows have it.", here=not LINUX),
    Expected("such names are not allowed there", "Nor would such files be.", here=not LINUX),
    Expected("no symbolic links here", "Windows asks for a privilege.", here=WINDOWS),
    Expected("needs a POSIX shell", "Windows has none.", here=WINDOWS, tests="tests/e2e/*"),
    Expected("no shell that knows $''", "Windows has none.", here=WINDOWS),
    Expected("POSIX *", "Windows has none.", here=WINDOWS),
    Expected("paths of POSIX systems", "Windows has none.", here=WINDOWS),
    Expected("needs *", "fork, named pipes and signals are not of Windows.", here=WINDOWS),
    Expected("Windows has no such files", "It has no pipes and devices among the files.", here=WINDOWS),
    Expected("there, links are followed", "Windows cannot be asked not to.", here=WINDOWS),
    Expected("folders cannot be opened there", "Windows opens files alone.", here=WINDOWS),
    Expected(
        "neither Chromium nor Chrome is installed",
        "Nothing installs one there; the page is the same file everywhere, and is looked at on the others.",
        here=WINDOWS,
        tests="tests/reports/*",
    ),
    Expected(
        "* is not installed",
        "macOS has one of mandoc and groff, Windows none; the pages are the same files everywhere.",
        here=not LINUX,
        tests="tests/cli/test_manual_pages.py::*",
    ),
    Expected("*/dev/full*", "A device of Linux that is always full.", here=not LINUX),
    Expected("reads /proc", "Of Linux.", here=not LINUX),
    Expected("limits memory as Linux does", "Other systems take `ulimit -v` for no limit.", here=not LINUX),
    Expected("the ioctl of Linux", "Other systems share blocks in other ways.", here=not LINUX),
    Expected("the trash of freedesktop.org *", "macOS and Windows have their own.", here=MACOS or WINDOWS),
)
