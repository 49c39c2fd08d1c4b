"""SASRec in PyTorch (Kang and McAuley 2018), as github.com/pmixer/SASRec.pytorch trains it; for comparison.

    .venv-sasrec/bin/python bench/sasrec_torch.py QUESTIONS.npz --loss softmax|bce [--limit SECONDS] ...

Runs in a virtual environment of its own and knows nothing of the project. `bench.sasrec` writes
QUESTIONS.npz and reads what this prints: a line of JSON for each evaluation, with the seconds trained so far,
evaluation not counted; and the peak memory at the end.

Kept from the original: each user's latest ratings padded on the left, position embeddings, blocks of
attention and a point-wise network with the queries normalised, the item embedding as output, Adam with
beta2 0.98, one random negative a position for `bce`. `softmax` takes the cross-entropy over all movies
instead, which learns far more from an epoch.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

K = 10


class PointWise(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.dropout(self.second(torch.relu(self.dropout(self.first(x)))))


class SASRec(nn.Module):
    def __init__(self, movies: int, length: int, width: int, layers: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.movie = nn.Embedding(movies + 1, width, padding_idx=0)
        self.position = nn.Embedding(length, width)
        self.dropout = nn.Dropout(dropout)
        self.query_norms = nn.ModuleList(nn.LayerNorm(width, eps=1e-8) for _ in range(layers))
        self.attention = nn.ModuleList(
            nn.MultiheadAttention(width, heads, dropout, batch_first=True) for _ in range(layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width, eps=1e-8) for _ in range(layers))
        self.point_wise = nn.ModuleList(PointWise(width, dropout) for _ in range(layers))
        self.last_norm = nn.LayerNorm(width, eps=1e-8)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_normal_(parameter)
        with torch.no_grad():
            self.movie.weight[0] = 0

    def forward(self, read: Tensor) -> Tensor:
        """[batch, length] movie rows, 0 for padding, to states [batch, length, width]."""
        length = read.shape[1]
        x = self.movie(read) * math.sqrt(self.movie.embedding_dim)
        x = self.dropout(x + self.position.weight[-length:])
        real = (read != 0)[..., None]
        x = x * real
        later = torch.ones(length, length, dtype=torch.bool).triu(1)
        parts = zip(self.query_norms, self.attention, self.norms, self.point_wise, strict=True)
        for query_norm, attention, norm, point_wise in parts:
            queries = query_norm(x)
            mixed, _ = attention(queries, x, x, attn_mask=later, need_weights=False)
            x = point_wise(norm(queries + mixed)) * real
        return self.last_norm(x)


def batches(
    sequences: list[np.ndarray], length: int, size: int, generator: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Movies read and the one after each, padded on the left."""
    order = generator.permutation(len(sequences))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        read, following = np.zeros((2, len(chosen), length), np.int64)
        for row, user in enumerate(chosen):
            latest = sequences[user][-length - 1 :]
            read[row, length - len(latest) + 1 :] = latest[:-1]
            following[row, length - len(latest) + 1 :] = latest[1:]
        yield torch.from_numpy(read), torch.from_numpy(following)


def loss_of(model: SASRec, read: Tensor, following: Tensor, kind: str) -> Tensor:
    real = following != 0
    states, wanted = model(read)[real], following[real]
    if kind == "softmax":
        return functional.cross_entropy(states @ model.movie.weight[1:].T, wanted - 1)
    negatives = torch.randint(1, model.movie.num_embeddings, wanted.shape)
    positive = (states * model.movie(wanted)).sum(-1)
    negative = (states * model.movie(negatives)).sum(-1)
    return -(functional.logsigmoid(positive) + functional.logsigmoid(-negative)).mean()


@torch.no_grad()
def ndcg_sum(model: SASRec, histories: list[np.ndarray], wanted: np.ndarray, length: int) -> float:
    """Sum of nDCG@10 of one right movie for each history among all movies that are not in it."""
    model.eval()
    gains = []
    for history, movie in zip(histories, wanted, strict=True):
        read = np.zeros((1, length), np.int64)
        latest = history[-length:]
        read[0, length - len(latest) :] = latest
        scores = model(torch.from_numpy(read))[0, -1] @ model.movie.weight.T
        scores[0] = scores[history] = -torch.inf
        place = int((scores > scores[movie]).sum())
        gains.append(1 / math.log2(place + 2) if place < K else 0.0)
    model.train()
    return math.fsum(gains)


def main() -> None:
    args = _arguments()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    with np.load(args.questions) as stored:
        sequences = np.split(stored["movies"], stored["edges"])
        histories = [sequences[user] for user in stored["askers"]]
        wanted, movies = stored["wanted"], int(stored["movie_count"])
        asked = int(stored["question_count"])
    model = SASRec(movies, args.length, args.width, args.layers, args.heads, args.dropout)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate, betas=(0.9, 0.98))
    generator = np.random.default_rng(args.seed)
    seconds, epoch, best, since_best = 0.0, 0, -1.0, 0
    trainable = [sequence for sequence in sequences if len(sequence) > 1]
    while seconds < args.limit and since_best < args.patience:
        began = time.monotonic()
        for read, following in batches(trainable, args.length, args.batch, generator):
            optimizer.zero_grad()
            loss_of(model, read, following, args.loss).backward()
            optimizer.step()
        seconds += time.monotonic() - began
        epoch += 1
        if epoch % args.every == 0:
            metric = ndcg_sum(model, histories, wanted, args.length) / asked
            print(json.dumps({"epoch": epoch, "seconds": round(seconds, 1), "ndcg@10": metric}), flush=True)
            since_best = 0 if metric > best else since_best + 1
            best = max(best, metric)
    print(json.dumps({"peak_gib": peak_gib(), "torch": torch.__version__}))


def peak_gib() -> float:
    """Largest memory of this process, from Linux: getrusage would count that of its parent too."""
    status = Path("/proc/self/status").read_text()
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(kibibytes) / 2**20, 3)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", type=Path)
    parser.add_argument("--loss", choices=["softmax", "bce"], default="softmax")
    parser.add_argument("--limit", type=float, default=600, help="seconds of training")
    parser.add_argument("--patience", type=int, default=10, help="evaluations without a better one")
    parser.add_argument("--every", type=int, default=1, help="epochs between evaluations")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--length", type=int, default=200)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--batch", type=int, default=128, help="users")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
