"""Bringing ratings along from Letterboxd, IMDb, MovieLens and from here."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from catalog.models import Movie, Rating, User
from catalog.own_ratings.matching import Match, State, match_rows
from catalog.own_ratings.reading import RatingsFileRejected, Row, read_ratings
from tests.factories import MovieFactory, RatingFactory

LETTERBOXD = "Date,Name,Year,Letterboxd URI,Rating\n2021-05-03,{},{},https://boxd.it/x,{}\n"
IMDB = "Const,Your Rating,Date Rated,Title,Year\ntt0133093,9,2020-01-31,The Matrix,1999\n"
MOVIELENS = "userId,movieId,rating,timestamp\n1,2571,4.5,1000000000\n"


def row(title: str = "", year: int | None = None, **numbers: object) -> Row:
    return Row(title, year, 4.0, None, **numbers)


def upload(client: Client, content: str | bytes):
    file = SimpleUploadedFile("ratings.csv", content if isinstance(content, bytes) else content.encode())
    return client.post("/accounts/import/", {"file": file}, follow=True)


def found(user: User, *rows: Row) -> list[tuple[State, tuple[int, ...]]]:
    return [(match.state, match.candidates) for match in match_rows(user, rows)]


class TestReading:
    def test_letterboxd(self) -> None:
        (read,) = read_ratings(LETTERBOXD.format("The Matrix", 1999, 4.5).encode())
        assert (read.title, read.year, read.stars, read.rated_at.year) == ("The Matrix", 1999, 4.5, 2021)

    def test_ten_points_of_imdb_are_five_stars(self) -> None:
        (read,) = read_ratings(IMDB.encode())
        assert (read.imdb_id, read.stars) == ("tt0133093", 4.5)

    def test_movielens(self) -> None:
        (read,) = read_ratings(MOVIELENS.encode())
        assert (read.movielens_id, read.stars, read.rated_at.year) == (2571, 4.5, 2001)

    def test_a_film_without_a_rating_is_passed_over(self) -> None:
        assert read_ratings(LETTERBOXD.format("The Matrix", 1999, "").encode()) == []

    @pytest.mark.parametrize(
        "content",
        [
            IMDB.replace("2020-01-31", "2999-01-31"),
            MOVIELENS.replace("1000000000", "4102444800"),
            MOVIELENS.replace("1000000000", "253402300799"),
        ],
    )
    def test_a_date_to_come_becomes_today(self, content: str) -> None:
        (read,) = read_ratings(content.encode())
        assert timezone.now() - read.rated_at < timedelta(minutes=1)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "none of the known headings"),
            (b"a,b\n1,2\n", "none of the known headings"),
            (b"\xff\xfe\x00", "not UTF-8"),
            (b"x" * 3_000_000, "larger than 2 MB"),
            (LETTERBOXD.format("Alien", 1979, 4.7).encode(), "Line 2"),
            (LETTERBOXD.format("Alien", "soon", 4).encode(), "Line 2"),
            (MOVIELENS.replace("1000000000", "9" * 30).encode(), "Line 2"),
            (MOVIELENS.replace("1000000000", "0001-01-01T00:00:00+14:00").encode(), "Line 2"),
            (IMDB.replace("2020-01-31", "1969-12-31").encode(), "Line 2.*before 1970"),
            ((MOVIELENS + "1,2,4,1\n" * 5001).encode(), "more than 5,000"),
            (b'movieId,rating\n"1,4', "not a CSV table"),
        ],
    )
    def test_a_faulty_file_is_refused_with_the_reason(self, content: bytes, reason: str) -> None:
        with pytest.raises(RatingsFileRejected, match=reason):
            read_ratings(content)


@pytest.mark.django_db
class TestMatching:
    def test_an_imdb_id_decides_whatever_the_title(self, user: User) -> None:
        matrix = MovieFactory(title="Matrix, The", imdb_id="tt0133093")
        assert found(user, row("Other", imdb_id="tt0133093")) == [(State.SURE, (matrix.pk,))]

    @pytest.mark.parametrize("title", ["", "The Matrix", "Matrix, The: Restored"])
    def test_a_movielens_number_decides_under_its_title(self, user: User, title: str) -> None:
        matrix = MovieFactory(title="Matrix, The", year=1999, movielens_id=2571)
        assert found(user, row(title, movielens_id=2571)) == [(State.SURE, (matrix.pk,))]

    @pytest.mark.parametrize("year", [1954, None])
    def test_a_title_with_another_in_brackets_is_its_own(self, user: User, year: int | None) -> None:
        title = "Seven Samurai (The Magnificent Seven) (Shichinin no samurai)"
        samurai = MovieFactory(title=title, year=year, movielens_id=2019)
        assert found(user, row(title, year, movielens_id=2019)) == [(State.SURE, (samurai.pk,))]
        assert found(user, row("Shichinin no samurai", movielens_id=2019)) == [(State.SURE, (samurai.pk,))]
        assert found(user, row("?!", movielens_id=2019)) == [(State.UNKNOWN, ())]

    def test_the_number_of_another_data_set_decides_nothing(self, user: User) -> None:
        MovieFactory(title="Event Horizon", year=1997, movielens_id=260)
        star_wars = MovieFactory(title="Star Wars", year=1977, movielens_id=50)
        rows = [row("Star Wars", 1977, movielens_id=260), row("Heat", 1995, movielens_id=260)]
        assert found(user, *rows) == [(State.SURE, (star_wars.pk,)), (State.UNKNOWN, ())]

    def test_a_number_and_a_year_propose_a_movie_of_another_title(self, user: User) -> None:
        amelie = MovieFactory(title="Amelie", year=2001, movielens_id=4973)
        french = row("Le Fabuleux Destin d'Amélie Poulain", 2001, movielens_id=4973)
        assert found(user, french) == [(State.DOUBTFUL, (amelie.pk,))]

    @pytest.mark.parametrize("title", ["The Matrix", "Matrix, The", "matrix", "MATRIX!"])
    def test_title_and_year_decide_without_numbers(self, user: User, title: str) -> None:
        matrix = MovieFactory(title="Matrix, The", year=1999)
        assert found(user, row(title, 1999)) == [(State.SURE, (matrix.pk,))]

    def test_a_movie_is_found_under_its_whole_title_and_under_each_part_of_it(self, user: User) -> None:
        samurai = MovieFactory(title="Seven Samurai (Shichinin no samurai)", year=1954)
        for title in ("Seven Samurai (Shichinin no samurai)", "Seven Samurai", "Shichinin no samurai"):
            assert found(user, row(title, 1954)) == [(State.SURE, (samurai.pk,))]
        other = row("Seven Samurai (The Magnificent Seven)", 1954)
        assert found(user, other) == [(State.DOUBTFUL, (samurai.pk,))]

    def test_another_title_in_brackets_counts(self, user: User) -> None:
        ran = MovieFactory(title="Seven (a.k.a. Se7en)", year=1995)
        assert found(user, row("Se7en", 1995)) == [(State.SURE, (ran.pk,))]

    def test_another_year_is_doubtful_and_the_nearest_comes_first(self, user: User) -> None:
        old, new = (MovieFactory(title="Heat", year=year) for year in (1986, 1995))
        assert found(user, row("Heat", 1994)) == [(State.DOUBTFUL, (new.pk, old.pk))]

    def test_a_subtitle_that_one_side_lacks_is_doubtful(self, user: User) -> None:
        star_wars = MovieFactory(title="Star Wars: Episode IV - A New Hope", year=1977)
        assert found(user, row("Star Wars", 1977)) == [(State.DOUBTFUL, (star_wars.pk,))]
        borat = MovieFactory(title="Borat", year=2006)
        assert found(user, row("Borat: Cultural Learnings", 2006)) == [(State.DOUBTFUL, (borat.pk,))]
        assert found(user, row("Star Wars", 1999)) == [(State.UNKNOWN, ())]

    def test_what_is_not_there_is_unknown(self, user: User) -> None:
        MovieFactory(title="Alien", withdrawn=True, year=1979)
        assert found(user, row("Alien", 1979), row("", None)) == [(State.UNKNOWN, ())] * 2

    def test_what_is_rated_stays(self, user: User) -> None:
        movie = RatingFactory(user=user, movie__title="Alien", movie__year=1979).movie
        assert found(user, row("Alien", 1979)) == [(State.RATED, (movie.pk,))]

    def test_of_two_lines_for_a_movie_the_last_counts(self, user: User) -> None:
        movie = MovieFactory(title="Alien", year=1979)
        lines = [Row("Alien", 1979, stars, None) for stars in (1.0, 5.0)]
        assert match_rows(user, lines) == [Match(lines[1], State.SURE, (movie.pk,))]


@pytest.mark.django_db
class TestPages:
    def test_nothing_is_stored_before_it_is_confirmed(self, member: Client) -> None:
        MovieFactory(title="Alien", year=1979)
        assert "1 new rating" in upload(member, LETTERBOXD.format("Alien", 1979, 4.5)).text
        assert not Rating.objects.exists()

    def test_what_is_sure_is_shown_under_its_title_here(self, member: Client) -> None:
        MovieFactory(title="Matrix, The", year=1999, movielens_id=2571)
        assert "The Matrix (1999)" in upload(member, MOVIELENS).content.decode()

    def test_confirmed_ratings_are_stored_with_their_date(self, member: Client, user: User) -> None:
        movie = MovieFactory(title="Alien", year=1979)
        upload(member, LETTERBOXD.format("Alien", 1979, 4.5))
        page = member.post("/accounts/import/confirm/", follow=True).text
        rating = Rating.objects.get(user=user, movie=movie)
        assert (rating.stars, rating.rated_at.year) == (4.5, 2021)
        assert "1 rating is imported." in page
        assert Movie.objects.get().rating_count == 1

    def test_importing_again_adds_nothing(self, member: Client) -> None:
        MovieFactory(title="Alien", year=1979)
        for _ in range(2):
            page = upload(member, LETTERBOXD.format("Alien", 1979, 4.5)).text
            member.post("/accounts/import/confirm/")
        assert "Nothing in this file is new here." in page
        assert Rating.objects.count() == 1

    def test_a_doubtful_movie_is_chosen_by_its_owner(self, member: Client, user: User) -> None:
        _, new = (MovieFactory(title="Heat", year=year) for year in (1986, 1995))
        assert "Which movie is meant?" in upload(member, LETTERBOXD.format("Heat", 1994, 5)).text
        member.post("/accounts/import/confirm/", {"row-0": new.pk})
        assert [rating.movie for rating in user.ratings.all()] == [new]

    def test_a_movie_of_the_year_beside_is_proposed(self, member: Client) -> None:
        heat = MovieFactory(title="Heat", year=1995)
        page = " ".join(upload(member, LETTERBOXD.format("Heat", 1996, 5)).text.split())
        assert f'value="{heat.pk}" selected' in page
        assert "selected" not in upload(member, LETTERBOXD.format("Heat", 2001, 5)).text

    def test_the_report_tells_what_became_of_each_line(self, member: Client, user: User) -> None:
        RatingFactory(user=user, movie__title="Fargo", movie__year=1996)
        for title, year in (("Alien", 1979), ("Heat", 1995)):
            MovieFactory(title=title, year=year)
        head, line = LETTERBOXD.splitlines()
        rows = [("Alien", 1979), ("Heat", 1986), ("Fargo", 1996), ("Nowhere", 2000)]
        upload(member, "\n".join([head, *(line.format(*movie, 4) for movie in rows)]))
        page = member.post("/accounts/import/confirm/", {"row-1": ""}, follow=True)
        report = {"added": 1, "rated": 1, "left_out": 1, "unknown": [{"title": "Nowhere", "year": 2000}]}
        assert page.context["report"] == report
        assert "Nowhere" in page.text

    def test_who_confirms_twice_sees_the_report_of_the_first_time(self, member: Client) -> None:
        MovieFactory(title="Alien", year=1979)
        upload(member, LETTERBOXD.format("Alien", 1979, 4.5))
        for _ in range(2):
            page = member.post("/accounts/import/confirm/", follow=True)
            assert page.context["report"]["added"] == 1

    def test_without_an_import_there_is_no_report(self, member: Client) -> None:
        assert member.get("/accounts/import/report/")["Location"] == "/accounts/import/"

    def test_a_movie_that_was_no_candidate_is_not_rated(self, member: Client) -> None:
        MovieFactory(title="Heat", year=1986)
        other = MovieFactory(title="Alien")
        upload(member, LETTERBOXD.format("Heat", 1994, 5))
        member.post("/accounts/import/confirm/", {"row-0": other.pk})
        assert not Rating.objects.exists()

    def test_a_refused_file_is_explained_in_place(self, member: Client) -> None:
        assert "none of the known headings" in upload(member, "a,b\n1,2\n").text

    def test_without_a_file_there_is_nothing_to_confirm(self, member: Client) -> None:
        assert member.get("/accounts/import/confirm/")["Location"] == "/accounts/import/"

    def test_what_was_exported_here_can_be_imported(self, member: Client, user: User) -> None:
        RatingFactory(user=user, movie__title="Matrix, The", stars=4.5)
        content = member.get("/accounts/export/ratings.csv").getvalue()
        Rating.objects.all().delete()
        upload(member, content)
        member.post("/accounts/import/confirm/")
        assert user.ratings.get().stars == 4.5

    @pytest.mark.parametrize("path", ["", "confirm/", "report/"])
    def test_visitors_import_nothing(self, client: Client, path: str) -> None:
        assert client.post(f"/accounts/import/{path}").status_code == 302
