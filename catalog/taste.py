"""Movies to ask a newcomer about: well known, so that they were seen, and unlike one another."""

from catalog.models import Movie, Rating, User

POOL = 150  # of the most rated movies
ENOUGH = 3  # ratings after which a list is personal


def movies_to_rate(user: User, *, limit: int = 18) -> list[Movie]:
    """Popular movies that the user neither rated nor hid, spread over genres and decades; three queries."""
    known = Movie.objects.visible().exclude(marks__in=user.marks.all()).popular()
    pool = list(known.exclude(pk__in=Rating.objects.of(user).values("movie")).for_cards()[:POOL])
    chosen: list[Movie] = []
    times_seen: dict[str, int] = {}
    while pool and len(chosen) < limit:
        best = max(range(len(pool)), key=lambda place: _novelty(pool[place], place, times_seen))
        movie = pool.pop(best)
        chosen.append(movie)
        for trait in _traits(movie):
            times_seen[trait] = times_seen.get(trait, 0) + 1
    return chosen


def _traits(movie: Movie) -> list[str]:
    decade = [f"{movie.year // 10 * 10}s"] if movie.year else []
    return [genre.name for genre in movie.genres.all()] + decade


def _novelty(movie: Movie, place: int, times_seen: dict[str, int]) -> float:
    """High for traits not shown yet, lower the less popular the movie is (its place in the pool)."""
    traits = _traits(movie)
    new = sum(1 / (1 + times_seen.get(trait, 0)) for trait in traits) / (len(traits) or 1)
    return new - place / 60
