"""An audit by the installed program, without a server."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from .errors import AuditorError
from .evaluation import Evaluation
from .settings import BINARY_VARIABLE

NAME = "judge-auditor"
_DONE = 0
_FAILED = 1
_USAGE = 2
_MAX_OUTPUT_BYTES = 64 * 1024 * 1024
_MAX_COMPLAINT_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class ProgramAudit:
    """What the program is asked."""

    source: str
    candidate: str
    question: str | None = None
    judges: Sequence[str] = ()


def find(binary: str | os.PathLike[str] | None = None) -> str:
    """The program's path: `binary`, else `JUDGE_AUDITOR_BINARY`, else the one on the PATH."""
    named = os.fspath(binary) if binary is not None else os.environ.get(BINARY_VARIABLE)
    found = shutil.which(named or NAME)
    if found is None:
        looked = f"{named!r} is no program that can be run" if named else f"{NAME!r} is not on the PATH"
        raise AuditorError(
            "program_missing",
            f"There is no auditor to ask: {looked}.",
            recovery_suggestions=[
                f"install the program: cargo install --path . --locked, in a clone of {NAME}",
                f"or say where it is: binary=…, or the variable {BINARY_VARIABLE}",
                "or ask a server: server=…, or the variable JUDGE_AUDITOR_URL",
            ],
        )
    return found


class _Call:
    """The files of one call, and how its end is read."""

    def __init__(self, asked: ProgramAudit, binary: str, folder: Path) -> None:
        self._asked = asked
        self.output = folder / "output"
        self.complaint = folder / "complaint"
        source, candidate = folder / "source.txt", folder / "candidate.txt"
        source.write_bytes(_encoded("source", asked.source))
        candidate.write_bytes(_encoded("candidate", asked.candidate))
        self.command = [binary, "audit", "--json", f"--source={source}", f"--candidate={candidate}"]
        if asked.question is not None:
            self.command.append(f"--question={asked.question}")
        self.command += [f"--judge={name}" for name in asked.judges]

    def result(self, code: int) -> Evaluation:
        if self.output.stat().st_size > _MAX_OUTPUT_BYTES:
            raise AuditorError("bad_answer", "The program's answer is longer than this client takes.")
        output = self.output.read_bytes()
        if code in {_DONE, _FAILED} and output.strip():
            try:
                return Evaluation.model_validate_json(output).checked()
            except ValidationError as fault:
                message = f"The program's answer can't be read; are program and client of one version? {fault}"
                raise AuditorError("bad_answer", message) from fault
        with self.complaint.open("rb") as file:
            said = file.read(_MAX_COMPLAINT_BYTES).decode("utf-8", "replace").strip()
        kind = "bad_usage" if code == _USAGE else "audit_failed"
        raise AuditorError(kind, said or f"The program ended with exit code {code} and did not say why.")


def audit(asked: ProgramAudit, *, binary: str | os.PathLike[str] | None, timeout_s: float) -> Evaluation:
    with tempfile.TemporaryDirectory(prefix="judge-auditor-") as folder:
        call = _Call(asked, find(binary), Path(folder))
        with call.output.open("wb") as output, call.complaint.open("wb") as complaint:
            try:
                # Kills the program where it takes too long; it has nothing to save.
                ended = subprocess.run(
                    call.command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=complaint,
                    timeout=timeout_s,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise _too_slow(timeout_s) from None
            except OSError as fault:
                raise _not_runnable(call, fault) from fault
        return call.result(ended.returncode)


async def audit_async(asked: ProgramAudit, *, binary: str | os.PathLike[str] | None, timeout_s: float) -> Evaluation:
    with tempfile.TemporaryDirectory(prefix="judge-auditor-") as folder:
        call = _Call(asked, find(binary), Path(folder))
        with call.output.open("wb") as output, call.complaint.open("wb") as complaint:
            try:
                process = await asyncio.create_subprocess_exec(
                    *call.command, stdin=subprocess.DEVNULL, stdout=output, stderr=complaint
                )
            except OSError as fault:
                raise _not_runnable(call, fault) from fault
            try:
                async with asyncio.timeout(timeout_s):
                    code = await process.wait()
            except TimeoutError:
                raise _too_slow(timeout_s) from None
            finally:
                # Also where the caller's task is cancelled. It has nothing to save.
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        return call.result(code)


def _not_runnable(call: _Call, fault: OSError) -> AuditorError:
    return AuditorError("program_missing", f"{call.command[0]} can't be run: {fault}")


def _encoded(what: str, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as fault:
        raise AuditorError("bad_usage", f"The {what} holds half of a character: {fault.reason}.") from fault


def _too_slow(timeout_s: float) -> AuditorError:
    return AuditorError("timeout", f"The program did not end within {timeout_s:g} s.")
