"""Looks on while a list is made, for an operator who asks why it is as it is.

Nothing is recorded unless somebody traces; then the stages note here what they did.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from recommendations.vector_index import Candidate


@dataclass
class Trace:
    milliseconds: dict[str, float] = field(default_factory=dict)  # by stage, in their order
    searches: list[int] = field(default_factory=list)  # how many candidates each search asked Milvus for
    candidates: list[Candidate] = field(default_factory=list)  # what the last search found, best first
    weighed: list[int] = field(default_factory=list)  # movie IDs that re-ranking chose from


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


@contextmanager
def tracing() -> Iterator[Trace]:
    """Record what is done in the block, in this thread."""
    trace = Trace()
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


def note_stage(stage: str, seconds: float) -> None:
    if trace := _current.get():
        trace.milliseconds[stage] = round(seconds * 1000, 2)


def note_search(limit: int, found: list[Candidate]) -> None:
    if trace := _current.get():
        trace.searches.append(limit)
        trace.candidates = found


def note_weighed(candidates: Sequence[Candidate]) -> None:
    if trace := _current.get():
        trace.weighed = [candidate.movie_id for candidate in candidates]
