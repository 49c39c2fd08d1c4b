"""What is on the map: well-known movies, one's own ratings, the place of one's taste."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.genre_names import translated_genre
from catalog.models import Movie, User
from recommendations.interactions import user_input_and_seen
from recommendations.live_model import NoActiveModel, live_model
from recommendations.taste_map.drawing import Label, Places, in_picture, placed_labels
from recommendations.two_tower.data import Floats, UserInput
from recommendations.two_tower.plane import nearest_places
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import VectorIndexUnavailable

logger = logging.getLogger(__name__)

WELL_KNOWN = 300  # movies, the most rated ones
LATEST = 200  # ratings
TOLD = 30  # ratings in the table beside the picture
NEIGHBOURS = 3  # that are named of each rated movie
CLOSEST = 20  # movies in whose middle the taste stands
FEWEST_IN_GENRE = 5  # well-known movies that a label stands for


@dataclass(frozen=True)
class Spot:
    """A movie on the map."""

    movie: Movie
    x: float
    y: float
    stars: float | None = None  # what the user gave
    neighbours: tuple[Movie, ...] = ()  # the nearest on the map; of rated movies only

    @property
    def level(self) -> int:
        """From 1 to 5: the stars without their half."""
        return max(1, int(self.stars or 0))


@dataclass(frozen=True)
class TasteMap:
    spots: list[Spot]  # not rated by the user
    rated: list[Spot]  # latest first
    labels: list[Label]
    x: float  # of the taste
    y: float
    closest: list[Movie]  # what the taste points at most and the user has not seen

    @property
    def told(self) -> list[Spot]:
        return self.rated[:TOLD]


def taste_map(user: User) -> TasteMap | None:
    """The map for `user`; None while no model answers, or one that knows nothing of the catalogue.

    Four queries. Movies that the model was not trained on have no place yet.
    """
    try:
        model = live_model().model
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.warning("no map to show a taste on: %s", error)
        return None
    person, seen = user_input_and_seen(user)
    given = dict(zip(person.movie_ids.tolist(), person.stars.tolist(), strict=True))
    for movie_id in person.unfinished.tolist():
        del given[movie_id]
    movies, directions = _with_directions(model, _drawn(list(given)))
    if not movies:
        return None
    return _drawn_map(model, person, movies, directions, given, seen)


def _drawn_map(
    model: ServingModel,
    person: UserInput,
    movies: Sequence[Movie],
    directions: Floats,
    given: dict[int, float],
    left_out: set[int],
) -> TasteMap:
    plane_places = model.plane.places(directions)
    places = in_picture(plane_places, plane_places)
    order = _closest(model, person, directions)
    x, y = places[order[:CLOSEST]].mean(axis=0).tolist()
    closest = [movies[i] for i in order[:CLOSEST] if movies[i].pk not in left_out]
    spots = _spots(movies, places, given)
    rated = {spot.movie.pk: spot for spot in spots if spot.stars is not None}
    return TasteMap(
        spots=[spot for spot in spots if spot.stars is None],
        rated=[rated[movie_id] for movie_id in reversed(given) if movie_id in rated],
        labels=_genre_labels(movies, places),
        x=x,
        y=y,
        closest=closest,
    )


def _drawn(rated: Sequence[int]) -> list[Movie]:
    """The well-known movies and those rated last, each once. Two queries."""
    shown = Movie.objects.visible().only("title", "year")
    known = shown.popular()[:WELL_KNOWN]
    return list({movie.pk: movie for movie in [*known, *shown.filter(pk__in=rated[-LATEST:])]}.values())


def _with_directions(model: ServingModel, movies: Sequence[Movie]) -> tuple[list[Movie], Floats]:
    vectors, known = model.stored_vectors(np.array([movie.pk for movie in movies], np.int64))
    kept = [movie for movie, is_known in zip(movies, known, strict=True) if is_known]
    return kept, model.directions(vectors[known])


def _closest(model: ServingModel, person: UserInput, directions: Floats) -> list[int]:
    """Rows of `directions` by what the user's vector would add to their scores, the most first."""
    learned = model.user_vector(person)[: model.config.learned_dimension]
    order: list[int] = np.argsort(-(directions @ learned), kind="stable").tolist()
    return order


def _spots(movies: Sequence[Movie], places: Places, given: dict[int, float]) -> list[Spot]:
    own = [row for row, movie in enumerate(movies) if movie.pk in given]
    nearest = nearest_places(places, places[own], number=NEIGHBOURS + 1).tolist()
    beside = {
        row: tuple(movies[other] for other in others if other != row)[:NEIGHBOURS]
        for row, others in zip(own, nearest, strict=True)
    }
    return [
        Spot(movie, x, y, given.get(movie.pk), beside.get(row, ()))
        for row, (movie, (x, y)) in enumerate(zip(movies, places.tolist(), strict=True))
    ]


def _genre_labels(movies: Sequence[Movie], places: Places) -> list[Label]:
    """A label in the middle of each genre's movies, the largest genres first. One query."""
    rows = {movie.pk: row for row, movie in enumerate(movies)}
    genres: defaultdict[str, list[int]] = defaultdict(list)
    for movie_id, name in _genre_names(rows):
        genres[name].append(rows[movie_id])
    largest = sorted(genres.items(), key=lambda genre: (-len(genre[1]), genre[0]))
    middles = [
        (translated_genre(name), *places[own].mean(axis=0).tolist())
        for name, own in largest
        if len(own) >= FEWEST_IN_GENRE
    ]
    return placed_labels(middles)


def _genre_names(movie_ids: Iterable[int]) -> Iterable[tuple[int, str]]:
    links = Movie.genres.through.objects.filter(movie_id__in=list(movie_ids))
    return links.order_by("genre__name", "movie_id").values_list("movie_id", "genre__name")
