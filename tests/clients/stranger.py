"""A client that knows the documented contract and nothing else.

Registers, creates an evaluation, watches it by WebSocket from its beginning, starts it, and compares
everything that it is told with what REST says afterwards. Exits with 1 and a sentence at the first
deviation.

usage: stranger.py http://127.0.0.1:PORT
"""

import json
import secrets
import sys
import urllib.error
import urllib.request

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

DEADLINE = 60
TERMINAL = {"evaluation_complete", "evaluation_cancelled"}
SOURCE = (
    "The lighthouse of Skarv was built in 1911 and is 34 metres tall. "
    "It was automated in 1986. The keeper's house is a museum today. 🗼 "
    "The museum opens in May and closes in September."
)
CANDIDATE = (
    "The lighthouse of Skarv was built in 1911. 🌊 It is 43 metres tall. "
    "The keeper's house is a museum today."
)


class Deviation(Exception):
    """The server did something that the contract does not say."""


def expect(condition, sentence):
    if not condition:
        raise Deviation(sentence)


class Rest:
    """Calls under the base; every answer is checked for its status."""

    def __init__(self, address):
        self.address = address
        self.token = None
        # No proxy of the environment stands between two programs of one machine.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method, path, body=None, status=200):
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(
            f"{self.address}/api/v1{path}", data=data, headers=headers, method=method
        )
        try:
            with self.opener.open(request, timeout=DEADLINE) as response:
                got, text, answered = response.status, response.read().decode(), response.headers
        except urllib.error.HTTPError as refused:
            got, text, answered = refused.code, refused.read().decode(), refused.headers
        expect(got == status, f"{method} {path} answered {got} instead of {status}: {text}")
        expect(answered["X-Request-Id"], f"{method} {path} has no X-Request-Id")
        return text


def knock(address, token):
    return connect(
        address.replace("http", "ws", 1) + "/ws",
        subprotocols=["judge-auditor.v1"],
        additional_headers={"Authorization": f"Bearer {token}"},
        compression=None,
        proxy=None,
        open_timeout=DEADLINE,
    )


class Room:
    """One socket; events that come while a reply is awaited are kept."""

    def __init__(self, socket):
        self.socket = socket
        expect(self.socket.subprotocol == "judge-auditor.v1", "another subprotocol was chosen")
        self.kept = []
        welcome = json.loads(self.read())
        expect(welcome["type"] == "welcome", f"the first word is no welcome: {welcome}")
        self.commands = 0

    def read(self):
        text = self.socket.recv(timeout=DEADLINE)
        expect(isinstance(text, str), "a binary message came")
        return text

    def command(self, kind, data):
        self.commands += 1
        name = f"{kind}-{self.commands}"
        self.socket.send(json.dumps({"type": kind, "id": name, "data": data}))
        while True:
            text = self.read()
            message = json.loads(text)
            if message.get("id") == name:
                expect("error" not in message, f"{kind} was refused: {text}")
                return message
            self.kept.append(text)

    def next_event(self):
        while True:
            text = self.kept.pop(0) if self.kept else self.read()
            event = json.loads(text)
            if event["type"] != "heartbeat":
                return text, event

    def until_terminal(self):
        texts, events = [], []
        while True:
            text, event = self.next_event()
            texts.append(text)
            events.append(event)
            if event["type"] in TERMINAL:
                return texts, events
            if event["type"] == "evaluation_error" and event["data"]["fatal"]:
                return texts, events


def utf16_slice(text, span):
    units = text.encode("utf-16-le")
    return units[2 * span["start"] : 2 * span["end"]].decode("utf-16-le")


def check_events(events, session, run):
    progress = 0
    for place, event in enumerate(events, start=1):
        expect(event["seq"] == place, f"seq {event['seq']} stands at place {place}")
        expect(event["session_id"] == session, "an event of another session")
        expect(event["run_id"] == run, "an event of another run")
        data = event["data"]
        if event["type"] == "evaluation_progress":
            expect(data["progress"] >= progress, f"progress fell from {progress}: {event}")
            progress = data["progress"]
        if event["type"] == "claim_verdict":
            claim = data["claim"]
            told = utf16_slice(CANDIDATE, claim["span"])
            expect(told == claim["text"], f"the span says {told!r}, the claim {claim['text']!r}")
            for evidence in data["evidence"]:
                told = utf16_slice(SOURCE, evidence["span"])
                expect(told == evidence["text"], f"the span says {told!r}: {evidence}")
    expect(progress == 100, f"the last progress is {progress}")


def audit(address):
    rest = Rest(address)
    name = f"stranger-{secrets.token_hex(6)}"
    password = secrets.token_urlsafe(18)
    account = {"username": name, "email": f"{name}@example.org", "password": password}
    user = json.loads(rest.call("POST", "/auth/register", account, 201))
    tokens = json.loads(rest.call("POST", "/auth/login", {"username": name, "password": password}))
    rest.token = tokens["access_token"]
    me = json.loads(rest.call("GET", "/auth/me"))
    expect(me == user, "GET /auth/me is not the registered user")

    body = {"source_text": SOURCE, "candidate_output": CANDIDATE}
    session = json.loads(rest.call("POST", "/evaluations", body, 201))["id"]
    with knock(address, rest.token) as socket:
        room = Room(socket)
        joined = room.command("join_session", {"session_id": session, "last_seq": 0})
        expect(joined["type"] == "session_joined", f"not joined: {joined}")
        started = room.command("start_evaluation", {"session_id": session})
        run = started["data"]["run_id"]
        texts, events = room.until_terminal()
    check_events(events, session, run)
    end = events[-1]
    expect(end["type"] == "evaluation_complete", f"the run ended with {texts[-1]}")

    evaluation = json.loads(rest.call("GET", f"/evaluations/{session}"))
    expect(evaluation["status"] == "completed", f"its status is {evaluation['status']}")
    expect(evaluation["source_text"] == SOURCE, "the source is not what was sent")
    expect(evaluation["candidate_output"] == CANDIDATE, "the output is not what was sent")
    expect(evaluation["result"] == end["data"]["result"], "REST tells another result")
    expect(evaluation["last_seq"] == len(events), "REST tells another position")
    log = rest.call("GET", f"/evaluations/{session}/events?limit=500")
    for text in texts:
        expect(text in log, f"the log does not hold these bytes: {text}")

    with knock(address, rest.token) as socket:
        again = Room(socket)
        again.command("join_session", {"session_id": session, "last_seq": 0})
        replayed, _ = again.until_terminal()
    expect(replayed == texts, "a replay is not the same, byte for byte")
    return len(events), end["data"]["result"]["consensus_score"]


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        events, consensus = audit(sys.argv[1].rstrip("/"))
    except (Deviation, ConnectionClosed, TimeoutError, KeyError) as deviation:
        print(f"stranger.py: {type(deviation).__name__}: {deviation}", file=sys.stderr)
        return 1
    print(f"stranger.py: {events} events, consensus {consensus:.1f}, all as documented")
    return 0


if __name__ == "__main__":
    sys.exit(main())
