"""The plane of a map: by hand, and the same whenever it is computed."""

import numpy as np
import pytest

from recommendations.two_tower.artifact import TrainedModel
from recommendations.two_tower.plane import nearest_places, plane_of


def test_the_first_axis_is_that_of_the_largest_variance() -> None:
    # three dimensions: far apart along the third, a little along the first, not at all along the second
    directions = np.array([[1, 0, 4], [-1, 0, 4], [1, 0, -4], [-1, 0, -4]], np.float32)
    plane = plane_of(directions)
    assert plane.axes == pytest.approx(np.array([[0, 1], [0, 0], [1, 0]]), abs=1e-6)
    assert plane.places(directions) == pytest.approx(np.array([[4, 1], [4, -1], [-4, 1], [-4, -1]]), abs=1e-6)


def test_the_middle_of_all_is_the_middle_of_the_plane() -> None:
    directions = np.random.default_rng(0).normal(3, 1, (50, 8)).astype(np.float32)
    assert plane_of(directions).places(directions).mean(axis=0) == pytest.approx([0, 0], abs=1e-5)


def test_neither_the_order_nor_the_sign_of_the_solver_turns_the_picture() -> None:
    directions = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    axes = plane_of(directions).axes
    assert plane_of(directions[::-1]).axes == pytest.approx(axes, abs=1e-5)
    assert (np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0) > 0).all()


def test_nearest_places_are_counted_by_distance() -> None:
    places = np.array([[0, 0], [3, 0], [0, 1], [9, 9]], np.float32)
    assert nearest_places(places, places[:1], number=3).tolist() == [[0, 2, 1]]


def test_the_plane_of_a_model_is_made_once(trained: TrainedModel) -> None:
    model = trained.serving_model()
    assert model.plane is model.plane
    again = trained.serving_model().plane
    assert np.array_equal(model.plane.axes, again.axes)
