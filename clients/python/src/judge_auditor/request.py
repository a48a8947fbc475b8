"""One HTTP request and its answer, before and after the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from .errors import AuditorError

BASE = "/api/v1"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    """As in the OpenAPI document, such as `/evaluations/{id}`."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """What stands for the names in `path`."""
    query: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    body: Any = None
    """Sent as JSON."""
    file: tuple[str, bytes] | None = None
    """A media type and what is sent as it is, where the body is no JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False
    """Whether a second request does no harm where the first one's answer was lost."""

    def address(self) -> str:
        path = self.path
        for name, value in self.parts.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return BASE + path

    def parameters(self) -> dict[str, str]:
        given = {name: value for name, value in self.query.items() if value is not None and value != ""}
        return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}

    @property
    def may_be_repeated(self) -> bool:
        return self.repeatable or self.method in {"GET", "PUT"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    def read(self, kind: type[Value]) -> Value:
        try:
            return TypeAdapter(kind).validate_json(self.content)
        except ValidationError as fault:
            problem = AuditorError("bad_answer", f"The server's answer can't be read: {fault}", status=self.status)
            raise problem from fault


def without_absent(body: Mapping[str, Any]) -> dict[str, Any]:
    """The server knows what is best for what is left out."""
    return {name: value for name, value in body.items() if value is not None}


class Kept(Enum):
    """Stands for what is not to be changed, where None takes something away."""

    KEPT = 0


KEPT = Kept.KEPT


def without_kept(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if not isinstance(value, Kept)}
