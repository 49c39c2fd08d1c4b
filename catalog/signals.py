"""Keeps right what follows from movies, genres, ratings and users: outbox, means, cards, tokens, the log."""

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver

from catalog.cards import forget_cards
from catalog.freshness import note_change
from catalog.leaving import keep_audit_log_of
from catalog.models import Genre, Movie, MovieChange, Rating, User
from catalog.models.genre import genres_changed
from catalog.models.movie import movies_changed, searchable
from catalog.services import refresh_rating_statistics
from catalog.tokens import revoke_tokens

MOVIES_AT_ONCE = 1_000


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
    note_change()


@receiver([post_save, post_delete], sender=Genre)
@receiver(genres_changed)
def note_change_of_genres(sender: type[Genre], **kwargs: Any) -> None:
    """Also of genres that no movie has."""
    note_change()


@receiver(post_save, sender=Rating)
def count_rating(sender: type[Rating], instance: Rating, **kwargs: Any) -> None:
    refresh_rating_statistics([instance.movie_id])


@receiver(post_delete, sender=Rating)
def discount_rating(sender: type[Rating], instance: Rating, origin: Any = None, **kwargs: Any) -> None:
    """Ratings that go with their user are discounted together, those that go with their movie not at all."""
    deleted = getattr(origin, "model", type(origin))
    if not issubclass(deleted, User | Movie):
        refresh_rating_statistics([instance.movie_id])


@receiver(post_save, sender=User)
def end_tokens_of_old_password(sender: type[User], instance: Any, created: bool, **kwargs: Any) -> None:
    """Wherever it was changed; Django keeps what was typed in until the new password is stored."""
    if not created and instance._password is not None:
        revoke_tokens(instance)


@receiver(pre_delete, sender=User)
def remember_rated_movies(sender: type[User], instance: Any, **kwargs: Any) -> None:
    instance.rated_movie_ids = list(instance.ratings.order_by("movie_id").values_list("movie_id", flat=True))


@receiver(pre_delete, sender=User)
def keep_audit_log(sender: type[User], instance: Any, **kwargs: Any) -> None:
    keep_audit_log_of(instance)


@receiver(post_delete, sender=User)
def discount_ratings_of_user(sender: type[User], instance: Any, **kwargs: Any) -> None:
    for start in range(0, len(instance.rated_movie_ids), MOVIES_AT_ONCE):
        refresh_rating_statistics(instance.rated_movie_ids[start : start + MOVIES_AT_ONCE])
