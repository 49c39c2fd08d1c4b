"""The map of a taste: where the model's movies lie, by their principal components, and who stands where."""

import numpy as np
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Mark, Movie, Rating, User
from catalog.services import rate_movie
from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from recommendations.taste_map import mapping
from recommendations.taste_map.drawing import HEIGHT, WIDTH, in_picture, placed_labels
from recommendations.taste_map.mapping import Spot, TasteMap, taste_map
from tests.engines import EngineProcess
from tests.factories import MovieFactory, UserFactory


@pytest.fixture(autouse=True)
def _static_files_without_manifest(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


def map_of(user: User) -> TasteMap:
    drawn = taste_map(user)
    assert drawn is not None
    return drawn


def principal_places(movies: list[Movie]) -> np.ndarray:
    """[n, 2] by a singular value decomposition of all movies' directions, apart from the code under test."""
    model = live_model().model
    directions = model.directions(model.matrix).astype(np.float64)
    centre = directions.mean(axis=0)
    axes = np.linalg.svd(directions - centre, full_matrices=False)[2][:2]
    rows = np.searchsorted(model.known_movie_ids, [movie.pk for movie in movies])
    return (directions[rows] - centre) @ axes.T


def test_neighbours_are_those_of_the_first_two_principal_components(live: ModelVersion, fan: User) -> None:
    drawn = map_of(fan)
    movies = [spot.movie for spot in [*drawn.spots, *drawn.rated]]
    places = principal_places(movies)
    for number, spot in enumerate(drawn.rated, start=len(drawn.spots)):
        distances = np.linalg.norm(places - places[number], axis=1)
        distances[number] = np.inf
        nearest = [movies[row] for row in np.argsort(distances)[: mapping.NEIGHBOURS]]
        assert list(spot.neighbours) == nearest


def test_distances_in_the_picture_are_those_on_the_plane(live: ModelVersion, fan: User) -> None:
    spots = map_of(fan).spots
    places = principal_places([spot.movie for spot in spots])
    drawn = np.array([(spot.x, spot.y) for spot in spots])
    on_plane, in_drawing = (np.linalg.norm(each[1:] - each[0], axis=1) for each in (places, drawn))
    assert in_drawing / on_plane == pytest.approx(
        np.full(len(spots) - 1, in_drawing[0] / on_plane[0]), rel=1e-2
    )


def test_my_movies_have_my_stars_latest_first(live: ModelVersion, fan: User) -> None:
    drawn = map_of(fan)
    ratings = Rating.objects.of(fan).in_order().reverse()
    assert [(spot.movie.pk, spot.stars) for spot in drawn.rated] == [(r.movie_id, r.stars) for r in ratings]
    assert len(drawn.spots) + len(drawn.rated) == Movie.objects.count()


def test_a_taste_stands_among_the_movies_that_it_likes(live: ModelVersion, fan: User) -> None:
    drawn = map_of(fan)
    middles = {
        genre: np.mean([(s.x, s.y) for s in _spots(drawn) if s.movie.title.startswith(genre)], axis=0)
        for genre in ("Action", "Comedy", "Drama", "Horror")
    }
    away = {genre: np.linalg.norm(middle - (drawn.x, drawn.y)) for genre, middle in middles.items()}
    assert min(away, key=away.__getitem__) == "Action"
    assert {label.text for label in drawn.labels} <= middles.keys()


def _spots(drawn: TasteMap) -> list[Spot]:
    return [*drawn.spots, *drawn.rated]


def test_what_is_hidden_withdrawn_or_unknown_to_the_model_is_not_proposed(
    live: ModelVersion, fan: User
) -> None:
    hidden, withdrawn = map_of(fan).closest[:2]
    Mark.objects.create(user=fan, movie=hidden, kind=Mark.Kind.HIDDEN)
    Movie.objects.filter(pk=withdrawn.pk).update(withdrawn=True)
    rate_movie(fan, MovieFactory(title="Newer than the model"), stars=5)
    drawn = map_of(fan)
    assert not {hidden.pk, withdrawn.pk} & {movie.pk for movie in drawn.closest}
    titles = [spot.movie.title for spot in _spots(drawn)]
    assert hidden.title in titles
    assert withdrawn.title not in titles
    assert "Newer than the model" not in titles


def test_without_ratings_there_is_a_map_all_the_same(live: ModelVersion) -> None:
    assert map_of(UserFactory()).rated == []


def test_it_takes_four_queries(
    live: ModelVersion, fan: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    live_model()
    with django_assert_num_queries(4):  # history and marks, well-known movies, rated ones, genres
        taste_map(fan)


def test_the_page_shows_the_map_and_says_it_in_a_table(live: ModelVersion, fan: User, client: Client) -> None:
    client.force_login(fan)
    text = client.get("/accounts/my-taste/").text
    drawn = map_of(fan)
    assert text.count('class="map-dot level-') == len(drawn.rated)
    assert text.count('class="map-dot"') == len(drawn.spots)
    assert f'cx="{drawn.rated[0].x:.1f}"' in text
    assert "What lies nearest to the movies that you rated last" in text
    assert "style=" not in text[text.index("taste-map") :]


def test_numbers_in_the_picture_are_not_localised(live: ModelVersion, fan: User, client: Client) -> None:
    client.force_login(fan)
    text = client.get("/accounts/my-taste/", headers={"Accept-Language": "de"}).text
    assert "Karte meines Geschmacks" in text
    assert f'cx="{map_of(fan).rated[0].x:.1f}"' in text


def test_without_a_model_the_page_says_so(
    live: ModelVersion, fan: User, client: Client, milvus: EngineProcess
) -> None:
    milvus.kill()
    client.force_login(fan)
    text = client.get("/accounts/my-taste/").text
    assert "no model is at work at the moment" in text
    assert "map-dot" not in text


def test_the_picture_holds_all_that_is_shown_at_one_scale() -> None:
    # 2 wide and 1 high: the width decides; up is up
    drawn = in_picture(np.array([[1, 1]], np.float32), np.array([[-1, 0], [1, 1]], np.float32))
    assert drawn[0] == pytest.approx([96, HEIGHT / 2 - 92 / 2 / 2])
    single = np.zeros((1, 2), np.float32)
    assert in_picture(single, single)[0] == pytest.approx([WIDTH / 2, HEIGHT / 2])


def test_labels_make_way_for_earlier_ones() -> None:
    labels = placed_labels([("Drama", 50, 40), ("War", 50, 40), ("Western", 99, 40)])
    assert [(label.text, label.x, label.y) for label in labels[:1]] == [("Drama", 50, 40)]
    assert labels[1].y != 40
    assert labels[2].x < 99  # inside of the picture
    assert len(placed_labels([("Drama", 50, 40)] * 9)) == 5
