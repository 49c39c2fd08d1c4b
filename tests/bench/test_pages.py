"""The benchmark of pages asks for pages that are there, and leaves nothing behind."""

import pytest
from pytest_django import Settings

from bench import pages
from bench.tables import pages as pages_table
from catalog.models import WatchGroup
from recommendations.models import ServedList
from tests.factories import RatingFactory, UserFactory


@pytest.fixture
def plain_site(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    monkeypatch.setattr(pages, "WARM_UP", 1)


@pytest.mark.django_db
def test_every_page_answers_and_is_told_beside_the_target(plain_site: None) -> None:
    reader = UserFactory()
    for genres in (["Comedy"], ["Drama"]):
        RatingFactory(user=reader, movie__genres=genres)
        RatingFactory(movie__genres=genres)
    values = pages.measured(runs=1, reader="busiest")
    assert [page["path"] for page in values["pages"]] == [*pages.PUBLIC, *pages.PRIVATE]
    assert not WatchGroup.objects.exists()
    assert values["fallbacks"] == ServedList.objects.count() > 0  # there is no model here
    table = pages_table([{"values": values}])
    assert "| visitor | `/` |" in table
    assert table.count("kept") + table.count("missed") == len(values["pages"])
