"""A small catalogue with a known structure, and a model that was really trained on it.

Its people each like one genre (tests/two_tower/synthetic.py). Primary keys are the same in every test, so
the model is trained once in a test run and its artifact copied into each test's installation.
"""

import json
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from catalog.models import Genre, Movie, MovieChange, Rating, User
from catalog.services import refresh_rating_statistics
from recommendations.models import ModelVersion
from recommendations.two_tower.artifact import TrainedModel, load_artifact, save_artifact
from recommendations.two_tower.comparison import compare
from recommendations.two_tower.config import TwoTowerConfig
from tests.two_tower.synthetic import GENRES, QUICK, fans, movies

QUICK_CONFIG = QUICK.to_dict()
POOR = replace(QUICK, epochs=1, learning_rate=1e-4, factor_start=False)
HELD_OUT = {"ndcg@10": 0.5, "popularity_ndcg@10": 0.1, "users": 40}  # passes the gate


def store_world() -> None:
    """Write the movies, people and ratings of `fans` into the empty catalogue."""
    genres = {name: Genre.objects.create(name=name, slug=name.lower()) for name in GENRES}
    Movie.objects.bulk_create([Movie(pk=m.movie_id, title=m.title, year=m.year) for m in movies()])
    Movie.genres.through.objects.bulk_create(
        [Movie.genres.through(movie_id=m.movie_id, genre=genres[m.genres[0]]) for m in movies()]
    )
    data = fans()
    User.objects.bulk_create([User(pk=pk, username=f"fan{pk}") for pk in data.users.user_ids.tolist()])
    columns = (data.user_ids.tolist(), data.movie_ids.tolist(), data.stars.tolist(), data.timestamps.tolist())
    Rating.objects.bulk_create(
        [
            Rating(user_id=user, movie_id=movie, stars=stars, rated_at=datetime.fromtimestamp(at, UTC))
            for user, movie, stars, at in zip(*columns, strict=True)
        ]
    )
    refresh_rating_statistics()
    MovieChange.objects.all().delete()


def add_rating() -> Rating:
    """One more, by a person new to the model."""
    user = User.objects.create(username=f"newcomer{User.objects.count()}")
    return Rating.objects.create(user=user, movie_id=100, stars=4.0)


def register_version(number: int = 1, *, other: bool = False, beside: int | None = None) -> ModelVersion:
    """A trained version on disk and in the registry, not promoted; `other` is another model than the rest.

    Its figures pass the gate while version `beside` is live, or else the one before it.
    """
    folder, checksum = _other_artifact() if other else _trained_artifact(QUICK)
    shutil.copytree(folder, settings.MODEL_DIR / f"v{number}")
    return ModelVersion.objects.create(
        number=number,
        checksum=checksum,
        seed=7,
        config=QUICK_CONFIG,
        metrics={"held_out": HELD_OUT | {"live_version": beside or number - 1}},
        data_snapshot={},
    )


def register_poor_version(number: int) -> ModelVersion:
    """One that learned next to nothing, with figures beside those of `register_version`, not promoted."""
    folder, checksum = _trained_artifact(POOR)
    shutil.copytree(folder, settings.MODEL_DIR / f"v{number}")
    model = load_artifact(folder)
    comparison = compare(fans(), POOR, model, load_artifact(_trained_artifact(QUICK)[0]))
    return ModelVersion.objects.create(
        number=number,
        checksum=checksum,
        seed=7,
        config=POOR.to_dict(),
        metrics=dict(model.metrics) | {"held_out": comparison.held_out, "quality": comparison.quality},
        data_snapshot=dict(model.snapshot),
    )


def config_file(config: dict[str, Any]) -> Path:
    """`config` as `train_model --config` reads it."""
    path = Path(tempfile.mkdtemp(dir=settings.VAR_DIR)) / "config.json"
    path.write_text(json.dumps(config))
    return path


@cache
def _trained_artifact(config: TwoTowerConfig) -> tuple[Path, str]:
    from recommendations.two_tower.train import train

    folder = Path(tempfile.mkdtemp(dir=settings.VAR_DIR)) / "artifact"
    return folder, save_artifact(train(fans(), config, seed=7), folder)


@cache
def _other_artifact() -> tuple[Path, str]:
    """The trained model with the movies' vectors passed on to their neighbours: a quick second model."""
    model = load_artifact(_trained_artifact(QUICK)[0])
    vectors = np.roll(model.matrix, 1, axis=0)
    other = TrainedModel(
        model.config,
        model.vocabulary,
        dict(model.weights),
        vectors,
        model.mean_stars,
        {},
        dict(model.snapshot),
    )
    folder = Path(tempfile.mkdtemp(dir=settings.VAR_DIR)) / "artifact"
    return folder, save_artifact(other, folder)
