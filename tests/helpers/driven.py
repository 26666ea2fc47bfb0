"""A real browser, driven as a user drives it, with keys and clicks; and axe-core, which finds barriers."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.browser import QUIET, TIMEOUT, browser
from tests.helpers.places import PROJECT

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

DRIVERS = ("chromedriver", "/usr/bin/chromedriver")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
WAIT = 30  # seconds, for what a page does at once


@contextmanager
def driven(width: int = 1440, height: int = 900) -> Iterator[Chrome]:
    """Start a browser, with a window of that size. Skips the test if there is no driver."""
    driver = next((path for name in DRIVERS if (path := shutil.which(name))), None)
    if driver is None:
        pytest.skip("chromedriver is not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser() or ""
    for flag in (*QUIET, f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        started.set_page_load_timeout(TIMEOUT)
        started.set_script_timeout(TIMEOUT)
        resize(started, width, height)
        yield started
    finally:
        started.quit()


def resize(page: Chrome, width: int, height: int, *, dark: bool = False) -> None:
    """Let the window have a size, and the user like light or dark."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


def wait_for(page: Chrome, condition: Callable[[Chrome], Any]) -> Any:
    """Wait until something is so, and return what the condition says."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(page, WAIT, poll_frequency=0.02).until(condition)


def type_key(page: Chrome, key: str) -> None:
    """Press a key, wherever the focus is."""
    from selenium.webdriver import ActionChains

    ActionChains(page, duration=0).send_keys(key).perform()


def text_of(page: Chrome, id: str) -> str:
    """Return what an element of the page says; nothing while it is not there: pages change as one looks."""
    script = "return document.getElementById(arguments[0])?.textContent.replace(/\\s+/g, ' ').trim() || ''"
    return str(page.execute_script(script, id))


@cache
def _axe() -> str:
    """Return the script of axe-core. Skips the test if it is not here."""
    for path in sorted((PROJECT / ".venv" / "axe").glob("axe-core-*.tgz")):
        with tarfile.open(path) as archive:
            script = archive.extractfile("package/axe.min.js")
            assert script
            return script.read().decode()
    pytest.skip("axe-core is not here")


def barriers(page: Chrome) -> list[str]:
    """Return what axe-core finds wrong on the page, a line each."""
    page.execute_script(_axe())
    found: list[dict[str, Any]] = page.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}})"
        ".then((found) => done(found.violations), (error) => done([{id: String(error), nodes: []}]))",
        list(RULES),
    )
    return [f"{each['id']}: {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found]


def complaints(page: Chrome) -> list[str]:
    """Return what the browser wrote to its console since it was last asked: errors, what a policy stopped."""
    log: list[dict[str, Any]] = page.get_log("browser")  # type: ignore[no-untyped-call]
    return [str(each["message"]) for each in log]
