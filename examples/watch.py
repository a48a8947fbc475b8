"""A whole audit over the WebSocket, with what a connection needs that may break: it comes back and misses nothing.

usage: watch.py [ADDRESS OF THE SERVER, such as http://127.0.0.1:8000]
Needs Python 3.9 or later and the package `websockets`.
"""

import json
import random
import sys
import time
import urllib.request
import uuid

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
# After these the server would only refuse again.
FOR_GOOD = {1003, 1009, 4500, 4501, 4503, 4504}


def rest(path, body, token=None):
    """Sends JSON and returns the JSON of the answer."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{ADDRESS}/api/v1{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def events(session_id, token):
    """Every event of the session, each once and in order, over as many connections as it takes."""
    epoch, last_seq, attempts = None, 0, 0
    # Sent again after a lost connection, it is still the same start.
    start = {"session_id": session_id, "client_request_id": f"start-{session_id}"}
    while True:
        try:
            with connect(
                f"ws{ADDRESS.removeprefix('http')}/ws",
                subprotocols=["judge-auditor.v1"],
                additional_headers={"Authorization": f"Bearer {token}"},
            ) as socket:
                join = {"session_id": session_id, "last_seq": last_seq}
                if epoch:
                    join["epoch"] = epoch
                for kind, data in (("join_session", join), ("start_evaluation", start)):
                    socket.send(json.dumps({"type": kind, "id": kind, "data": data}))
                for text in socket:
                    message = json.loads(text)
                    if message["type"] == "error":
                        raise SystemExit(message["error"]["message"])
                    if message["type"] == "session_joined":
                        # The log's: an event that was in a backup has an older one.
                        epoch = message["data"]["epoch"]
                    if "seq" in message:
                        last_seq, attempts = message["seq"], 0
                        yield message
        except ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code in FOR_GOOD:
                raise
        except OSError as unreachable:
            print(unreachable, file=sys.stderr)
        time.sleep(random.uniform(0, min(30, 0.5 * 2**attempts)))
        attempts += 1


name = f"socket-{uuid.uuid4().hex[:12]}"
login = {"username": name, "password": "a long password"}
rest("/auth/register", {**login, "email": f"{name}@example.org"})
token = rest("/auth/login", login)["access_token"]
evaluation = rest(
    "/evaluations",
    {
        "source_text": "The bridge opened on 4 May 1987. It is 412 metres long.",
        "candidate_output": "The bridge opened in 1987. It is 640 metres long.",
    },
    token,
)
for event in events(evaluation["id"], token):
    data = event["data"]
    print(event["seq"], event["type"], data.get("label", ""), data.get("claim", {}).get("text", ""))
    if event["type"] in ("evaluation_complete", "evaluation_cancelled") or data.get("fatal"):
        break
