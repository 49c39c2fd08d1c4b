"""What became of the lists of an experiment: sums for each person, read from lists, marks and ratings.

A rating or a mark comes from a list if it was given to one of its movies, within RATED_WITHIN after it was
served; a rating of a movie of several lists counts once, to the latest before it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from catalog.models import Mark, Rating
from recommendations.batching import batches
from recommendations.experiments.models import Arm, Experiment
from recommendations.models import ListFeedback, ServedList

RATED_WITHIN = timedelta(days=7)
LISTS_COUNTED = 20_000  # the latest: a bound on what one look costs
PEOPLE_AT_ONCE = 500


class Given(NamedTuple):
    """Something that a person did with a movie."""

    movie_id: int
    at: datetime
    stars: float = 0.0


ByMovie = dict[int, Given]  # of one person, who rates or hides a movie once


@dataclass
class Served:
    at: datetime
    movie_ids: frozenset[int]
    clicked: bool
    own: bool  # answered by the model of its arm

    def led_to(self, given: ByMovie) -> list[Given]:
        """What of it came from this list."""
        of_it = [given[movie_id] for movie_id in self.movie_ids & given.keys()]
        return [one for one in of_it if self.at <= one.at <= self.at + RATED_WITHIN]


@dataclass
class Person:
    """Sums over the lists of one person in one arm."""

    lists: int = 0
    other_model: int = 0  # lists that the arm's own model did not make
    clicked: int = 0
    rated: int = 0  # lists of which a movie was rated
    hidden: int = 0  # lists of which a movie was marked "not interested"
    ratings: int = 0  # that came from lists
    stars: float = 0.0  # their sum


@dataclass
class Outcomes:
    arms: dict[str, list[Person]] = field(default_factory=dict)
    moved: int = 0  # people seen in both arms, for seconds after a change of the share: not counted
    is_cut: bool = False  # older lists than the LISTS_COUNTED latest are left out


def outcomes(experiment: Experiment) -> Outcomes:
    """Since the share was last set. Lists of different shares in one sum would compare different people with
    each other over different times (Simpson's paradox: Crook et al., "Seven Pitfalls to Avoid when Running
    Controlled Experiments on the Web", KDD 2009).
    """
    lists = _lists(experiment)
    by_person: dict[int, dict[str, list[Served]]] = defaultdict(lambda: defaultdict(list))
    read = 0
    for user_id, arm, served in _served(experiment, lists[:LISTS_COUNTED]):
        by_person[user_id][arm].append(served)
        read += 1
    found = Outcomes({Arm.CONTROL.value: [], Arm.CHALLENGER.value: []}, is_cut=read == LISTS_COUNTED)
    for user_ids in batches(by_person, PEOPLE_AT_ONCE):
        ratings, hides = _ratings(experiment, user_ids), _hides(experiment, user_ids)
        for user_id in user_ids:
            if len(by_person[user_id]) > 1:
                found.moved += 1
                continue
            for arm, lists_of_one in by_person[user_id].items():
                found.arms[arm].append(_person(lists_of_one, ratings[user_id], hides[user_id]))
    return found


def people_in_arms(experiment: Experiment) -> dict[str, int]:
    """How many people `outcomes` counts in each arm: one query, whatever they did."""
    arms: dict[int, set[str]] = defaultdict(set)
    rows: Any = _lists(experiment).values_list("user_id", "arm")[:LISTS_COUNTED]
    for user_id, arm in rows:
        arms[user_id].add(arm)
    people = Counter(arm for of_one in arms.values() if len(of_one) == 1 for arm in of_one)
    return {arm.value: people[arm.value] for arm in (Arm.CONTROL, Arm.CHALLENGER)}


def _lists(experiment: Experiment) -> QuerySet[ServedList]:
    until = {"created_at__lte": experiment.stopped_at} if experiment.stopped_at else {}
    lists = experiment.lists.filter(arm__in=[Arm.CONTROL, Arm.CHALLENGER], **until).exclude(user=None)
    return lists.filter(created_at__gte=experiment.share_since).order_by("-created_at")


def _served(experiment: Experiment, lists: QuerySet[ServedList]) -> Iterator[tuple[int, str, Served]]:
    clicks = ListFeedback.objects.filter(served_list=OuterRef("pk"), kind=ListFeedback.Kind.CLICKED)
    numbers = {Arm.CONTROL.value: experiment.control, Arm.CHALLENGER.value: experiment.challenger}
    rows: Any = lists.annotate(clicked=Exists(clicks)).values_list(
        "user_id", "arm", "created_at", "movie_ids", "clicked", "model_version"
    )
    for user_id, arm, at, movie_ids, clicked, version in rows.iterator(chunk_size=2_000):
        yield user_id, arm, Served(at, frozenset(movie_ids), clicked, version == numbers[arm])


def _ratings(experiment: Experiment, user_ids: Iterable[int]) -> dict[int, ByMovie]:
    rows = Rating.objects.filter(user_id__in=list(user_ids), rated_at__gte=experiment.share_since)
    return _by_user(rows.order_by().values_list("user_id", "movie_id", "rated_at", "stars"))


def _hides(experiment: Experiment, user_ids: Iterable[int]) -> dict[int, ByMovie]:
    hidden = Mark.objects.filter(user_id__in=list(user_ids), kind=Mark.Kind.HIDDEN)
    rows = hidden.filter(created_at__gte=experiment.share_since)
    return _by_user(rows.order_by().values_list("user_id", "movie_id", "created_at"))


def _by_user(rows: Iterable[tuple[Any, ...]]) -> dict[int, ByMovie]:
    found: dict[int, ByMovie] = defaultdict(dict)
    for user_id, *fields in rows:
        given = Given(*fields)
        found[user_id][given.movie_id] = given
    return found


def _person(lists: list[Served], ratings: ByMovie, hides: ByMovie) -> Person:
    rated = [served.led_to(ratings) for served in lists]
    from_lists = {given for of_list in rated for given in of_list}
    return Person(
        lists=len(lists),
        other_model=sum(not served.own for served in lists),
        clicked=sum(served.clicked for served in lists),
        rated=sum(bool(of_list) for of_list in rated),
        hidden=sum(bool(served.led_to(hides)) for served in lists),
        ratings=len(from_lists),
        stars=sum(given.stars for given in from_lists),
    )
