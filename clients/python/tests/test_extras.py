"""The evaluators for other libraries, with the real libraries and the real program."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from real import real

# The other libraries warn of this and that, and leave event loops open.
pytestmark = [real, pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("loops_of_others")]


@pytest.fixture
def loops_of_others() -> Iterator[None]:
    yield
    # Here, where it is no fault, and not in a later test.
    gc.collect()


SOURCE = "The Halden Bridge opened to traffic on 14 May 1987. It is 1,180 metres long."
WRONG = "The Halden Bridge is 1,850 metres long."
RIGHT = "The Halden Bridge is 1,180 metres long."
NO_CLAIM = "Thank you for your question!"


def test_langchain(binary: str) -> None:
    pytest.importorskip("langchain_classic")
    from langchain_classic.evaluation import StringEvaluator

    from judge_auditor.langchain import FaithfulnessEvaluator

    evaluator = FaithfulnessEvaluator(binary=binary)
    assert isinstance(evaluator, StringEvaluator)
    wrong = evaluator.evaluate_strings(prediction=WRONG, reference=SOURCE, input="How long is it?")
    assert wrong["value"] == "not_supported"
    assert wrong["score"] < 0.5
    assert "1,850 metres" in wrong["reasoning"]
    right = asyncio.run(evaluator.aevaluate_strings(prediction=RIGHT, reference=SOURCE))
    assert right["value"] == "supported"
    assert right["score"] > wrong["score"]
    nothing = evaluator.evaluate_strings(prediction=NO_CLAIM, reference=SOURCE)
    assert (nothing["score"], nothing["value"]) == (None, "nothing_to_check")
    with pytest.raises(ValueError, match="reference"):
        evaluator.evaluate_strings(prediction=WRONG)


def test_llama_index(binary: str) -> None:
    pytest.importorskip("llama_index.core")
    from llama_index.core.base.response.schema import Response
    from llama_index.core.evaluation import BaseEvaluator
    from llama_index.core.schema import NodeWithScore, TextNode

    from judge_auditor.llama_index import FaithfulnessEvaluator

    evaluator = FaithfulnessEvaluator(binary=binary)
    assert isinstance(evaluator, BaseEvaluator)
    wrong = evaluator.evaluate(query="How long is it?", response=WRONG, contexts=SOURCE.split(". "))
    assert wrong.passing is False
    assert not wrong.invalid_result
    assert "1,850 metres" in str(wrong.feedback)
    right = asyncio.run(evaluator.aevaluate(response=RIGHT, contexts=[SOURCE]))
    assert right.passing is True
    assert right.score is not None
    assert wrong.score is not None
    assert right.score > wrong.score
    response = Response(response=WRONG, source_nodes=[NodeWithScore(node=TextNode(text=SOURCE))])
    assert evaluator.evaluate_response(response=response).passing is False
    nothing = evaluator.evaluate(response=NO_CLAIM, contexts=[SOURCE])
    assert (nothing.passing, nothing.invalid_result) == (False, True)
    strict = FaithfulnessEvaluator(binary=binary, threshold=1.0)
    assert strict.evaluate(response=RIGHT, contexts=[SOURCE]).passing is False
    with pytest.raises(ValueError, match="context"):
        evaluator.evaluate(response=WRONG, contexts=[])
