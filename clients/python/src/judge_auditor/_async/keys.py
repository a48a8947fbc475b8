"""API keys, by which programs come in somebody's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..models import KeysView, NewKeyView
from ..request import Request
from .access import Access

Scope = Literal["read", "audit", "manage"]


class AsyncKeys:
    def __init__(self, access: Access) -> None:
        self._access = access

    async def create(
        self,
        name: str,
        scopes: Sequence[Scope],
        *,
        expires_in_s: int | None = None,
        addresses: Sequence[str] | None = None,
        day_usd: float | None = None,
        day_tokens: int | None = None,
        per_minute: int | None = None,
    ) -> NewKeyView:
        """A new one, whose `key` is told only here. Needs a login: a key makes none."""
        body = {
            "name": name,
            "scopes": list(scopes),
            "expires_in_s": expires_in_s,
            "addresses": list(addresses or ()),
            "day_usd": day_usd,
            "day_tokens": day_tokens,
            "per_minute": per_minute,
        }
        return (await self._access.send(Request("POST", "/keys", body=body))).read(NewKeyView)

    async def list(self) -> KeysView:
        """Those that were not revoked, the oldest first."""
        return (await self._access.send(Request("GET", "/keys"))).read(KeysView)

    async def revoke(self, id: str) -> None:
        """Ends a key, with its sockets and streams."""
        await self._access.send(Request("DELETE", "/keys/{id}", {"id": id}))
