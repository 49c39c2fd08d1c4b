"""Fills the tables of docs/results.md and docs/performance.md from what was measured (`bench.record`).

    python -m bench.report [--check]

A table stands between `<!-- bench: NAME DATA ... -->` and `<!-- end -->`. The records that fill it are copied
to docs/measurements, so that a later run of another seed or size joins them. A table without records keeps
what it has. --check changes nothing, and fails where a table is not what its records in docs/measurements
make of it. What is written around the tables is written by hand.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence

from bench import record
from bench.speed_tables import TABLES as SPEED_TABLES
from bench.tables import TABLES, Document

DOCUMENTS = [record.PROJECT / "docs" / name for name in ("results.md", "performance.md")]
BESIDE_THE_POINT = re.compile(  # of a command: where files went, and what is measured elsewhere now
    r" --(artifact|rankings) \S+| --only .*| --baselines"
)
MADE_OF = {"accuracy": ("accuracy", "baselines"), "segments": ("accuracy",), "lists": ("accuracy",)}
OF_THE_FIRST_SEED = ("segments", "lists")
BLOCK = re.compile(r"(<!-- bench: (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    return check() if args.check else fill()


def fill() -> int:
    records = record.read_records()
    shown: set[str] = set()
    for document in DOCUMENTS:
        text = document.read_text()
        document.write_text(filled(text, list(records.values())))
        for name in (match[2] for match in BLOCK.finditer(text)):
            found = records_of(name, list(records.values()))
            shown |= {key for key, one in records.items() if one in found}
            if not found:
                print(f"no record for: {name}", file=sys.stderr)
    record.PUBLISHED.mkdir(exist_ok=True)
    for key in shown:
        (record.PUBLISHED / f"{key}.json").write_text(json.dumps(records[key], indent=1) + "\n")
    return 0


def check() -> int:
    records = list(record.read_records(record.PUBLISHED).values())
    stale = [path.name for path in DOCUMENTS if filled(path.read_text(), records) != path.read_text()]
    for name in stale:
        print(f"{name}: not what docs/measurements make of it; run python -m bench.report", file=sys.stderr)
    return 1 if stale else 0


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
    benchmarks = MADE_OF.get(kind, (kind,))
    found = [
        one
        for one in records
        if one["benchmark"] in benchmarks
        and one["data"] == data
        and "--set" not in one["command"]
        and one["values"].get("part", "test") == "test"
        and (not protocol or one["values"]["protocol"] == protocol[0])
    ]
    found.sort(key=lambda one: one["seed"])
    return found[:1] if kind in OF_THE_FIRST_SEED else found


def _heading(records: Sequence[Document]) -> str:
    """The commands that made the table, and where."""
    commands = dict.fromkeys(BESIDE_THE_POINT.sub("", one["command"]) for one in records)
    machines = dict.fromkeys(f"{one['machine']['cpu']}, {one['machine']['cores']} cores" for one in records)
    revisions = ", ".join(dict.fromkeys(one["revision"] for one in records))
    lines = "\n".join(f"    {command}" for command in commands)
    return f"{lines}\n\nMachine: {' and '.join(machines)}; commit {revisions}."


if __name__ == "__main__":
    sys.exit(main())
