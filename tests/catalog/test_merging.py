"""Merging duplicates, finding them, and the same change of many movies."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import merging
from catalog.bulk_edit import Edit, apply_edit, plan_edit
from catalog.duplicates import likely_duplicates, plain_title
from catalog.merging import Merge, MergeRefused, merge_movies, plan_merge
from catalog.models import Influence, Mark, Movie, MovieChange, Rating
from catalog.rating_batches import Outcome, RatingWish, put_ratings
from catalog.services import rate_movie, refresh_rating_statistics, remove_rating
from tests.factories import FIRST_RATING, GenreFactory, MarkFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_ratings_move_and_who_rated_both_keeps_the_later_one() -> None:
    kept, duplicate = MovieFactory(), MovieFactory()
    early, late = UserFactory(), UserFactory()
    RatingFactory(user=early, movie=duplicate, stars=1.0, rated_at=FIRST_RATING)
    RatingFactory(user=early, movie=kept, stars=2.0, rated_at=FIRST_RATING + DAY)
    RatingFactory(user=late, movie=kept, stars=3.0, rated_at=FIRST_RATING)
    later = RatingFactory(user=late, movie=duplicate, stars=4.0, rated_at=FIRST_RATING + DAY)
    Influence.objects.create(rating=later, weight=0.5)
    Influence.objects.create(rating=Rating.objects.get(user=early, movie=duplicate), weight=0.5)
    only = RatingFactory(movie=duplicate, stars=5.0)
    assert plan_merge(kept, duplicate) == merge_movies(kept, duplicate) == Merge(1, 2, 0)
    stars = dict(Rating.objects.filter(movie=kept).values_list("user_id", "stars"))
    assert stars == {early.pk: 2.0, late.pk: 4.0, only.user_id: 5.0}
    assert Influence.objects.get().rating.movie == kept
    kept.refresh_from_db()
    duplicate.refresh_from_db()
    assert (kept.rating_count, kept.rating_mean) == (3, pytest.approx(11 / 3))
    assert (duplicate.rating_count, duplicate.rating_mean) == (0, None)


def test_a_merge_takes_as_many_queries_however_many_people_rated_both() -> None:
    def queries(people: int) -> int:
        kept, duplicate, raters = MovieFactory(), MovieFactory(), UserFactory.create_batch(people)
        Rating.objects.bulk_create(
            [Rating(user=u, movie=m, stars=3) for u in raters for m in (kept, duplicate)]
        )
        with CaptureQueriesContext(connection) as merged:
            merge_movies(kept, duplicate)
        return len(merged)

    assert queries(people=12) == queries(people=2)


def test_marks_move_once_each_and_what_was_rated_leaves_the_watchlist() -> None:
    kept, duplicate, user = MovieFactory(), MovieFactory(), UserFactory()
    for movie in (kept, duplicate):
        MarkFactory(user=user, movie=movie, kind="hidden")
    MarkFactory(user=user, movie=duplicate, kind="unfinished")
    MarkFactory(user=user, movie=kept, kind="watchlist")
    rater = RatingFactory(movie=kept).user
    MarkFactory(user=rater, movie=duplicate, kind="watchlist")
    waiting = MarkFactory(movie=duplicate, kind="watchlist")
    merge_movies(kept, duplicate)
    marks = sorted(Mark.objects.values_list("user_id", "kind", "movie_id"))
    assert marks == sorted(
        [
            (user.pk, "hidden", kept.pk),
            (user.pk, "unfinished", kept.pk),
            (waiting.user_id, "watchlist", kept.pk),
        ]
    )


def test_the_duplicate_is_withdrawn_and_the_index_hears_of_both() -> None:
    kept, duplicate = MovieFactory(), MovieFactory()
    older = MovieFactory(withdrawn=True, merged_into=duplicate)
    MovieChange.objects.all().delete()
    merge_movies(kept, duplicate)
    assert {kept.pk, duplicate.pk} <= set(MovieChange.objects.values_list("movie_id", flat=True))
    assert list(Movie.objects.visible()) == [kept]
    assert set(kept.duplicates.all()) == {duplicate, older}


def test_the_kept_movie_takes_what_it_lacks_and_keeps_what_it_has() -> None:
    duplicate = MovieFactory(year=1995, imdb_id="tt0113277", tmdb_id=949, movielens_id=6, genres=["Crime"])
    bare = MovieFactory(year=None)
    merge_movies(bare, duplicate)
    bare.refresh_from_db()
    assert (bare.year, bare.imdb_id, bare.tmdb_id) == (1995, "tt0113277", 949)
    assert [genre.name for genre in bare.genres.all()] == ["Crime"]
    full = MovieFactory(year=1996, imdb_id="tt1", genres=["Drama"])
    merge_movies(full, bare)
    full.refresh_from_db()
    assert (full.year, full.imdb_id, [g.name for g in full.genres.all()]) == (1996, "tt1", ["Drama"])


def test_who_rates_a_movie_while_it_is_merged_rates_the_kept_one() -> None:
    kept, duplicate, one, many = MovieFactory(), MovieFactory(), UserFactory(), UserFactory()
    MarkFactory(user=one, movie=kept, kind="watchlist")
    merge_movies(kept, Movie.objects.get(pk=duplicate.pk))
    rate_movie(one, duplicate, stars=4)  # which the rater had looked up before
    assert put_ratings(many, [RatingWish(duplicate.pk, 2)]) == [Outcome.CREATED]
    assert set(Rating.objects.values_list("user_id", "movie_id")) == {(one.pk, kept.pk), (many.pk, kept.pk)}
    assert not Mark.objects.exists()
    remove_rating(one, duplicate)
    kept.refresh_from_db()
    assert (kept.rating_count, kept.rating_mean) == (1, 2)


def test_a_movie_that_is_shown_again_after_a_merge_is_rated_itself() -> None:
    kept, duplicate = MovieFactory(), MovieFactory()
    merge_movies(kept, duplicate)
    Movie.objects.filter(pk=duplicate.pk).update(withdrawn=False)
    assert rate_movie(UserFactory(), duplicate, stars=4).movie == duplicate


def test_a_merge_that_fails_on_the_way_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, rating = MovieFactory(), RatingFactory()

    def fail(*movies: Movie) -> None:
        raise IntegrityError("on the way")

    monkeypatch.setattr(merging, "_fill", fail)
    with pytest.raises(IntegrityError), transaction.atomic():
        merge_movies(kept, rating.movie)
    rating.refresh_from_db()
    assert rating.movie_id != kept.pk
    assert Movie.objects.visible().count() == 2


def test_a_movie_is_not_merged_into_itself_or_into_a_withdrawn_one() -> None:
    movie, withdrawn = MovieFactory(), MovieFactory(withdrawn=True)
    with pytest.raises(MergeRefused, match="itself"):
        plan_merge(movie, movie)
    with pytest.raises(MergeRefused, match="withdrawn"):
        merge_movies(withdrawn, movie)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Matrix, The", "The Matrix"),
        ("Léon", "Leon!"),
        ("Se7en", "Se7en (Seven)"),
        ("Spider-Man", "Spider Man"),
    ],
)
def test_titles_are_alike_whatever_article_accents_and_punctuation(one: str, other: str) -> None:
    assert plain_title(one) == plain_title(other)


def test_likely_duplicates_have_title_and_year_or_an_id_in_common() -> None:
    matrix = [MovieFactory(title="Matrix, The", year=1999), MovieFactory(title="The Matrix", year=1999)]
    MovieFactory(title="The Matrix", year=2021)
    same_id = [MovieFactory(title="Seven", imdb_id="tt0114369"), MovieFactory(title="7", imdb_id="tt0114369")]
    RatingFactory.create_batch(2, movie=matrix[1])
    refresh_rating_statistics()
    MovieFactory(title="Matrix, The", year=1999, withdrawn=True)
    groups, number = likely_duplicates()
    found = [(group.reason, [movie.pk for movie in group.movies]) for group in groups]
    assert number == 2
    assert found == [
        ("title", [matrix[1].pk, matrix[0].pk]),
        ("imdb_id", [movie.pk for movie in same_id]),
    ]
    assert likely_duplicates(limit=1)[0] == groups[:1]


def test_an_edit_changes_only_what_differs_and_tells_the_index() -> None:
    drama, crime = GenreFactory(name="Drama"), GenreFactory(name="Crime")
    movies = [
        MovieFactory(title="Heat", year=1996, genres=[drama]),
        MovieFactory(title="Casino", year=1995, genres=[crime]),
    ]
    done = MovieFactory(year=1995, genres=[crime], withdrawn=True)
    MovieChange.objects.all().delete()
    edit = Edit(add_genres=[crime], remove_genres=[drama], year=1995, withdrawn=True)
    changes = plan_edit([*movies, done], edit)
    assert [change.words for change in changes] == [
        "+Crime, -Drama, year: 1996 → 1995, withdrawn: False → True",
        "withdrawn: False → True",
    ]
    assert Movie.objects.visible().count() == 2  # so far only planned
    apply_edit(changes)
    heat = Movie.objects.get(title="Heat")
    assert (heat.year, heat.withdrawn, list(heat.genres.all())) == (1995, True, [crime])
    assert {movie.pk for movie in movies} == set(MovieChange.objects.values_list("movie_id", flat=True))
