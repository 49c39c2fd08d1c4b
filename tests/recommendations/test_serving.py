from dataclasses import replace
from datetime import timedelta
from unittest import mock

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from catalog.models import Genre, Mark, Movie, Rating, User
from catalog.services import mark_movie, rate_movie, unmark_movie
from recommendations import retrieval, vector_index
from recommendations.interactions import user_input_and_seen
from recommendations.live_model import live_model
from recommendations.models import ModelVersion, ServedList
from recommendations.serving import ListRequest, recommend
from recommendations.similar import _nearest, similar_movies, similar_to_each
from recommendations.tasks import purge_served_lists
from recommendations.vector_index import Candidate, Conditions
from tests.engines import EngineProcess
from tests.factories import UserFactory


def shown(user: User | None, **request: object) -> list[int]:
    return [r.movie.id for r in recommend(user, ListRequest(**request), store=False).results]  # type: ignore[arg-type]


def test_a_fan_gets_movies_of_the_genre_that_they_rate(live: ModelVersion, fan: User) -> None:
    answer = recommend(fan, ListRequest(limit=1))
    assert (answer.source, answer.model_version, answer.notice) == ("personal", 1, "")
    assert [genre.name for genre in answer.results[0].movie.genres] == ["Action"]


@pytest.mark.parametrize("diversity", [0.0, 0.5])
def test_a_rated_movie_is_never_recommended(live: ModelVersion, fan: User, diversity: float) -> None:
    rated = set(Rating.objects.filter(user=fan).values_list("movie_id", flat=True))
    listed = shown(fan, limit=60, diversity=diversity)
    assert rated.isdisjoint(listed)
    assert len(listed) == Movie.objects.count() - len(rated)


@pytest.mark.parametrize("kind", [Mark.Kind.HIDDEN, Mark.Kind.UNFINISHED])
def test_a_hidden_or_unfinished_movie_is_never_recommended(
    live: ModelVersion, fan: User, kind: Mark.Kind
) -> None:
    first = shown(fan)[0]
    mark_movie(fan, Movie.objects.get(pk=first), kind=kind)
    assert first not in shown(fan, limit=60)


def test_an_unfinished_movie_turns_the_list_away_from_its_kind(live: ModelVersion, fan: User) -> None:
    def actions_score() -> float:
        found = recommend(fan, ListRequest(limit=60, genre="action"), store=False).results
        return sum(r.score for r in found if r.movie.id != movie.pk)

    movie = Movie.objects.get(pk=shown(fan, genre="action")[0])
    before = actions_score()
    mark_movie(fan, movie, kind=Mark.Kind.UNFINISHED)
    assert actions_score() < before
    unmark_movie(fan, movie, kind=Mark.Kind.UNFINISHED)
    assert actions_score() == pytest.approx(before)


def test_a_watchlisted_movie_still_is(live: ModelVersion, fan: User) -> None:
    first = shown(fan)[0]
    mark_movie(fan, Movie.objects.get(pk=first), kind=Mark.Kind.WATCHLIST)
    assert first in shown(fan)


def test_a_withdrawn_movie_is_gone_before_the_index_knows(live: ModelVersion, fan: User) -> None:
    first = shown(fan)[0]
    Movie.objects.filter(pk=first).update(withdrawn=True)
    assert first not in shown(fan, limit=60)


def test_a_rating_changes_the_next_list_at_once(live: ModelVersion, fan: User) -> None:
    before = recommend(fan, ListRequest(limit=60), store=False)
    rate_movie(fan, Movie.objects.get(pk=before.results[0].movie.id), stars=0.5)
    after = recommend(fan, ListRequest(limit=60), store=False)
    assert [r.movie.id for r in after.results] != [r.movie.id for r in before.results[1:]] or [
        r.score for r in after.results
    ] != [r.score for r in before.results[1:]]


def test_three_ratings_of_a_new_user_make_a_personal_list(live: ModelVersion) -> None:
    newcomer = UserFactory()
    for pk in (100, 101, 102):
        rate_movie(newcomer, Movie.objects.get(pk=pk), stars=5)
    answer = recommend(newcomer, ListRequest(limit=3))
    assert answer.source == "personal"
    assert {g.name for r in answer.results for g in r.movie.genres} == {"Action"}


def test_demographics_alone_make_a_list_of_their_own(live: ModelVersion) -> None:
    answer = recommend(UserFactory(gender="F", age_group=25), ListRequest(limit=5))
    assert (answer.source, len(answer.results)) == ("demographics", 5)
    assert all(0.5 <= (recommended.predicted_rating or 0) <= 5 for recommended in answer.results)


@pytest.mark.parametrize("person", ["a newcomer", "a visitor"])
def test_who_told_nothing_gets_popular_movies_without_a_notice(live: ModelVersion, person: str) -> None:
    user = UserFactory() if person == "a newcomer" else None
    answer = recommend(user, ListRequest(limit=5))
    assert (answer.source, answer.model_version, answer.notice) == ("popular", None, "")
    counts = [r.movie.rating_count for r in answer.results]
    assert counts == sorted(counts, reverse=True)


def test_genre_and_years_hold_for_every_movie_of_the_list(live: ModelVersion, fan: User) -> None:
    answer = recommend(fan, ListRequest(limit=60, genre="drama", year_min=1985, year_max=1990))
    assert {r.movie.year for r in answer.results} <= set(range(1985, 1991))
    assert {g.slug for r in answer.results for g in r.movie.genres} == {"drama"}


def test_an_unknown_genre_gives_an_empty_list(live: ModelVersion, fan: User) -> None:
    assert shown(fan, genre='no"such') == []


def test_excluded_movies_are_left_out(live: ModelVersion, fan: User) -> None:
    first, second, *_rest = shown(fan)
    assert shown(fan, exclude=(first,))[0] == second


def test_every_recommendation_names_liked_movies_and_predicts_stars(live: ModelVersion, fan: User) -> None:
    best = recommend(fan, ListRequest(limit=5)).results[0]
    ratings = dict(Rating.objects.filter(user=fan).values_list("movie_id", "stars"))
    assert best.because
    assert all(ratings[reason.movie_id] == reason.your_rating for reason in best.because)
    assert best.predicted_rating is not None
    assert 0.5 <= best.predicted_rating <= 5


@pytest.mark.parametrize("diversity", [0.0, 0.5])
def test_a_list_without_reasons_is_the_same_otherwise(
    live: ModelVersion, fan: User, diversity: float
) -> None:
    request = ListRequest(limit=5, diversity=diversity)
    explained, bare = (recommend(fan, request, store=False, explained=how).results for how in (True, False))
    assert any(one.because for one in explained)
    assert bare == [replace(one, because=()) for one in explained]


def test_a_withdrawn_movie_is_not_named_as_a_reason_either(live: ModelVersion, fan: User) -> None:
    def reasons() -> set[int]:
        results = recommend(fan, ListRequest(limit=5), store=False).results
        return {reason.movie_id for result in results for reason in result.because}

    named = reasons()
    Movie.objects.filter(pk__in=named).update(withdrawn=True)
    assert named
    assert named.isdisjoint(reasons())


def test_scores_fall_along_the_list(live: ModelVersion, fan: User) -> None:
    scores = [r.score for r in recommend(fan, ListRequest(limit=20)).results]
    assert scores == sorted(scores, reverse=True)


def test_the_number_of_queries_does_not_grow_with_the_list(
    live: ModelVersion, fan: User, django_assert_max_num_queries: object
) -> None:
    recommend(fan)
    for limit in (1, 40):
        with django_assert_max_num_queries(4):  # type: ignore[operator]  # history; cards; titles; kept list
            recommend(fan, ListRequest(limit=limit, diversity=0.3))


def test_a_plain_list_takes_three_queries(
    live: ModelVersion, fan: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    recommend(fan)
    with django_assert_num_queries(3):  # history and marks; cards and titles of reasons; the kept list
        recommend(fan)


def test_a_served_list_is_kept_as_it_was_shown(live: ModelVersion, fan: User) -> None:
    answer = recommend(fan, ListRequest(limit=5, genre="action"))
    kept = ServedList.objects.get(pk=answer.list_id)
    assert kept.movie_ids == [r.movie.id for r in answer.results]
    assert (kept.user, kept.source, kept.model_version) == (fan, "personal", 1)
    assert kept.request["genre"] == "action"


def test_without_a_model_popular_movies_come_with_a_notice(
    stored: None, fan: User, milvus: EngineProcess
) -> None:
    answer = recommend(fan, ListRequest(limit=5))
    assert (answer.source, len(answer.results)) == ("popular", 5)
    assert "not ready" in answer.notice


def test_a_fallback_shows_no_rated_movie_either(stored: None, fan: User, milvus: EngineProcess) -> None:
    rated = set(Rating.objects.filter(user=fan).values_list("movie_id", flat=True))
    assert rated.isdisjoint(shown(fan, limit=60))


def test_with_milvus_stopped_popular_movies_come_within_a_second_and_it_recovers(
    live: ModelVersion, fan: User, milvus: EngineProcess
) -> None:
    milvus.kill()
    answer = recommend(fan, ListRequest(limit=5))
    assert (answer.source, len(answer.results)) == ("popular", 5)
    assert "out of reach" in answer.notice


def test_similar_movies_are_of_the_same_kind_and_not_the_movie_itself(live: ModelVersion) -> None:
    movie = Movie.objects.get(pk=100)
    similar = similar_movies(movie, limit=5)
    assert movie.pk not in [card.id for card in similar]
    assert [genre.name for card in similar for genre in card.genres] == ["Action"] * 5


def test_several_movies_have_their_similar_ones_from_one_search(live: ModelVersion) -> None:
    movies = [*Movie.objects.filter(pk__in=[100, 130]), Movie.objects.create(title="Just added")]
    each = [similar_movies(movie, limit=5) for movie in movies]
    cache.clear()
    with mock.patch.object(vector_index, "search_many", side_effect=vector_index.search_many) as search:
        assert similar_to_each(movies, limit=5) == each
    search.assert_called_once()


def test_similar_movies_are_searched_for_once_and_a_withdrawn_one_is_gone_at_once(live: ModelVersion) -> None:
    movie = Movie.objects.get(pk=100)
    first, *others = similar_movies(movie, limit=5)
    Movie.objects.filter(pk=first.id).update(withdrawn=True)
    with mock.patch.object(vector_index, "search_many", autospec=True) as search:
        assert similar_movies(movie, limit=5)[:4] == others
    search.assert_not_called()


def test_similar_movies_are_those_of_the_model_that_answers(live: ModelVersion) -> None:
    movie = Movie.objects.get(pk=100)
    similar_movies(movie, limit=5)
    other = replace(live_model(), collection=replace(live_model().collection, name="movies_v2"))
    with mock.patch.object(vector_index, "search_many", autospec=True, return_value=[[]]) as search:
        _nearest(other, [movie.pk], 5)
    search.assert_called_once()


def test_a_movie_that_the_index_does_not_know_yet_has_similar_ones_by_genre(live: ModelVersion) -> None:
    movie = Movie.objects.create(title="Just added")
    movie.genres.add(Genre.objects.get(slug="horror"))
    assert {genre.name for card in similar_movies(movie, limit=5) for genre in card.genres} == {"Horror"}


def test_similar_movies_without_milvus_share_a_genre(live: ModelVersion, milvus: EngineProcess) -> None:
    milvus.kill()
    similar = similar_movies(Movie.objects.get(pk=100), limit=5)
    assert [genre.name for card in similar for genre in card.genres] == ["Action"] * 5


def test_served_lists_are_forgotten_after_their_time(
    live: ModelVersion, fan: User, time_machine: TimeMachineFixture
) -> None:
    recommend(fan)
    time_machine.move_to(timezone.now() + timedelta(days=91))
    recommend(fan)
    purge_served_lists()
    assert ServedList.objects.count() == 1


def test_a_list_is_full_though_many_of_its_movies_were_withdrawn_a_moment_ago(
    live: ModelVersion, fan: User
) -> None:
    best = [found.movie.id for found in recommend(fan, ListRequest(limit=20), store=False).results]
    for movie in Movie.objects.filter(pk__in=best[:15]):
        movie.withdrawn = True
        movie.save()
    shown = [found.movie.id for found in recommend(fan, ListRequest(limit=5), store=False).results]
    assert shown == best[15:]


def test_a_minimum_of_predicted_stars_holds_for_every_movie(live: ModelVersion, fan: User) -> None:
    every = [r.predicted_rating or 0 for r in recommend(fan, ListRequest(limit=60), store=False).results]
    least = sorted(every)[len(every) // 2]
    fitting = recommend(fan, ListRequest(limit=60, min_predicted_rating=least), store=False).results
    assert 0 < len(fitting) < len(every)
    assert all((r.predicted_rating or 0) >= least - 0.01 for r in fitting)


@pytest.mark.parametrize("genre", [None, "action"])
def test_movies_of_enough_stars_are_found_however_low_they_rank(
    live: ModelVersion, fan: User, genre: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fitting(wanted: int) -> list[int]:
        found = retrieval.find_fitting_candidates(
            model, vector, person, wanted, least=4.0, enough=60, left_out=seen, conditions=Conditions(genre)
        )
        return [candidate.movie_id for candidate in found]

    model, (person, seen) = live_model(), user_input_and_seen(fan)
    vector = model.model.user_vector(person)
    whole = fitting(wanted=60)
    monkeypatch.setattr(retrieval, "STARS_POOL", 1)
    monkeypatch.setattr(retrieval, "SPARE", 0)
    monkeypatch.setattr(retrieval, "SEEN_AT_FIRST", 0)
    best = fitting(wanted=2)
    assert len(best) >= 4  # two of the first search at least, two by their IDs
    assert best == whole[: len(best)]


def test_movies_of_enough_stars_are_looked_for_until_enough_satisfy_the_conditions(
    live: ModelVersion, fan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, (person, seen) = live_model(), user_input_and_seen(fan)
    vector = model.model.user_vector(person)
    drama = Conditions("drama")
    dramas = {c.movie_id for c in vector_index.search(model.collection, vector, limit=60, conditions=drama)}
    monkeypatch.setattr(retrieval, "STARS_POOL", 1)
    monkeypatch.setattr(retrieval, "SPARE", 0)
    monkeypatch.setattr(retrieval, "MOST_IDS", 2)
    found = retrieval.find_fitting_candidates(
        model, vector, person, 1, least=0.5, enough=len(dramas - seen), left_out=seen, conditions=drama
    )
    assert {candidate.movie_id for candidate in found} == dramas - seen


def test_a_list_past_many_seen_movies_searches_deeper_by_steps(
    live: ModelVersion, fan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unseen(wanted: int) -> list[Candidate]:
        return retrieval.find_candidates(model, vector, wanted, left_out=seen)

    model, (person, _rated) = live_model(), user_input_and_seen(fan)
    vector = model.model.user_vector(person)
    every = vector_index.search(model.collection, vector, limit=60)
    seen = {candidate.movie_id for candidate in every[::2]}
    whole = every[1::2]
    asked: list[int] = []
    monkeypatch.setattr(retrieval, "SEEN_AT_FIRST", 0)
    monkeypatch.setattr(retrieval, "SPARE", 0)
    monkeypatch.setattr(retrieval, "note_search", lambda limit, found: asked.append(limit))
    assert unseen(wanted=5)[:5] == whole[:5]
    assert asked == [5, 19]  # of 60; two of the first five were new
    assert unseen(wanted=len(every)) == whole


def test_obscurity_moves_the_list_from_well_known_to_little_known_movies(
    live: ModelVersion, fan: User
) -> None:
    def mean_count(obscurity: float) -> float:
        results = recommend(fan, ListRequest(limit=10, obscurity=obscurity), store=False).results
        return sum(r.movie.rating_count for r in results) / len(results)

    assert mean_count(0.0) > mean_count(1.0)
