"""Types in JSON bodies, taken as they are written: `"4"` is no number, `1` no truth, `5` no text.

Django REST framework is made for forms, too, where all is text, and converts what it can.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField, RelatedField

Kind = tuple[Callable[[Any], bool], str | Promise]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


WHOLE: Kind = (_is_whole, _("Must be a whole number, not in quotes."))
TEXT: Kind = (_is_text, _("Must be a text in quotes."))
KINDS: list[tuple[tuple[type, ...], Kind]] = [
    (
        (serializers.BooleanField,),
        (lambda value: isinstance(value, bool), _("Must be true or false, not in quotes.")),
    ),
    ((serializers.IntegerField, PrimaryKeyRelatedField), WHOLE),
    ((serializers.FloatField,), (_is_number, _("Must be a number, not in quotes."))),
    ((serializers.CharField, serializers.DateTimeField, RelatedField), TEXT),
]


class JsonBody(serializers.Serializer):
    """A body, or a part of one; a form that is posted is read as Django REST framework does."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and not isinstance(data, QueryDict):
            found = {name: wrong_types(field, data.get(name)) for name, field in self.fields.items()}
            if errors := {name: errors for name, errors in found.items() if errors}:
                raise ValidationError(errors)
        return super().to_internal_value(data)


def wrong_types(field: Any, value: Any) -> Any:
    """What is wrong with the type or length of `value`, as a serializer's errors; empty if nothing is.

    Nested bodies look after themselves, `null` and what is missing are the field's own affair.
    """
    if value is None or field.read_only or isinstance(field, serializers.BaseSerializer):
        return []
    if isinstance(field, serializers.ListField | ManyRelatedField):
        child = field.child if isinstance(field, serializers.ListField) else field.child_relation
        return _wrong_items(child, value) if isinstance(value, list) else _no_list(field, value)
    if isinstance(field, serializers.ChoiceField):
        kind = TEXT if all(isinstance(choice, str) for choice in field.choices) else WHOLE
        return [] if value == "" and field.allow_blank else _wrong(kind, value)
    kinds = (kind for types, kind in KINDS if isinstance(field, types))
    return next((_wrong(kind, value) for kind in kinds), []) or _too_long(field, value)


def _wrong(kind: Kind, value: Any) -> list[ErrorDetail]:
    holds, message = kind
    return [] if holds(value) else [ErrorDetail(str(message), code="invalid_type")]


def _too_long(field: Any, value: Any) -> list[ErrorDetail]:
    """As it was written: blanks around it are cut off later."""
    most = getattr(field, "max_length", None)
    if most is None or not isinstance(value, str) or len(value) <= most:
        return []
    return [ErrorDetail(field.error_messages["max_length"].format(max_length=most), code="max_length")]


def _no_list(field: Any, value: Any) -> list[ErrorDetail]:
    message = field.error_messages["not_a_list"].format(input_type=type(value).__name__)
    return [ErrorDetail(message, code="not_a_list")]


def _wrong_items(child: Any, items: list[Any]) -> dict[str, Any]:
    found = {str(place): wrong_types(child, item) for place, item in enumerate(items)}
    return {place: errors for place, errors in found.items() if errors}
