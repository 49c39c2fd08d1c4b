"""Ends with one clear line unless a server can take the port: check_port.py PORT "what to do about it"."""

import socket
import sys

port, remedy = sys.argv[1:]
if not (port.isdecimal() and 0 < int(port) < 65536):
    sys.exit(f"{port!r} is not a port number; {remedy}")
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(port)))
    except OSError as error:
        sys.exit(f"port {port} on 127.0.0.1 cannot be used ({str(error.strerror).lower()}); {remedy}")
