"""Finds movies by title while it is typed, also with a typing error in a word."""

from difflib import SequenceMatcher

from django.db.models import Case, IntegerField, Q, Value, When

from catalog.cards import MovieCard, movie_cards
from catalog.models import Movie
from catalog.models.movie import MovieQuerySet, searchable

CANDIDATES = 400  # most rated movies that share half of each word with the search
ALIKE = 0.72  # from 0 to 1: how alike two words must be to be taken for each other
SHORTEST = 4  # letters of a word in which a typing error is forgiven


def words_of(search: str) -> list[str]:
    """The words to look for: no accents, case or punctuation around them."""
    stripped = (word.strip(".,:;!?()\"'") for word in searchable(search).split())
    return [word for word in stripped if word]


def suggest(search: str, *, limit: int = 8) -> list[MovieCard]:
    """Movies whose title has all the words, those that begin with them first; then those much alike."""
    words = words_of(search)
    if not words:
        return []
    begins = Case(
        When(search_title__startswith=" ".join(words), then=Value(0)),
        When(search_title__startswith=f"the {' '.join(words)}", then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    exact = Movie.objects.visible().matching(" ".join(words)).order_by(begins, "-rating_count", "id")
    found = list(exact.values_list("pk", flat=True)[:limit])
    return movie_cards(found or _alike(words, limit=limit))


def _alike(words: list[str], *, limit: int) -> list[int]:
    """IDs of movies whose title has a word much like each of `words`, the most alike first.

    A typing error spoils only one half of a word, so the database looks for titles with the other.
    """
    candidates = _sharing_halves(words).popular().values_list("pk", "search_title")[:CANDIDATES]
    scores = {pk: _likeness(words, title) for pk, title in candidates}
    return sorted((pk for pk, score in scores.items() if score >= ALIKE), key=lambda pk: -scores[pk])[:limit]


def _sharing_halves(words: list[str]) -> MovieQuerySet:
    movies = Movie.objects.visible()
    long = [word for word in words if len(word) >= SHORTEST]
    for word in long:
        movies = movies.filter(_has_a_part_of(word))
    for word in [] if long else words:
        movies = movies.filter(search_title__contains=word)
    return movies


def _has_a_part_of(word: str) -> Q:
    """One half, or the whole where the two letters in the middle, which spoil both halves, were swapped."""
    half = len(word) // 2
    first, second = word[:half], word[half:]
    swapped = first[:-1] + second[0] + first[-1] + second[1:]
    parts = (first, second, swapped)
    return Q(*[Q(search_title__contains=part) for part in parts], _connector=Q.OR)


def _likeness(words: list[str], title: str) -> float:
    """From 0 to 1: the likeness of the word that is least like any word of the title."""
    return min(max(SequenceMatcher(None, word, other).ratio() for other in title.split()) for word in words)
