"""Everything that speaks with a server, with threads. All but this file and `io.py` is made by `tools/make_sync.py`."""
