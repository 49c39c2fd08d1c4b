"""Taking one's data along."""

import csv
import json

import pytest
from django.test import Client

from catalog.models import User
from tests.factories import MarkFactory, RatingFactory

pytestmark = pytest.mark.django_db


def table(client: Client) -> list[dict[str, str]]:
    lines = client.get("/accounts/export/ratings.csv").getvalue().decode().splitlines()
    return list(csv.DictReader(lines))


def test_the_table_has_my_ratings_and_no_others(member: Client, user: User) -> None:
    RatingFactory()
    RatingFactory(user=user, movie__title="Matrix, The", stars=4.5)
    assert [(row["title"], row["rating"]) for row in table(member)] == [("Matrix, The", "4.5")]


def test_a_title_that_looks_like_a_formula_stays_text(member: Client, user: User) -> None:
    RatingFactory(user=user, movie__title="=1+1")
    assert table(member)[0]["title"] == "'=1+1"


def test_everything_is_one_document(member: Client, user: User) -> None:
    RatingFactory(user=user, stars=2.0)
    MarkFactory(user=user, kind="watchlist")
    MarkFactory()
    document = json.loads(member.get("/accounts/export/data.json").content)
    assert document["account"]["username"] == user.username
    assert [rating["rating"] for rating in document["ratings"]] == [2.0]
    assert [mark["kind"] for mark in document["marks"]] == ["watchlist"]


def test_the_password_is_not_taken_along(member: Client, user: User) -> None:
    assert user.password not in member.get("/accounts/export/data.json").text


@pytest.mark.parametrize("name", ["ratings.csv", "data.json"])
def test_visitors_have_no_data_to_take_along(client: Client, name: str) -> None:
    assert client.get(f"/accounts/export/{name}").status_code == 302


@pytest.mark.parametrize("name", ["ratings.csv", "data.json"])
def test_no_cache_keeps_a_download(member: Client, name: str) -> None:
    assert "no-store" in member.get(f"/accounts/export/{name}")["Cache-Control"]
