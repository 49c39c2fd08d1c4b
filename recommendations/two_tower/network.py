"""The two towers in Paddle. `serving_model` computes the same in numpy; a test holds them together.

User tower: a causal transformer (pre-norm, after SASRec and GPT) over a start token, which carries who
the user is, and one token for each rating. From its states a head for each horizon makes user vectors.
Movie tower: an embedding of the ID plus a projection of the content. Vectors meet by inner product.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import paddle
from numpy.typing import NDArray
from paddle import nn

from .block import Masks
from .config import Horizon, TwoTowerConfig
from .data import Floats, Ids
from .features import GAP_ROWS, STAR_ROWS, HistoryBatch, content_width
from .kernels import matrix_product, transformer_block
from .lazy_rows import LazyRows
from .muon import HiddenMatrix
from .trends import trend_scales
from .vocabulary import UNKNOWN, Vocabulary

PACKED = 3  # matrices in one: of queries, keys and values
ID_DEVIATION = 0.05  # of the starting values of movie IDs


class Dropout:
    """Zeroes a share of the entries and scales the rest; its masks are bytes of a numpy generator.

    Paddle's own takes 15 ns an entry on a CPU, more than the matrix products around it.
    """

    def __init__(self, generator: np.random.Generator, rate: float) -> None:
        self.generator = generator
        self.rate = rate

    def __call__(self, x: Any) -> Any:
        kept = self._drawn(x.shape) >= round(self.rate * 256)
        return x * paddle.to_tensor(kept * np.float32(1 / (1 - self.rate)))

    def masks(self, shape: list[int]) -> Masks:
        """Of one transformer block."""
        return Masks(self._drawn(shape), self._drawn(shape), self.rate)

    def _drawn(self, shape: list[int]) -> NDArray[np.uint8]:
        return np.frombuffer(self.generator.bytes(int(np.prod(shape))), np.uint8).reshape(shape)


def embedding(rows: int, width: int, deviation: float = 0.02) -> Any:
    return nn.Embedding(rows, width, weight_attr=nn.initializer.Normal(0.0, deviation))


def movie_embedding(config: TwoTowerConfig, movies: int, width: int, deviation: float = 0.02) -> Any:
    """Of a catalogue whose softmax is sampled a step changes only the rows that it reads."""
    if movies > config.full_softmax_limit:
        return LazyRows(movies, width, deviation, config.weight_decay)
    return embedding(movies, width, deviation)


class Block(nn.Layer):
    """Attention and a two-layer perceptron, each on normalised input and added to it."""

    def __init__(self, config: TwoTowerConfig) -> None:
        super().__init__()
        width = config.width
        self.attention_norm = nn.LayerNorm(width)
        self.packed = nn.Linear(width, PACKED * width)
        self.distance_bias = self.create_parameter(
            [config.heads, config.history_length + 1], default_initializer=nn.initializer.Constant(0.0)
        )
        self.mixed = nn.Linear(width, width)
        self.perceptron_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, config.feedforward)
        self.down = nn.Linear(config.feedforward, width)

    def forward(self, x: Any, masks: Masks | None) -> Any:
        weights = (
            *(self.attention_norm.weight, self.attention_norm.bias, self.packed.weight, self.packed.bias),
            *(self.distance_bias, self.mixed.weight, self.mixed.bias),
            *(self.perceptron_norm.weight, self.perceptron_norm.bias),
            *(self.up.weight, self.up.bias, self.down.weight, self.down.bias),
        )
        return transformer_block(x, masks, weights)


class Transitions(nn.Layer):
    """What each of the latest ratings says by itself about the next one: a sum weighted by distance.

    A factorised Markov chain of several steps (FPMC, Rendle et al. 2010; Fossil, He and McAuley 2016). Movies
    have an embedding of their own here, since what follows a movie is not what resembles it.
    """

    def __init__(self, config: TwoTowerConfig, movies: int) -> None:
        super().__init__()
        self.window = config.transition_window
        self.movie = movie_embedding(config, movies, config.transition_dimension)
        first = 1 / np.arange(1, self.window + 1, dtype=np.float32)
        self.share = self.create_parameter(
            [self.window, 1], default_initializer=nn.initializer.Assign(first[:, None])
        )

    def forward(self, movies: Ids, dropout: Dropout | None) -> Any:
        """[b, l + 1, transition_dimension] for movie rows [b, l]: after the start and after each rating."""
        read = movies.shape[1]
        rated = self.movie(paddle.to_tensor(movies))
        if dropout is not None:
            rated = dropout(rated)
        back = np.arange(read + 1)[:, None] - np.arange(1, read + 1)
        rows = np.where((back >= 0) & (back < self.window), back, self.window)
        shares = paddle.concat([self.share, paddle.zeros([1, 1])])
        by_position = paddle.gather(shares, paddle.to_tensor(rows.ravel())).reshape([1, read + 1, read])
        return by_position @ rated


class HorizonHead(nn.Layer):
    """States [positions, state_dimension] and the time since the last rating to user vectors.

    Only the next horizon reads the transitions: what is liked in the coming weeks does not hang on the latest
    few ratings.

    The next horizon leaves trends alone: its vectors end before them. Only the weeks head is told the time
    and gets a perceptron: it answers for few positions, and its question is farther from the states.
    """

    def __init__(self, config: TwoTowerConfig, horizon: Horizon) -> None:
        super().__init__()
        self.timed = horizon is Horizon.WEEKS
        self.width = config.width
        if self.timed:
            self.now_gap = embedding(GAP_ROWS, config.width)
            self.norm = nn.LayerNorm(config.width)
            self.up = nn.Linear(config.width, config.feedforward)
            self.down = nn.Linear(config.feedforward, config.width)
            self.scales = trend_scales(config.learned_dimension)
            self.out = nn.Linear(config.width, config.dimension)
        else:
            self.out = nn.Linear(config.state_dimension, config.learned_dimension)

    def forward(self, states: Any, now_gaps: Any) -> Any:
        if not self.timed:
            return self.out(states)
        x = states[:, : self.width] + self.now_gap(now_gaps)
        vectors = self.out(x + self.down(nn.functional.relu(self.up(self.norm(x)))))
        return vectors * paddle.to_tensor(self.scales)


class TwoTowerNetwork(nn.Layer):
    """Both towers. Shapes: b histories, l tokens, m movie rows, d learned dimensions."""

    def __init__(self, config: TwoTowerConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.config = config
        width, dimension, movies = config.width, config.learned_dimension, len(vocabulary.movie_ids) + 1
        self.movie_id = movie_embedding(config, movies, dimension, ID_DEVIATION)
        self.content = nn.Linear(content_width(vocabulary), dimension, bias_attr=False)
        self.movie_input = nn.Linear(dimension, width)
        self.star = embedding(STAR_ROWS, width)
        self.gap = embedding(GAP_ROWS, width)
        self.start = self.create_parameter([width], default_initializer=nn.initializer.Normal(0.0, 0.02))
        sizes = [len(vocabulary.user_ids) + 1, *vocabulary.demographic_sizes]
        self.user_features = nn.LayerList([embedding(size, width) for size in sizes])
        self.blocks = nn.LayerList([Block(config) for _ in range(config.layers)])
        self.norm = nn.LayerNorm(width)
        self.transitions = Transitions(config, movies)
        self.heads = nn.LayerDict({str(horizon): HorizonHead(config, horizon) for horizon in Horizon})

    @property
    def lazy_rows(self) -> dict[str, LazyRows]:
        """The tables that only a step's rows of are trained, by the name of their weights."""
        tables = {"movie_id.weight": self.movie_id, "transitions.movie.weight": self.transitions.movie}
        return {name: table for name, table in tables.items() if isinstance(table, LazyRows)}

    def read(self, rows: Ids) -> None:
        """Begins a step that reads these movie rows, in rising order, UNKNOWN among them."""
        for table in self.lazy_rows.values():
            table.read(rows)

    def movie_table(self, content: Floats, rows: Ids, hidden: Ids | None = None) -> Any:
        """[m, d] vectors of movie rows with their content; those at the places `hidden` as if nobody had
        rated them."""
        ids = rows.copy()
        if hidden is not None:
            ids[hidden] = UNKNOWN
        return self.movie_id(paddle.to_tensor(ids)) + matrix_product(content, self.content.weight)

    def states(self, batch: HistoryBatch, table: Any, places: Ids, dropout: Dropout | None = None) -> Any:
        """[b, l, state_dimension]: the state after the start token and after each rating. `places` has the
        shape of the batch's movie rows and says where each is in `table`."""
        b, read = batch.movies.shape
        user = self.start
        for i, feature in enumerate(self.user_features):
            user = user + feature(paddle.to_tensor(np.ascontiguousarray(batch.users[:, i])))
        inputs = matrix_product(table, self.movie_input.weight) + self.movie_input.bias
        rated = paddle.gather(inputs, paddle.to_tensor(places.reshape(-1)))
        rated = rated.reshape([b, read, self.config.width])
        rated = rated + self.star(paddle.to_tensor(batch.stars)) + self.gap(paddle.to_tensor(batch.gaps))
        x = paddle.concat([user.reshape([b, 1, self.config.width]), rated], axis=1)
        if dropout is not None:
            x = dropout(x)
        for block in self.blocks:
            x = block(x, None if dropout is None else dropout.masks(x.shape))
        return paddle.concat([self.norm(x), self.transitions(batch.movies, dropout)], axis=2)

    def user_vectors(self, states: Any, horizon: Horizon, now_gaps: Ids | None = None) -> Any:
        """For states [positions, state_dimension] of the next horizon [positions, d], of weeks [positions,
        dimension]; weeks needs the rows of the time since the last rating."""
        gaps = None if now_gaps is None else paddle.to_tensor(now_gaps)
        return self.heads[str(horizon)](states, gaps)

    def next_sides(self, states: Any, table: Any) -> tuple[Any, Any]:
        """User side [positions, state_dimension + 1] and movie side [m, state_dimension + 1] with the inner
        products of the next horizon's user vectors and `table`.

        (W'x + b).m = x.(W m) + b.m: its head is linear, so training applies it to the movies. The softmax is
        then as wide as the states and not as the vectors.
        """
        head = self.heads[str(Horizon.NEXT)].out
        weight = paddle.concat([head.weight, head.bias.unsqueeze(0)])
        movies = matrix_product(table, weight.t())
        return paddle.concat([states, paddle.ones([len(states), 1])], axis=1), movies

    def trained(self) -> list[Any]:
        """The tensors that have a gradient after a step, always in the same order."""
        return [*self.parameters(), *(table.values for table in self.lazy_rows.values())]

    def hidden_matrices(self) -> dict[str, HiddenMatrix]:
        """Those between states and vectors, by the name of their weights. A table of rows is none, nor are
        the features of movies, of which each row is seldom read."""
        layers = {name: layer for name, layer in self.named_sublayers() if isinstance(layer, nn.Linear)}
        return {
            f"{name}.weight": HiddenMatrix(layer.weight, PACKED if name.endswith("packed") else 1)
            for name, layer in layers.items()
            if layer is not self.content
        }

    def weights(self) -> dict[str, Floats]:
        weights = {name: parameter.numpy() for name, parameter in self.named_parameters()}
        return weights | {name: table.weight for name, table in self.lazy_rows.items()}

    def load(self, weights: Mapping[str, Floats]) -> None:
        """Sets the weights that are named."""
        for name, parameter in self.named_parameters():
            if name in weights:
                parameter.set_value(weights[name])
        for name, table in self.lazy_rows.items():
            if name in weights:
                table.load(weights[name])
