"""The installed program, as far as it need not be there: programs of these tests stand for it."""

from __future__ import annotations

import asyncio
import json
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judge_auditor import AuditFailed, AuditorError, Evaluation, audit, audit_async
from scripted import evaluation


def by_thread(*values: Any, **named: Any) -> Evaluation:
    return audit(*values, **named)


def by_task(*values: Any, **named: Any) -> Evaluation:
    return asyncio.run(audit_async(*values, **named))


each_way = pytest.mark.parametrize("ask", [by_thread, by_task])
Program = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    def make(script: str) -> Path:
        path = tmp_path / "judge-auditor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


@each_way
def test_a_program_that_is_missing_is_told_with_what_to_do(
    ask: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AuditorError) as raised:
        ask("a", "b")
    assert raised.value.code == "program_missing"
    for way in ("cargo install", "JUDGE_AUDITOR_BINARY", "JUDGE_AUDITOR_URL"):
        assert way in str(raised.value)


@each_way
def test_a_file_that_is_no_program_is_told(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    with pytest.raises(AuditorError) as raised:
        ask("a", "b", binary=tmp_path / "text")
    assert raised.value.code == "program_missing"
    assert str(tmp_path / "text") in str(raised.value)


@each_way
def test_the_program_is_given_the_texts_as_they_are(ask: Any, program: Program, tmp_path: Path) -> None:
    script = f"""
for argument; do case $argument in
    --source=*) cp "${{argument#--source=}}" {tmp_path}/source ;;
    --candidate=*) cp "${{argument#--candidate=}}" {tmp_path}/candidate ;;
    *) echo "$argument" >>{tmp_path}/arguments ;;
esac; done
exit 2"""
    with pytest.raises(AuditorError):
        ask("Zeile\r\nπ", "--json\n", question="--what?", judges=["facts", "logic"], binary=program(script))
    assert (tmp_path / "source").read_bytes() == "Zeile\r\nπ".encode()
    assert (tmp_path / "candidate").read_bytes() == b"--json\n"
    said = (tmp_path / "arguments").read_text().splitlines()
    assert said == ["audit", "--json", "--question=--what?", "--judge=facts", "--judge=logic"]


@each_way
def test_what_the_program_complains_of_is_the_error(ask: Any, program: Program) -> None:
    with pytest.raises(AuditorError) as raised:
        ask("a", "b", binary=program("echo 'judge-auditor: there is no judge named x' >&2; exit 2"))
    assert (raised.value.code, raised.value.message) == (
        "bad_usage",
        "judge-auditor: there is no judge named x",
    )


@each_way
def test_a_program_that_does_not_end_is_ended(ask: Any, program: Program) -> None:
    began = time.monotonic()
    with pytest.raises(AuditorError) as raised:
        ask("a", "b", binary=program("exec sleep 60"), timeout_s=0.3)
    assert raised.value.code == "timeout"
    assert time.monotonic() - began < 20


@each_way
def test_an_audit_without_a_result_is_an_error_with_all_there_is(ask: Any, program: Program, tmp_path: Path) -> None:
    error = {
        "fatal": True,
        "error_type": "all_judges_failed",
        "message": "no judge gave a score",
        "recovery_suggestions": ["try later"],
    }
    (tmp_path / "answer").write_text(json.dumps(evaluation(status="failed", error=error)))
    with pytest.raises(AuditFailed, match="no judge gave a score") as raised:
        ask("a", "b", binary=program(f"cat {tmp_path}/answer; exit 1"))
    assert raised.value.evaluation.status == "failed"
    assert "try later" in str(raised.value)


@each_way
def test_an_answer_of_another_program_is_an_error(ask: Any, program: Program) -> None:
    with pytest.raises(AuditorError, match="one version") as raised:
        ask("a", "b", binary=program("echo '{}'"))
    assert raised.value.code == "bad_answer"


@each_way
def test_half_a_character_is_refused(ask: Any, program: Program) -> None:
    with pytest.raises(AuditorError, match="half of a character") as raised:
        ask("a", "\ud83e", binary=program("exit 0"))
    assert raised.value.code == "bad_usage"


@each_way
def test_a_server_and_a_binary_are_not_both_asked(ask: Any) -> None:
    with pytest.raises(AuditorError, match="not both"):
        ask("a", "b", server="http://127.0.0.1:1", binary="judge-auditor")
