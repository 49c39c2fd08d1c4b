"""Builds rows for tests: each factory makes one valid row, different from the one before."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import factory
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from catalog.models import Genre, Mark, Membership, Movie, Rating, User, WatchGroup

PASSWORD = "a-password-for-tests"
PASSWORD_HASH = make_password(PASSWORD)  # once: hashing is slow on purpose
FIRST_RATING = datetime(2020, 1, 1, tzinfo=UTC)


class UserFactory(DjangoModelFactory[User]):
    """Logs in with PASSWORD."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")
    password = PASSWORD_HASH


class GenreFactory(DjangoModelFactory[Genre]):
    class Meta:
        model = Genre
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"Genre {n}")
    slug = factory.LazyAttribute(lambda genre: Genre.slug_of(genre.name))


class MovieFactory(DjangoModelFactory[Movie]):
    """`MovieFactory(genres=["Drama", some_genre])` puts the movie into these genres."""

    class Meta:
        model = Movie
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Movie {n}")
    year = 1999

    @factory.post_generation
    def genres(self: Movie, create: bool, names: Iterable[Genre | str] | None, **kwargs: object) -> None:
        if create and names:
            genres = [g if isinstance(g, Genre) else GenreFactory(name=g) for g in names]
            self.genres.set(genres)


class RatingFactory(DjangoModelFactory[Rating]):
    """Each rating is a minute later than the one before."""

    class Meta:
        model = Rating

    user = factory.SubFactory(UserFactory)
    movie = factory.SubFactory(MovieFactory)
    stars = 4.0
    rated_at = factory.Sequence(lambda n: FIRST_RATING + timedelta(minutes=n))


class MarkFactory(DjangoModelFactory[Mark]):
    class Meta:
        model = Mark

    user = factory.SubFactory(UserFactory)
    movie = factory.SubFactory(MovieFactory)
    kind = Mark.Kind.HIDDEN


class WatchGroupFactory(DjangoModelFactory[WatchGroup]):
    """`WatchGroupFactory(owner=ada, members=[ben])`: the owner is a member, too."""

    class Meta:
        model = WatchGroup
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Group {n}")
    owner = factory.SubFactory(UserFactory)

    @factory.post_generation
    def members(self: WatchGroup, create: bool, others: Iterable[User] | None, **kwargs: object) -> None:
        if create:
            for user in [self.owner, *(others or [])]:
                Membership.objects.create(group=self, user=user)
