"""The addresses of the API, from its schema, with an ID that may be there in place of each parameter."""

import re
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator


@cache
def _paths() -> dict[str, dict[str, Any]]:
    return SchemaGenerator().get_schema(request=None, public=True)["paths"]


def _with_ids(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path.replace("{job_id}", "index-1"))


def read_paths() -> list[str]:
    return sorted(_with_ids(path) for path, verbs in _paths().items() if "get" in verbs)


def written_paths() -> list[tuple[str, str]]:
    """Methods with the paths that they change something at."""
    verbs = ("post", "put", "patch", "delete")
    return sorted(
        (verb, _with_ids(path)) for path, found in _paths().items() for verb in verbs if verb in found
    )
