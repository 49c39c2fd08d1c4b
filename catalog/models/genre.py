"""Genres of movies."""

from typing import Any

from django.db import models, transaction
from django.dispatch import Signal
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

genres_changed = Signal()  # sent with `genre_ids` by changes in bulk, in their transaction


class GenreQuerySet(models.QuerySet["Genre"]):
    def update(self, **kwargs: Any) -> int:
        with transaction.atomic():
            changed = list(self.order_by().values_list("pk", flat=True))
            rows = super().update(**kwargs)
            genres_changed.send(Genre, genre_ids=changed)
        return rows


class Genre(models.Model):
    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)

    objects = GenreQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("genre")
        verbose_name_plural = _("genres")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def slug_of(name: str) -> str:
        """The slug of a genre's name; names without a letter or digit keep a slug of their own."""
        return slugify(name) or slugify(name, allow_unicode=True) or f"genre-{name.encode().hex()}"[:60]
