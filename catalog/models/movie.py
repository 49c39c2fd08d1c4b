"""Movies, and the outbox of their changes that keeps the vector index in step.

Every write of a movie through the ORM, single or in bulk, leaves a `MovieChange` in the same
transaction. Who reads the outbox is no concern of this module.
"""

import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models, transaction
from django.dispatch import Signal
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models.genre import Genre
from catalog.titles import spoken_title

# Sent with `movie_ids` inside the transaction that changed these movies; take action on commit.
movies_changed = Signal()
FIELDS_OUTSIDE_THE_INDEX = frozenset({"rating_count", "rating_mean"})


def searchable(title: str) -> str:
    """`title` as it is searched: no accents or case, a trailing article ("Matrix, The") in front."""
    plain = unicodedata.normalize("NFKD", spoken_title(title))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()[:255]


class MovieQuerySet(models.QuerySet["Movie"]):
    def visible(self) -> Self:
        """Without the movies that an operator has withdrawn."""
        return self.filter(withdrawn=False)

    def in_genre(self, slug: str) -> Self:
        return self.filter(genres__slug=slug)

    def released(self, year_min: int | None = None, year_max: int | None = None) -> Self:
        """Released from `year_min` to `year_max`, both included; a movie without a year is in no span."""
        movies = self
        if year_min is not None:
            movies = movies.filter(year__gte=year_min)
        if year_max is not None:
            movies = movies.filter(year__lte=year_max)
        return movies

    def matching(self, words: str) -> Self:
        """Whose title has every one of `words`, in any order, whatever the case and accents."""
        movies = self
        for word in searchable(words).split():
            movies = movies.filter(search_title__contains=word)
        return movies

    def popular(self) -> Self:
        """Most rated first."""
        return self.order_by("-rating_count", "id")

    def for_cards(self) -> Self:
        """With all that a movie's card shows, in two queries whatever the number of movies."""
        return self.prefetch_related("genres")

    def update(self, **kwargs: Any) -> int:
        if FIELDS_OUTSIDE_THE_INDEX.issuperset(kwargs):
            return super().update(**kwargs)
        if isinstance(kwargs.get("title"), str):
            kwargs["search_title"] = searchable(kwargs["title"])
        with transaction.atomic():
            changed = list(self.order_by().values_list("pk", flat=True))
            rows = super().update(**kwargs)
            MovieChange.objects.announce(changed)
        return rows

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        objs, fields = list(objs), list(fields)
        if "title" in fields:
            fields.append("search_title")
            for movie in objs:
                movie.search_title = searchable(movie.title)
        return super().bulk_update(objs, fields, *args, **kwargs)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        objs = list(objs)
        for movie in objs:
            movie.search_title = searchable(movie.title)
        with transaction.atomic():
            last = self.aggregate(last=models.Max("pk"))["last"] or 0
            created = super().bulk_create(objs, *args, **kwargs)
            written = {movie.pk for movie in created} - {None}
            if len(written) < len(objs):
                written |= self._written_without_keys(objs, after=last)
            MovieChange.objects.announce(sorted(written))
        return created

    def _written_without_keys(self, objs: Iterable[Any], *, after: int) -> set[int]:
        """Keys that `bulk_create` does not tell: MySQL never does, others not when conflicts are ignored.

        At least those of the movies written, which are above all keys before; or stored under their number.
        """
        numbers = [movie.movielens_id for movie in objs if movie.movielens_id is not None]
        new = models.Q(pk__gt=after) | models.Q(movielens_id__in=numbers)
        return set(self.model._base_manager.filter(new).values_list("pk", flat=True))


class Movie(models.Model):
    title = models.CharField(_("title"), max_length=255)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    genres = models.ManyToManyField(Genre, verbose_name=_("genres"), blank=True, related_name="movies")
    movielens_id = models.PositiveBigIntegerField(_("MovieLens number"), null=True, blank=True, unique=True)
    imdb_id = models.CharField(_("IMDb ID"), max_length=12, blank=True, default="", help_text="tt0114709")
    tmdb_id = models.PositiveBigIntegerField(_("TMDB number"), null=True, blank=True)
    withdrawn = models.BooleanField(
        _("withdrawn"), default=False, help_text=_("Shown to nobody; its ratings are kept.")
    )
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="duplicates"
    )  # of a withdrawn duplicate: the movie that was kept
    search_title = models.CharField(max_length=255, editable=False, default="")
    rating_count = models.PositiveIntegerField(_("ratings"), default=0, editable=False)
    rating_mean = models.FloatField(_("mean rating"), null=True, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = MovieQuerySet.as_manager()

    class Meta:
        verbose_name = _("movie")
        verbose_name_plural = _("movies")
        indexes = [
            models.Index(  # with the title, so that a search reads no rows but those that it finds
                fields=["withdrawn", "-rating_count", "id", "search_title"], name="movie_by_popularity"
            ),
            models.Index(fields=["withdrawn", "year"], name="movie_by_year"),
            models.Index(fields=["search_title"], name="movie_by_title"),
            models.Index(fields=["imdb_id"], name="movie_by_imdb_id"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(year=None) | models.Q(year__range=(1870, 2200)),
                name="movie_year_plausible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_title} ({self.year})" if self.year else self.display_title

    def get_absolute_url(self) -> str:
        return reverse("movie-detail", args=[self.pk])

    def save_edited(self, names: Collection[str]) -> None:
        """Store these columns and what follows from them: others change the rest meanwhile, as by rating."""
        derived = ["search_title"] if "title" in names else []
        self.save(update_fields=[*names, *derived, "updated_at"])

    @property
    def display_title(self) -> str:
        """The title as people say it: "The Matrix", stored as "Matrix, The"."""
        return spoken_title(self.title)


class MovieChangeQuerySet(models.QuerySet["MovieChange"]):
    def announce(self, movie_ids: Iterable[int]) -> None:
        """Record that these movies were created, changed or deleted; call it in the same transaction."""
        changes: list[Any] = [MovieChange(movie_id=movie_id) for movie_id in movie_ids]
        if changes:
            self.bulk_create(changes, batch_size=1000)
            movies_changed.send(MovieChange, movie_ids=[change.movie_id for change in changes])

    def pending(self) -> Self:
        """Not yet passed on, oldest first."""
        return self.filter(passed_on_at=None).order_by("id")

    def since(self, moment: datetime) -> Self:
        """Pending, or passed on at `moment` or later."""
        return self.filter(models.Q(passed_on_at=None) | models.Q(passed_on_at__gte=moment))


class MovieChange(models.Model):
    """One line of the outbox: the movie `movie_id`, which may be gone, is not what it was."""

    movie_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    passed_on_at = models.DateTimeField(null=True, db_index=True)

    objects = MovieChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("movie change")
        verbose_name_plural = _("movie changes")

    def __str__(self) -> str:
        return f"movie {self.movie_id}, {self.created_at:%Y-%m-%d %H:%M:%S}"
