"""The API: version 1 with catalogue, recommender and schema; JSON for what is not there."""

import threading
from collections.abc import Iterable
from typing import Any

from django.urls import include, path, re_path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from movierec.api_views import JsonErrors, StrictQuery


@extend_schema(exclude=True)
class NothingHere(APIView):
    """404 in the API's error shape for addresses that no view has."""

    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound(f"There is nothing at {request.path}. Addresses of the API end with a slash.")


class ByFormat(DefaultContentNegotiation):
    """`format` in the address, `json` or `yaml`, counts more than what the client accepts."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        chosen = format_suffix or request.query_params.get("format")
        return super().select_renderer(request, renderers, chosen)


_generating = threading.Lock()


class Schema(JsonErrors, StrictQuery, SpectacularAPIView):
    content_negotiation_class = ByFormat
    query_names = ("format", "lang", "version")

    def dispatch(self, *args: Any, **kwargs: Any) -> Any:
        """One at a time: the library's extensions load their classes at first use, not safely for threads."""
        with _generating:
            return super().dispatch(*args, **kwargs)


class SchemaPage(JsonErrors, SpectacularSwaggerSplitView):
    """Not strict: it asks itself for its script with a parameter that has no value."""


version_1: list[Any] = [
    path("", include("catalog.api.urls")),
    path("", include("recommendations.api.urls")),
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", SchemaPage.as_view(url_name="api-schema"), name="api-docs"),
]
urlpatterns = [path("v1/", include(version_1)), re_path(r"^", NothingHere.as_view())]
