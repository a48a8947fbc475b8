"""The account of whoever is logged in."""

from __future__ import annotations

from typing import BinaryIO

from ..models import Tokens, UserView
from ..request import Request
from .access import Access
from .keys import AsyncKeys
from .rest import Rest


class AsyncAccount:
    def __init__(self, rest: Rest, access: Access) -> None:
        self._rest = rest
        self._access = access
        self.keys = AsyncKeys(access)

    async def register(self, username: str, email: str, password: str) -> UserView:
        """Makes the account; logging in is the next step."""
        body = {"username": username, "email": email, "password": password}
        return (await self._rest.send(Request("POST", "/auth/register", body=body))).read(UserView)

    async def login(self, username: str, password: str) -> UserView:
        body = {"username": username, "password": password}
        answer = await self._rest.send(Request("POST", "/auth/login", body=body))
        self._access.keep(answer.read(Tokens))
        return await self.me()

    async def logout(self) -> None:
        """Ends the login. Here it is over in any case; an error means that the server could not be told."""
        refresh_token = self._access.refresh_token
        self._access.end()
        if refresh_token is not None:
            body = {"refresh_token": refresh_token}
            await self._rest.send(Request("POST", "/auth/logout", body=body, repeatable=True))

    async def me(self) -> UserView:
        return (await self._access.send(Request("GET", "/auth/me"))).read(UserView)

    async def change_password(self, current: str, new: str) -> None:
        """Ends every other login."""
        body = {"current_password": current, "new_password": new}
        await self._access.send(Request("POST", "/auth/password", body=body))

    async def export(self, to: BinaryIO) -> int:
        """Writes all that the account keeps as a ZIP file, and says how many bytes it has."""
        return await self._access.download(Request("GET", "/auth/export", headers={"Accept": "*/*"}), to)

    async def delete(self, current_password: str) -> None:
        """Removes the account with all that it kept; it can't be undone."""
        body = {"current_password": current_password}
        await self._access.send(Request("POST", "/auth/delete", body=body))
        self._access.end()
