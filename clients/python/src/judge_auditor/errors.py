"""Everything that goes wrong is one class, whether REST, the socket, the network or the program says it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluation import Evaluation

#: Codes of the client itself, beside those of the server.
CLIENT_CODES = frozenset(
    {
        # No answer from the server.
        "network",
        # An answer that is not of the contract.
        "bad_answer",
        # Nobody is logged in, and there is no key.
        "signed_out",
        # The server closed the socket and does not want this client back; `close_code` says why.
        "refused",
        # The time that the caller gave is over.
        "timeout",
        # The audit ended without a result.
        "audit_failed",
        # A judge that was asked gave no score.
        "judge_failed",
        # The program `judge-auditor` is not there, or can't be run.
        "program_missing",
        # The program did not take what it was asked for.
        "bad_usage",
    }
)

RETRYABLE = frozenset({"rate_limited", "overloaded", "draining", "internal", "network"})


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One value that is not allowed."""

    pointer: str
    """JSON pointer into the body, such as `/config/judges/0`."""
    detail: str


class AuditorError(Exception):
    """`code` is one of the server's or of `CLIENT_CODES`; the text is for people."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 0,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
        errors: Sequence[FieldFault] = (),
        request_id: str | None = None,
        recovery_suggestions: Sequence[str] = (),
        details: Mapping[str, Any] | None = None,
        close_code: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        """HTTP status; 0 where there was no HTTP answer."""
        self.retryable = code in RETRYABLE if retryable is None else retryable
        """Whether the same can succeed later."""
        self.retry_after_s = retry_after_s
        self.errors = tuple(errors)
        """Each value that is not allowed, for `validation`."""
        self.request_id = request_id
        """Names the request in the server's log."""
        self.recovery_suggestions = tuple(recovery_suggestions)
        self.details = dict(details or {})
        """Facts for programs, such as the `run_id` of the run in progress."""
        self.close_code = close_code

    def __str__(self) -> str:
        lines = [f"{self.message} [{self.code}]"]
        lines += [f"{fault.pointer}: {fault.detail}" for fault in self.errors]
        lines += self.recovery_suggestions
        return "\n".join(lines)

    @property
    def about_the_login(self) -> bool:
        """Whether another access token may help."""
        return self.code in {"token_expired", "unauthenticated"}

    @classmethod
    def network(cls, why: object = None) -> AuditorError:
        said = str(why) if why is not None else ""
        return cls("network", f"The server can't be reached{f': {said}' if said else '.'}")

    @classmethod
    def signed_out(cls) -> AuditorError:
        return cls("signed_out", "Nobody is logged in. Call login(), or make the client with a key.", status=401)

    @classmethod
    def of_command(cls, error: Mapping[str, Any]) -> AuditorError:
        """Of an error on the socket or the event stream."""
        wait = error.get("retry_after_ms")
        return cls(
            str(error.get("code", "bad_answer")),
            str(error.get("message", "The server gave no reason.")),
            retryable=bool(error.get("retryable", False)),
            retry_after_s=wait / 1000 if isinstance(wait, int | float) else None,
            recovery_suggestions=[str(each) for each in error.get("recovery_suggestions") or ()],
            details=error.get("details"),
        )

    @classmethod
    def of_answer(cls, status: int, headers: Mapping[str, str], content: bytes) -> AuditorError:
        """Of an HTTP answer that is no success."""
        wait = headers.get("retry-after", "")
        retry_after_s = float(wait) if wait.isascii() and wait.isdigit() else None
        request_id = headers.get("x-request-id")
        try:
            problem = json.loads(content)
        except ValueError:
            problem = None
        if not isinstance(problem, dict) or not isinstance(problem.get("code"), str):
            # A proxy between answers in its own words.
            return cls(
                "bad_answer",
                f"The server answered with status {status}.",
                status=status,
                retryable=status == 429 or status >= 500,
                retry_after_s=retry_after_s,
                request_id=request_id,
            )
        faults = problem.get("errors") or ()
        return cls(
            problem["code"],
            str(problem.get("detail") or problem.get("title") or problem["code"]),
            status=status,
            retry_after_s=retry_after_s,
            errors=[FieldFault(str(each.get("pointer")), str(each.get("detail"))) for each in faults],
            request_id=problem.get("request_id") or request_id,
            details={"run_id": problem["run_id"]} if problem.get("run_id") else None,
        )


class AuditFailed(AuditorError):
    """An audit that ended without a result, or without that of a judge; `evaluation` has all there is."""

    def __init__(self, code: str, message: str, evaluation: Evaluation) -> None:
        suggestions = evaluation.error.recovery_suggestions if evaluation.error else ()
        super().__init__(code, message, recovery_suggestions=suggestions)
        self.evaluation = evaluation
