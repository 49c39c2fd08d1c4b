"""The tables of docs/results.md, each from the records of its runs, in order of seed."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Document = dict[str, Any]
MODEL = "two towers"
TARGET = 200  # milliseconds for a page
ACCURACY = ("HR@10", "NDCG@10", "Recall@20", "HR@100", "Recall@100", "movies_in_any_top_10")


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}".removeprefix("0") if abs(value) < 1 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def accuracy(records: Sequence[Document]) -> str:
    """The baselines where they were measured, then the towers: mean over the seeds, and spread."""
    baselines = [one["values"]["metrics"] for one in records if one["benchmark"] == "baselines"]
    records = [one for one in records if one["benchmark"] != "baselines"]
    first = records[0]["values"]["metrics"]
    others = baselines[0] if baselines else {name: of for name, of in first.items() if MODEL not in name}
    rows = [[name, *(_number(metrics, key) for key in ACCURACY)] for name, metrics in others.items()]
    for name in (name for name in first if MODEL in name):
        values = [one["values"]["metrics"][name] for one in records]
        rows.append([f"**{name}**" if name == MODEL else name, *(_mean(values, key) for key in ACCURACY)])
    if len(records) > 1:
        values = [one["values"]["metrics"][MODEL] for one in records]
        spread = (np.ptp([one[key] for one in values]).item() for key in ACCURACY)
        rows.append(["largest difference between seeds", *map(_cell, spread)])
    users = int(first[MODEL]["users"])
    seeds = ", ".join(str(one["seed"]) for one in records)
    note = (
        f"{users:,} users; two towers: mean of seeds {seeds}."
        if len(records) > 1
        else f"{users:,} users; seed {seeds}."
    )
    return note + "\n\n" + table(["model", *ACCURACY[:-1], "in any top ten"], rows)


def _number(metrics: dict[str, float], key: str) -> object:
    return int(metrics[key]) if key.startswith("movies") else float(metrics[key])


def _mean(values: Sequence[dict[str, float]], key: str) -> object:
    mean = float(np.mean([value[key] for value in values]))
    return round(mean) if key.startswith("movies") else mean


def segments(records: Sequence[Document]) -> str:
    """Few users are marked."""
    rows = []
    for row in records[0]["values"]["segments"]:
        towers, popularity = row[MODEL], row["popularity"]
        rows.append(
            [
                row["kind"],
                row["segment"] + (" (few)" if row["few"] else ""),
                row["users"],
                towers["HR@10"],
                f"{_cell(towers['NDCG@10'])} ± {_cell(towers['NDCG@10 error'])}",
                towers["Recall@20"],
                popularity["NDCG@10"],
            ]
        )
    header = [
        "by",
        "segment",
        "users",
        "HR@10",
        "NDCG@10 ± standard error",
        "Recall@20",
        "popularity's NDCG@10",
    ]
    return table(header, rows)


def lists(records: Sequence[Document]) -> str:
    values = records[0]["values"]["lists"]
    header = ["lists of", "coverage", "Gini", "share of top 1 %", "popularity percentile"]
    header += ["novelty, bits", "genre diversity", "vector diversity"]
    keys = (
        "coverage",
        "gini",
        "head share",
        "popularity percentile",
        "novelty",
        "genre diversity",
        "vector diversity",
    )
    return table(header, [[name, *(float(quality[key]) for key in keys)] for name, quality in values.items()])


def cold(records: Sequence[Document]) -> str:
    """Cold users, then cold movies: means over the seeds."""
    first = records[0]["values"]
    keys = ("next HR@10", "next NDCG@10", "liked HR@10", "liked NDCG@10", "liked Recall@20")
    rows = []
    for place, row in enumerate(first["users"]["rows"]):
        values = [one["values"]["users"]["rows"][place]["metrics"] for one in records]
        rows.append([row["ratings"], row["model"], *(_mean(values, key) for key in keys)])
    users = f"{first['users']['count']} people held out.\n\n" + table(["ratings", "model", *keys], rows)
    movies = first["movies"]
    of_movies = [
        [name, *(_mean([one["values"]["movies"]["rows"][name] for one in records], key) for key in metrics)]
        for name, metrics in movies["rows"].items()
    ]
    heading = (
        f"{movies['count']} movies held out, asked for {movies['users']:,} people who liked one of them."
    )
    return f"{users}\n\n{heading}\n\n" + table(["ranked by", "Recall@10", "percentile"], of_movies)


def stars(records: Sequence[Document]) -> str:
    seeds = ["seed", "means of movie and user", "predicted stars", "CPU s", "ms a person"]
    rows = [
        [
            str(r["seed"]),
            r["values"]["baseline_rmse"],
            r["values"]["rmse"],
            r["values"]["cpu_seconds"],
            r["values"]["ms_a_person"],
        ]
        for r in records
    ]
    calibration = records[0]["values"]["calibration"]
    columns = [["predicted", *(f"{row['predicted']:.2f}" for row in calibration)]]
    columns.append(["given", *(f"{row['given']:.2f}" for row in calibration)])
    header = ["ratings", *(f"{row['ratings']:,}" for row in calibration)]
    of_seed = f"Calibration, seed {records[0]['seed']}:"
    return f"RMSE:\n\n{table(seeds, rows)}\n\n{of_seed}\n\n{table(header, columns)}"


def sasrec(records: Sequence[Document]) -> str:
    header = [
        "beside",
        "seed",
        "nDCG@10",
        "its seconds",
        "towers' seconds",
        "share",
        "its GiB",
        "towers' GiB",
        "share",
    ]
    rows = [
        [
            row["beside"],
            str(one["seed"]),
            row["ndcg@10"],
            round(row["seconds"]),
            round(row["towers_seconds"]),
            f"{row['time_share']:.2f}",
            f"{row['peak_gib']:.2f}",
            f"{row['towers_peak_gib']:.2f}",
            f"{row['memory_share']:.2f}",
        ]
        for one in records
        for row in one["values"]["equal"]
    ]
    return table(header, rows)


def training(records: Sequence[Document]) -> str:
    rows = [
        [str(one["seed"]), int(e["epoch"]), round(e["seconds"]), e["next_ndcg@10"], e["weeks_ndcg@10"]]
        for one in records
        for e in one["values"]["log"]
    ]
    last = records[-1]["values"]
    speed = f"{last['ratings_per_second']:,.0f} ratings a second"
    speed += f" ({last['ratings_per_cpu_second']:,.0f} a CPU second), {last['peak_gib']:.2f} GiB at most."
    if "matrix_gflops" in last:
        speed += " " + _bound(last)
    return f"{speed}\n\n" + table(["seed", "epoch", "seconds", "next nDCG@10", "weeks nDCG@10"], rows)


def _bound(values: Document) -> str:
    bound = values["matrix_gflops"] / values["machine_gflops_per_second"]
    seconds = sum(epoch["seconds"] for epoch in values["epochs"]) / len(values["epochs"])
    work = (
        f"The matrix products of an epoch, {values['matrix_gflops']:,.0f} GFLOP, would take {bound:.0f} s at "
    )
    work += f"the {values['machine_gflops_per_second']:.0f} GFLOPS of one large product"
    return f"{work}; an epoch took {seconds:.0f} s."


def ablations(records: Sequence[Document]) -> str:
    """Differences from the default with the same seed, their mean and its standard error over the seeds."""
    keys = ("next_ndcg@10", "weeks_ndcg@10")
    metrics = {(r["values"]["change"], r["seed"]): r["values"]["metrics"] for r in records}
    default = {seed: found for (change, seed), found in metrics.items() if change == "default"}
    rows = []
    for change in dict.fromkeys(one["values"]["change"] for one in records):
        seeds = [seed for seed in default if (change, seed) in metrics]
        seconds = [r["values"]["cpu_seconds"] for r in records if r["values"]["change"] == change]
        cells = []
        for key in keys:
            own = np.array([metrics[change, seed][key] for seed in seeds])
            cells.append(_cell(float(own.mean())))
            cells.append("" if change == "default" else _difference(own - [default[s][key] for s in seeds]))
        rows.append([change, len(seeds), *cells, round(float(np.mean(seconds)))])
    header = ["changed", "seeds", "next", "difference", "weeks", "difference", "CPU s"]
    return table(header, sorted(rows, key=lambda row: row[0] != "default"))


def _difference(values: "np.ndarray") -> str:
    error = f" ± {values.std(ddof=1) / len(values) ** 0.5:.4f}" if len(values) > 1 else ""
    return f"{values.mean():+.4f}{error}"


def pages(records: Sequence[Document]) -> str:
    """Milliseconds of every page, a column for each reader, beside the target."""
    readers = [one["values"] for one in records]
    measured = {(v["reader"], p["who"], p["path"]): p for v in readers for p in v["pages"]}
    paths = dict.fromkeys((page["who"], page["path"]) for values in readers for page in values["pages"])
    rows = []
    for who, path in paths:
        found = [measured[values["reader"], who, path] for values in readers]
        cells = [cell for page in found for cell in (page["p50"], page["p95"], page["queries"])]
        kept = all(page["p95"] <= TARGET for page in found)
        rows.append([who, f"`{path}`", *cells, "kept" if kept else "missed"])
    heads = [f"{values['reader']}, {name}" for values in readers for name in ("p50 ms", "p95 ms", "queries")]
    first = readers[0]
    rated = ", ".join(f"the {values['reader']} reader rated {values['history']:,}" for values in readers)
    note = f"{first['ratings']:,} ratings, {first['movies']:,} movies; {rated} movies; {first['runs']} runs."
    return f"{note}\n\n" + table(["who", "page", *heads, f"{TARGET} ms at p95"], rows)


def warm_start(records: Sequence[Document]) -> str:
    """Each seed's rows; shares are those of the full training."""
    rows = []
    for one in records:
        full = next(row for row in one["values"]["rows"] if row["name"] == "full")
        rows += [_warm_row(one["seed"], row, full) for row in one["values"]["rows"]]
    users = records[0]["values"]["rows"][0]["users"]
    header = ["seed", "training", "epochs", "CPU s", "share", "nDCG@10", "of the full one's", "difference"]
    return f"{users} people held out, both questions.\n\n" + table(header, rows)


def _warm_row(seed: int, row: Document, full: Document) -> list[object]:
    interval = row.get("difference")
    told = f"{interval['mean']:+.4f} ({interval['low']:+.4f} to {interval['high']:+.4f})" if interval else ""
    seconds, accuracy = row["cpu_seconds"] / full["cpu_seconds"], row["ndcg@10"] / full["ndcg@10"]
    own = [str(seed), row["name"], row["epochs"], round(row["cpu_seconds"]), f"{seconds:.0%}"]
    return [*own, row["ndcg@10"], f"{accuracy:.1%}", told]


TABLES: dict[str, Callable[[Sequence[Document]], str]] = {
    "accuracy": accuracy,
    "segments": segments,
    "lists": lists,
    "cold": cold,
    "stars": stars,
    "sasrec": sasrec,
    "training": training,
    "warm_start": warm_start,
    "ablations": ablations,
    "pages": pages,
}
