"""A plugin of pytest that lists the skipped tests, and fails the run if one of them should not have been."""

from __future__ import annotations

import pytest

from tests.helpers.expected_skips import EXPECTED, LIST, Expected

Skipped = tuple[str, str]
"""The id of a test, or of a file of tests, and the reason it gave."""


def expectation(skipped: Skipped) -> Expected | None:
    """Return why a test may be skipped on this machine, if it may."""
    return next((expected for expected in EXPECTED if expected.covers(*skipped)), None)


class SkipsAccountedFor:
    """Lists the skipped tests at the end of a run, and fails it if one of them is not expected."""

    def __init__(self) -> None:
        """Begin a run, with nothing skipped."""
        self.skipped: list[Skipped] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that was skipped; one that failed as expected ran."""
        if not hasattr(report, "wasxfail"):
            self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that was skipped as a whole."""
        self._note(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run in which all else went well."""
        if session.exitstatus == pytest.ExitCode.OK and not all(map(expectation, self.skipped)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say of each skipped test why it may be, or that it may not."""
        found = [(skipped, expectation(skipped)) for skipped in self.skipped]
        terminalreporter.section("skipped tests, accounted for")
        for (test, reason), expected in found:
            if expected:
                terminalreporter.line(f"expected    {test}: {reason}. {expected.why}")
        unexpected = [skipped for skipped, expected in found if not expected]
        for test, reason in unexpected:
            terminalreporter.line(f"UNEXPECTED  {test}: {reason}", red=True)
        if unexpected:
            terminalreporter.line(
                f"{len(unexpected)} of {len(found)} skipped tests should have run: "
                f"give them what they ask for, or list them in {LIST} with the reason why that cannot be",
                red=True,
            )
        elif not found:
            terminalreporter.line("none")

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped:
            where = report.longrepr
            reason = where[2] if isinstance(where, tuple) else str(where)
            self.skipped.append((report.nodeid, reason.removeprefix("Skipped: ")))
