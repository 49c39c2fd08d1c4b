"""The numbers of an explanation are those of a real recomputation through the serving path."""

import pytest

from catalog.models import Influence, Movie, Rating, User
from catalog.services import rate_movie, weigh_rating
from recommendations.models import ModelVersion
from recommendations.serving import ListRequest, recommend
from recommendations.why import Why, why
from tests.engines import EngineProcess
from tests.factories import UserFactory


def listed(user: User, **request: object) -> list[tuple[int, float]]:
    results = recommend(user, ListRequest(limit=60, **request), store=False).results  # type: ignore[arg-type]
    return [(found.movie.id, found.score) for found in results]


def explained(user: User, place: int) -> Why:
    return why(user, Movie.objects.get(pk=listed(user)[place][0]))


@pytest.mark.parametrize("place", [0, 3])
def test_leaving_a_rating_out_for_real_gives_the_rank_and_score_that_were_told(
    live: ModelVersion, fan: User, place: int
) -> None:
    answer = explained(fan, place)
    assert (answer.rank, answer.model_version) == (place + 1, 1)
    assert answer.reasons
    for reason in answer.reasons:
        rating = Rating.objects.get(user=fan, movie=reason.movie_id)
        stars, rated_at = rating.stars, rating.rated_at
        rating.delete()
        without = listed(fan, exclude=(reason.movie_id,))
        rate_movie(fan, rating.movie, stars=stars, rated_at=rated_at)
        ids = [movie_id for movie_id, _score in without]
        assert ids.index(answer.movie.pk) + 1 == reason.rank_without
        assert answer.score is not None
        lost = answer.score - dict(without)[answer.movie.pk]
        assert reason.contribution == pytest.approx(lost, abs=1e-4)


def test_a_movie_further_down_is_looked_for_in_a_longer_list(
    live: ModelVersion, fan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first = explained(fan, 3)
    monkeypatch.setattr("recommendations.why.first_limit", lambda *_: 1)
    assert explained(fan, 3) == at_first
    assert at_first.rank == 4


def test_reasons_come_largest_first_and_their_shares_add_up_to_one_at_most(
    live: ModelVersion, fan: User
) -> None:
    shares = [reason.share for reason in explained(fan, 0).reasons]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1 + 1e-6


def test_an_explanation_takes_few_queries(
    live: ModelVersion, fan: User, django_assert_max_num_queries: object
) -> None:
    movie = explained(fan, 0).movie
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        why(fan, movie)


def test_a_rating_that_counts_for_nothing_changes_the_list_as_its_removal_would(
    live: ModelVersion, fan: User
) -> None:
    rating = Rating.objects.filter(user=fan).first()
    assert rating is not None
    before = listed(fan)
    weigh_rating(rating, weight=Influence.NOTHING)
    ignored = listed(fan)
    weigh_rating(rating, weight=1)
    assert listed(fan) == before
    stars, rated_at, movie = rating.stars, rating.rated_at, rating.movie
    rating.delete()
    assert [pytest.approx(row) for row in listed(fan, exclude=(movie.pk,))] == ignored
    rate_movie(fan, movie, stars=stars, rated_at=rated_at)
    assert movie.pk not in [movie_id for movie_id, _score in ignored]


def test_a_rating_that_counts_half_gives_scores_midway(live: ModelVersion, fan: User) -> None:
    rating = Rating.objects.filter(user=fan).last()
    assert rating is not None
    fully = dict(listed(fan))
    weigh_rating(rating, weight=Influence.NOTHING)
    without = dict(listed(fan))
    assert weigh_rating(rating, weight=Influence.LESS) == Influence.NOTHING
    half = dict(listed(fan))
    assert half == pytest.approx({pk: (fully[pk] + without[pk]) / 2 for pk in fully}, abs=1e-4)


def test_when_no_rating_counts_the_list_is_not_personal(live: ModelVersion) -> None:
    newcomer = UserFactory()
    weigh_rating(rate_movie(newcomer, Movie.objects.get(pk=100), stars=5), weight=Influence.NOTHING)
    assert recommend(newcomer, ListRequest(limit=3), store=False).source == "popular"


def test_a_rated_movie_and_an_absent_recommender_are_explained_in_words(
    live: ModelVersion, fan: User, milvus: EngineProcess
) -> None:
    rated = Rating.objects.filter(user=fan).first()
    assert rated is not None
    assert "rated or hidden" in why(fan, rated.movie).notice
    other = explained(fan, 0).movie
    milvus.kill()
    assert "out of reach" in why(fan, other).notice
