"""Keeps what is derived from movies and ratings right on every single write: outbox, search title, means."""

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver

from catalog.models import Movie, MovieChange, Rating
from catalog.models.movie import searchable
from catalog.services import refresh_rating_statistics


@receiver(pre_save, sender=Movie)
def derive_search_title(sender: type[Movie], instance: Movie, **kwargs: Any) -> None:
    instance.search_title = searchable(instance.title)


@receiver([post_save, post_delete], sender=Movie)
def announce_movie(sender: type[Movie], instance: Movie, **kwargs: Any) -> None:
    MovieChange.objects.announce([instance.pk])


@receiver(m2m_changed, sender=Movie.genres.through)
def announce_genres(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    if action not in ("post_add", "post_remove", "pre_clear", "post_clear"):
        return
    if not reverse:
        MovieChange.objects.announce([instance.pk])
    elif action == "pre_clear":
        MovieChange.objects.announce(instance.movies.values_list("pk", flat=True))
    else:
        MovieChange.objects.announce(pk_set or ())


@receiver([post_save, post_delete], sender=Rating)
def update_rating_statistics(sender: type[Rating], instance: Rating, **kwargs: Any) -> None:
    refresh_rating_statistics([instance.movie_id])
