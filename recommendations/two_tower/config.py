"""Hyperparameters of the two towers and of their training, in one frozen dataclass."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

from .trends import TREND_DIMENSIONS

LEAST = {
    **dict.fromkeys(("width", "layers", "transition_dimension", "transition_window", "history_length"), 1),
    **dict.fromkeys(("batch_positions", "steps_per_epoch", "epochs", "max_epochs", "star_iterations"), 1),
    "star_dimension": 2,
    "validation_users": 0,
}
SHARES = (
    *("dropout", "user_id_dropout", "demographics_dropout", "movie_id_dropout"),
    *("averaging", "shrinkage"),
)
LARGEST = 10**10  # of any value; a hyperparameter beyond it is a slip of the hand


class Horizon(StrEnum):
    """The question that a user vector answers."""

    NEXT = "next"  # which movie is rated next?
    WEEKS = "weeks"  # which movies will be liked in the coming weeks? The site's lists ask this.


class ConfigInvalid(ValueError):
    """A configuration has an unknown key or an impossible value."""


@dataclass(frozen=True)
class TwoTowerConfig:
    # towers
    dimension: int = 256  # of user and movie vectors, trends included; the vector index expects 256
    width: int = 128  # of the transformer over the history
    layers: int = 2
    heads: int = 4
    feedforward: int = 256
    transition_dimension: int = 64  # of what the latest ratings say by themselves about the next one
    transition_window: int = 10  # ratings that say it
    history_length: int = 199  # latest ratings that are read; with the start token 200 positions
    title_words: int = 300  # most frequent words of titles that become features
    user_id_limit: int = 20_000  # with more users than that none gets an embedding of its own
    star_dimension: int = 24  # of the factors behind predicted stars
    star_iterations: int = 15

    # regularisation
    dropout: float = 0.2
    user_id_dropout: float = 0.7  # share of histories read as if the user were new
    demographics_dropout: float = 0.3
    movie_id_dropout: float = 0.05  # share of movies that a step sees as if nobody had rated them
    weight_decay: float = 0.01
    averaging: float = 0.999  # decay per step of the averaged weights, which are the result
    averaged_share: float = 0.1  # of all steps, that the average looks back on at most

    # answers
    shrinkage: float = 0.2  # of weeks vectors towards that of somebody unknown; see docs/adr/0058

    # losses
    weeks_weight: float = 0.5
    target_share: float = 1.0  # of the ratings of an epoch that are predicted; all are read
    cuts: int = 8  # moments "now" drawn from each piece of history for the weeks horizon
    session_cut_weight: float = 0.3  # of cuts within an hour of the last rating
    liked_stars: float = 4.0  # from here on a movie counts as liked
    hide_seen: bool = True  # rated movies take no part in the softmax over all movies
    full_softmax_limit: int = 50_000  # movies; beyond it negatives are sampled
    negatives: int = 2_048  # sampled per step

    # training
    learning_rate: float = 3e-3
    muon: bool = True  # on hidden matrices; AdamW on all else
    warmup_steps: int = 200
    batch_positions: int = 1_600  # padded positions in a step
    steps_per_epoch: int = 60  # at least, by smaller steps for small data
    factor_start: bool = True  # movie IDs start from co-ratings instead of at random
    epochs: int | None = None  # None: by the size of the data, as the next five say
    epochs_at_100k: float = 4.5  # for 100,000 ratings; they grow with the sixteenth root of the ratings
    ratings_a_movie: float = (
        50.0  # with fewer on average, epochs grow with the square root of what is lacking
    )
    fewest_steps: int = 300
    max_epochs: int = 30
    rating_budget: int = 50_000_000  # ratings read in all epochs
    warm_share: float = 0.25  # of the epochs after a warm start
    warm_learning_rate: float = 0.5  # of the learning rate after a warm start
    max_seconds: float | None = None  # stops early; the result then depends on the machine's speed
    validation_users: int = 500  # 0 trains on everything and stops by epochs alone
    patience: int = 4  # evaluations without a better one before the training stops

    def __post_init__(self) -> None:
        if self.heads < 1:
            raise ConfigInvalid("heads must be at least 1")
        if self.width % self.heads:
            raise ConfigInvalid(f"width {self.width} is not a multiple of heads {self.heads}")
        if self.dimension <= TREND_DIMENSIONS:
            raise ConfigInvalid(f"dimension must be more than {TREND_DIMENSIONS}, the number of trends")
        for name, least in LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigInvalid(f"{name} must be at least {least}")
        for name in SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise ConfigInvalid(f"{name} must lie in [0, 1)")

    @property
    def state_dimension(self) -> int:
        """Dimensions of a state: the transformer's, then the transitions'."""
        return self.width + self.transition_dimension

    @property
    def learned_dimension(self) -> int:
        """Dimensions of a movie vector before its trends."""
        return self.dimension - TREND_DIMENSIONS

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ConfigInvalid(f"unknown configuration keys: {', '.join(sorted(unknown))}")
        for field in fields(cls):
            if field.name in values and not _fits(values[field.name], _name_of(field.type)):
                raise ConfigInvalid(
                    f"{field.name} must be of type {_name_of(field.type)}, within {LARGEST:.0e}"
                )
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def positions_for(self, ratings: int) -> int:
        """Padded positions in a step for so many ratings."""
        return min(self.batch_positions, max(self.history_length + 1, ratings // self.steps_per_epoch))

    def epochs_for(self, ratings: int, movies: int, *, warm: bool = False) -> int:
        """Epochs over so many ratings: fewer for small data, which is learned by heart sooner, more where a
        movie has few ratings to learn from; not fewer than `fewest_steps` take, and no more than the budget
        allows; after a warm start a share."""
        if self.epochs is not None:
            return self.epochs
        share = self.warm_share if warm else 1.0
        wanted = self.epochs_at_100k * (ratings / 100_000) ** (1 / 16)
        wanted *= max(1.0, self.ratings_a_movie * movies / max(1, ratings)) ** 0.5
        least = self.fewest_steps * self.positions_for(ratings) / max(1, ratings)
        allowed = min(self.max_epochs, self.rating_budget / max(1, ratings))
        return max(1, round(share * min(max(wanted, least), allowed)))


def _name_of(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _fits(value: Any, kind: str) -> bool:
    """Whether `value` is of the type that a field is annotated with; a whole number is a float, too."""
    kinds = kind.split(" | ")
    if value is None or isinstance(value, bool):
        return ("None" if value is None else "bool") in kinds
    if isinstance(value, int):
        return ("int" in kinds or "float" in kinds) and abs(value) <= LARGEST
    return isinstance(value, float) and "float" in kinds and abs(value) <= LARGEST
