"""An evaluation with what people ask of it: is all of it supported, and if not, what is wrong and where."""

from __future__ import annotations

from html import escape

from .errors import AuditFailed
from .models import ClaimView, EvaluationView, Evidence, Faithfulness

SUPPORTED = "SUPPORTED"
REFUTED = "REFUTED"

_WORDS = {SUPPORTED: "supported", REFUTED: "contradicted", "NOT_ENOUGH_INFO": "not supported"}
_COLOURS = {SUPPORTED: "#1a7f37", REFUTED: "#c62828", "NOT_ENOUGH_INFO": "#9a6700"}
#: A report names the evidence; it does not repeat the source.
_MOST_EVIDENCE = 3
_LONGEST_QUOTE = 300
_MOST_CLAIMS = 100


class Evaluation(EvaluationView):
    @property
    def faithfulness(self) -> Faithfulness | None:
        """The chance that the source supports every claim; None where there is no result or no claim."""
        return self.result.faithfulness if self.result else None

    @property
    def nothing_to_check(self) -> bool:
        """Whether the output holds no claim."""
        return self.result is not None and self.result.outcome == "nothing_to_check"

    @property
    def failing_claims(self) -> list[ClaimView]:
        """The claims that the source does not support."""
        return [claim for claim in self.claims if claim.label != SUPPORTED]

    @property
    def silent_judges(self) -> list[str]:
        """Judges that were asked and gave no score, each with why."""
        return [
            f"{judge.judge_name}: {judge.error or judge.status}"
            for judge in self.judges
            if judge.status not in {"completed", "abstained"}
        ]

    def checked(self) -> Evaluation:
        """Itself, if it has a result."""
        if self.status == "completed" and self.result is not None:
            return self
        why = self.error.message if self.error else f"its status is {self.status}"
        raise AuditFailed("audit_failed", f"The audit gave no result: {why}", self)

    def verdict(self) -> str:
        """One line."""
        if self.result is None:
            return f"no result: the evaluation is {self.status}"
        if self.nothing_to_check:
            return f"nothing to check: the output makes no claim ({self.result.outcome_reason or 'no_claim'})"
        counts = self.result.claims
        said = f"{counts.supported} of {counts.total} claims are supported"
        whole = self.result.faithfulness
        if whole is None:
            return said
        word = "flagged" if whole.flagged else "not flagged"
        return f"{said}; faithfulness {whole.probability:.2f} ({word}, the threshold is {whole.threshold:.2f})"

    def report(self) -> str:
        """What is wrong, for people: each claim that is not supported, why, and what the source says."""
        lines = [self.verdict()]
        failing = self.failing_claims
        for claim in failing[:_MOST_CLAIMS]:
            lines += ["", f"{_word(claim)}: {claim.text}"]
            if claim.reasoning:
                lines.append(f"    why: {claim.reasoning}")
            lines += [f"    {evidence.source}: {_quote(evidence)}" for evidence in claim.evidence[:_MOST_EVIDENCE]]
        if len(failing) > _MOST_CLAIMS:
            lines += ["", f"and {len(failing) - _MOST_CLAIMS} more"]
        lines += [f"judge without a score: {silent}" for silent in self.silent_judges]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """For notebooks. Every text is escaped: it is a model's."""
        rows = "".join(_row(claim) for claim in self.claims[:_MOST_CLAIMS])
        more = len(self.claims) - _MOST_CLAIMS
        rest = f"<p>and {more} more claims</p>" if more > 0 else ""
        silent = "".join(f"<li>{escape(each)}</li>" for each in self.silent_judges)
        judges = f"<p>Judges without a score:</p><ul>{silent}</ul>" if silent else ""
        head = "<tr><th></th><th>claim</th><th>why</th><th>evidence</th></tr>"
        table = f'<table style="text-align:left">{head}{rows}</table>' if rows else ""
        return f"<div><p><strong>{escape(self.verdict())}</strong></p>{table}{rest}{judges}</div>"


def _word(claim: ClaimView) -> str:
    return _WORDS.get(str(claim.label), str(claim.label or "undecided").lower())


def _quote(evidence: Evidence) -> str:
    text = " ".join(evidence.text.split())
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def _row(claim: ClaimView) -> str:
    colour = _COLOURS.get(str(claim.label), "#57606a")
    evidence = "<br>".join(
        f"<em>{escape(each.source)}</em>: {escape(_quote(each))}" for each in claim.evidence[:_MOST_EVIDENCE]
    )
    cells = [
        f'<td style="color:{colour};white-space:nowrap">{escape(_word(claim))}</td>',
        f'<td style="text-align:left">{escape(claim.text)}</td>',
        f'<td style="text-align:left">{escape(claim.reasoning or "")}</td>',
        f'<td style="text-align:left">{evidence}</td>',
    ]
    return f"<tr>{''.join(cells)}</tr>"
