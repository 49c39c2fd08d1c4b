"""Query sets that are compiled once for each database, for what every request asks.

To build and compile a query by the ORM takes several times as long as to have it answered. A prepared one is
still written as a query set, of values that are not known yet:

    TITLES = Prepared(lambda movies: Movie.objects.filter(pk__in=movies).values_list("pk", "title"))
    TITLES.rows(movies=[1, 2, 3])

Rows are the database driver's: without the ORM's conversions, so select numbers and texts. `instances` of a
query without `values_list` are what the query set would give.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from django.db import connections, router
from django.db.models import QuerySet
from django.db.models.query import get_related_populators

Value = int | str | Sequence[int]
FIRST_HOLE = 7_000_000_000_000_000_000  # stands for a value while a query is compiled; no key is that large


class Prepared:
    """A query; `build` gets a number, a text or a sequence of numbers by each name that `rows` is given."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._model: type | None = None
        self._compiled: dict[tuple[Any, ...], _Compiled] = {}

    def rows(self, *, using: str | None = None, **values: Value) -> list[tuple[Any, ...]]:
        """The rows with these values in place, from `using` or where the router says; none if a sequence is
        empty."""
        return [] if _is_empty(values) else self._ask(values, using)[1]

    def instances(self, **values: Value) -> list[Any]:
        """Model instances, with those that `select_related` names."""
        if _is_empty(values):
            return []
        compiled, rows = self._ask(values)
        return list(compiled.instances(rows))

    def _ask(
        self, values: Mapping[str, Value], using: str | None = None
    ) -> tuple["_Compiled", list[tuple[Any, ...]]]:
        filled = {name: _padded(value) for name, value in values.items()}
        if self._model is None:
            self._model = self._build(**_with_holes(filled)).model
        alias = using or router.db_for_read(self._model)
        shape = tuple(len(value) if isinstance(value, list) else type(value) for value in filled.values())
        key = (alias, *filled, *shape)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _Compiled(self._build(**_with_holes(filled)), alias)
        with connections[alias].cursor() as cursor:
            cursor.execute(compiled.sql, compiled.parameters(_flat(filled)))
            return compiled, list(cursor.fetchall())


class _Compiled:
    """SQL with its parameters, some of which are holes, and what the ORM knows of its columns."""

    def __init__(self, queryset: QuerySet[Any, Any], alias: str) -> None:
        self.alias = alias
        self.compiler = queryset.query.get_compiler(alias)
        self.sql, parameters = self.compiler.as_sql()
        self.places = [_place(parameter) for parameter in parameters]

    def parameters(self, values: Sequence[int | str]) -> list[Any]:
        return [values[place.index] if isinstance(place, _Hole) else place for place in self.places]

    def instances(self, rows: list[tuple[Any, ...]]) -> Iterator[Any]:
        """As Django's own ModelIterable makes them."""
        select, klass_info = self.compiler.select, cast(dict[str, Any], self.compiler.klass_info)
        columns = slice(klass_info["select_fields"][0], klass_info["select_fields"][-1] + 1)
        names = [column[0].target.attname for column in select[columns]]
        related = get_related_populators(klass_info, select, self.alias)  # type: ignore[call-arg]
        for row in self.compiler.results_iter([rows]):
            instance = klass_info["model"].from_db(self.alias, names, row[columns])
            for populator in related:
                populator.populate(row, instance)
            yield instance


class _Hole:
    def __init__(self, index: int) -> None:
        self.index = index


def _is_empty(values: Mapping[str, Value]) -> bool:
    return any(not isinstance(value, int | str) and not len(value) for value in values.values())


def _padded(value: Value) -> int | str | list[int]:
    """Sequences get the length of the next power of two, so that few shapes are compiled."""
    if isinstance(value, int | str):
        return value
    padded = list(value)
    while len(padded) & (len(padded) - 1):
        padded.append(padded[-1])
    return padded


def _with_holes(values: Mapping[str, int | str | list[int]]) -> dict[str, Any]:
    holes, index = {}, 0
    for name, value in values.items():
        size = len(value) if isinstance(value, list) else 1
        numbers = list(range(FIRST_HOLE + index, FIRST_HOLE + index + size))
        first: int | str = str(numbers[0]) if isinstance(value, str) else numbers[0]
        holes[name] = numbers if isinstance(value, list) else first
        index += size
    return holes


def _flat(values: Mapping[str, int | str | list[int]]) -> list[int | str]:
    return [one for value in values.values() for one in (value if isinstance(value, list) else [value])]


def _place(parameter: Any) -> Any:
    """The hole that a compiled parameter is, or the parameter."""
    try:
        number = int(parameter)
    except (TypeError, ValueError):
        return parameter
    return _Hole(number - FIRST_HOLE) if number >= FIRST_HOLE else parameter
