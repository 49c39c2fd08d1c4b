"""Taking one's data along."""

import csv
import json
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Influence, Mark, Rating, User
from recommendations.models import ListFeedback, ServedList
from tests.factories import MarkFactory, MovieFactory, RatingFactory, UserFactory

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
    Influence.objects.create(rating=RatingFactory(user=user, stars=2.0), weight=Influence.LESS)
    for kind in Mark.Kind.values:
        MarkFactory(user=user, kind=kind, movie__title=f"My {kind}")
    MarkFactory()
    document = json.loads(member.get("/accounts/export/data.json").content)
    assert document["account"]["username"] == user.username
    assert [(rating["rating"], rating["counts"]) for rating in document["ratings"]] == [(2.0, 0.5)]
    for kind in Mark.Kind.values:
        assert [row["title"] for row in document[kind]] == [f"My {kind}"]


def test_everything_is_also_a_table_for_each_section(member: Client, user: User) -> None:
    MarkFactory(user=user, kind=Mark.Kind.UNFINISHED, movie__title="=Turned off")
    ServedList.objects.create(user=user, source="popular", movie_ids=[MovieFactory(title="Alien").pk])
    with ZipFile(BytesIO(member.get("/accounts/export/data.zip").content)) as archive:
        assert archive.namelist() == ["account.csv", "unfinished.csv", "served_lists.csv"]
        (row,) = csv.DictReader(StringIO(archive.read("unfinished.csv").decode()))
        (shown,) = csv.DictReader(StringIO(archive.read("served_lists.csv").decode()))
    assert row["title"] == "'=Turned off"
    assert shown["movies"] == "Alien"


def test_reasons_and_requests_of_lists_are_not_read(member: Client, user: User) -> None:
    ServedList.objects.create(user=user, source="popular", movie_ids=[MovieFactory().pk])
    with CaptureQueriesContext(connection) as queries:
        member.get("/accounts/export/data.json")
    (read,) = [query["sql"] for query in queries if "movie_ids" in query["sql"]]
    assert "trace" not in read
    assert "request" not in read


def test_what_i_did_with_my_lists_is_taken_along(member: Client, user: User) -> None:
    movie = MovieFactory(title="Alien")
    for reader, kind in ((user, "clicked"), (UserFactory(), "watched")):
        served = ServedList.objects.create(user=reader, source="popular", movie_ids=[movie.pk])
        ListFeedback.objects.create(served_list=served, movie_id=movie.pk, kind=kind)
    document = json.loads(member.get("/accounts/export/data.json").content)
    assert [(row["movie"], row["event"]) for row in document["feedback"]] == [("Alien", "clicked")]
    assert document["feedback"][0]["list_served_at"] == document["served_lists"][0]["served_at"]


def tables_about(model: type[Model]) -> set[str]:
    return {related.related_model.__name__ for related in model._meta.related_objects}


def test_every_table_about_users_is_exported() -> None:
    secrets_or_of_operators = {"Token", "AccessToken", "LogEntry"}
    exported = {"Rating", "Mark", "ServedList", "Membership", "Invitation"}
    of_groups = {"WatchGroup"}  # whose owner is a member, too
    assert tables_about(User) - secrets_or_of_operators == exported | of_groups


def test_what_hangs_on_tables_about_users_is_exported_too() -> None:
    assert tables_about(Rating) == {"Influence"}
    how_two_models_compare = {"ShadowComparison"}
    assert tables_about(ServedList) - how_two_models_compare == {"ListFeedback"}
    assert not tables_about(Mark)


def test_the_password_is_not_taken_along(member: Client, user: User) -> None:
    assert user.password not in member.get("/accounts/export/data.json").text


@pytest.mark.parametrize("name", ["ratings.csv", "data.json", "data.zip"])
def test_visitors_have_no_data_to_take_along(client: Client, name: str) -> None:
    assert client.get(f"/accounts/export/{name}").status_code == 302


@pytest.mark.parametrize("name", ["ratings.csv", "data.json", "data.zip"])
def test_no_cache_keeps_a_download(member: Client, name: str) -> None:
    assert "no-store" in member.get(f"/accounts/export/{name}")["Cache-Control"]
