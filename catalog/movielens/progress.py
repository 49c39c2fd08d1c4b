"""Shows how far a file is: a bar on a terminal, plain lines now and then where the output is piped."""

import time
from collections.abc import Callable
from typing import Protocol

from tqdm import tqdm

LINE_EVERY = 5.0  # seconds


class Progress(Protocol):
    def start(self, file: str, size: int) -> None:
        """A file of `size` bytes begins."""

    def advance(self, size: int) -> None:
        """`size` more bytes are read."""

    def finish(self) -> None:
        """The file ends, well or not."""


class Silence:
    def start(self, file: str, size: int) -> None:
        pass

    def advance(self, size: int) -> None:
        pass

    def finish(self) -> None:
        pass


class Bar:
    """A bar on standard error."""

    def start(self, file: str, size: int) -> None:
        self._bar = tqdm(total=size, desc=file, unit="B", unit_scale=True, leave=False)

    def advance(self, size: int) -> None:
        self._bar.update(size)

    def finish(self) -> None:
        self._bar.close()


class Lines:
    """A line each few seconds, given to `write`."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def start(self, file: str, size: int) -> None:
        self._file, self._size, self._read = file, size, 0
        self._next_line = time.monotonic() + LINE_EVERY

    def advance(self, size: int) -> None:
        self._read += size
        if time.monotonic() >= self._next_line:
            self._write(f"{self._file}: {100 * self._read // max(1, self._size)} % read")
            self._next_line = time.monotonic() + LINE_EVERY

    def finish(self) -> None:
        pass
