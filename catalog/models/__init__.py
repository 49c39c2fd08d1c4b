from catalog.models.access_token import AccessToken, Scope
from catalog.models.catalogue_change import CatalogueChange
from catalog.models.command_run import CommandRun
from catalog.models.genre import Genre
from catalog.models.idempotent_answer import IdempotentAnswer
from catalog.models.influence import Influence
from catalog.models.mark import Mark
from catalog.models.movie import Movie, MovieChange, MovieQuerySet
from catalog.models.rating import Rating, RatingQuerySet
from catalog.models.user import User
from catalog.models.watch_group import GroupLink, Invitation, Membership, WatchGroup

__all__ = [
    "AccessToken",
    "CatalogueChange",
    "CommandRun",
    "Genre",
    "GroupLink",
    "IdempotentAnswer",
    "Influence",
    "Invitation",
    "Mark",
    "Membership",
    "Movie",
    "MovieChange",
    "MovieQuerySet",
    "Rating",
    "RatingQuerySet",
    "Scope",
    "User",
    "WatchGroup",
]
