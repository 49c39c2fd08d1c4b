"""What is stored of ratings that somebody brings along."""

import pytest

from catalog.merging import merge_movies
from catalog.models import Rating
from catalog.own_ratings.writing import NewRating, add_ratings
from tests.factories import MovieFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_movie_that_was_merged_since_the_preview_stands_for_the_kept_one() -> None:
    user, kept, duplicate = UserFactory(), MovieFactory(), MovieFactory()
    merge_movies(kept, duplicate)
    assert add_ratings(user, {duplicate.pk: NewRating(4.0, None)}) == 1
    assert Rating.objects.get().movie == kept
