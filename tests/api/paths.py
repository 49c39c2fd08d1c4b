"""The addresses of the API, from its schema, with an ID that may be there in place of each parameter."""

import re
from functools import cache
from typing import Any
from uuid import UUID

from drf_spectacular.generators import SchemaGenerator


@cache
def _paths() -> dict[str, dict[str, Any]]:
    return SchemaGenerator().get_schema(request=None, public=True)["paths"]


def _with_ids(path: str, number: int = 1) -> str:
    path = path.replace("{job_id}", f"index-{number}").replace("{list_id}", str(UUID(int=number)))
    return re.sub(r"\{[^}]*\}", str(number), path)


def operations() -> list[tuple[str, str]]:
    """Every method with its path."""
    return sorted((verb, path) for path, verbs in _paths().items() for verb in verbs)


def all_paths() -> list[str]:
    return sorted(map(_with_ids, _paths()))


def read_paths() -> list[str]:
    return sorted(_with_ids(path) for path, verbs in _paths().items() if "get" in verbs)


def documented_queries() -> list[tuple[str, list[str]]]:
    """Every path to read, and the names of its parameters in the query."""
    return sorted(
        (_with_ids(path), [p["name"] for p in verbs["get"].get("parameters", []) if p["in"] == "query"])
        for path, verbs in _paths().items()
        if "get" in verbs
    )


def written_paths() -> list[tuple[str, str]]:
    """Methods with the paths that they change something at."""
    verbs = ("post", "put", "patch", "delete")
    return sorted(
        (verb, _with_ids(path)) for path, found in _paths().items() for verb in verbs if verb in found
    )


def operations_on(number: int) -> list[tuple[str, str]]:
    """Every operation that takes an ID, with `number` for it."""
    return sorted(
        (verb, _with_ids(path, number)) for path, verbs in _paths().items() if "{" in path for verb in verbs
    )
