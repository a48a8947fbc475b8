"""A client that a generator makes of the OpenAPI document: it is whole, it can be loaded, and it works.

usage: generated.py http://127.0.0.1:PORT
"""

import importlib
import os
import pkgutil
import secrets
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

# The generator knows files as octets only. What else a document may be sent as is text, and stays out.
CONFIG = """
content_type_overrides:
  application/pdf: application/octet-stream
  application/zip: application/octet-stream
post_hooks: []
"""
LEFT_OUT = {"text/html", "text/markdown", "text/plain"}


def generate(address, folder):
    document = folder / "openapi.json"
    with urllib.request.urlopen(f"{address}/api/v1/openapi.json") as answer:
        document.write_bytes(answer.read())
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    command = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none"]
    command += ["--path", document, "--config", config, "--output-path", folder / "auditor_client"]
    made = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    said = made.stdout + made.stderr
    assert made.returncode == 0, said
    complaints = {line.removeprefix("Unsupported content type ") for line in said.splitlines() if line.startswith("Unsupported")}
    warnings = sum(line.startswith(("WARNING", "ERROR")) for line in said.splitlines())
    assert complaints <= LEFT_OUT and warnings == len(complaints), said


def load(folder):
    """Compiles and imports every module of the client."""
    sys.path.insert(0, str(folder))
    client = importlib.import_module("auditor_client")
    names = [module.name for module in pkgutil.walk_packages(client.__path__, "auditor_client.")]
    modules = {name: importlib.import_module(name) for name in names}
    assert len(modules) > 60, f"only {len(modules)} modules"
    return modules


def use(address, modules):
    def call(operation, client, **arguments):
        return modules[f"auditor_client.api.{operation}"].sync_detailed(client=client, **arguments)

    client = modules["auditor_client.client"].Client(base_url=address)
    models = modules["auditor_client.models"]
    password = secrets.token_urlsafe(16)
    name = f"generated-{secrets.token_hex(4)}"
    made = call("accounts.register", client, body=models.Register(username=name, email=f"{name}@example.org", password=password))
    assert made.status_code == 201, made
    tokens = call("accounts.login", client, body=models.Login(username=name, password=password)).parsed
    mine = modules["auditor_client.client"].AuthenticatedClient(base_url=address, token=tokens.access_token)
    asked = models.CreateEvaluation(source_text="The bridge is 412 metres long.", candidate_output="It is 640 metres long.")
    evaluation = call("evaluations.create", mine, body=asked)
    assert evaluation.status_code == 201, evaluation
    listed = call("evaluations.list_", mine).parsed
    assert [item.id for item in listed.items] == [evaluation.parsed.id], listed
    nothing = call("evaluations.read", mine, id=evaluation.parsed.id).parsed
    assert nothing.source_text == asked.source_text
    return len(modules)


def main():
    address = sys.argv[1].rstrip("/")
    with tempfile.TemporaryDirectory() as folder:
        generate(address, Path(folder))
        count = use(address, load(Path(folder)))
    print(f"a generated client of {count} modules works")


main()
