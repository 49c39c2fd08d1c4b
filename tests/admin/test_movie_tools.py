"""Merging and editing movies together in the operator's panel."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from catalog.models import Movie
from tests.factories import GenreFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
MOVIES = "/admin/catalog/movie/"


def test_likely_duplicates_are_listed_with_the_way_to_merge_them(operator: Client) -> None:
    MovieFactory(title="Matrix, The")
    MovieFactory(title="The Matrix")
    page = operator.get(f"{MOVIES}duplicates/").text
    assert "1 group of movies may be one movie." in page
    assert "same title and year" in page
    assert f"{MOVIES}duplicates/" in operator.get(MOVIES).text


def test_a_merge_is_previewed_then_made_and_logged_for_both(operator: Client) -> None:
    kept, duplicate = MovieFactory(title="Heat"), RatingFactory(movie__title="Heat (again)").movie
    query = {"movies": [kept.pk, duplicate.pk], "kept": kept.pk}
    page = operator.get(f"{MOVIES}merge/", query).text
    assert f"(ID {duplicate.pk}): 1 ratings; 0 people rated both" in page
    assert Movie.objects.visible().count() == 2
    answer = operator.post(f"{MOVIES}merge/", query, follow=True)
    assert "1 movie merged into Heat (1999). Ratings moved: 1" in answer.text
    assert Movie.objects.visible().get() == kept
    said = {entry.object_id: entry.get_change_message() for entry in LogEntry.objects.all()}
    assert "merged Heat (again)" in said[str(kept.pk)]
    assert f"merged into Heat (1999) (ID {kept.pk})" in said[str(duplicate.pk)]


def test_the_most_rated_movie_is_kept_unless_another_is_chosen(operator: Client) -> None:
    movie, rated = MovieFactory(), RatingFactory().movie
    page = operator.get(f"{MOVIES}merge/", {"movies": [movie.pk, rated.pk]})
    assert page.context["kept"] == rated


def test_one_movie_alone_is_not_merged(operator: Client) -> None:
    answer = operator.post(f"{MOVIES}merge/", {"movies": [MovieFactory().pk]}, follow=True)
    assert "Select from two to 10 movies." in answer.text
    form = {"action": "merge_selected", "_selected_action": [MovieFactory().pk]}
    assert "Select from two to 10 movies." in operator.post(MOVIES, form, follow=True).text


def test_movies_are_edited_together_after_a_preview(operator: Client) -> None:
    drama, movies = GenreFactory(name="Drama"), MovieFactory.create_batch(2)
    form = {"action": "edit_together", "_selected_action": [movie.pk for movie in movies]}
    page = operator.post(MOVIES, form)
    edit = {"pks": page.context["pks"], "add_genres": [drama.pk], "year": 1995, "state": "withdraw"}
    preview = operator.post(f"{MOVIES}bulk-edit/", edit | {"preview": "1"}).text
    assert "+Drama, year: 1999 → 1995, withdrawn: False → True" in preview
    assert Movie.objects.visible().count() == 2
    answer = operator.post(f"{MOVIES}bulk-edit/", edit | {"apply": "1"}, follow=True)
    assert "2 movies changed." in answer.text
    assert set(Movie.objects.values_list("year", "withdrawn", "genres__name")) == {(1995, True, "Drama")}
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        "+Drama, year: 1999 → 1995, withdrawn: False → True"
    ] * 2


def test_an_edit_that_cannot_be_is_explained(operator: Client) -> None:
    drama, movie = GenreFactory(), MovieFactory()
    edit = {"pks": movie.pk, "add_genres": [drama.pk], "remove_genres": [drama.pk], "apply": "1"}
    assert "both added and removed" in operator.post(f"{MOVIES}bulk-edit/", edit).text
    assert "1870" in operator.post(f"{MOVIES}bulk-edit/", {"pks": movie.pk, "year": 12, "apply": "1"}).text
    assert operator.get(f"{MOVIES}bulk-edit/").status_code == 405


def test_withdrawing_and_restoring_is_in_the_audit_log_movie_by_movie(operator: Client) -> None:
    movie = MovieFactory()
    MovieFactory(withdrawn=True)
    for action in ("withdraw", "restore"):
        form = {"action": action, "_selected_action": Movie.objects.values_list("pk", flat=True)}
        operator.post(MOVIES, form)
    said = [(entry.object_id, entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")]
    assert said[0] == (str(movie.pk), "withdrawn")
    assert sorted(message for _pk, message in said) == ["restored", "restored", "withdrawn"]


def test_who_may_only_look_at_movies_merges_and_edits_none(db: None) -> None:
    viewer, client = UserFactory(is_staff=True), Client()
    viewer.user_permissions.add(Permission.objects.get(codename="view_movie"))
    client.force_login(viewer)
    movies = [movie.pk for movie in MovieFactory.create_batch(2)]
    assert client.get(f"{MOVIES}duplicates/").status_code == 403
    assert client.post(f"{MOVIES}merge/", {"movies": movies}).status_code == 403
    edit = {"pks": movies[0], "state": "withdraw", "apply": "1"}
    assert client.post(f"{MOVIES}bulk-edit/", edit).status_code == 403
    assert Movie.objects.visible().count() == 2
