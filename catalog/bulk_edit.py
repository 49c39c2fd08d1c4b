"""The same change of many movies: genres, year, shown or withdrawn; looked at before it is made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from catalog.models import Genre, Movie


@dataclass(frozen=True)
class Edit:
    """What is to become of each movie; what is left out stays."""

    add_genres: Sequence[Genre] = ()
    remove_genres: Sequence[Genre] = ()
    year: int | None = None
    withdrawn: bool | None = None

    def __bool__(self) -> bool:
        return bool(self.add_genres or self.remove_genres or self.year or self.withdrawn is not None)


@dataclass(frozen=True)
class Change:
    """One movie that an edit changes."""

    movie: Movie
    add: list[Genre] = field(default_factory=list)
    remove: list[Genre] = field(default_factory=list)
    year: int | None = None
    withdrawn: bool | None = None

    @property
    def fields(self) -> dict[str, object]:
        values = {"year": self.year, "withdrawn": self.withdrawn}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def words(self) -> str:
        """As the audit log keeps it."""
        parts = [f"+{genre.name}" for genre in self.add] + [f"-{genre.name}" for genre in self.remove]
        parts += [f"{name}: {getattr(self.movie, name)} → {value}" for name, value in self.fields.items()]
        return ", ".join(parts)


def plan_edit(movies: Iterable[Movie], edit: Edit) -> list[Change]:
    """The changes of those of `movies` (with their genres prefetched) that the edit would change."""
    changes = []
    for movie in movies:
        has = set(movie.genres.all())
        change = Change(
            movie,
            add=[genre for genre in edit.add_genres if genre not in has],
            remove=[genre for genre in edit.remove_genres if genre in has],
            year=edit.year if edit.year != movie.year else None,
            withdrawn=edit.withdrawn if edit.withdrawn != movie.withdrawn else None,
        )
        if change.words:
            changes.append(change)
    return changes


def apply_edit(changes: Iterable[Change]) -> None:
    """Make the changes, all or none; each tells the outbox."""
    with transaction.atomic():
        for change in changes:
            for name, value in change.fields.items():
                setattr(change.movie, name, value)
            if change.fields:
                change.movie.save(update_fields=[*change.fields, "updated_at"])
            if change.remove:
                change.movie.genres.remove(*change.remove)
            if change.add:
                change.movie.genres.add(*change.add)
