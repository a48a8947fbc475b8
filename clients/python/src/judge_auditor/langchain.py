"""An evaluator for LangChain: is the prediction supported by the reference. Needs the extra `langchain`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from langchain_classic.evaluation import StringEvaluator

from .evaluation import Evaluation
from .one_line import audit, audit_async


class FaithfulnessEvaluator(StringEvaluator):
    """`reference` is the source, `prediction` what was written, `input` the question.

    The answer has `score` (the chance that the source supports every claim; None where there is nothing to check),
    `value` (`supported`, `not_supported`, `nothing_to_check`), `reasoning` and `evaluation`.
    """

    def __init__(
        self,
        *,
        judges: Sequence[str] | None = None,
        server: str | None = None,
        key: str | None = None,
        binary: str | os.PathLike[str] | None = None,
        timeout_s: float = 600.0,
    ) -> None:
        self._options: dict[str, Any] = {
            "judges": judges,
            "server": server,
            "key": key,
            "binary": binary,
            "timeout_s": timeout_s,
        }

    @property
    def requires_reference(self) -> bool:
        return True

    @property
    def evaluation_name(self) -> str:
        return "faithfulness"

    def _check_evaluation_args(self, reference: str | None = None, input_: str | None = None) -> None:
        """A question may be given or not; the base class knows only must and must not."""
        if reference is None:
            raise ValueError("a reference is needed: the source that the prediction has to hold to")

    def _evaluate_strings(
        self,
        *,
        prediction: str | Any,
        reference: str | Any | None = None,
        input: str | Any | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        return _answer(audit(str(reference), str(prediction), question=_question(input), **self._options))

    async def _aevaluate_strings(
        self,
        *,
        prediction: str | Any,
        reference: str | Any | None = None,
        input: str | Any | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        evaluation = await audit_async(str(reference), str(prediction), question=_question(input), **self._options)
        return _answer(evaluation)


def _question(asked: str | Any | None) -> str | None:
    return None if asked is None else str(asked)


def _answer(evaluation: Evaluation) -> dict[str, Any]:
    whole = evaluation.faithfulness
    if whole is None:
        value = "nothing_to_check"
    else:
        value = "not_supported" if whole.flagged else "supported"
    return {
        "score": None if whole is None else whole.probability,
        "value": value,
        "reasoning": evaluation.report(),
        "evaluation": evaluation,
    }
