"""What people get to see of an evaluation."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from judge_auditor import Evaluation
from scripted import evaluation

HOSTILE = "<script>alert('x')</script> & \"<b>\""


def claim(text: str, label: str | None, number: int = 0) -> dict[str, Any]:
    return {
        "id": f"0197c2a0-1f00-7000-8000-{number:012}",
        "index": number,
        "text": text,
        "type": "factual",
        "span": {"start": 0, "end": 1},
        "label": label,
        "confidence": 0.9,
        "probability": None,
        "verifier_label": label,
        "views": [],
        "evidence": [{"text": HOSTILE, "span": {"start": 0, "end": 1}, "source": HOSTILE, "document": None}],
        "reasoning": HOSTILE,
    }


def judge(name: str, status: str, error: str | None = None) -> dict[str, Any]:
    return {
        "judge_name": name,
        "kind": "facts",
        "model": "facts/1",
        "status": status,
        "score": None,
        "confidence": None,
        "reasoning": "",
        "flagged_issues": [],
        "claim_verdicts": [],
        "response_time_ms": 1,
        "attempts": 1,
        "error": error,
    }


def made(*claims: dict[str, Any], **changes: Any) -> Evaluation:
    return Evaluation.model_validate(evaluation(claims=list(claims), **changes))


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_notebook_shows_texts_and_runs_none_of_them() -> None:
    shown = made(claim(HOSTILE, HOSTILE), judges=[judge(HOSTILE, "failed", HOSTILE)], status=HOSTILE)
    page = Tags(shown._repr_html_())
    assert page.tags <= {"div", "p", "strong", "table", "tr", "th", "td", "em", "br", "ul", "li"}
    # Claim, its label in small letters, reason, the evidence and its source, the status, the judge and its error.
    assert page.text.count("alert('x')") == 8


def test_a_notebook_shows_a_bounded_number_of_claims() -> None:
    shown = made(*[claim("It holds.", "SUPPORTED", number) for number in range(250)])
    assert "and 150 more claims" in shown._repr_html_()
    assert len(shown._repr_html_()) < 100_000


def test_a_report_names_what_fails_and_why() -> None:
    shown = made(
        claim("It holds.", "SUPPORTED"), claim("It does not.", "NOT_ENOUGH_INFO", 1), claim("Not yet.", None, 2)
    )
    said = shown.report()
    assert "not supported: It does not." in said
    assert "undecided: Not yet." in said
    assert "It holds." not in said
    assert f"    why: {HOSTILE}" in said


def test_a_judge_that_abstains_is_not_silent() -> None:
    shown = made(judges=[judge("facts", "completed"), judge("logic", "abstained"), judge("gpt", "timeout", "too slow")])
    assert shown.silent_judges == ["gpt: too slow"]
    assert "judge without a score: gpt: too slow" in shown.report()
