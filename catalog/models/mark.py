"""Marks: what a user says of a movie other than stars."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.movie import Movie


class Mark(models.Model):
    class Kind(models.TextChoices):
        WATCHLIST = "watchlist", _("on the watchlist")
        HIDDEN = "hidden", _("not interested")
        UNFINISHED = "unfinished", _("did not finish")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="marks", db_index=False)
    movie = models.ForeignKey(Movie, models.CASCADE, related_name="marks")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "movie"], name="mark_once_per_kind"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["watchlist", "hidden", "unfinished"]), name="mark_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of user {self.user_id} for movie {self.movie_id}"
