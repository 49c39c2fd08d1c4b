"""Gives the tests an installation of their own, before Django reads its settings."""

import os
import socket
import tempfile


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "a key for tests only, long enough to be one"
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="movierec-tests-")
os.environ.setdefault("MILVUS_URI", f"http://127.0.0.1:{free_port()}")
