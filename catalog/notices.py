"""Messages that can be taken back: "Removed. Undo"."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from django.contrib import messages
from django.http import HttpRequest


@dataclass(frozen=True)
class Undo:
    """A form of hidden fields that undoes something when it is sent to `url`."""

    url: str
    fields: dict[str, str]

    def as_tag(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_tag(cls, tag: str | None) -> Self | None:
        return cls(**json.loads(tag)) if tag and tag.startswith("{") else None


def notify(request: HttpRequest, text: str, *, undo: Undo | None = None) -> None:
    """Show `text` on the next page, or beside what htmx swaps in, with a button to undo."""
    messages.success(request, text, extra_tags=undo.as_tag() if undo else "")
