"""Influence: what a user says of how much one of their ratings should count for recommendations."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.rating import Rating


class Influence(models.Model):
    """A rating that counts less than the others; one without such a row counts fully."""

    LESS, NOTHING = 0.5, 0.0
    WEIGHTS = [(LESS, _("counts half")), (NOTHING, _("does not count"))]

    rating = models.OneToOneField(Rating, models.CASCADE, primary_key=True, related_name="influence")
    weight = models.FloatField(_("weight"), choices=WEIGHTS)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("influence of a rating")
        verbose_name_plural = _("influences of ratings")
        constraints = [
            models.CheckConstraint(condition=models.Q(weight__in=[0.0, 0.5]), name="influence_is_less")
        ]

    def __str__(self) -> str:
        return f"rating {self.rating_id} counts {self.weight:g}"
