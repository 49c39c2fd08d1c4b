"""The operator's panel of the catalogue."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.leaving import request_deletion
from catalog.models import AccessToken, Movie, MovieChange, Rating
from catalog.tokens import issue_token
from tests.factories import (
    GenreFactory,
    MarkFactory,
    MovieFactory,
    RatingFactory,
    UserFactory,
    WatchGroupFactory,
)

pytestmark = pytest.mark.django_db


def shown(client: Client, model: str, **query: Any) -> list[Any]:
    """The rows of a changelist."""
    answer = client.get(f"/admin/catalog/{model}/", query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def queries_of(client: Client, model: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/admin/catalog/{model}/")
    return len(queries)


@pytest.mark.parametrize("model", ["movie", "genre", "user", "rating", "mark"])
def test_the_list_of_every_model_opens_and_so_does_its_form(operator: Client, model: str) -> None:
    MarkFactory(movie=MovieFactory(genres=["Drama"]))
    RatingFactory()
    row = shown(operator, model)[0]
    assert operator.get(f"/admin/catalog/{model}/{row.pk}/change/").status_code == 200
    assert operator.get(f"/admin/catalog/{model}/add/").status_code == 200


@pytest.mark.parametrize("model", ["movie", "genre", "user", "rating", "mark"])
def test_a_longer_list_takes_no_more_queries(operator: Client, model: str) -> None:
    MarkFactory(movie=MovieFactory(genres=["Drama"]))
    RatingFactory()
    few = queries_of(operator, model)
    for genre in range(8):
        MarkFactory(movie=MovieFactory(genres=["Drama", f"Genre {genre}"]))
        RatingFactory()
    assert queries_of(operator, model) == few <= 8


@pytest.mark.parametrize(("model", "factory"), [("rating", RatingFactory), ("mark", MarkFactory)])
def test_the_latest_of_a_long_table_are_read_without_a_join(
    operator: Client, model: str, factory: type[RatingFactory | MarkFactory]
) -> None:
    """MySQL read the join from the movies on: it sorted ten million ratings for the latest hundred."""
    factory()
    table = f"catalog_{model}"
    with CaptureQueriesContext(connection) as queries:
        shown(operator, model)
    of_table = [query["sql"] for query in queries if f"FROM `{table}`" in query["sql"].replace('"', "`")]
    assert of_table
    assert not [sql for sql in of_table if " JOIN " in sql]


def test_movies_are_found_by_words_without_accents(operator: Client) -> None:
    movie = MovieFactory(title="Fabuleux destin d'Amélie Poulain, Le")
    MovieFactory(title="Alien")
    assert shown(operator, "movie", q="AMELIE le") == [movie]


@pytest.mark.parametrize("words", ["2571", "603", "tt0133093"])
def test_movies_are_found_by_their_numbers(operator: Client, words: str) -> None:
    movie = MovieFactory(movielens_id=2571, tmdb_id=603, imdb_id="tt0133093")
    MovieFactory()
    assert shown(operator, "movie", q=words) == [movie]


def test_movies_are_filtered_by_decade_genre_and_state(operator: Client) -> None:
    movie = MovieFactory(year=1994, genres=["Drama"], withdrawn=True)
    MovieFactory(year=1994)
    MovieFactory(year=2001, genres=["Drama"], withdrawn=True)
    genre = movie.genres.get()
    assert shown(operator, "movie", decade="1990", genres__id__exact=genre.pk, withdrawn__exact=1) == [movie]
    assert shown(operator, "movie", decade="none") == []


def act(client: Client, model: str, action: str, *rows: Any) -> str:
    """What the panel says after `action` on these rows."""
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    answer = client.post(f"/admin/catalog/{model}/", form, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def test_withdrawing_hides_movies_and_tells_the_index(operator: Client) -> None:
    movies = MovieFactory.create_batch(2)
    MovieChange.objects.all().delete()
    assert act(operator, "movie", "withdraw", *movies) == "2 movies withdrawn."
    assert not Movie.objects.visible().exists()
    assert MovieChange.objects.count() == 2


def test_a_withdrawn_movie_can_be_restored(operator: Client) -> None:
    movie = MovieFactory(withdrawn=True)
    assert act(operator, "movie", "restore", movie) == "1 movie restored."
    assert Movie.objects.visible().get() == movie


def test_saving_a_movie_with_its_genres_tells_the_index(operator: Client) -> None:
    movie, genre = MovieFactory(), GenreFactory()
    MovieChange.objects.all().delete()
    form = {"title": "Renamed", "year": 2000, "genres": [genre.pk]}
    operator.post(f"/admin/catalog/movie/{movie.pk}/change/", form)
    movie.refresh_from_db()
    assert (movie.title, movie.genres.get()) == ("Renamed", genre)
    assert MovieChange.objects.filter(movie_id=movie.pk).exists()


def test_a_rating_that_comes_while_a_movie_is_edited_counts(operator: Client, rated_meanwhile: Movie) -> None:
    operator.post(f"/admin/catalog/movie/{rated_meanwhile.pk}/change/", {"title": "New", "year": 1999})
    movie = Movie.objects.get()
    assert (movie.title, movie.search_title, movie.rating_count) == ("New", "new", 1)


def test_genres_are_offered_while_one_types(operator: Client) -> None:
    genre = GenreFactory(name="Film-Noir")
    query = {"term": "noir", "app_label": "catalog", "model_name": "movie", "field_name": "genres"}
    found = operator.get("/admin/autocomplete/", query).json()["results"]
    assert found == [{"id": str(genre.pk), "text": "Film-Noir"}]


def test_movies_are_offered_for_a_rating_while_one_types(operator: Client) -> None:
    movie = MovieFactory(title="Matrix, The", year=1999)
    query = {"term": "matrix", "app_label": "catalog", "model_name": "rating", "field_name": "movie"}
    found = operator.get("/admin/autocomplete/", query).json()["results"]
    assert found == [{"id": str(movie.pk), "text": "The Matrix (1999)"}]


def test_the_stars_of_a_rating_can_be_changed_and_its_movie_cannot(operator: Client) -> None:
    rating, other = RatingFactory(stars=4.0), MovieFactory()
    form = {"user": rating.user_id, "movie": other.pk, "stars": "2", "rated_at_0": "2024-01-01"}
    operator.post(f"/admin/catalog/rating/{rating.pk}/change/", {**form, "rated_at_1": "00:00"})
    changed = Movie.objects.get(ratings=rating)
    assert (changed, changed.rating_count, changed.rating_mean) == (rating.movie, 1, 2.0)


def test_a_rating_beyond_the_scale_is_refused(operator: Client) -> None:
    rating = RatingFactory(stars=4.0)
    form = {
        "user": rating.user_id,
        "movie": rating.movie_id,
        "stars": "4.7",
        "rated_at_0": "2020-01-01",
        "rated_at_1": "0:0",
    }
    answer = operator.post(f"/admin/catalog/rating/{rating.pk}/change/", form)
    assert "not a number of half stars" in answer.content.decode()
    assert Rating.objects.get().stars == 4.0


def test_an_account_shows_its_demographics_and_number_of_ratings(operator: Client) -> None:
    user = RatingFactory(user__occupation=12).user
    page = operator.get(f"/admin/catalog/user/{user.pk}/change/").content.decode()
    assert "programmer" in page
    assert {row.pk: row.rating_count for row in shown(operator, "user")}[user.pk] == 1


def test_revoking_tokens_logs_out_of_the_api(operator: Client) -> None:
    token, _secret = issue_token(UserFactory(), scopes=["read"])
    assert act(operator, "user", "revoke_tokens", token.user) == "1 token revoked."
    assert not AccessToken.objects.exists()


def test_a_password_set_by_an_operator_ends_the_tokens(operator: Client) -> None:
    user = UserFactory()
    issue_token(user, scopes=["read"])
    new = {"usable_password": "true", "password1": "quite-another-1", "password2": "quite-another-1"}
    operator.post(f"/admin/catalog/user/{user.pk}/password/", new)
    user.refresh_from_db()
    assert user.check_password("quite-another-1")
    assert not AccessToken.objects.filter(user=user).exists()


def test_who_is_made_active_again_is_not_deleted_after_all(operator: Client) -> None:
    user = UserFactory()
    request_deletion(user)
    page = operator.get(f"/admin/catalog/user/{user.pk}/change/")
    form = page.context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value not in (None, [])}
    joined = user.date_joined
    operator.post(f"/admin/catalog/user/{user.pk}/change/", values | {"is_active": "on"})
    user.refresh_from_db()
    assert (user.is_active, user.deletion_requested_at, user.date_joined) == (True, None, joined)


def test_without_being_staff_one_is_sent_to_log_in(db: None) -> None:
    client = Client()
    client.force_login(UserFactory())
    answer = client.get("/admin/catalog/movie/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_a_group_is_looked_into_and_renamed_but_gets_no_member(operator: Client) -> None:
    group = WatchGroupFactory(name="Fridays", owner__username="ada", members=[UserFactory(username="ben")])
    WatchGroupFactory(name="Mondays")
    assert [g.member_count for g in shown(operator, "watchgroup", q="ada")] == [2]
    page = operator.get(f"/admin/catalog/watchgroup/{group.pk}/change/").text
    assert "ben" in page
    assert 'name="memberships-0-user"' not in page
    assert 'name="owner"' not in page
    empty = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    operator.post(f"/admin/catalog/watchgroup/{group.pk}/change/", {"name": "Saturdays", **empty})
    group.refresh_from_db()
    assert (group.name, group.owner.username, group.memberships.count()) == ("Saturdays", "ada", 2)
    assert operator.get("/admin/catalog/watchgroup/add/").status_code == 403


def test_more_groups_take_no_more_queries(operator: Client) -> None:
    WatchGroupFactory()
    few = queries_of(operator, "watchgroup")
    WatchGroupFactory.create_batch(8, members=[UserFactory()])
    assert queries_of(operator, "watchgroup") == few
