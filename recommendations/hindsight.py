"""Hindsight: what the model predicts for movies that a user has rated, from the user's other ratings."""

import logging
from dataclasses import dataclass

import numpy as np

from catalog.models import Movie, User
from recommendations.experiments.arms import model_for
from recommendations.interactions import user_input
from recommendations.live_model import NoActiveModel
from recommendations.two_tower.data import Ids, UserInput
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import VectorIndexUnavailable

logger = logging.getLogger(__name__)

LATEST = 60  # ratings that are looked back at; each costs some tenths of a millisecond
FEW = 3  # ratings below which there is nothing to tell
SURPRISES = 5


@dataclass(frozen=True)
class LookBack:
    """One rating, and what was to be expected of it."""

    movie: Movie
    given: float  # stars
    predicted: float  # stars, from the other ratings
    usual: float  # mean stars of the other ratings

    @property
    def off(self) -> float:
        return self.given - self.predicted


@dataclass(frozen=True)
class Hindsight:
    ratings: list[LookBack]  # oldest first

    @property
    def error(self) -> float:
        """By how many stars the predictions are off, on average."""
        return sum(abs(rating.off) for rating in self.ratings) / len(self.ratings)

    @property
    def usual_error(self) -> float:
        """By how many the user's mean would be."""
        return sum(abs(rating.given - rating.usual) for rating in self.ratings) / len(self.ratings)

    @property
    def surprises(self) -> list[LookBack]:
        """The ratings furthest from what was predicted."""
        return sorted(self.ratings, key=lambda rating: -abs(rating.off))[:SURPRISES]


def look_back(user: User) -> Hindsight | None:
    """The latest ratings of movies that the model knows; None for too few, and while no model answers.

    Only the user's own taste is worked out anew without each rating. What the model knows of the movies was
    learned from everybody's ratings, that one among them if it was there by then. Two queries.
    """
    person = user_input(user)
    rated = ~np.isin(person.movie_ids, person.unfinished)
    if np.count_nonzero(person.counts[rated]) < FEW:
        return None
    try:
        model = model_for(user).model
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.warning("nothing to look back at: %s", error)
        return None
    _vectors, known = model.stored_vectors(person.movie_ids)
    ratings = _look_back(model, person, rated, np.flatnonzero(rated & known)[-LATEST:])
    return Hindsight(ratings) if len(ratings) >= FEW else None


def _look_back(model: ServingModel, person: UserInput, rated: np.ndarray, places: Ids) -> list[LookBack]:
    movies = Movie.objects.visible().only("title", "year").in_bulk(person.movie_ids[places].tolist())
    ratings = []
    for place in places.tolist():
        others = np.arange(len(person.movie_ids)) != place
        movie_id = person.movie_ids[[place]]
        if movie := movies.get(int(movie_id[0])):
            predicted = float(model.predict_stars(person.keep(others), movie_id)[0])
            usual = float(np.average(person.stars, weights=person.counts * (others & rated)))
            ratings.append(LookBack(movie, float(person.stars[place]), predicted, usual))
    return ratings
