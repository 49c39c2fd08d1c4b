"""deploy/: every query of the alerts and of the dashboard is PromQL on what /metrics really exports."""

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from catalog.models import User
from recommendations import tasks
from recommendations.experiments.arms import forget_experiment
from recommendations.experiments.models import Experiment
from recommendations.feedback import record_feedback
from recommendations.metrics import count_feedback, count_list
from recommendations.models import ListFeedback, ModelVersion, ServedList, TrainingRun
from recommendations.serving import recommend
from tests.engines import BASE_DIR

DEPLOY = BASE_DIR / "deploy"
RULES = yaml.safe_load((DEPLOY / "prometheus" / "movierec.rules.yml").read_text())
CONFIG = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
DASHBOARD = json.loads((DEPLOY / "grafana" / "movierec.json").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
DURATION = re.compile(r"\d+[smhd]")


def queries() -> Iterator[str]:
    yield from (rule["expr"] for rule in ALERTS)
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def selectors(query: str) -> list[promql_parser.VectorSelector]:
    """Every metric that the query reads. Raises ValueError if it is no PromQL."""
    found: list[promql_parser.VectorSelector] = []

    def note(node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(query), note)
    return found


@pytest.fixture
def scraped(live: ModelVersion, fan: User, client: Client) -> dict[str, list[dict[str, str]]]:
    """Labels of the samples by name, from a site where everything happened once."""
    client.get("/api/v1/genres/")
    now = timezone.now()
    Experiment.objects.create(
        control=live.number, challenger=9, share=50, state="running", started_at=now, share_since=now
    )
    forget_experiment()
    served = ServedList.objects.get(pk=recommend(fan).list_id)
    record_feedback(fan, served, [(served.movie_ids[0], ListFeedback.Kind.CLICKED)])
    for source in ServedList.Source.values:
        count_list(source)
    count_feedback(ListFeedback.Kind.CLICKED, ServedList.Source.PERSONAL)
    TrainingRun.objects.create(seed=1, state="done", finished_at=timezone.now())
    tasks.reconcile_index()
    ServedList.objects.filter(experiment=None).update(user=None)
    tasks.check_drift()
    tasks.check_drift()
    samples: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            samples.setdefault(sample.name, []).append(sample.labels)
    return samples


def test_every_metric_and_label_that_is_queried_is_exported(scraped: dict[str, list[dict[str, str]]]) -> None:
    read = [selector for query in queries() for selector in selectors(query)]
    assert {selector.name for selector in read} - scraped.keys() == set()
    for selector in read:
        labels = scraped[selector.name]
        for matcher in selector.matchers.matchers:
            values = {sample[matcher.name] for sample in labels}
            if matcher.op == promql_parser.MatchOp.Equal:
                assert matcher.value in values, f"{selector.name}: {matcher.name}"


def test_a_metric_that_is_not_exported_would_be_noticed() -> None:
    assert [s.name for s in selectors("sum(rate(movierec_no_such[5m])) / up{job='x'}")] == [
        "movierec_no_such",
        "up",
    ]
    with pytest.raises(ValueError, match="unclosed left parenthesis"):
        selectors("sum(rate(up[5m])")


def test_rules_have_the_form_that_prometheus_reads() -> None:
    assert set(RULES) == {"groups"}
    assert all(set(group) == {"name", "rules"} for group in RULES["groups"])
    for rule in ALERTS:
        assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert DURATION.fullmatch(rule.get("for", "1m"))
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
    names = [rule["alert"] for rule in ALERTS]
    assert len(names) == len(set(names))


def test_every_alert_has_its_line_in_the_docs() -> None:
    text = (BASE_DIR / "docs" / "production.md").read_text()
    assert [rule["alert"] for rule in ALERTS if f"`{rule['alert']}`" not in text] == []


def test_the_scrape_configuration_names_the_rules_and_the_path() -> None:
    [job] = CONFIG["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert all((DEPLOY / "prometheus" / name).exists() for name in CONFIG["rule_files"])


def test_panels_of_the_dashboard_lie_side_by_side_and_read_the_chosen_source() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + right, place["y"] + down)
            for right in range(place["w"])
            for down in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _y in cells) < 24
        taken |= cells
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource"]
