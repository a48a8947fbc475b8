"""What the papers tell people to type works, and prints what they show."""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import re
from pathlib import Path

import pytest

from real import real

CLIENT = Path(__file__).resolve().parent.parent
HOW_TO = CLIENT.parent.parent / "docs" / "how-to" / "python.md"
README = CLIENT / "README.md"


def blocks(paper: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", paper.read_text(), re.DOTALL)


def without_figures(text: str) -> str:
    return re.sub(r"\d\.\d\d", "N", text)


@real
def test_the_first_audit_prints_what_the_page_shows(binary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_AUDITOR_BINARY", binary)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(blocks(HOW_TO, "python")[0], {})
    assert without_figures(printed.getvalue()) == without_figures(blocks(HOW_TO, "text")[0])


@real
@pytest.mark.parametrize("paper", [HOW_TO, README], ids=lambda paper: paper.name)
def test_what_is_imported_is_there(paper: Path) -> None:
    imported = 0
    for block in blocks(paper, "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                if node.module.endswith((".langchain", ".llama_index")):
                    pytest.importorskip({"langchain": "langchain_classic"}.get(node.module[14:], "llama_index.core"))
                module = importlib.import_module(node.module)
                for alias in node.names:
                    assert hasattr(module, alias.name), f"{node.module} has no {alias.name}"
                    imported += 1
    assert imported > 1


def test_every_code_of_the_table_is_a_code() -> None:
    from judge_auditor import errors, models

    table = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", HOW_TO.read_text(), re.MULTILINE)
    codes = {code for row in table for code in re.findall(r"`(\w+)`", row)}
    assert codes >= errors.CLIENT_CODES
    assert codes <= errors.CLIENT_CODES | models.SERVER_CODES
