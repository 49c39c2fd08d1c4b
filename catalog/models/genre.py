"""Genres of movies."""

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _


class Genre(models.Model):
    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)

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
