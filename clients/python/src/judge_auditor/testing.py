"""An assertion for tests: the source supports what was written."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .errors import AuditFailed
from .evaluation import Evaluation
from .one_line import audit


class NotSupported(AssertionError):
    """The text says what its source does not; `evaluation` has all of it."""

    def __init__(self, evaluation: Evaluation, why: str) -> None:
        super().__init__(f"{why}\n{evaluation.report()}")
        self.evaluation = evaluation


def assert_supported(
    source: str,
    candidate: str,
    threshold: float | None = None,
    *,
    question: str | None = None,
    judges: Sequence[str] | None = None,
    allow_nothing_to_check: bool = False,
    allow_silent_judges: bool = False,
    server: str | None = None,
    key: str | None = None,
    binary: str | os.PathLike[str] | None = None,
    timeout_s: float = 600.0,
) -> Evaluation:
    """Raises `NotSupported` unless the source supports `candidate`; else returns the evaluation.

    It is supported where the faithfulness is `threshold` (0 to 1) or more; without a threshold, where the auditor
    does not flag it. A text without a claim does not pass, since nothing was checked. A judge that gives no score
    raises `AuditFailed`: what it would have said is not known.
    """
    __tracebackhide__ = True
    if threshold is not None and not 0 <= threshold <= 1:
        raise ValueError(f"threshold is a probability from 0 to 1, not {threshold}")
    evaluation = audit(
        source,
        candidate,
        question=question,
        judges=judges,
        server=server,
        key=key,
        binary=binary,
        timeout_s=timeout_s,
    )
    if evaluation.silent_judges and not allow_silent_judges:
        said = "; ".join(evaluation.silent_judges)
        raise AuditFailed("judge_failed", f"A judge gave no score, so this is no pass: {said}", evaluation)
    whole = evaluation.faithfulness
    if evaluation.nothing_to_check or whole is None:
        if allow_nothing_to_check and evaluation.nothing_to_check:
            return evaluation
        raise NotSupported(evaluation, "There is nothing to check, which is no pass.")
    passes = not whole.flagged if threshold is None else whole.probability >= threshold
    if not passes:
        bound = whole.threshold if threshold is None else threshold
        why = f"The source does not support this: faithfulness {whole.probability:.2f}, and {bound:.2f} is needed."
        raise NotSupported(evaluation, why)
    return evaluation
