"""Cuts a file into lines of text, a piece at a time, so that the size of the file does not matter."""

import codecs
from collections.abc import Callable, Iterator

from catalog.movielens.errors import ImportRejected
from catalog.movielens.sources import DataFile

MAX_LINE = 1 << 16  # bytes; the longest line of MovieLens has about 400


def read_lines(file: DataFile, *, latin_1: bool, on_bytes: Callable[[int], None]) -> Iterator[str]:
    """The lines without their ends, each decoded as UTF-8.

    A line that is not UTF-8 is read as Latin-1 where the format allows it; elsewhere its bytes become
    lone surrogates, which no field accepts, so that the row and not the file is at fault.
    """
    fallback = "latin-1" if latin_1 else None
    rest, count = b"", 0
    for chunk in file.chunks():
        if not count and not rest:
            chunk = without_byte_order_mark(file.name, chunk)
        block, newline, rest = (rest + chunk).replace(b"\r\n", b"\n").rpartition(b"\n")
        if newline:
            lines = decoded(block, fallback)
            count += len(lines)
            yield from lines
        if len(rest) > MAX_LINE:
            raise ImportRejected(f"{file.name} line {count + 1}: is longer than {MAX_LINE:,} bytes")
        on_bytes(len(chunk))
    if rest:
        yield from decoded(rest.removesuffix(b"\r"), fallback)


def without_byte_order_mark(name: str, start: bytes) -> bytes:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ImportRejected(f"{name}: is UTF-16 text, not UTF-8")
    return start.removeprefix(codecs.BOM_UTF8)


def decoded(block: bytes, fallback: str | None) -> list[str]:
    try:
        return block.decode().split("\n")
    except UnicodeDecodeError:
        return [decoded_line(line, fallback) for line in block.split(b"\n")]


def decoded_line(line: bytes, fallback: str | None) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode(fallback) if fallback else line.decode(errors="surrogateescape")
