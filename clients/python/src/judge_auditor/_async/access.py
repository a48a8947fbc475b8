"""By what the server knows the caller: a key, or the tokens of a login."""

from __future__ import annotations

import secrets
import time
from typing import BinaryIO

import httpx

from ..errors import AuditorError
from ..models import Tokens
from ..request import Answer, Request
from .io import Lock
from .rest import Rest

#: How long before its end an access token is replaced, where its life is long enough.
_EARLY_S = 60.0
#: With less than this left it is not used for a request any more.
_SPARE_S = 10.0


class Access:
    def __init__(self, rest: Rest, key: str | None) -> None:
        self._rest = rest
        self._key = key
        self._lock = Lock()
        self._token: str | None = None
        self._refresh_token: str | None = None
        self._refresh_at = 0.0
        self._stale_at = 0.0
        # The id of the refresh under way. It stays the same as long as no answer has come: the server may have
        # spent the token and its answer be lost, and for a few seconds it takes the same request once more.
        self._refresh_id: str | None = None

    @property
    def current(self) -> str | None:
        return self._key or self._token

    @property
    def renewable(self) -> bool:
        return self._key is None and self._refresh_token is not None

    @property
    def refresh_token(self) -> str | None:
        return self._refresh_token

    def refresh_in_s(self) -> float | None:
        """Until the access token is to be replaced; None where it can't be."""
        return self._refresh_at - time.monotonic() if self.renewable else None

    def keep(self, tokens: Tokens) -> None:
        self._keep(tokens, time.monotonic())

    def end(self) -> None:
        self._token = self._refresh_token = self._refresh_id = None

    def distrust(self, token: str) -> None:
        """The server did not take this token, whatever its time says."""
        if self._token == token:
            self._stale_at = 0.0

    async def token(self) -> str:
        """One that is good for a while yet."""
        if self._key is not None:
            return self._key
        if self._token is None:
            raise AuditorError.signed_out()
        if time.monotonic() < self._stale_at:
            return self._token
        return await self.renew(self._token)

    async def renew(self, old: str) -> str:
        """A successor of this token. One at a time: a spent refresh token ends the login."""
        async with self._lock:
            if self._token is not None and self._token != old:
                return self._token
            if self._refresh_token is None:
                raise AuditorError.signed_out()
            self._refresh_id = self._refresh_id or secrets.token_hex(16)
            body = {"refresh_token": self._refresh_token, "client_request_id": self._refresh_id}
            began = time.monotonic()
            try:
                answer = await self._rest.send(Request("POST", "/auth/refresh", body=body, repeatable=True))
            except AuditorError as error:
                if error.status == 401:
                    self.end()
                raise
            self._refresh_id = None
            tokens = answer.read(Tokens)
            self._keep(tokens, began)
            return tokens.access_token

    async def send(self, request: Request) -> Answer:
        """A request of whoever this is; once more with a new token if this one is refused."""
        token = await self.token()
        try:
            return await self._rest.send(request, token)
        except AuditorError as error:
            if not self._may_help(error):
                raise
            return await self._rest.send(request, await self._successor(token))

    async def open(self, request: Request, read_timeout_s: float) -> tuple[httpx.Response, str]:
        """The same for an answer that is read bit by bit; with the token that was used."""
        token = await self.token()
        try:
            return await self._rest.open(request, token, read_timeout_s), token
        except AuditorError as error:
            if not self._may_help(error):
                raise
            token = await self._successor(token)
            return await self._rest.open(request, token, read_timeout_s), token

    async def download(self, request: Request, to: BinaryIO) -> int:
        return await self._rest.download(request, to, await self.token())

    def _may_help(self, error: AuditorError) -> bool:
        return self.renewable and error.status == 401 and error.about_the_login

    async def _successor(self, token: str) -> str:
        self.distrust(token)
        return await self.token()

    def _keep(self, tokens: Tokens, began: float) -> None:
        life = float(tokens.expires_in)
        self._token = tokens.access_token
        if tokens.refresh_token is not None:
            self._refresh_token = tokens.refresh_token
        self._refresh_at = began + life - min(_EARLY_S, life / 4)
        self._stale_at = began + life - min(_SPARE_S, life / 8)
