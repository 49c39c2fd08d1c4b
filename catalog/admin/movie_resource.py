"""Movies as rows of a CSV or XLSX file, for import and export in the operator's panel."""

from typing import Any

from import_export import fields, resources
from import_export.widgets import CharWidget, IntegerWidget, ManyToManyWidget

from catalog.models import Genre, Movie
from catalog.movie_upserts import FIELDS

FORMULA_SIGNS = ("=", "+", "-", "@")


class TitleWidget(CharWidget):
    """Puts a ' before what a spreadsheet would compute, and takes it away again."""

    def render(self, value: Any, obj: Movie | None = None, **kwargs: Any) -> str:
        title = str(super().render(value, obj, **kwargs))
        return f"'{title}" if title.lstrip("'").startswith(FORMULA_SIGNS) else title

    def clean(self, value: Any, row: dict[str, Any] | None = None, **kwargs: Any) -> str:
        title = str(super().clean(value, row, **kwargs))
        return title.removeprefix("'") if title.lstrip("'").startswith(FORMULA_SIGNS) else title


class GenresWidget(ManyToManyWidget):
    """Names of genres joined by `|`, as in MovieLens; an unknown name is an error of the row."""

    def __init__(self) -> None:
        super().__init__(Genre, separator="|", field="name")

    def clean(self, value: str | None, row: dict[str, Any] | None = None, **kwargs: Any) -> list[Genre]:
        names = {name.strip() for name in (value or "").split(self.separator)} - {""}
        genres = list(Genre.objects.filter(name__in=names))
        if unknown := names - {genre.name for genre in genres}:
            raise ValueError(f"unknown genre: {', '.join(sorted(unknown))}")
        return genres


class WholeNumberWidget(IntegerWidget):
    """Says what is wrong with a cell that holds no whole number."""

    def clean(self, value: Any, row: dict[str, Any] | None = None, **kwargs: Any) -> int | None:
        try:
            return super().clean(value, row, **kwargs)
        except ArithmeticError as error:
            raise ValueError(f"{value!r} is not a whole number") from error


def _number(name: str) -> fields.Field:
    return fields.Field(attribute=name, column_name=name, widget=WholeNumberWidget())


class MovieResource(resources.ModelResource):
    id = _number("id")
    title = fields.Field(attribute="title", column_name="title", widget=TitleWidget())
    year = _number("year")
    movielens_id = _number("movielens_id")
    tmdb_id = _number("tmdb_id")
    genres = fields.Field(attribute="genres", column_name="genres", widget=GenresWidget())

    class Meta:
        model = Movie
        fields = ("id", "title", "year", "genres", "movielens_id", "imdb_id", "tmdb_id", "withdrawn")
        export_order = fields
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        use_bulk = False  # single writes reach the outbox, and so the index

    def do_instance_save(self, instance: Movie, is_create: bool) -> None:
        if is_create:
            super().do_instance_save(instance, is_create)
        else:
            instance.save_edited(FIELDS)
