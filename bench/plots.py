"""Draws the plots of docs/results.md from what was measured (`bench.record`), as SVG into docs/plots.

    python -m bench.plots

Needs matplotlib (requirements/bench.txt), as nothing else does. A plot without records is left as it is.
"""

from collections.abc import Callable, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from bench import record
from bench.report import records_of
from bench.tables import MODEL, Document

FOLDER = record.PROJECT / "docs" / "plots"
POPULARITY = "popularity"


def main() -> None:
    mpl.use("svg")
    # text stays text, and the same numbers give the same file
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "movierec", "axes.spines.top": False})
    mpl.rcParams.update({"axes.spines.right": False, "figure.constrained_layout.use": True, "font.size": 9})
    FOLDER.mkdir(parents=True, exist_ok=True)
    records = list(record.read_records().values())
    for data in ("ml-1m", "ml-100k"):
        draw(f"calibration-{data}", calibration, records_of(f"stars {data}", records))
        draw(f"cold-{data}", cold_users, records_of(f"cold {data}", records))
        draw(f"over-time-{data}", over_time, over_time_records(data, records))
        draw(f"segments-{data}", segments, records_of(f"segments {data} leave-one-out", records))


def draw(name: str, plot: Callable[[Axes, Sequence[Document]], None], records: Sequence[Document]) -> None:
    if not records:
        return
    figure, axes = plt.subplots(figsize=(6, 3.6))
    plot(axes, records)
    axes.set_title(f"{records[0]['data']}: {axes.get_title()}")
    figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None}, facecolor="white")
    plt.close(figure)
    print(FOLDER / f"{name}.svg")


def calibration(axes: Axes, records: Sequence[Document]) -> None:
    rows = records[0]["values"]["calibration"]
    axes.plot([0.5, 5], [0.5, 5], color="grey", linewidth=0.8, label="as predicted")
    sizes = [max(8, row["ratings"] / max(r["ratings"] for r in rows) * 160) for row in rows]
    axes.scatter(
        [row["predicted"] for row in rows], [row["given"] for row in rows], s=sizes, label="mean given"
    )
    axes.set(xlabel="predicted stars", ylabel="given stars", title="calibration (area: number of ratings)")
    axes.legend()


def cold_users(axes: Axes, records: Sequence[Document]) -> None:
    rows = records[0]["values"]["users"]["rows"]
    for name in dict.fromkeys(row["model"] for row in rows):
        own = [row for row in rows if row["model"] == name]
        axes.plot(
            [row["ratings"] for row in own],
            [row["metrics"]["liked NDCG@10"] for row in own],
            marker="o",
            label=name,
        )
    axes.set(
        xlabel="ratings given", ylabel="nDCG@10 of movies liked later", title="people kept out of training"
    )
    axes.set_ylim(bottom=0)
    axes.legend()


def over_time_records(data: str, records: Sequence[Document]) -> list[Document]:
    """The comparison with SASRec if there is one, else the training alone, else that of an accuracy run."""
    names = (f"sasrec {data}", f"training {data}", f"accuracy {data} leave-one-out")
    return next((found for name in names if (found := records_of(name, records))), [])


def over_time(axes: Axes, records: Sequence[Document]) -> None:
    values = records[0]["values"]
    if "runs" in values:
        curves = {
            name: [(e["seconds"], e["ndcg@10"]) for e in run["curve"]] for name, run in values["runs"].items()
        }
    else:
        log = values.get("log") or values["training"]["log"]
        curves = {
            f"{MODEL}, {horizon}": [(e["seconds"], e[f"{horizon}_ndcg@10"]) for e in log]
            for horizon in ("next", "weeks")
        }
    for name, points in curves.items():
        if points:
            axes.plot(*zip(*points, strict=True), marker=".", label=name)
    axes.set(xlabel="seconds of training", ylabel="nDCG@10 of held-out ratings", title="accuracy over time")
    axes.set_ylim(bottom=0)
    axes.legend()


def segments(axes: Axes, records: Sequence[Document]) -> None:
    rows = [row for row in records[0]["values"]["segments"] if not row["few"]]
    places = range(len(rows))
    towers = [row[MODEL] for row in rows]
    axes.barh(
        places,
        [metrics["NDCG@10"] for metrics in towers],
        xerr=[metrics["NDCG@10 error"] for metrics in towers],
        height=0.7,
        label=f"{MODEL}, with standard error",
    )
    axes.plot(
        [row[POPULARITY]["NDCG@10"] for row in rows],
        places,
        "|",
        color="black",
        markersize=9,
        label=POPULARITY,
    )
    axes.set_yticks(
        places, [f"{row['kind']} {row['segment']}".replace("history ", "") for row in rows], fontsize=7
    )
    axes.invert_yaxis()
    axes.set(xlabel="nDCG@10", title="leave-one-out by segment")
    axes.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.4, -0.16), ncols=2)


if __name__ == "__main__":
    main()
