"""How views of the API take the query of an address, and tell errors in JSON whatever they answer in."""

from typing import Any, ClassVar, cast

import django_filters
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

SAFE = ("GET", "HEAD")
Parameter = Any  # a field of a serializer, a filter, or None where something else reads it


class StrictQuery(APIView):
    """Refuses a parameter that the operation does not have, has once only, or that is left empty: a slip of
    the pen would otherwise be answered as if it had not been asked."""

    query_serializer: ClassVar[type[serializers.Serializer] | None] = None  # of GET
    query_names: ClassVar[tuple[str, ...]] = ()  # parameters of GET that something else reads

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not request.query_params:
            return
        if not hasattr(self, str(request.method).lower()):
            return  # 405 says more
        known = self._known_parameters() if request.method in SAFE else {}
        faults = {name: _fault(name, values, known) for name, values in request.query_params.lists()}
        if errors := {name: [fault] for name, fault in faults.items() if fault}:
            raise ValidationError(errors)

    def asked(self) -> Any:
        """The query, checked by `query_serializer`. Raises ValidationError."""
        query = cast(type[serializers.Serializer], self.query_serializer)(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return query

    def _known_parameters(self) -> dict[str, Parameter]:
        filters = getattr(self, "filterset_class", None)
        fields = self.query_serializer().fields if self.query_serializer else {}
        plain: dict[str, Parameter] = dict.fromkeys([*self.query_names, *_names_of_pages(self)])
        return plain | (filters.base_filters if filters else {}) | dict(fields)


class JsonErrors(APIView):
    """For views that answer in another form: their errors are JSON as everywhere."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if getattr(answer, "exception", False):
            answer.accepted_renderer = JSONRenderer()
            answer.accepted_media_type = JSONRenderer.media_type
        return answer


def _names_of_pages(view: APIView) -> list[str]:
    pages = getattr(view, "pagination_class", None)
    kinds = ("page_query_param", "cursor_query_param", "page_size_query_param")
    return [name for kind in kinds if pages and (name := getattr(pages, kind, None))]


def _fault(name: str, values: list[str], known: dict[str, Parameter]) -> ErrorDetail | None:
    """What is wrong with how often, or how, a parameter is given; its value is checked elsewhere."""
    if name not in known:
        return ErrorDetail(_("There is no such parameter here."), code="unknown_parameter")
    if isinstance(known[name], serializers.ListField):
        return None
    if len(values) > 1:
        return ErrorDetail(_("It may be given once only."), code="repeated_parameter")
    may_be_empty = getattr(known[name], "allow_blank", isinstance(known[name], django_filters.CharFilter))
    return None if values[0] or may_be_empty else ErrorDetail(_("It is empty."), code="blank")
