"""Two movies that are one: what people said of the duplicate moves to the movie that is kept.

The duplicate stays as a withdrawn row that names the kept one, so that its ID still leads there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, transaction

from catalog.models import Influence, Mark, Movie, MovieChange, Rating
from catalog.services import refresh_rating_statistics

KEYS_AT_ONCE = 900
FILLED = ("year", "imdb_id", "tmdb_id")  # what the kept movie takes from the duplicate where it has none


class MergeRefused(Exception):
    """Two movies that cannot be merged; the message says why."""


@dataclass(frozen=True)
class Merge:
    """What a merge moves, in numbers."""

    ratings: int  # that the kept movie gains
    rated_both: int  # people, of whose two ratings the later one stays
    marks: int  # of the duplicate


def plan_merge(kept: Movie, duplicate: Movie) -> Merge:
    """What `merge_movies` would do now. Raises MergeRefused."""
    _check(kept, duplicate)
    raters = set(Rating.objects.filter(movie=kept).values_list("user_id", flat=True))
    moving = set(Rating.objects.filter(movie=duplicate).values_list("user_id", flat=True))
    marks = Mark.objects.filter(movie=duplicate).count()
    return Merge(len(moving - raters), len(moving & raters), marks)


def merge_movies(kept: Movie, duplicate: Movie) -> Merge:
    """Move all that people said of `duplicate` to `kept`, and withdraw it; all or nothing.

    Who rated both keeps the later rating. `kept` takes year, IDs and genres that it lacks, and the
    index follows by the outbox. Raises MergeRefused.
    """
    with transaction.atomic():
        locked = {
            movie.pk: movie
            for movie in Movie.objects.select_for_update()
            .filter(pk__in=[kept.pk, duplicate.pk])
            .order_by("pk")
        }
        if len(locked) < 2:
            raise MergeRefused("one movie, or one that is gone")
        kept, duplicate = locked[kept.pk], locked[duplicate.pk]
        plan = plan_merge(kept, duplicate)
        _drop_earlier_ratings(kept, duplicate)
        Rating.objects.filter(movie=duplicate).update(movie=kept)
        _move_marks(kept, duplicate)
        _fill(kept, duplicate)
        Movie.objects.filter(merged_into=duplicate).update(merged_into=kept)
        duplicate.withdrawn, duplicate.merged_into = True, kept
        duplicate.save(update_fields=["withdrawn", "merged_into", "updated_at"])
        MovieChange.objects.announce([kept.pk])
        refresh_rating_statistics([kept.pk, duplicate.pk])
    return plan


def _check(kept: Movie, duplicate: Movie) -> None:
    if kept.pk == duplicate.pk:
        raise MergeRefused(f"{kept} cannot be merged into itself")
    if kept.withdrawn:
        raise MergeRefused(f"{kept} is withdrawn, so nothing can be merged into it")


def _drop_earlier_ratings(kept: Movie, duplicate: Movie) -> None:
    """Of people who rated both; of the same moment, the one stored later stays.

    Deleted without signals, each of which would recompute the figures of the whole movie.
    """
    rows = ("user_id", "rated_at", "pk")
    moving = {row[0]: row for row in Rating.objects.filter(movie=duplicate).values_list(*rows)}
    earlier = [
        min(moving[row[0]], row, key=lambda rating: rating[1:])[2]
        for row in Rating.objects.filter(movie=kept).values_list(*rows)
        if row[0] in moving
    ]
    for pks in _cut(earlier):
        Influence.objects.filter(rating__in=pks).delete()
        Rating.objects.filter(pk__in=pks)._raw_delete(DEFAULT_DB_ALIAS)


def _move_marks(kept: Movie, duplicate: Movie) -> None:
    """Each kind once; and what somebody rated or did not finish is on nobody's watchlist."""
    has = set(Mark.objects.filter(movie=kept).values_list("user_id", "kind"))
    marks = Mark.objects.filter(movie=duplicate).values_list("pk", "user_id", "kind")
    for pks in _cut([pk for pk, user_id, kind in marks if (user_id, kind) in has]):
        Mark.objects.filter(pk__in=pks).delete()
    Mark.objects.filter(movie=duplicate).update(movie=kept)
    seen = set(Rating.objects.filter(movie=kept).values_list("user_id", flat=True))
    unfinished = Mark.objects.filter(movie=kept, kind=Mark.Kind.UNFINISHED)
    seen |= set(unfinished.values_list("user_id", flat=True))
    listed = Mark.objects.filter(movie=kept, kind=Mark.Kind.WATCHLIST).values_list("pk", "user_id")
    for pks in _cut([pk for pk, user_id in listed if user_id in seen]):
        Mark.objects.filter(pk__in=pks).delete()


def _fill(kept: Movie, duplicate: Movie) -> None:
    taken = [name for name in FILLED if not getattr(kept, name) and getattr(duplicate, name)]
    for name in taken:
        setattr(kept, name, getattr(duplicate, name))
    if taken:
        kept.save(update_fields=[*taken, "updated_at"])
    if not kept.genres.exists():
        kept.genres.set(duplicate.genres.all())


def _cut(pks: list[int]) -> Iterable[list[int]]:
    return (pks[start : start + KEYS_AT_ONCE] for start in range(0, len(pks), KEYS_AT_ONCE))
