"""A plugin of pytest that counts as scripts/tally.mjs does, and writes it as JSON to $TIMBREL_TALLY."""

import json
import os
from pathlib import Path

import pytest

FOLDER = "models/training/"


class Tally:
    def __init__(self) -> None:
        self.passed = 0
        self.failures: list[str] = []
        self.skipped: list[dict[str, str]] = []

    def add(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        name = FOLDER + report.nodeid
        if report.failed:
            # A test may fail and then its teardown too.
            if name not in self.failures:
                self.failures.append(name)
        elif report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skipped.append({"name": name, "reason": reason.removeprefix("Skipped: ")})
        elif getattr(report, "when", None) == "call":
            self.passed += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.add(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.add(report)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not self.skipped:
            self.failures.append("no test was found")
        counts = {"passed": self.passed, "failures": self.failures, "skipped": self.skipped}
        Path(os.environ["TIMBREL_TALLY"]).write_text(json.dumps(counts))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Tally())
