"""Why somebody is recommended what they are: their list, made now, with the way of every candidate."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.models import Mark, Movie, Rating, User
from recommendations.serving import ListRequest, RecommendationList, recommend
from recommendations.tracing import Trace, tracing

RECOMMENDED, EXCLUDED, RATED = "recommended", "excluded", "rated"
WITHDRAWN, OUTRANKED, NOT_NEEDED = "withdrawn", "outranked", "not_needed"
OUTCOMES = (RECOMMENDED, EXCLUDED, RATED, *Mark.Kind.values, WITHDRAWN, OUTRANKED, NOT_NEEDED)


@dataclass(frozen=True)
class CandidateTrace:
    movie_id: int
    title: str
    retrieval_rank: int  # from 1
    retrieval_score: float  # inner product of user vector and movie vector
    outcome: str  # one of OUTCOMES
    final_rank: int | None  # from 1, of a recommended one


@dataclass(frozen=True)
class TracedList:
    answer: RecommendationList
    trace: Trace
    candidates: list[CandidateTrace]


def trace_list(user: User, request: ListRequest) -> TracedList:
    """The list that `user` would get now; it is not kept as one that was served."""
    with tracing() as trace:
        answer = recommend(user, request, store=False)
    return TracedList(answer, trace, _candidates(user, request, answer, trace))


def _candidates(
    user: User, request: ListRequest, answer: RecommendationList, trace: Trace
) -> list[CandidateTrace]:
    found = [candidate.movie_id for candidate in trace.candidates]
    movies = {movie.pk: movie for movie in Movie.objects.filter(pk__in=found)}
    places = {recommended.movie.id: place for place, recommended in enumerate(answer.results, start=1)}
    removed = _reasons_left_out(user, request, found)
    removed |= {pk: WITHDRAWN for pk in found if pk not in removed and not _is_visible(movies.get(pk))}
    weighed = set(trace.weighed)
    rows = []
    for rank, candidate in enumerate(trace.candidates, start=1):
        pk = candidate.movie_id
        passed_over = OUTRANKED if pk in weighed else NOT_NEEDED
        outcome = RECOMMENDED if pk in places else removed.get(pk, passed_over)
        title = movies[pk].display_title if pk in movies else ""
        rows.append(CandidateTrace(pk, title, rank, candidate.score, outcome, places.get(pk)))
    return rows


def _is_visible(movie: Movie | None) -> bool:
    return movie is not None and not movie.withdrawn


def _reasons_left_out(user: User, request: ListRequest, movie_ids: Iterable[int]) -> dict[int, str]:
    """By movie ID why it must not be shown to `user`; what they rated comes before how they marked it."""
    ids = list(movie_ids)
    kinds = [Mark.Kind.HIDDEN, Mark.Kind.UNFINISHED]
    marks = Mark.objects.filter(user=user, movie_id__in=ids, kind__in=kinds)
    rated = Rating.objects.filter(user=user, movie_id__in=ids).values_list("movie_id", flat=True)
    reasons: dict[int, str] = dict.fromkeys(request.exclude, EXCLUDED)
    reasons |= dict(marks.values_list("movie_id", "kind"))
    return reasons | dict.fromkeys(rated, RATED)
