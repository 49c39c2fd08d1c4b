"""How the API reads request bodies."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 32  # levels of lists and objects; no body of the API has more than five


class BoundedJSONParser(JSONParser):
    """JSON that is not nested deeper than any body needs; deeper is the client's error, not the server's."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            body = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply") from error
        if depth_exceeds(body, DEEPEST):
            raise ParseError("JSON parse error - nested too deeply")
        if has_half_letters(body):
            raise ParseError("JSON parse error - half of a surrogate pair")
        return body


def has_half_letters(body: Any) -> bool:
    """Whether a text holds half of a surrogate pair, which can neither be stored nor told in an answer."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def depth_exceeds(value: Any, most: int) -> bool:
    """Whether lists and objects lie within one another more than `most` levels deep."""
    level = [value]
    for _depth in range(most + 1):
        containers = [item for item in level if isinstance(item, dict | list)]
        if not containers:
            return False
        level = [
            child for item in containers for child in (item.values() if isinstance(item, dict) else item)
        ]
    return True
