"""An evaluator for LlamaIndex: do the contexts support the response. Needs the extra `llamaindex`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from llama_index.core.evaluation import BaseEvaluator, EvaluationResult
from llama_index.core.prompts.mixin import PromptDictType

from .one_line import audit_async


class FaithfulnessEvaluator(BaseEvaluator):
    """The contexts are the source, with an empty line between two of them.

    `passing` is whether the auditor does not flag the response, or, with a `threshold`, whether the faithfulness is
    that much; `score` is the faithfulness. A response without a claim is an invalid result, and does not pass.
    """

    def __init__(
        self,
        *,
        threshold: float | None = None,
        judges: Sequence[str] | None = None,
        server: str | None = None,
        key: str | None = None,
        binary: str | os.PathLike[str] | None = None,
        timeout_s: float = 600.0,
    ) -> None:
        self._threshold = threshold
        self._options: dict[str, Any] = {
            "judges": judges,
            "server": server,
            "key": key,
            "binary": binary,
            "timeout_s": timeout_s,
        }

    def _get_prompts(self) -> PromptDictType:
        return {}

    def _update_prompts(self, prompts_dict: PromptDictType) -> None:
        """It has none."""

    async def aevaluate(
        self,
        query: str | None = None,
        response: str | None = None,
        contexts: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> EvaluationResult:
        if response is None or not contexts:
            raise ValueError("a response and at least one context are needed")
        evaluation = await audit_async("\n\n".join(contexts), response, question=query, **self._options)
        whole = evaluation.faithfulness
        result = EvaluationResult(query=query, contexts=contexts, response=response, feedback=evaluation.report())
        if whole is None:
            result.passing, result.invalid_result = False, True
            result.invalid_reason = "the response makes no claim"
            return result
        result.score = whole.probability
        result.passing = not whole.flagged if self._threshold is None else whole.probability >= self._threshold
        return result
