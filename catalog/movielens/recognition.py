"""Finds out which of the files at hand make a MovieLens data set.

A file is recognised by its first line; its name only helps where that line is faulty, or where several
files look alike (MovieLens 100K brings its ratings once more as splits).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch

from catalog.movielens.errors import ImportRejected
from catalog.movielens.formats import KINDS, FileKind, Format, Role
from catalog.movielens.sources import DataFile, Folders

NEEDED = {
    Format.ML_100K: (Role.MOVIES, Role.USERS, Role.RATINGS),
    Format.DAT: (Role.MOVIES, Role.RATINGS),  # 10M has no users
    Format.CSV: (Role.MOVIES, Role.RATINGS),
    Format.ATOMIC: (Role.MOVIES, Role.RATINGS),
}


@dataclass(frozen=True)
class Table:
    """A file and how to read it."""

    file: DataFile
    kind: FileKind


@dataclass(frozen=True)
class DataSet:
    format: Format
    tables: dict[Role, Table]


def recognise(path: str, folders: Folders) -> DataSet:
    """The one data set in the folders; raises ImportRejected if there is none, half of one, or several."""
    found = [tables for files in folders.values() for tables in tables_by_format(files).values()]
    whole = [tables for tables in found if not missing_names(tables)]
    if len(whole) == 1:
        (tables,) = whole
        by_role = {role: chosen(path, same) for role, same in tables.items()}
        return DataSet(by_role[Role.RATINGS].kind.format, by_role)
    if whole:
        named = ", ".join(sorted(f"{format_of(tables)}" for tables in whole))
        raise ImportRejected(
            f"{path}: holds {len(whole)} data sets ({named}); give the folder of one of them"
        )
    if found:
        most = max(found, key=len)
        present = ", ".join(sorted(table.file.name for tables in most.values() for table in tables))
        raise ImportRejected(f"{path}: {' and '.join(missing_names(most))} missing; there is {present}")
    raise ImportRejected(
        f"{path}: holds no MovieLens data (u.data, ratings.dat, ratings.csv or *.inter and what goes with it)"
    )


TablesByRole = dict[Role, list[Table]]


def tables_by_format(files: Iterable[DataFile]) -> dict[Format, TablesByRole]:
    found: defaultdict[Format, TablesByRole] = defaultdict(lambda: defaultdict(list))
    for file in files:
        if kind := kind_of(file):
            found[kind.format][kind.role].append(Table(file, kind))
    return found


def kind_of(file: DataFile) -> FileKind | None:
    """By its first line; by its name if that line fits no kind, or fits another file of the same format."""
    first_line = first_line_of(file)
    by_content = next((kind for kind in KINDS if re.match(kind.first_line, first_line)), None)
    by_name = next((kind for kind in KINDS if fnmatch(file.name, kind.name)), None)
    if by_content and by_name and by_content.format == by_name.format:
        return by_name
    return by_content or by_name


def first_line_of(file: DataFile) -> str:
    """Decoded so that any byte will do; empty if the file cannot be read, which shows when it is needed."""
    try:
        head = file.head()
    except ImportRejected:
        return ""
    return head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].rstrip(b"\r").decode("latin-1")


def format_of(tables: TablesByRole) -> Format:
    return next(iter(tables.values()))[0].kind.format


def missing_names(tables: TablesByRole) -> list[str]:
    """The files that the format needs and that are not there, as MovieLens calls them."""
    format_ = format_of(tables)
    return [kind.name for kind in KINDS if kind.format == format_ and kind.role in missing_roles(tables)]


def missing_roles(tables: TablesByRole) -> set[Role]:
    return set(NEEDED[format_of(tables)]) - set(tables)


def chosen(path: str, tables: list[Table]) -> Table:
    """The table with MovieLens's own name, or the only one."""
    canonical = [table for table in tables if fnmatch(table.file.name, table.kind.name)]
    candidates = canonical or tables
    if len(candidates) > 1:
        names = ", ".join(table.file.name for table in candidates)
        raise ImportRejected(f"{path}: several files hold {candidates[0].kind.role}: {names}; leave one")
    return candidates[0]
