"""The rows of the home page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.browsing import Wishes, browse
from catalog.cards import MovieCard
from catalog.genre_names import translated_genre
from catalog.models import Genre, Movie, Rating, User
from catalog.taste import movies_to_rate
from catalog.titles import parted_title
from recommendations.serving import ListRequest, RecommendationList, recommend
from recommendations.similar import similar_movies

ROW = 14  # movies in a row
PICKED = ROW + 1  # the first one stands above its row
ASKED = 60  # one search serves the picks and the row of the favourite genre
LIKED_STARS = 4.0
ROWS_BECAUSE = 2  # "Because you liked ..."
VISITOR_GENRES = ("sci-fi", "comedy", "drama")


@dataclass(frozen=True)
class Row:
    title: str
    movies: Sequence[Movie | MovieCard]
    url: str = ""
    note: str = ""


def picks(user: User) -> RecommendationList:
    """The personal list: the first PICKED are shown as picks, the rest serves the rows."""
    return recommend(user, ListRequest(limit=ASKED))


def rows_for(user: User, answer: RecommendationList) -> list[Row]:
    """The rows under the picks of `answer`; no movie twice, none already rated."""
    used = {found.movie.id for found in answer.results[:PICKED]}
    rows = [*_because_rows(user, used), *_genre_rows(user, answer, used), _rate_more_row(user, used)]
    return [row for row in rows if len(row.movies) > 2]


def _because_rows(user: User, used: set[int]) -> list[Row]:
    liked = Rating.objects.of(user).filter(stars__gte=LIKED_STARS, movie__withdrawn=False)
    movies = [rating.movie for rating in liked.select_related("movie").newest_first()[:ROWS_BECAUSE]]
    similar = [similar_movies(movie, limit=ROW + 6) for movie in movies]
    ids = {card.id for cards in similar for card in cards}
    seen = set(Rating.objects.of(user).filter(movie_id__in=ids).values_list("movie_id", flat=True))
    seen |= set(user.marks.filter(movie_id__in=ids).values_list("movie_id", flat=True))
    rows = []
    for movie, cards in zip(movies, similar, strict=True):
        fresh = [card for card in cards if card.id not in seen | used][:ROW]
        used |= {card.id for card in fresh}
        title = _("Because you liked %(title)s") % {"title": parted_title(movie.title)[0]}
        rows.append(Row(title, fresh, movie.get_absolute_url()))
    return rows


def _genre_rows(user: User, answer: RecommendationList, used: set[int]) -> list[Row]:
    favourite = favourite_genre(user)
    if favourite is None:
        return []
    cards = [found.movie for found in answer.results[PICKED:] if found.movie.id not in used]
    movies = [card for card in cards if favourite.slug in {genre.slug for genre in card.genres}][:ROW]
    used |= {card.id for card in movies}
    title = _("%(genre)s for you") % {"genre": translated_genre(favourite.name)}
    return [Row(title, movies, f"{reverse('recommendations')}?genre={favourite.slug}")]


def favourite_genre(user: User) -> Genre | None:
    """The genre of most movies that the user liked."""
    liked = Rating.objects.of(user).filter(stars__gte=LIKED_STARS)
    genres = Genre.objects.filter(movies__ratings__in=liked).annotate(liked=Count("pk"))
    return genres.order_by("-liked", "name").first()


def _rate_more_row(user: User, used: set[int]) -> Row:
    note = _("Well-known movies you have not rated. Every rating sharpens your list.")
    movies = [movie for movie in movies_to_rate(user, limit=2 * ROW) if movie.pk not in used][:ROW]
    return Row(_("Rate more to improve"), movies, reverse("taste"), note)


def rows_for_visitor() -> list[Row]:
    """Popular and well-rated movies, and a few genres."""
    anybody = Movie.objects.visible().for_cards()
    rows = [
        Row(_("Popular with everybody"), list(anybody.popular()[:ROW]), reverse("movie-list")),
        Row(_("Best rated"), _browse(order="best"), f"{reverse('movie-list')}?order=best"),
    ]
    for genre in Genre.objects.filter(slug__in=VISITOR_GENRES):
        url = f"{reverse('movie-list')}?genre={genre.slug}"
        rows.append(Row(translated_genre(genre.name), _browse(genre=genre.slug), url))
    return [row for row in rows if row.movies]


def _browse(*, order: str = "popular", genre: str = "") -> list[Movie]:
    return list(browse(AnonymousUser(), Wishes(order=order, genre=genre))[:ROW])
