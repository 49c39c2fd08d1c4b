"""Learns what `stars` predicts with: variational Bayes for matrix factorisation, all priors from the data.

After Lim and Teh (KDD Cup 2007), with three things added: noise of its own for each movie and each person,
a prior mean of a movie's factors from the people who rated it, and one of a person's from the movies they
rated (as in SVD++, Koren 2008). The space is turned so that movies' factors are uncorrelated; their
covariances are then kept as diagonals.
"""

from collections.abc import Iterator

import numpy as np

from .config import TwoTowerConfig
from .covariances import Covariances
from .data import Floats, Ids, Rows, blocks, narrow, occurrences
from .initial import co_rating_factors
from .stars import StarFactors, posterior, relative_noise, squared_errors, watched

CO_RATING_FACTORS = 32
EXPECTED_RIDGE = 1.0  # of the regression of people's factors on what they rated
PRIOR_RIDGE = 0.02  # of the regression of movies' factors on who rated them, ...
PRIOR_TRUST = 20.0  # ... in which a movie with so many ratings counts half
VECTOR_RIDGE = 10.0  # of the regression from movie vectors, for movies that nobody rated
LEAST_NOISE = 1e-3  # variance of stars, where all are alike
SETTLING = 2  # iterations before noise is told apart


def fit_stars(
    user_rows: Rows, movie_rows: Rows, stars: Floats, vectors: Floats, config: TwoTowerConfig, seed: int
) -> StarFactors:
    """From ratings in order of user. `vectors` [movie rows, d] are the learned movie vectors."""
    generator = np.random.default_rng([seed, 3])
    counts = occurrences(movie_rows, len(vectors))
    rated = np.flatnonzero(counts)
    movies = (np.cumsum(counts > 0) - 1).astype(np.int32)[movie_rows]  # their places among `rated`
    fit = _Fit(user_rows, movies, stars - stars.mean(dtype=np.float32), config.star_dimension, generator)
    for iteration in range(config.star_iterations):
        fit.solve_people(settled=iteration >= SETTLING)
        fit.turn()
        fit.solve_movies()
        fit.learn_noise(settled=iteration >= SETTLING)
    return _of_all_rows(fit, rated, vectors)


class _Fit:
    """The moving parts. A side is [n, k + 1]: a movie's factors and bias, a person's factors and 1."""

    def __init__(
        self, users: Rows, movies: Rows, centred: Floats, k: int, generator: np.random.Generator
    ) -> None:
        self.users, self.movies, self.centred, self.k = users, movies, centred, k
        people, count = int(users.max()) + 1, int(movies.max()) + 1
        self.ratings = occurrences(movies, count)
        self.starts = np.append(0, np.cumsum(occurrences(users, people)))
        self.movie_starts = np.append(0, np.cumsum(self.ratings))
        self.order = narrow(np.argsort(movies, kind="stable"))
        self.co_rated = co_rating_factors(
            self.starts[:-1], self.starts[1:], movies, count, CO_RATING_FACTORS, generator
        )
        self.watched = np.stack(
            [
                watched(self.co_rated[movies[i:j]], np.ones(j - i, np.float32))
                for i, j in zip(self.starts[:-1], self.starts[1:], strict=True)
            ]
        )
        self.expected = np.zeros((CO_RATING_FACTORS + 1, k), np.float32)
        bias = np.zeros(count)
        for block in blocks(len(movies)):
            bias += np.bincount(movies[block], centred[block], count)
        bias /= self.ratings + 5
        start = generator.standard_normal((count, k)) * 0.1
        start[:, 0] += 0.5  # towards a factor that is how generous a person is
        self.sides = np.column_stack([start, bias]).astype(np.float32)
        self.variances = np.zeros_like(self.sides)
        self.prior_means = np.repeat(self.sides.mean(axis=0)[None], count, axis=0)
        self.prior_precision: Floats = _inverse(np.cov(self.sides.T) + 0.01 * np.eye(k + 1))
        self.noise = np.full(count, max(centred.var() * 0.65, LEAST_NOISE), np.float32)
        self.steadiness = np.ones(people, np.float32)
        self.people = np.ones((people, k + 1), np.float32)
        self.covariances = Covariances(people, k)

    def solve_people(self, *, settled: bool) -> None:
        """Everybody's factors, and how steadily they rate."""
        for person, rows, own, left in self._each_person():
            variances, noise = self.variances[rows], self.noise[rows]
            weights = 1 / (noise * self.steadiness[person])
            prior = self.watched[person] @ self.expected
            factors, covariance = posterior(own, left, variances, weights, prior)
            self.people[person, :-1] = factors
            self.covariances[person] = covariance
            if settled:
                errors = squared_errors(own, left, variances, factors, covariance)
                self.steadiness[person] = relative_noise((errors / noise).sum(), len(rows))

    def turn(self) -> None:
        """People's priors to N(expected, 1) and movies' factors to uncorrelated ones; no product changes."""
        factors, seen = self.people[:, :-1], self.watched
        self.expected = _ridge(seen, factors, EXPECTED_RIDGE)
        apart = factors - seen @ self.expected
        spread = np.linalg.cholesky(apart.T @ apart / len(apart) + self.covariances.mean())
        directions = np.linalg.eigh(np.cov((self.sides[:, :-1] @ spread).T))[1][:, ::-1]
        there = (spread @ directions).astype(np.float32)
        back = _inverse(there)
        self.people[:, :-1] = factors @ back.T
        self.expected = self.expected @ back.T
        self.covariances.turn(back)
        movie_there, movie_back = np.eye(self.k + 1, dtype=np.float32), np.eye(self.k + 1, dtype=np.float32)
        movie_there[:-1, :-1], movie_back[:-1, :-1] = there, back
        self.prior_means = self.prior_means @ movie_there
        self.prior_precision = (movie_back @ self.prior_precision @ movie_back.T).astype(np.float32)

    def solve_movies(self) -> None:
        """All movies' factors and biases, and their priors."""
        k, total = self.k, np.zeros_like(self.prior_precision)
        expected = self.prior_means @ self.prior_precision
        for movie, (start, stop) in enumerate(
            zip(self.movie_starts[:-1], self.movie_starts[1:], strict=True)
        ):
            entries = self.order[start:stop]
            users = self.users[entries]
            weights = 1 / (self.noise[movie] * self.steadiness[users])
            sides = self.people[users]
            weighted = sides * weights[:, None]
            precision = weighted.T @ sides + self.prior_precision
            precision[:k, :k] += self.covariances.weighted_sum(weights, users)
            covariance = _inverse(precision)
            self.sides[movie] = covariance @ (weighted.T @ self.centred[entries] + expected[movie])
            self.variances[movie] = covariance.diagonal()
            total += covariance
        features = np.column_stack([self.co_rated, np.ones(len(self.co_rated), np.float32)])
        trust = np.sqrt(self.ratings / (self.ratings + PRIOR_TRUST)).astype(np.float32)[:, None]
        self.prior_means = features @ _ridge(features * trust, self.sides * trust, PRIOR_RIDGE)
        apart = self.sides - self.prior_means
        self.prior_precision = _inverse((apart.T @ apart + total) / len(apart))

    def learn_noise(self, *, settled: bool) -> None:
        """Variance of the stars of each movie."""
        errors = np.zeros(len(self.noise))  # squares, summed over the people who rated a movie
        for person, rows, own, left in self._each_person():
            factors, covariance = self.people[person, :-1], self.covariances[person]
            squares = squared_errors(own, left, self.variances[rows], factors, covariance)
            np.add.at(errors, rows, squares / self.steadiness[person])
        if not settled:
            self.noise[:] = max(errors.sum() / len(self.movies), LEAST_NOISE)
            return
        mean = max((errors / (self.noise / self.noise.mean())).sum() / len(self.movies), LEAST_NOISE)
        self.noise = np.float32(mean) * relative_noise(errors / mean, self.ratings)

    def _each_person(self) -> Iterator[tuple[int, Rows, Floats, Floats]]:
        """Those with ratings: their place, the movies [n], their factors [n, k] and the stars above their
        biases [n]."""
        for person, (start, stop) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            if start == stop:
                continue
            rows = self.movies[start:stop]
            sides = self.sides[rows]
            yield person, rows, sides[:, :-1], self.centred[start:stop] - sides[:, -1]


def _of_all_rows(fit: _Fit, rated: Ids, vectors: Floats) -> StarFactors:
    """Spread over all movie rows; of movies without ratings what their vectors let one guess."""
    from_vector = _ridge(_with_one(vectors[rated]), fit.sides, VECTOR_RIDGE)
    sides = _with_one(vectors) @ from_vector
    variances = np.tile(_inverse(fit.prior_precision).diagonal(), (len(vectors), 1))
    noise = np.full(len(vectors), fit.noise.mean(), np.float32)
    co_rated = np.zeros((len(vectors), CO_RATING_FACTORS), np.float32)
    sides[rated], variances[rated], noise[rated] = fit.sides, fit.variances, fit.noise
    co_rated[rated] = fit.co_rated
    sides[0] = 0
    return StarFactors(
        np.ascontiguousarray(sides[:, :-1]),
        np.ascontiguousarray(sides[:, -1]),
        variances.astype(np.float32),
        noise,
        co_rated,
        fit.expected,
        from_vector,
    )


def _ridge(x: Floats, y: Floats, strength: float) -> Floats:
    gram = x.T @ x
    gram.flat[:: len(gram) + 1] += strength
    return np.linalg.solve(gram, x.T @ y).astype(np.float32)


def _inverse(matrix: np.ndarray) -> Floats:
    return np.linalg.inv(matrix).astype(np.float32)


def _with_one(rows: Floats) -> Floats:
    return np.column_stack([rows, np.ones(len(rows), np.float32)])
