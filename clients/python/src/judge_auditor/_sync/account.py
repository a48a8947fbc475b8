# Made of _async/account.py by tools/make_sync.py.
"""The account of whoever is logged in."""

from __future__ import annotations

from typing import BinaryIO

from ..models import Tokens, UserView
from ..request import Request
from .access import Access
from .keys import Keys
from .rest import Rest


class Account:
    def __init__(self, rest: Rest, access: Access) -> None:
        self._rest = rest
        self._access = access
        self.keys = Keys(access)

    def register(self, username: str, email: str, password: str) -> UserView:
        """Makes the account; logging in is the next step."""
        body = {"username": username, "email": email, "password": password}
        return (self._rest.send(Request("POST", "/auth/register", body=body))).read(UserView)

    def login(self, username: str, password: str) -> UserView:
        body = {"username": username, "password": password}
        answer = self._rest.send(Request("POST", "/auth/login", body=body))
        self._access.keep(answer.read(Tokens))
        return self.me()

    def logout(self) -> None:
        """Ends the login. Here it is over in any case; an error means that the server could not be told."""
        refresh_token = self._access.refresh_token
        self._access.end()
        if refresh_token is not None:
            body = {"refresh_token": refresh_token}
            self._rest.send(Request("POST", "/auth/logout", body=body, repeatable=True))

    def me(self) -> UserView:
        return (self._access.send(Request("GET", "/auth/me"))).read(UserView)

    def change_password(self, current: str, new: str) -> None:
        """Ends every other login."""
        body = {"current_password": current, "new_password": new}
        self._access.send(Request("POST", "/auth/password", body=body))

    def export(self, to: BinaryIO) -> int:
        """Writes all that the account keeps as a ZIP file, and says how many bytes it has."""
        return self._access.download(Request("GET", "/auth/export", headers={"Accept": "*/*"}), to)

    def delete(self, current_password: str) -> None:
        """Removes the account with all that it kept; it can't be undone."""
        body = {"current_password": current_password}
        self._access.send(Request("POST", "/auth/delete", body=body))
        self._access.end()
