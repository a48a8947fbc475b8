from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a random wait the shortest; what the server asks for is waited for all the same."""
    monkeypatch.setattr("judge_auditor.backoff.random.uniform", lambda least, most: least)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set for the person who runs the tests is no part of them."""
    for name in ("JUDGE_AUDITOR_URL", "JUDGE_AUDITOR_KEY", "JUDGE_AUDITOR_BINARY"):
        monkeypatch.delenv(name, raising=False)
