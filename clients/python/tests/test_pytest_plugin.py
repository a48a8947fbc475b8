"""The plugin in a pytest of its own; a program of these tests stands for the auditor, and once the real one does."""

from __future__ import annotations

import json
import stat
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from real import real
from scripted import evaluation
from test_display import claim, judge

TEST = """
def test_the_answer(assert_supported):
    assert_supported("The bridge is 412 metres long.", "It is 640 metres long.")
"""


def result(**changes: Any) -> dict[str, Any]:
    """All that has to be there, with these figures."""
    return {
        "aggregation_strategy": "weighted_average",
        "agreement": {"items": 0, "raters": 0},
        "claims": {"total": 1, "supported": 0, "refuted": 1, "not_enough_info": 0},
        "hallucination_breakdown": {},
        "judges": {"requested": 1, "completed": 1, "failed": 0},
        "reliability": "high",
        "reliability_reasons": [],
    } | changes


def whole(probability: float, flagged: bool) -> dict[str, Any]:
    return {"probability": probability, "flagged": flagged, "threshold": 0.5, "basis": "built-in/1"}


@pytest.fixture
def answers(tmp_path: Path) -> Any:
    """Makes a program that answers with one evaluation, whatever it is asked."""

    def make(result: dict[str, Any], **changes: Any) -> str:
        answer = evaluation(status="completed", result=result, **changes)
        (tmp_path / "answer.json").write_text(json.dumps(answer))
        program = tmp_path / "judge-auditor"
        program.write_text(f"#!{sys.executable}\nprint(open({str(tmp_path / 'answer.json')!r}).read())\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return str(program)

    return make


def run(pytester: pytest.Pytester, program: str, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", f"--judge-auditor-binary={program}", *arguments)


REFUTED = claim("It is 640 metres long.", "REFUTED")
WRONG = result(faithfulness=whole(0.12, True))


@pytest.mark.parametrize("style", ["auto", "short", "native"])
def test_a_failure_shows_claims_and_evidence_in_the_report(pytester: pytest.Pytester, answers: Any, style: str) -> None:
    pytester.makepyfile(TEST)
    said = run(pytester, answers(WRONG, claims=[REFUTED]), f"--tb={style}")
    said.assert_outcomes(failed=1)
    said.stdout.fnmatch_lines(["*contradicted: It is 640 metres long.*"])
    if style != "native":
        said.stdout.fnmatch_lines(
            [
                "*assert_supported(*",
                "*faithfulness 0.12, and 0.50 is needed.*",
                "E  *contradicted: It is 640 metres long.",
                "E  *    why: <script>*",
            ]
        )
        # The test's own line, and not the insides of the plugin.
        assert "__tracebackhide__" not in said.stdout.str()


def test_a_text_that_holds_passes_and_its_figures_are_in_the_junit_file(
    pytester: pytest.Pytester, answers: Any
) -> None:
    pytester.makepyfile(TEST)
    program = answers(result(faithfulness=whole(0.97, False)), claims=[claim("It holds.", "SUPPORTED")])
    run(pytester, program, "--junit-xml=report.xml").assert_outcomes(passed=1)
    properties = {
        each.attrib["name"]: each.attrib["value"]
        for each in ElementTree.parse(pytester.path / "report.xml").iter("property")
    }
    assert properties["judge_auditor.faithfulness"] == "0.97"


def test_nothing_to_check_is_no_pass(pytester: pytest.Pytester, answers: Any) -> None:
    pytester.makepyfile(TEST)
    said = run(pytester, answers(result(outcome="nothing_to_check", outcome_reason="no_claim")))
    said.assert_outcomes(failed=1)
    said.stdout.fnmatch_lines(["*There is nothing to check, which is no pass.*"])


def test_a_judge_without_a_score_is_no_pass(pytester: pytest.Pytester, answers: Any) -> None:
    pytester.makepyfile(TEST)
    program = answers(result(faithfulness=whole(0.97, False)), judges=[judge("gpt", "timeout", "it was too slow")])
    said = run(pytester, program)
    said.assert_outcomes(failed=1)
    said.stdout.fnmatch_lines(["*AuditFailed: A judge gave no score, so this is no pass: gpt: it was too slow*"])


def test_no_faithfulness_is_no_pass(pytester: pytest.Pytester, answers: Any) -> None:
    pytester.makepyfile(TEST)
    run(pytester, answers(result())).assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("arguments", "configuration", "passed"),
    [
        ([], "", 1),
        (["--judge-auditor-threshold=0.9"], "", 0),
        ([], "judge_auditor_threshold = 0.9", 0),
        (["--judge-auditor-threshold=0.5"], "judge_auditor_threshold = 0.9", 1),
    ],
)
def test_the_threshold_comes_from_option_or_file(
    pytester: pytest.Pytester, answers: Any, arguments: list[str], configuration: str, passed: int
) -> None:
    pytester.makepyfile(TEST)
    pytester.makeini(f"[pytest]\n{configuration}\n")
    program = answers(result(faithfulness=whole(0.7, False)))
    run(pytester, program, *arguments).assert_outcomes(passed=passed, failed=1 - passed)


def test_without_an_auditor_the_test_fails_and_says_what_to_do(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(TEST)
    monkeypatch.setenv("PATH", str(pytester.path))
    said = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    said.assert_outcomes(failed=1)
    said.stdout.fnmatch_lines(["*There is no auditor to ask*", "*JUDGE_AUDITOR_BINARY*"])


def test_a_run_that_asks_for_nothing_loads_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            assert "judge_auditor_pytest" in sys.modules
            assert "judge_auditor" not in sys.modules
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


@real
def test_the_real_program_is_asked(pytester: pytest.Pytester, binary: str) -> None:
    pytester.makepyfile(TEST)
    said = run(pytester, binary)
    said.assert_outcomes(failed=1)
    said.stdout.fnmatch_lines(["E  *contradicted: It is 640 metres long.", "E  *412 metres*"])
