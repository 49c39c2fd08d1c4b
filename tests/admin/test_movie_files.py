"""Movies imported from and exported to files in the operator's panel."""

import io

import pytest
import tablib
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from import_export.formats.base_formats import CSV, XLSX

from catalog.admin.movie_resource import MovieResource
from catalog.models import Movie, MovieChange
from tests.factories import GenreFactory, MovieFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/admin/catalog/movie/import/"
HEADER = "id,title,year,genres,movielens_id,imdb_id,tmdb_id,withdrawn"


def preview(client: Client, *rows: str) -> HttpResponse:
    file = SimpleUploadedFile("movies.csv", "\n".join([HEADER, *rows]).encode(), content_type="text/csv")
    return client.post(URL, {"import_file": file, "format": "0"})


def confirm(client: Client, previewed: HttpResponse) -> None:
    form = previewed.context["confirm_form"]
    client.post("/admin/catalog/movie/process_import/", form.initial)


def test_a_file_is_previewed_before_anything_is_written(operator: Client) -> None:
    previewed = preview(operator, ",Heat,1995,,,,,0")
    assert "Heat" in previewed.content.decode()
    assert not Movie.objects.exists()


def test_a_confirmed_file_creates_updates_and_tells_the_index(operator: Client) -> None:
    GenreFactory(name="Crime")
    known = MovieFactory(title="Old")
    MovieChange.objects.all().delete()
    confirm(operator, preview(operator, ",Heat,1995,Crime,6,tt0113277,949,0", f"{known.pk},New,2001,,,,,1"))
    heat = Movie.objects.get(movielens_id=6)
    known.refresh_from_db()
    assert [genre.name for genre in heat.genres.all()] == ["Crime"]
    assert (known.title, known.withdrawn) == ("New", True)
    assert set(MovieChange.objects.values_list("movie_id", flat=True)) == {heat.pk, known.pk}


def test_a_rating_that_comes_while_a_file_is_written_counts(operator: Client, rated_meanwhile: Movie) -> None:
    confirm(operator, preview(operator, f"{rated_meanwhile.pk},New,2001,,,,,0"))
    movie = Movie.objects.get()
    assert (movie.title, movie.search_title, movie.rating_count) == ("New", "new", 1)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (",Heat,1995,Krimi,,,,0", "unknown genre: Krimi"),
        (",Heat,soon,,,,,0", "&#x27;soon&#x27; is not a whole number"),
        (",Heat,1066,,,,,0", "movie_year_plausible"),
        (",,1995,,,,,0", "This field cannot be blank"),
    ],
)
def test_a_row_that_cannot_be_is_explained_and_nothing_is_written(
    operator: Client, row: str, complaint: str
) -> None:
    GenreFactory(name="Crime")
    page = preview(operator, ",Alien,1979,,,,,0", row)
    assert complaint in page.content.decode()
    assert not Movie.objects.exists()


@pytest.mark.parametrize(("file_format", "kind"), [("0", "csv"), ("1", "xlsx")])
def test_movies_are_exported_with_their_genres(operator: Client, file_format: str, kind: str) -> None:
    MovieFactory(title="Heat", genres=["Crime", "Drama"])
    selected = {f"movieresource_{name}": "on" for name in MovieResource._meta.fields}
    answer = operator.post(
        "/admin/catalog/movie/export/", {"format": file_format, "resource": "0", **selected}
    )
    table = tablib.Dataset().load(
        io.BytesIO(answer.content) if kind == "xlsx" else answer.content.decode(), kind
    )
    assert (table["title"], table["genres"]) == (["Heat"], ["Crime|Drama"])


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@Home"])
def test_an_exported_title_is_no_formula(operator: Client, title: str) -> None:
    MovieFactory(title=title)
    selected = {f"movieresource_{name}": "on" for name in MovieResource._meta.fields}
    answer = operator.post("/admin/catalog/movie/export/", {"format": "0", "resource": "0", **selected})
    assert f",'{title}," in answer.content.decode()


@pytest.mark.parametrize("file_format", [CSV, XLSX])
@pytest.mark.parametrize(
    "title", ["=1+1", "+1", "-- And God Spoke", "@Home", "'=1+1", "'Til There Was You", "300"]
)
def test_what_was_exported_is_imported_unchanged(title: str, file_format: type[CSV | XLSX]) -> None:
    movie = MovieFactory(title=title)
    file = file_format().export_data(MovieResource().export())
    Movie.objects.update(title="Changed meanwhile")
    MovieResource().import_data(file_format().create_dataset(file), raise_errors=True)
    movie.refresh_from_db()
    assert movie.title == title


@pytest.mark.parametrize(
    ("permissions", "imports", "exports"),
    [
        ([], 403, 403),
        (["view"], 403, 200),
        (["view", "change"], 403, 200),
        (["view", "add"], 403, 200),
        (["view", "add", "change"], 200, 200),
    ],
)
def test_files_take_the_permissions_that_forms_take(
    client: Client, permissions: list[str], imports: int, exports: int
) -> None:
    staff = UserFactory(is_staff=True)
    codes = [f"{permission}_movie" for permission in permissions]
    staff.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client.force_login(staff)
    assert client.get(URL).status_code == imports
    assert client.post("/admin/catalog/movie/process_import/").status_code == imports
    assert client.get("/admin/catalog/movie/export/").status_code == exports
