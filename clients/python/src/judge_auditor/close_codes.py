"""Why the server closes a socket, and whether to come back."""

from __future__ import annotations

#: The table of docs/reference/protocol.md: what a code means.
MEANINGS = {
    1001: "the server is going away",
    1003: "a binary message was sent; only text is taken",
    1009: "a message is over the limit",
    1012: "the server is restarting",
    4401: "the access token's time is over",
    4408: "nothing was heard in time",
    4429: "far too many commands",
    4500: "a message was not of this protocol",
    4501: "the access token or key is not good",
    4503: "the login has ended, or the key was revoked",
    4504: "one user has too many connections",
}

TOKEN_EXPIRED = 4401
BAD_TOKEN = 4501
LOGIN_ENDED = 4503
#: What libraries report for a connection that ended without a code.
WITHOUT_GOODBYE = 1006

NOT_COMING_BACK = frozenset({1003, 1009})


def may_come_back(code: int) -> bool:
    """45xx mean "don't", also those that this version does not know."""
    return code not in NOT_COMING_BACK and not 4500 <= code < 4600


def meaning(code: int) -> str:
    return MEANINGS.get(code, "the server did not say why")
