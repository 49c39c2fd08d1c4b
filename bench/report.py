"""Fills the tables of docs/results.md and docs/performance.md from the records in var/bench.

    python -m bench.report [--check]

A table stands between `<!-- bench: NAME DATA ... -->` and `<!-- end -->`. One without records keeps what it
has; --check only says which those are. What is written around the tables is written by hand.
"""

import argparse
import re
import sys
from collections.abc import Sequence

from bench import record
from bench.speed_tables import TABLES as SPEED_TABLES
from bench.tables import TABLES, Document

DOCUMENTS = [record.PROJECT / "docs" / name for name in ("results.md", "performance.md")]
BESIDE_THE_POINT = re.compile(r" --(artifact|rankings) \S+| --only .*")  # of a command: where files went
BLOCK = re.compile(r"(<!-- bench: (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    records = record.read_records()
    for document in DOCUMENTS:
        text = document.read_text()
        without = [match[2] for match in BLOCK.finditer(text) if not records_of(match[2], records)]
        for name in without:
            print(f"no record for: {name}", file=sys.stderr)
        if not args.check:
            document.write_text(filled(text, records))
    return 0


def filled(text: str, records: Sequence[Document]) -> str:
    """The text with each table that has records made anew."""

    def block(match: re.Match[str]) -> str:
        found = records_of(match[2], records)
        if not found:
            return match[0]
        body = (TABLES | SPEED_TABLES)[match[2].split()[0]](found)
        return f"{match[1]}{_heading(found)}\n\n{body}\n{match[4]}"

    return BLOCK.sub(block, text)


def records_of(name: str, records: Sequence[Document]) -> list[Document]:
    """Those of a table's name: part of the accuracy or the benchmark, data, and the protocol if one is named.

    Only runs of the default configuration, and no validation parts; by seed.
    """
    kind, data, *protocol = name.split()
    benchmark = "accuracy" if kind in ("accuracy", "segments", "lists") else kind
    found = [
        one
        for one in records
        if one["benchmark"] == benchmark
        and one["data"] == data
        and "--set" not in one["command"]
        and one["values"].get("part", "test") == "test"
        and (not protocol or one["values"]["protocol"] == protocol[0])
    ]
    return sorted(found, key=lambda one: one["seed"])


def _heading(records: Sequence[Document]) -> str:
    """The commands that made the table, and where."""
    commands = dict.fromkeys(BESIDE_THE_POINT.sub("", one["command"]) for one in records)
    first = records[0]
    machine = f"{first['machine']['cpu']}, {first['machine']['cores']} cores"
    revisions = ", ".join(dict.fromkeys(one["revision"] for one in records))
    lines = "\n".join(f"    {command}" for command in commands)
    return f"{lines}\n\nMachine: {machine}; commit {revisions}."


if __name__ == "__main__":
    sys.exit(main())
