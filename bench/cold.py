"""Accuracy for people with hardly any ratings, and for movies that nobody has rated.

    python -m bench.cold DATA [--seed 0] [--users 0.1] [--movies 0.05] [--set epochs=2 ...]

DATA is a MovieLens folder. A tenth of the users with 20 ratings or more, and a twentieth of the movies with
ten or more, drawn by the seed, are held out of one training altogether: their ratings are not there, nor are
those movies. Training reads other people's ratings of all times.

Cold users: the person has given their first 0, 1, 3, 5 or 10 ratings; all candidates but those are ranked.
"next" is the following rating; "liked" all movies that they like later (four stars or more, held-out movies
not counted). The same people at each step, with the demographics known and without, beside popularity and
ItemKNN. Movie vectors have the trends of the moment of asking, as a training's own validation has them.

Cold movies: for everybody else who liked one, the held-out movies alone are ranked by the person's vector for
the coming weeks and the movies' features: Recall@10, and the percentile of the liked ones (1 is the first
place, 0.5 what chance gives). Beside it the mean popularity of the movie's genres among the known movies.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench import record
from bench.accuracy import configuration, show
from bench.movielens import read_movielens
from recommendations.two_tower.baselines import Scorer, item_knn, popularity
from recommendations.two_tower.config import Horizon
from recommendations.two_tower.data import Floats, Ids, MovieInput, TrainingData, UserInput
from recommendations.two_tower.evaluate import rank
from recommendations.two_tower.metrics import hit_rate_at_k, ndcg_at_k, recall_at_k
from recommendations.two_tower.serving_model import ServingModel
from recommendations.two_tower.splits import LIKED_STARS
from recommendations.two_tower.train import train
from recommendations.two_tower.trends import TREND_DIMENSIONS, Trends

STEPS = (0, 1, 3, 5, 10)  # ratings given so far
Question = Callable[[UserInput, Horizon, int], Floats]  # scores of all candidates at a moment
FEWEST_OF_USER, FEWEST_OF_MOVIE = 20, 10
K = 10


@dataclass(frozen=True)
class ColdSplit:
    """What is trained on, and what is kept from it."""

    known: TrainingData  # its movies are without the cold ones
    cold_users: list[UserInput]  # with all their ratings of known movies
    cold_movies: list[MovieInput]
    later: TrainingData  # the known users' ratings of cold movies


def main() -> None:
    args = _arguments()
    data, _ = read_movielens(args.data)
    kept = record.begin("cold", args.data, seed=args.seed, name="-".join(args.set))
    split = cold_split(data, args.users, args.movies, args.seed)
    sizes = f"{len(split.cold_users)} users and {len(split.cold_movies)} movies"
    print(f"held out: {sizes}; {len(split.known)} of {len(data)} ratings left", flush=True)
    began = time.process_time()
    model = train(split.known, configuration(args.set), seed=args.seed, on_progress=show).serving_model()
    kept.values = {
        "cpu_seconds": round(time.process_time() - began),
        "users": {"count": len(split.cold_users), "rows": cold_users(split, model)},
        "movies": cold_movies(split, model),
    }
    for row in kept.values["users"]["rows"]:
        print(row["ratings"], row["model"], record.rounded(row["metrics"]))
    for name, metrics in kept.values["movies"]["rows"].items():
        print("cold movies:", name, record.rounded(metrics))
    print(kept.save())


def cold_split(data: TrainingData, users: float, movies: float, seed: int) -> ColdSplit:
    """Draws shares of the users and movies that have enough ratings."""
    generator = np.random.default_rng([seed, 7])
    user_ids = _drawn(data.user_ids, FEWEST_OF_USER, users, generator)
    movie_ids = _drawn(data.movie_ids, FEWEST_OF_MOVIE, movies, generator)
    of_cold_user, of_cold_movie = np.isin(data.user_ids, user_ids), np.isin(data.movie_ids, movie_ids)
    held = set(movie_ids.tolist())
    known = data.keep(~of_cold_user & ~of_cold_movie)
    return ColdSplit(
        replace(known, movies=[movie for movie in data.movies if movie.movie_id not in held]),
        data.keep(~of_cold_movie & np.isin(data.movie_ids, known.movie_ids)).user_inputs(user_ids),
        [movie for movie in data.movies if movie.movie_id in held],
        data.keep(~of_cold_user & of_cold_movie),
    )


def _drawn(ids: Ids, fewest: int, share: float, generator: np.random.Generator) -> Ids:
    distinct, counts = np.unique(ids, return_counts=True)
    fit = distinct[counts >= fewest]
    return np.sort(generator.choice(fit, round(len(fit) * share), replace=False))


def cold_users(split: ColdSplit, model: ServingModel) -> list[dict[str, object]]:
    """A row for each number of ratings and each model."""
    candidates = np.unique(split.known.movie_ids)
    people = [user for user in split.cold_users if len(user.movie_ids) > STEPS[-1]]
    asked = _Asked(split.known, candidates, model)
    questions: dict[str, Question] = {
        "popularity": _always(popularity(split.known, candidates)),
        "ItemKNN": _always(item_knn(split.known, candidates)),
        "two towers": asked.of(_anonymous),
        "two towers, demographics": asked.of(lambda user: user),
    }
    return [
        {"ratings": step, "model": name, "metrics": user_metrics(people, step, candidates, question)}
        for step in STEPS
        for name, question in questions.items()
        if step or name != "ItemKNN"
    ]


def _always(score: Scorer) -> Question:
    return lambda user, horizon, now: score(user)


class _Asked:
    """Scores of all candidates by the towers, with the trends of the moment."""

    def __init__(self, known: TrainingData, candidates: Ids, model: ServingModel) -> None:
        self.model = model
        self.vectors, _ = model.stored_vectors(candidates)
        years = {movie.movie_id: movie.year for movie in known.movies}
        self.trends = Trends.of(
            known.timestamps,
            np.searchsorted(candidates, known.movie_ids) + 1,
            known.stars,
            LIKED_STARS,
            [None, *(years.get(int(movie_id)) for movie_id in candidates)],
        )

    def of(self, person: Callable[[UserInput], UserInput]) -> Question:
        def score(user: UserInput, horizon: Horizon, now: int) -> Floats:
            place = int(self.trends.places(np.array([now]))[0])
            self.vectors[:, -TREND_DIMENSIONS:] = self.trends.table[place, 1:]
            return self.vectors @ self.model.user_vector(person(user), horizon=horizon, now=now)

        return score


def _anonymous(user: UserInput) -> UserInput:
    return UserInput(movie_ids=user.movie_ids, stars=user.stars, timestamps=user.timestamps)


def first_ratings(user: UserInput, count: int) -> UserInput:
    """The person as they were after so many ratings, and with an ID that no training knows."""
    return replace(
        user,
        user_id=None,
        movie_ids=user.movie_ids[:count],
        stars=user.stars[:count],
        timestamps=user.timestamps[:count],
    )


def user_metrics(people: list[UserInput], step: int, candidates: Ids, score: Question) -> dict[str, float]:
    """Means over the people, asked after `step` ratings, at the moment of the last of them."""
    found: dict[str, list[float]] = {
        name: [] for name in ("next HR@10", "next NDCG@10", "liked HR@10", "liked NDCG@10", "liked Recall@20")
    }
    for user in people:
        start, now = first_ratings(user, step), int(user.timestamps[max(0, step - 1)])
        ranked = rank(score(start, Horizon.NEXT, now), candidates, start.movie_ids, K)
        found["next HR@10"].append(hit_rate_at_k(ranked, {int(user.movie_ids[step])}, K))
        found["next NDCG@10"].append(ndcg_at_k(ranked, {int(user.movie_ids[step])}, K))
        wanted = set(user.movie_ids[step:][user.stars[step:] >= LIKED_STARS].tolist())
        if wanted:
            ranked = rank(score(start, Horizon.WEEKS, now), candidates, start.movie_ids, 2 * K)
            found["liked HR@10"].append(hit_rate_at_k(ranked, wanted, K))
            found["liked NDCG@10"].append(ndcg_at_k(ranked, wanted, K))
            found["liked Recall@20"].append(recall_at_k(ranked, wanted, 2 * K))
    return {name: float(np.mean(values)) for name, values in found.items()} | {"users": len(people)}


def cold_movies(split: ColdSplit, model: ServingModel) -> dict[str, object]:
    """Recall and percentile of liked cold movies among all cold movies, for each way to rank them."""
    liked = split.later.keep(split.later.stars >= LIKED_STARS)
    askers = np.intersect1d(np.unique(liked.user_ids), np.unique(split.known.user_ids))
    ids = np.array([movie.movie_id for movie in split.cold_movies], np.int64)
    vectors = model.movie_vectors(split.cold_movies)
    by_genre = genre_popularity(split.known, split.cold_movies)
    now = int(model.snapshot["last_rated_at"])
    users = split.known.user_inputs(askers)
    wanted = {int(user): set(liked.movie_ids[liked.user_ids == user].tolist()) for user in askers}
    scorers: dict[str, Scorer] = {
        "two towers, features alone": lambda user: vectors @ model.user_vector(user, now=now),
        "popularity of the genres": lambda user: by_genre,
    }
    rows = {name: movie_metrics(users, ids, wanted, scorer) for name, scorer in scorers.items()}
    rows["chance"] = {"Recall@10": min(1.0, K / len(ids)), "percentile": 0.5}
    return {"count": len(ids), "users": len(askers), "rows": rows}


def movie_metrics(
    users: list[UserInput], ids: Ids, wanted: Mapping[int, set[int]], score: Scorer
) -> dict[str, float]:
    """Means over the users. A percentile is the share of the other movies ranked behind; ties count half."""
    recalls, percentiles = [], []
    for user in users:
        scores, liked = score(user), wanted[int(user.user_id or 0)]
        order = ids[np.argsort(-scores, kind="stable")].tolist()
        recalls.append(recall_at_k(order, liked, K))
        own = scores[np.isin(ids, list(liked))][:, None]
        behind = (scores < own).sum(axis=1) + ((scores == own).sum(axis=1) - 1) / 2
        percentiles.append(float(np.mean(behind / max(1, len(ids) - 1))))
    return {"Recall@10": float(np.mean(recalls)), "percentile": float(np.mean(percentiles))}


def genre_popularity(known: TrainingData, movies: list[MovieInput]) -> Floats:
    """For each movie the mean over its genres of the ratings that a known movie of the genre has."""
    ids, counts = np.unique(known.movie_ids, return_counts=True)
    count_of = dict(zip(ids.tolist(), counts.tolist(), strict=True))
    of_genre: dict[str, list[int]] = {}
    for movie in known.movies:
        for genre in movie.genres:
            of_genre.setdefault(genre, []).append(count_of.get(movie.movie_id, 0))
    means = {genre: float(np.mean(values)) for genre, values in of_genre.items()}
    return np.array(
        [np.mean([means.get(genre, 0.0) for genre in movie.genres] or [0.0]) for movie in movies], np.float32
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--users", type=float, default=0.1, help="share of the users held out")
    parser.add_argument("--movies", type=float, default=0.05, help="share of the movies held out")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
