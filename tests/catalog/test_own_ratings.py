"""What is stored of ratings that somebody brings along."""

import pytest

from catalog.merging import merge_movies
from catalog.models import Mark, Rating
from catalog.own_ratings.writing import NewRating, add_ratings
from tests.factories import MarkFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_movie_that_was_merged_since_the_preview_stands_for_the_kept_one() -> None:
    user, kept, duplicate = UserFactory(), MovieFactory(), MovieFactory()
    merge_movies(kept, duplicate)
    assert add_ratings(user, {duplicate.pk: NewRating(4.0, None)}) == 1
    assert Rating.objects.get().movie == kept


def test_what_is_brought_along_leaves_the_watchlist_and_all_else_stays_on_it() -> None:
    user, brought, rated = UserFactory(), MovieFactory(), MovieFactory()
    MarkFactory(user=user, movie=brought, kind="watchlist")
    RatingFactory(user=user, movie=rated)
    kept = {
        MarkFactory(user=user, movie=rated, kind="watchlist"),  # to be seen again
        MarkFactory(user=user, movie=brought, kind="hidden"),
        MarkFactory(movie=brought, kind="watchlist"),
    }
    assert add_ratings(user, {movie.pk: NewRating(4.0, None) for movie in (brought, rated)}) == 1
    assert set(Mark.objects.all()) == kept
