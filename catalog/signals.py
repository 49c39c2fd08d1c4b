"""Keeps what is derived from movies, genres and ratings right: outbox, titles, means, cards."""

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver

from catalog.cards import forget_cards
from catalog.models import Genre, Movie, MovieChange, Rating
from catalog.models.genre import genres_changed
from catalog.models.movie import movies_changed, searchable
from catalog.services import refresh_rating_statistics


@receiver(pre_save, sender=Movie)
def derive_search_title(sender: type[Movie], instance: Movie, **kwargs: Any) -> None:
    instance.search_title = searchable(instance.title)


@receiver([post_save, post_delete], sender=Movie)
def announce_movie(sender: type[Movie], instance: Movie, **kwargs: Any) -> None:
    MovieChange.objects.announce([instance.pk])


@receiver(m2m_changed, sender=Movie.genres.through)
def announce_genres(
    instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    if action not in ("post_add", "post_remove", "pre_clear", "post_clear"):
        return
    if not reverse:
        MovieChange.objects.announce([instance.pk])
    elif action == "pre_clear":
        MovieChange.objects.announce(instance.movies.values_list("pk", flat=True))
    else:
        MovieChange.objects.announce(pk_set or ())


@receiver(pre_delete, sender=Genre)
@receiver(post_save, sender=Genre)
def announce_movies_of_genre(sender: type[Genre], instance: Genre, **kwargs: Any) -> None:
    """Its movies bear its name, so they change with it; a new genre has none yet."""
    if not kwargs.get("created"):
        MovieChange.objects.announce(instance.movies.values_list("pk", flat=True))


@receiver(genres_changed)
def announce_movies_of_genres(sender: type[Genre], genre_ids: list[int], **kwargs: Any) -> None:
    of_genres = Movie.genres.through.objects.filter(genre_id__in=genre_ids)
    MovieChange.objects.announce(of_genres.order_by().values_list("movie_id", flat=True).distinct())


@receiver(movies_changed)
def forget_changed_cards(sender: type[MovieChange], movie_ids: list[int], **kwargs: Any) -> None:
    forget_cards(movie_ids)


@receiver([post_save, post_delete], sender=Rating)
def update_rating_statistics(sender: type[Rating], instance: Rating, **kwargs: Any) -> None:
    refresh_rating_statistics([instance.movie_id])
