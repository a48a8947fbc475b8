"""Every REST route against what its OpenAPI document says, by schemathesis.

Registers and logs in, lets schemathesis make valid and invalid requests of every operation, and fails
for a 5xx, an answer that the document does not list, a valid request that is refused, or an invalid
one that is accepted. Schemathesis loads this file too, for the hooks. The server's rate limits have to
be off.

usage: schema.py http://127.0.0.1:PORT [REQUESTS OF EACH OPERATION [SEED]]
"""

import atexit
import collections
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request

import schemathesis

# Whoever knows neither a password nor a refresh token, and comes too late for a run of milliseconds.
NEVER_GRANTED = {
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/password",
    "POST /api/v1/auth/delete",
    "POST /api/v1/evaluations/{id}/cancel",
}

# Takes JSON, and files of several kinds.
FILES = "/api/v1/collections/{id}/documents"

# How many judges an evaluation has at least that names none: the account may prefer a single one by then.
DEFAULT_PANEL = 1

tally = collections.Counter()
keys_sent = set()


@schemathesis.hook
def before_call(context, case, kwargs):
    """What a document can't say: names, networks, cursors and keys that are good only here or only once, a quorum that fits its judges, a label or a score, links that lead somewhere."""
    judges = os.environ["AUDITOR_TEST_JUDGES"].split(",")
    if isinstance(case.body, dict) and isinstance(config := case.body.get("config"), dict):
        asked = config.get("judges")
        if isinstance(asked, list) and 0 < len(asked) <= 32 and all(isinstance(name, str) for name in asked):
            config["judges"] = judges[: len(asked)]
        quorum, panel = config.get("quorum"), config.get("judges")
        if type(quorum) in (int, float) and 1 <= quorum <= 32 and quorum == int(quorum):
            config["quorum"] = min(int(quorum), len(panel) if isinstance(panel, list) and panel else DEFAULT_PANEL)
    if case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        for holder in (case.body, case.body.get("config")):
            if isinstance(holder, dict) and "collection_id" in holder:
                holder["collection_id"] = None
    if isinstance(case.body, dict):
        # Which passwords are too usual is not a matter of form.
        for name in ("password", "new_password"):
            password = case.body.get(name)
            if isinstance(password, str) and 10 <= len(password) <= 256:
                case.body[name] = ("the mill wheel turns by day " * 10)[: len(password)]
    if case.meta.generation.mode.is_positive and case.operation.label == "POST /api/v1/evaluations" and not isinstance(case.body, dict):
        # With the key in a header and the body both made anew, schemathesis calls a body valid that is no object.
        case.body = {"source_text": "The mill has two wheels.", "candidate_output": "The mill has two wheels."}
    if case.operation.label == "POST /api/v1/evaluations" and case.media_type == "multipart/form-data":
        # Files are bytes: none is valid or not by a schema. What a form may hold is in tests/it/sources.rs.
        wrong = case.meta.generation.mode.is_negative
        case.body = {} if wrong else {"source_text": "The mill has two wheels.", "candidate_output": "It has two wheels."}
        case.media_type = "application/json"
        case.headers["Content-Type"] = "application/json"
    audited = case.operation.label in ("POST /api/v1/evaluations", "POST /api/v1/check")
    if audited and isinstance(case.body, dict) and len(json.dumps(case.body)) > 3_000_000:
        # It would be refused for its size, before anybody has looked at its form.
        case.body = {}
    if case.meta.generation.mode.is_positive and audited:
        case.body.setdefault("candidate_output", "It has two wheels.")
        # One of the two, and names that are no other source's.
        if case.body.get("sources"):
            case.body.pop("source_text", None)
            for number, source in enumerate(case.body["sources"]):
                source["name"] = f"{number} {source['name']}"[:100]
        elif not case.body.get("source_text"):
            case.body["source_text"] = "The mill has two wheels."
    file = case.media_type != "application/json" or not (case.meta.generation.mode.is_negative or isinstance(case.body, dict))
    if case.operation.label == f"POST {FILES}" and file:
        # A file is bytes: none is valid or not by a schema; what is made for one may be sent as JSON.
        wrong = case.meta.generation.mode.is_negative
        case.body = {"name": "notes"} if wrong else {"name": "notes", "text": "The mill has two wheels."}
        case.media_type = "application/json"
        case.headers["Content-Type"] = "application/json"
    if case.operation.label == f"POST {FILES}" and case.meta.generation.mode.is_positive:
        # A text without a word could never be found.
        case.body["text"] = f"mill {case.body['text']}"[:1_000_000]
    if case.operation.label == "POST /api/v1/keys" and case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        # Which texts are networks is more than a pattern can say.
        case.body["addresses"] = ["127.0.0.0/8" for _ in case.body.get("addresses", [])]
    if case.operation.method.upper() == "PATCH" and case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        # The document has no length and no pattern of the members of a list of texts.
        if isinstance(case.body.get("tags"), list):
            case.body["tags"] = [f"tag {number}" for number in range(len(case.body["tags"]))]
    if isinstance(case.body, dict) and case.operation.path.endswith(("/preferences", "/check")):
        names = case.body.get("judges")
        if isinstance(names, list) and 0 < len(names) <= 32 and all(isinstance(name, str) for name in names):
            case.body["judges"] = judges[: len(names)]
            if type(case.body.get("quorum")) in (int, float) and 1 <= case.body["quorum"] <= 32:
                case.body["quorum"] = 1
    if case.meta.generation.mode.is_positive:
        if case.operation.path.endswith("/feedback") and isinstance(case.body, dict):
            case.body.pop("claim_id", None)
            if case.body.get("score") is not None:
                case.body.pop("label", None)
            elif case.body.get("label") is None:
                case.body["score"] = 50
        if {"token", "share_id", "feedback_id"} & set(case.path_parameters or ()) or case.operation.path.endswith("/export"):
            shared, given = json.loads(os.environ["AUDITOR_TEST_SHARED"]), case.path_parameters
            # An id of these days was handed on from an answer, and leads somewhere already.
            made = [name for name in given if name != "token" and str(given[name])[:5] == shared[name][:5]]
            if not made:
                # What is taken back is made anew each time: it goes once only.
                for name, kind, body in (("share_id", "shares", {}), ("feedback_id", "feedback", {"score": 50})):
                    if name in given:
                        path = f"/evaluations/{shared['id']}/{kind}"
                        token = os.environ["AUDITOR_TEST_TOKEN"]
                        shared[name] = call(os.environ["AUDITOR_TEST_ADDRESS"], path, body, token)["id"]
                case.path_parameters = {name: shared[name] for name in given}
    if case.query and isinstance(case.query.get("cursor"), str):
        del case.query["cursor"]
    if case.meta.generation.mode.is_positive and (key := (case.headers or {}).get("Idempotency-Key")):
        if key in keys_sent:
            del case.headers["Idempotency-Key"]
        keys_sent.add(key)


@schemathesis.hook
def after_call(context, case, response):
    tally[f"{case.operation.label}\t{response.status_code}"] += 1


@atexit.register
def write_tally():
    if "AUDITOR_TEST_TALLY" in os.environ:
        with open(os.environ["AUDITOR_TEST_TALLY"], "w", encoding="utf-8") as file:
            json.dump(tally, file)


def call(address, path, body=None, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{address}/api/v1{path}", data=data, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as response:
        return json.load(response)


def share(address, token):
    """An audited evaluation with a link to read, and a link and an opinion to take back."""
    body = {"source_text": "The mill has two wheels.", "candidate_output": "The mill has two wheels.", "start": True}
    path = f"/evaluations/{call(address, '/evaluations', body, token)['id']}"
    while (status := call(address, path, token=token)["status"]) == "in_progress":
        time.sleep(0.05)
    if status != "completed":
        raise SystemExit(f"schema.py: the example is {status}")
    read, taken_back = (call(address, f"{path}/shares", {}, token) for _ in range(2))
    opinion = call(address, f"{path}/feedback", {"score": 50}, token)
    return {
        "id": path.split("/")[-1],
        "token": read["url"].split("/")[-1],
        "share_id": taken_back["id"],
        "feedback_id": opinion["id"],
    }


def run(address, examples, seed):
    account = {"username": f"schema-{secrets.token_hex(6)}", "password": secrets.token_urlsafe(18)}
    call(address, "/auth/register", {**account, "email": f"{account['username']}@example.org"})
    token = call(address, "/auth/login", account)["access_token"]
    judges = [judge["name"] for judge in call(address, "/judges", token=token)["items"]]
    with tempfile.TemporaryDirectory() as folder:
        tallied = os.path.join(folder, "tally.json")
        here = os.path.dirname(os.path.abspath(__file__))
        environment = {
            **os.environ,
            "AUDITOR_TEST_JUDGES": ",".join(judges),
            "AUDITOR_TEST_ADDRESS": address,
            "AUDITOR_TEST_TOKEN": token,
            "AUDITOR_TEST_SHARED": json.dumps(share(address, token)),
            "AUDITOR_TEST_TALLY": tallied,
            "PYTHONPATH": here,
            "SCHEMATHESIS_HOOKS": "schema",
        }
        options = {
            "--header": f"Authorization: Bearer {token}",
            "--max-examples": examples,
            "--seed": seed,
            # Two stumble over each other within the program now and then.
            "--workers": "1",
            "--checks": "all",
            "--request-timeout": "60",
        }
        arguments = [text for option in options.items() for text in option]
        # A log is read as JSON, not as a stream that never ends.
        arguments += ["--header", "Accept: application/json"]
        program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
        command = [program, "run", f"{address}/api/v1/openapi.json", *arguments, "--continue-on-failure"]
        status = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
        with open(tallied, encoding="utf-8") as file:
            counted = json.load(file)
    document = call(address, "/openapi.json")
    operations = {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    }
    granted = {name.split("\t")[0] for name in counted if name.split("\t")[1].startswith("2")}
    missed = operations - granted - NEVER_GRANTED
    if missed:
        print(f"schema.py: never answered with success: {sorted(missed)}", file=sys.stderr)
        status = 1
    by_status = collections.Counter()
    for name, count in counted.items():
        by_status[name.split("\t")[1]] += count
    told = ", ".join(f"{count} times {answer}" for answer, count in sorted(by_status.items()))
    print(f"schema.py: seed {seed}, {sum(by_status.values())} requests to {len(operations)} operations: {told}")
    return status


def main():
    if not 2 <= len(sys.argv) <= 4:
        print(__doc__, file=sys.stderr)
        return 2
    address, examples, seed = (*sys.argv[1:], *("100", "1")[len(sys.argv) - 2 :])
    return run(address.rstrip("/"), examples, seed)


if __name__ == "__main__":
    sys.exit(main())
