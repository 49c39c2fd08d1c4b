"""The rows of the home page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Avg, Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.browsing import Wishes, browse
from catalog.cards import MovieCard, movie_cards
from catalog.genre_names import translated_genre
from catalog.models import Genre, Influence, Rating, User
from catalog.taste import movies_to_rate
from catalog.titles import parted_title
from recommendations.reranking import lean
from recommendations.serving import ListRequest, RecommendationList, Source, keep, recommend
from recommendations.similar import similar_to_each

ROW = 14  # movies in a row
PICKED = ROW + 1  # the first one stands above its row
ASKED_FOR = ListRequest(limit=150)  # one search for picks, hidden gems, favourite genres
LIKED_STARS = 4.0
LIKED_FROM = 3.0  # mean stars from which a genre is worth a row
ROWS_BECAUSE = 3  # "Because you liked ..."
ROWS_GENRE = 3
GEMS_OBSCURITY = 0.9
PRIOR_RATINGS = 5  # a genre with few ratings is judged as if it had these many average ones besides
VISITOR_GENRES = ("sci-fi", "comedy", "drama")


@dataclass(frozen=True)
class Row:
    title: str
    movies: Sequence[MovieCard]
    url: str = ""
    note: str = ""
    list_id: UUID | None = None  # of the served list that it is a part of


def picks(user: User) -> RecommendationList:
    """The personal list: the first PICKED are shown as picks, the rest serves the rows.

    It is not kept as a served list before it is known what is shown of it: see `keep_shown`.
    """
    return recommend(user, ASKED_FOR, store=False)


def keep_shown(user: User, answer: RecommendationList, rows: Sequence[Row], *, picked: int = PICKED) -> None:
    """Keep what is shown of `answer`: the first `picked`, and the rows that are a part of it.

    What nobody could see must not count as shown, whatever becomes of it. If nothing is shown of a list
    that has movies, none was served.
    """
    shown = {found.movie.id for found in answer.results[:picked]}
    shown |= {card.id for row in rows if row.list_id == answer.list_id for card in row.movies}
    if shown or not answer.results:
        results = [found for found in answer.results if found.movie.id in shown]
        keep(replace(answer, results=results), user, ASKED_FOR)


def rows_for(user: User, answer: RecommendationList) -> list[Row]:
    """The rows under the picks of `answer`; no movie twice, none already rated."""
    used = {found.movie.id for found in answer.results[:PICKED]}
    rows = [
        *_gems_rows(answer, used),
        *_because_rows(user, used),
        *_genre_rows(user, answer, used),
        _rate_more_row(user, used),
    ]
    return [row for row in rows if len(row.movies) > 2]


def _gems_rows(answer: RecommendationList, used: set[int]) -> list[Row]:
    """Little-known movies that fit: the list with its slider far on the side of obscurity."""
    if answer.source != Source.PERSONAL:
        return []
    left = [found for found in answer.results if found.movie.id not in used]
    counts = [found.movie.rating_count for found in left]
    scores = lean([found.score for found in left], counts, GEMS_OBSCURITY)
    gems = [left[i].movie for i in sorted(range(len(left)), key=lambda i: -scores[i])[:ROW]]
    used |= {card.id for card in gems}
    url = f"{reverse('recommendations')}?obscurity={GEMS_OBSCURITY * 100:.0f}"
    note = _("Rated by few people, and close to your taste.")
    return [Row(_("Hidden gems for you"), gems, url, note, answer.list_id)]


def _because_rows(user: User, used: set[int]) -> list[Row]:
    liked = Rating.objects.of(user).filter(stars__gte=LIKED_STARS, movie__withdrawn=False)
    liked = liked.exclude(influence__weight=Influence.NOTHING)
    movies = [rating.movie for rating in liked.select_related("movie").newest_first()[:ROWS_BECAUSE]]
    similar = similar_to_each(movies, limit=ROW + 6, reader=user)
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
    rows = []
    for genre in favourite_genres(user):
        cards = [found.movie for found in answer.results[PICKED:] if found.movie.id not in used]
        movies = [card for card in cards if genre.slug in {other.slug for other in card.genres}][:ROW]
        used |= {card.id for card in movies}
        title = _("%(genre)s for you") % {"genre": translated_genre(genre.name)}
        url = f"{reverse('recommendations')}?genre={genre.slug}"
        rows.append(Row(title, movies, url, list_id=answer.list_id))
    return rows


def favourite_genres(user: User, limit: int = ROWS_GENRE) -> Sequence[Genre]:
    """Genres that the user rates above their other ratings; those rated most often where none stands out."""
    rated = Q(movies__ratings__user=user)
    genres = list(
        Genre.objects.filter(rated)
        .annotate(n=Count("movies__ratings", filter=rated), stars=Avg("movies__ratings__stars", filter=rated))
        .filter(stars__gte=LIKED_FROM)
    )
    ratings = sum(genre.n for genre in genres) or 1
    mean = sum(genre.n * genre.stars for genre in genres) / ratings
    worth = {genre.pk: genre.n * (genre.stars - mean) / (genre.n + PRIOR_RATINGS) for genre in genres}
    return sorted(genres, key=lambda genre: (-round(worth[genre.pk], 6), -genre.n, genre.name))[:limit]


def _rate_more_row(user: User, used: set[int]) -> Row:
    note = _("Well-known movies you have not rated. Every rating sharpens your list.")
    movies = [card for card in movies_to_rate(user, limit=2 * ROW) if card.id not in used][:ROW]
    return Row(_("Rate more to improve"), movies, reverse("taste"), note)


def rows_for_visitor() -> list[Row]:
    """Popular and well-rated movies, and a few genres."""
    rows = [
        Row(_("Popular with everybody"), _browse(), reverse("movie-list")),
        Row(_("Best rated"), _browse(order="best"), f"{reverse('movie-list')}?order=best"),
    ]
    for genre in Genre.objects.filter(slug__in=VISITOR_GENRES):
        url = f"{reverse('movie-list')}?genre={genre.slug}"
        rows.append(Row(translated_genre(genre.name), _browse(genre=genre.slug), url))
    return [row for row in rows if row.movies]


def _browse(*, order: str = "popular", genre: str = "") -> list[MovieCard]:
    fitting = browse(AnonymousUser(), Wishes(order=order, genre=genre))
    return movie_cards(list(fitting.values_list("pk", flat=True)[:ROW]))
