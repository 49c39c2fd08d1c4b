"""Processes that a benchmark starts and ends, and what the system says of them."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.record import PROJECT

START_SECONDS = 90.0


class NotStarted(Exception):
    """A process did not do in time what was waited for."""


@contextmanager
def running(
    command: Sequence[str | Path], *, log: Path, env: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, ended with all its children."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=PROJECT,
            env=env,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def until(holds: Callable[[], bool], *, what: str) -> None:
    """Wait until something is so. Raises NotStarted after START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise NotStarted(f"not within {START_SECONDS:.0f} s: {what}")
        time.sleep(0.02)


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(process_id: int) -> list[int]:
    words = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return [int(word) for word in words]


def cpu_seconds(process_ids: Sequence[int]) -> float:
    """What these processes have used so far."""
    ticks = 0
    for process_id in process_ids:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mib(process_ids: Sequence[int]) -> float:
    """What the largest of these processes keeps in memory, mapped files included."""
    return max(_held(process_id, "VmRSS") for process_id in process_ids)


def files_mib(process_ids: Sequence[int]) -> float:
    """The most that one of these keeps of files, which processes share and the system can take back."""
    return max(_held(process_id, "RssFile") for process_id in process_ids)


def _held(process_id: int, kind: str) -> float:
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    kilobytes = next(line for line in lines if line.startswith(f"{kind}:")).split()[1]
    return round(int(kilobytes) / 1024, 1)
