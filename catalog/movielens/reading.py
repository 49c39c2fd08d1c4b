"""Reads the rows of a file: lines to fields, fields to checked rows; what is wrong goes to the rejections."""

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

from catalog.movielens.errors import ImportRejected, RowRejected
from catalog.movielens.formats import FileKind
from catalog.movielens.lines import read_lines
from catalog.movielens.recognition import Table
from catalog.movielens.rejections import Rejections

Pick = Callable[[list[str]], Any]
OnBytes = Callable[[int], None]


def read_rows(table: Table, rejections: Rejections, on_bytes: OnBytes) -> Iterator[tuple[int, Any]]:
    """Number of the line and row, each MovieLens number once. For all files but the ratings."""
    parse = table.kind.parse
    first_line: dict[int, int] = {}
    for line, fields in read_fields(table, rejections, on_bytes):
        try:
            row = parse(fields)
            if row.movielens_id in first_line:
                before = first_line[row.movielens_id]
                raise RowRejected(f"{table.kind.columns[0]} {row.movielens_id} was on line {before} already")
        except RowRejected as problem:
            rejections.add(line, problem)
            continue
        first_line[row.movielens_id] = line
        yield line, row


def read_fields(table: Table, rejections: Rejections, on_bytes: OnBytes) -> Iterator[tuple[int, list[str]]]:
    """Number of the line and its fields in the order of the kind's columns; blank lines are left out.

    Raises ImportRejected if the file is empty or its header lacks a column.
    """
    kind = table.kind
    lines = enumerate(read_lines(table.file, latin_1=kind.latin_1, on_bytes=on_bytes), start=1)
    width, pick = layout_of_header(table, lines) if kind.has_header else (len(kind.columns), None)
    split = kind.split
    is_empty = True
    for number, line in lines:
        if not line or line.isspace():
            continue
        is_empty = False
        try:
            fields = split(line)
        except RowRejected as problem:
            rejections.add(number, problem)
            continue
        if len(fields) != width:
            rejections.add(number, f"{len(fields)} fields where {width} belong")
            continue
        yield number, pick(fields) if pick else fields
    if is_empty:
        raise ImportRejected(
            f"{table.file.name}: {'no rows after the header' if kind.has_header else 'empty file'}"
        )


def layout_of_header(table: Table, lines: Iterator[tuple[int, str]]) -> tuple[int, Pick | None]:
    """How many fields a line has, and what puts them into the order of the columns (None: they are in it)."""
    _number, line = next(lines, (0, ""))
    if not line.strip():
        raise ImportRejected(f"{table.file.name}: empty file")
    try:
        header = [name.strip().partition(":")[0] for name in table.kind.split(line)]
    except RowRejected as problem:
        raise ImportRejected(f"{table.file.name} line 1: header: {problem}") from problem
    places = places_of_columns(table, header)
    if places == [*range(len(header))]:
        return len(header), None
    if -1 not in places:
        return len(header), itemgetter(*places)
    return len(header), lambda fields: ["" if place < 0 else fields[place] for place in places]


def places_of_columns(table: Table, header: list[str]) -> list[int]:
    """Where each column is in the header, -1 for an optional one that is not there."""
    kind: FileKind = table.kind
    places = []
    for needed, column in enumerate(kind.columns):
        place = next((header.index(name) for name in column.split("|") if name in header), -1)
        if place < 0 and needed < kind.needed:
            shown = ", ".join(header)[:200]
            raise ImportRejected(
                f"{table.file.name} line 1: column {column!r} is missing from the header ({shown!a})"
            )
        places.append(place)
    return places
