"""A real browser without a window, as far as its command line goes: pictures of pages, and pages on paper."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"  # which no $PATH names
TIMEOUT = 120  # seconds, for a page of a test
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
DARK = "--blink-settings=preferredColorScheme=0"
LIGHT = "--blink-settings=preferredColorScheme=1"


def browser() -> str | None:
    """Return the path of a browser, if one is installed."""
    return next((path for name in (*NAMES, MACOS) if (path := shutil.which(name))), None)


def run_browser(page: Path, *flags: str, timeout: float = TIMEOUT) -> str:
    """Load a page, do what the flags say, and return what was printed."""
    program = browser()
    assert program
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *QUIET, f"--user-data-dir={profile}", *flags, page.as_uri()]
        return subprocess.run(command, capture_output=True, timeout=timeout, check=True).stdout.decode()


def screenshot(
    page: Path, to: Path, width: int = 1280, height: int = 1000, scheme: str = LIGHT
) -> Image.Image:
    """Return what a window of this size shows of a page."""
    run_browser(page, f"--window-size={width},{height}", scheme, f"--screenshot={to}")
    return Image.open(to).convert("RGB")
