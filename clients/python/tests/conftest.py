from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from real import BINARY, REASON, Server

pytest_plugins = ["pytester"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the program its tests are skipped, and not where AUDITOR_TEST_REQUIRE says that it has to be there."""
    if BINARY is not None:
        return
    missing = [item for item in items if item.get_closest_marker("real")]
    if missing and os.environ.get("AUDITOR_TEST_REQUIRE"):
        raise pytest.UsageError(REASON)
    for item in missing:
        item.add_marker(pytest.mark.skip(reason=REASON))


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a random wait the shortest; what the server asks for is waited for all the same."""
    monkeypatch.setattr("judge_auditor.backoff.random.uniform", lambda least, most: least)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set for the person who runs the tests is no part of them."""
    for name in ("JUDGE_AUDITOR_URL", "JUDGE_AUDITOR_KEY", "JUDGE_AUDITOR_BINARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One for all tests that leave it running."""
    folder = Path(tempfile.mkdtemp(prefix="auditor-python-"))
    running = Server(folder)
    running.start()
    try:
        yield running
        assert running.drain() == 0
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def binary() -> str:
    assert BINARY is not None
    return BINARY
