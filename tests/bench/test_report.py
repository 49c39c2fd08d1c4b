import json

from bench import record, report
from bench.report import check, fill, filled
from bench.tables import ACCURACY, ablations, accuracy, table, warm_start

RECORD = {
    "benchmark": "stars",
    "data": "tiny",
    "seed": 0,
    "command": "python -m bench.stars tiny",
    "machine": {"cpu": "abacus", "cores": 1},
    "revision": "abc",
    "values": {
        "baseline_rmse": 0.95,
        "rmse": 0.85,
        "cpu_seconds": 1.0,
        "ms_a_person": 0.4,
        "calibration": [{"predicted": 3.2, "given": 3.3, "ratings": 1200}],
    },
}
PAGE = "before\n<!-- bench: stars tiny -->\nold\n<!-- end -->\nafter\n"


def test_a_table_is_made_anew_from_its_records():
    page = filled(PAGE, [RECORD])
    assert "old" not in page
    assert "| 0 | .9500 | .8500 |" in page
    assert "    python -m bench.stars tiny\n" in page
    assert page.startswith("before\n<!-- bench: stars tiny -->\n")
    assert page.endswith("<!-- end -->\nafter\n")


def test_every_machine_of_a_table_is_named_once():
    other = RECORD | {"seed": 1, "machine": {"cpu": "slide rule", "cores": 2}}
    page = filled(PAGE, [RECORD, other, other | {"seed": 2}])
    assert "\nMachine: abacus, 1 cores and slide rule, 2 cores; commit abc.\n" in page


def test_where_a_run_left_its_files_is_no_part_of_its_command():
    command = "python -m bench.stars tiny --artifact /somewhere/else --seed 1 --only this"
    assert "    python -m bench.stars tiny --seed 1\n" in filled(PAGE, [RECORD | {"command": command}])


def test_a_table_without_records_keeps_what_it_has():
    assert filled(PAGE, []) == PAGE


def test_other_configurations_stay_out_of_the_tables():
    assert filled(PAGE, [RECORD | {"command": "python -m bench.stars tiny --set a=1"}]) == PAGE


def test_the_spread_of_a_count_between_seeds_is_a_count():
    def run(seed, hits, movies):
        metrics = dict.fromkeys(ACCURACY, hits) | {"users": 50, "movies_in_any_top_10": movies}
        return {"benchmark": "accuracy", "seed": seed, "values": {"metrics": {"two towers": metrics}}}

    last = accuracy([run(0, 0.25, 480), run(1, 0.5, 497)]).splitlines()[-1]
    assert last.split(" | ")[1:] == [*[".2500"] * 5, "17 |"]


def test_the_baselines_come_from_their_own_run_and_lists_from_the_first_seed():
    def run(benchmark, seed, *models):
        metrics = {name: dict.fromkeys(ACCURACY, 0.25) | {"users": 50} for name in models}
        values = {"protocol": "temporal", "metrics": metrics, "lists": {}}
        command = f"python -m bench.{benchmark} tiny --seed {seed}"
        return RECORD | {"benchmark": benchmark, "seed": seed, "command": command, "values": values}

    records = [
        run("accuracy", 0, "two towers", "popularity"),
        run("accuracy", 1, "two towers", "popularity"),
        run("baselines", 0, "popularity", "ItemKNN"),
    ]
    page = "".join(f"<!-- bench: {kind} tiny temporal -->\n<!-- end -->\n" for kind in ("accuracy", "lists"))
    accuracies, lists = filled(page, records).split("<!-- end -->\n<!-- bench: lists")
    assert [line.split(" | ")[0] for line in accuracies.splitlines()[-4:]] == [
        "| popularity",
        "| ItemKNN",
        "| **two towers**",
        "| largest difference between seeds",
    ]
    assert accuracies.count("    python -m bench.") == 3
    assert lists.count("    python -m bench.") == 1


def test_shares_are_written_without_their_nought():
    assert table(["a"], [[0.5], [2.0], [1234], ["x"]]).splitlines()[2:] == [
        "| .5000 |",
        "| 2.00 |",
        "| 1,234 |",
        "| x |",
    ]


def test_an_ablation_is_compared_with_the_default_of_the_same_seed():
    values = {("default", 0): 0.10, ("default", 1): 0.20, ("less", 0): 0.11, ("less", 1): 0.23}
    records = [
        {
            "seed": seed,
            "values": {
                "change": change,
                "cpu_seconds": 10,
                "metrics": {"next_ndcg@10": metric, "weeks_ndcg@10": metric},
            },
        }
        for (change, seed), metric in values.items()
    ]
    # differences .01 and .03: mean .02, standard error .01
    assert "| less | 2 | .1700 | +0.0200 ± 0.0100 |" in ablations(records)


def test_a_warm_start_is_told_in_shares_of_the_full_training():
    interval = {"mean": -0.002, "low": -0.02, "high": 0.01}
    full = {"name": "full", "epochs": 6, "cpu_seconds": 80.0, "ndcg@10": 0.2, "users": 94}
    warm = full | {"name": "warm start", "epochs": 1, "cpu_seconds": 16.0, "ndcg@10": 0.198}
    rows = [full, warm | {"difference": interval}]
    told = warm_start([{"seed": 0, "values": {"rows": rows}}])
    assert "| 0 | warm start | 1 | 16 | 20% | .1980 | 99.0% | -0.0020 (-0.0200 to +0.0100) |" in told


def test_the_documents_are_what_their_measurements_make_of_them():
    assert check() == 0


def test_measurements_are_kept_with_the_document_that_shows_them(tmp_path, monkeypatch, capsys):
    page, folder, kept = tmp_path / "page.md", tmp_path / "var", tmp_path / "measurements"
    page.write_text(PAGE + "<!-- bench: cold tiny -->\nold\n<!-- end -->\n")
    folder.mkdir()
    (folder / "stars-tiny-s0.json").write_text(json.dumps(RECORD))
    (folder / "stars-other-s0.json").write_text(json.dumps(RECORD | {"data": "other"}))
    monkeypatch.setattr(report, "DOCUMENTS", [page])
    monkeypatch.setattr(record, "FOLDER", folder)
    monkeypatch.setattr(record, "PUBLISHED", kept)
    assert fill() == 0
    assert [path.name for path in kept.iterdir()] == ["stars-tiny-s0.json"]
    assert capsys.readouterr().err == "no record for: cold tiny\n"
    assert check() == 0
    page.write_text(page.read_text().replace(".8500", ".8400"))
    assert check() == 1
