import pytest

from catalog.chunks import in_chunks
from catalog.models import Movie
from tests.factories import MovieFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_all_rows_come_once_by_rising_key_in_chunks_of_at_most_a_size(count: int) -> None:
    movies = [MovieFactory(title=f"Movie {number}") for number in range(count)]
    chunks = list(in_chunks(Movie.objects.all(), "title", size=3))
    assert [row for chunk in chunks for row in chunk] == [(movie.pk, movie.title) for movie in movies]
    assert all(len(chunk) == 3 for chunk in chunks[:-1])


def test_a_filter_and_an_order_of_the_rows_do_no_harm() -> None:
    movies = [MovieFactory(year=1990 + number % 2) for number in range(6)]
    rows = Movie.objects.filter(year=1991).order_by("-year", "title")
    assert list(in_chunks(rows, size=2)) == [[(movies[1].pk,), (movies[3].pk,)], [(movies[5].pk,)]]
