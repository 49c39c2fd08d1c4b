"""Every operation counts, by user or by address, and says when to come back."""

from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.core.cache.backends.dummy import DummyCache
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from tests.api.paths import read_paths, written_paths
from tests.factories import UserFactory

FOR_VISITORS = ["/api/v1/account/", "/api/v1/account/restoration/", "/api/v1/auth/token/"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    for scope in ("anon", "user", "login"):
        monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, scope, "1/hour")


@pytest.fixture
def operator(once_an_hour: None, db: None) -> APIClient:
    client = APIClient()
    client.force_authenticate(UserFactory(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("operations", [written_paths, lambda: [("get", path) for path in read_paths()]])
def test_every_operation_is_refused_after_too_many(operator: APIClient, operations: object) -> None:
    visitor = APIClient()
    for method, path in operations():  # type: ignore[operator]
        cache.clear()
        who = visitor if path in FOR_VISITORS else operator
        codes = [who.generic(method.upper(), path) for _ in range(2)]
        assert codes[0].status_code != 429, (method, path)
        assert codes[1].status_code == 429, (method, path)
        assert int(codes[1]["Retry-After"]) > 0
        assert codes[1].json()["errors"][0]["code"] == "throttled"


def test_users_are_counted_apart_and_visitors_by_address(once_an_hour: None, operator: APIClient) -> None:
    other = APIClient()
    other.force_authenticate(UserFactory())
    assert [who.get("/api/v1/genres/").status_code for who in (operator, other, operator)] == [200, 200, 429]
    visitor = APIClient()
    addresses = ("192.0.2.1", "192.0.2.2", "192.0.2.1")
    codes = [visitor.get("/api/v1/genres/", REMOTE_ADDR=address).status_code for address in addresses]
    assert codes == [200, 200, 429]


def test_also_addresses_that_are_not_there_count(once_an_hour: None) -> None:
    visitor = APIClient()
    assert [visitor.get("/api/v2/movies/").status_code for _ in range(2)] == [404, 429]


def test_a_cache_that_keeps_nothing_refuses_nobody(once_an_hour: None) -> None:
    nothing = DummyCache("", {})
    with patch.object(SimpleRateThrottle, "cache", nothing):
        codes = [APIClient().get("/api/v1/genres/").status_code for _ in range(2)]
    assert codes == [200, 200]
