"""The tables of docs/performance.md, from the records of the benchmarks of speed."""

from collections.abc import Callable, Sequence

from bench.tables import Document, table


def serving(records: Sequence[Document]) -> str:
    """For each kind of engines: what requests took, then the targets."""
    parts = []
    for values in (one["values"] for one in records):
        asked = [
            [clients, name, *(f"{row[key]:.1f}" for key in ("p50_ms", "p95_ms", "p99_ms", "a_second")), cpu]
            for clients, actions in values["clients"].items()
            for name, row in actions.items()
            for cpu in [f"{row['worker_cpu_ms']:.1f}" if name.startswith("API") else ""]
        ]
        pages = [
            [1, name, *(f"{row[key]:.1f}" for key in ("p50_ms", "p95_ms", "p99_ms")), "", cpu]
            for name, row in values["pages"].items()
            for cpu in [f"{row['worker_cpu_ms']:.1f}"]
        ]
        header = ["clients", "", "p50 ms", "p95 ms", "p99 ms", "a second", "CPU ms of the worker"]
        targets = [[t["target"], t["value"], t["verdict"]] for t in values["targets"]]
        heading = f"**{values['engines']}**, web workers: {values['workers']}, load: {values['load']}"
        tables = table(header, asked + pages), table(["target", "measured", ""], targets)
        parts.append("\n\n".join([heading, *tables]))
    return "\n\n".join(parts)


def hnsw(records: Sequence[Document]) -> str:
    rows = records[-1]["values"]["rows"]
    builds = dict.fromkeys((r["movies"], r["M"], r["efConstruction"], r["build_s"]) for r in rows)
    widths = list(dict.fromkeys(row["ef"] for row in rows))
    found = {(r["movies"], r["M"], r["ef"]): f"{r['recall']:.4f}" for r in rows}
    body = [[*build, *(found[build[0], build[1], width] for width in widths)] for build in builds]
    header = ["movies", "M", "efConstruction", "built in s", *(f"ef {width}" for width in widths)]
    return table(header, body)


def growth(records: Sequence[Document]) -> str:
    """By size, smallest first."""
    rows = [
        {"engines": "services" if "--engines services" in one["command"] else "embedded"} | row
        for one in records
        for row in one["values"]["rows"]
    ]
    rows.sort(key=lambda row: (row["ratings"], row["movies"]))
    header = list(dict.fromkeys(key for row in rows for key in row))
    return table(header, [[row.get(key, "") for key in header] for row in rows])


def imports(records: Sequence[Document]) -> str:
    """Rows a second of each step, on each engine."""
    body = [
        [values["engine"], step, f"{row['rows']:,}", *_seconds(row), f"{row['rows'] / row['seconds']:,.0f}"]
        for values in (one["values"] for one in records)
        for step, row in values["steps"].items()
    ]
    return table(["database", "", "ratings", "s", "CPU s", "ratings a second"], body)


def _seconds(row: Document) -> list[str]:
    return [f"{row[key]:.1f}" for key in ("seconds", "cpu_seconds")]


def index(records: Sequence[Document]) -> str:
    body = [
        [
            values["engines"],
            step,
            f"{values['movies']:,}",
            f"{seconds:.1f}",
            f"{values['movies'] / seconds:,.0f}",
        ]
        for values in (one["values"] for one in records)
        for step, seconds in values["seconds"].items()
    ]
    return table(["engines", "", "movies", "s", "movies a second"], body)


def precompute(records: Sequence[Document]) -> str:
    header = ["engines", "users", "s", "users a second", "CPU ms a user", "peak MiB"]
    body = [
        [
            values["engines"],
            values["users"],
            f"{values['seconds']:.0f}",
            f"{values['users'] / values['seconds']:.0f}",
            f"{1e3 * values['cpu_seconds'] / values['users']:.1f}",
            values["peak_mib"],
        ]
        for values in (one["values"] for one in records)
    ]
    return table(header, body)


def people(records: Sequence[Document]) -> str:
    values = records[-1]["values"]
    keys = ("name", "requests", "failures", "p50", "p95", "p99", "a_second")
    header = ["request", "number", "errors", "p50 ms", "p95 ms", "p99 ms", "a second"]
    note = f"{values['users']} people for {values['minutes']:g} minutes, {values['workers']} web workers, "
    note += f"{values['engines']}, load of the machine {values['load']} at the end."
    body = [[str(row[key]) for key in keys] for row in values["requests"]]
    return f"{note}\n\n{table(header, body)}"


TABLES: dict[str, Callable[[Sequence[Document]], str]] = {
    "serving": serving,
    "hnsw": hnsw,
    "growth": growth,
    "imports": imports,
    "index": index,
    "precompute": precompute,
    "people": people,
}
