"""Ratings: how many stars a user gave a movie, and when."""

from datetime import UTC, datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.movie import Movie

STARS = tuple(half / 2 for half in range(1, 11))  # 0.5 to 5 in half stars; exact in binary

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # as `import_movielens` has it


def validate_stars(value: float) -> None:
    if value not in STARS:
        raise ValidationError(
            _("%(value)s is not a number of half stars from 0.5 to 5"), params={"value": value}, code="stars"
        )


def validate_rated_at(value: datetime) -> None:
    if value < EARLIEST:
        raise ValidationError(_("%(date)s is before 1970"), params={"date": value.date()}, code="min_value")


class RatingQuerySet(models.QuerySet["Rating"]):
    def of(self, user: "models.Model") -> Self:
        return self.filter(user=user)

    def newest_first(self) -> Self:
        return self.order_by("-rated_at", "-id")

    def in_order(self) -> Self:
        """By time; ratings of the same second in the order in which they were stored."""
        return self.order_by("rated_at", "id")


class Rating(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="ratings", db_index=False)
    movie = models.ForeignKey(Movie, models.CASCADE, related_name="ratings", db_index=False)
    stars = models.FloatField(_("stars"), validators=[validate_stars])
    rated_at = models.DateTimeField(_("rated"), default=timezone.now, validators=[validate_rated_at])

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(fields=["user", "movie"], name="rating_once_per_user_and_movie"),
            models.CheckConstraint(condition=models.Q(stars__in=STARS), name="rating_in_half_stars"),
        ]
        indexes = [
            models.Index(fields=["user", "rated_at", "id"], name="rating_by_user_and_time"),
            models.Index(fields=["movie", "stars"], name="rating_by_movie_and_stars"),
        ]

    def __str__(self) -> str:
        return f"{self.stars:g}★ of user {self.user_id} for movie {self.movie_id}"
