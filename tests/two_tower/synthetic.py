"""Small data with a known structure, and a configuration that trains on it in seconds."""

import numpy as np

from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import MovieInput, TrainingData, UserTable, sorted_training_data

GENRES = ("Action", "Comedy", "Drama", "Horror")
MOVIES_PER_GENRE = 15

QUICK = TwoTowerConfig(
    width=16,
    heads=2,
    feedforward=32,
    history_length=24,
    layers=2,
    batch_positions=250,
    epochs=2,
    warmup_steps=5,
    averaging=0.9,
    learning_rate=5e-3,
    validation_users=10,
)


def movies() -> list[MovieInput]:
    genres = np.repeat(GENRES, MOVIES_PER_GENRE).tolist()
    return [MovieInput(100 + i, f"{genre} night {i}", 1950 + i, (genre,)) for i, genre in enumerate(genres)]


def fans(users: int = 80, seed: int = 0) -> TrainingData:
    """Users who each rate movies of one genre only, in random order, with five or four stars."""
    generator = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        genre = user % len(GENRES)
        picked = generator.permutation(MOVIES_PER_GENRE)[: generator.integers(8, MOVIES_PER_GENRE)]
        for place, movie in enumerate(picked):
            rows.append(
                (user + 1, 100 + genre * MOVIES_PER_GENRE + movie, 4 + movie % 2, 1000 * user + 60 * place)
            )
    columns = np.array(rows, np.int64).T
    ids = np.arange(1, users + 1)
    table = UserTable(ids, ["F", "M"] * (users // 2), [25] * users, [None] * users, ["55455"] * users)
    return sorted_training_data(
        table, movies(), columns[0], columns[1], columns[2].astype(np.float32), columns[3]
    )
