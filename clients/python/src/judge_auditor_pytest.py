"""The fixture `assert_supported`, whose failures show what is wrong in pytest's own report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

# The package itself is loaded where it is used: pytest loads this module in every run.
if TYPE_CHECKING:
    from judge_auditor import Evaluation

_SERVER = "judge_auditor_server"
_BINARY = "judge_auditor_binary"
_THRESHOLD = "judge_auditor_threshold"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("judge-auditor", "texts against their sources")
    group.addoption("--judge-auditor-server", help="ask this server (default: JUDGE_AUDITOR_URL, else the program)")
    group.addoption("--judge-auditor-binary", help="the program (default: JUDGE_AUDITOR_BINARY, else by the PATH)")
    group.addoption("--judge-auditor-threshold", type=float, help="the least faithfulness, 0 to 1")
    parser.addini(_SERVER, "as --judge-auditor-server")
    parser.addini(_BINARY, "as --judge-auditor-binary")
    parser.addini(_THRESHOLD, "as --judge-auditor-threshold")


@pytest.fixture
def assert_supported(
    request: pytest.FixtureRequest,
) -> Callable[..., Evaluation]:
    """`judge_auditor.testing.assert_supported` with the settings of pytest; its figures go to the JUnit file."""
    from judge_auditor import NotSupported
    from judge_auditor import assert_supported as check_supported

    config = request.config

    def check(source: str, candidate: str, threshold: float | None = None, **options: Any) -> Evaluation:
        __tracebackhide__ = True
        if options.get("server") is None and options.get("binary") is None:
            options["binary"] = _setting(config, _BINARY)
            options["server"] = _setting(config, _SERVER) if options["binary"] is None else None
        chosen = _setting(config, _THRESHOLD) if threshold is None else threshold
        try:
            evaluation = check_supported(source, candidate, None if chosen is None else float(chosen), **options)
        except NotSupported as fault:
            _record(request.node, fault.evaluation)
            raise
        _record(request.node, evaluation)
        return evaluation

    return check


def _record(item: pytest.Item, evaluation: Evaluation) -> None:
    """As the fixture `record_property` does, which would warn in each run that writes a JUnit file."""
    whole = evaluation.faithfulness
    if whole is not None:
        item.user_properties.append(("judge_auditor.faithfulness", whole.probability))
    item.user_properties.append(("judge_auditor.verdict", evaluation.verdict()))


def _setting(config: pytest.Config, name: str) -> Any:
    option = config.getoption(name, None)
    return option if option is not None else (config.getini(name) or None)
