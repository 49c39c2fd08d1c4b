"""Django's handlers of faults: JSON in the API's one error shape below /api/, otherwise a page.

What fails within the API's own views is told by `movierec.faults`; here ends the rest, such as a bad host
name or a fault in middleware. Nothing here reads the database.
"""

import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.encoding import force_str
from django.views import defaults
from rest_framework import exceptions

from movierec.faults import DATABASE_FAULTS, RETRY_SECONDS, ServiceUnavailable, logger

API_PREFIX = "/api/"
SERVER_ERROR = 500


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_for_programs(request):
        return _api_error(exceptions.ParseError())
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_for_programs(request):
        return _api_error(exceptions.PermissionDenied())
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_for_programs(request):
        return _api_error(exceptions.NotFound())
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], DATABASE_FAULTS):
        return unavailable(request)
    if _is_for_programs(request):
        return _api_error(exceptions.APIException("Server Error (500)"))
    return defaults.server_error(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After."""
    if _is_for_programs(request):
        response: HttpResponse = _api_error(ServiceUnavailable())
    else:
        response = HttpResponse(render_to_string("503.html"), status=ServiceUnavailable.status_code)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


class DatabaseFaultMiddleware:
    """Answers 503 with Retry-After where a view fails because the database is away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DATABASE_FAULTS):
            return None
        logger.error("database unavailable: %s", exception)
        return unavailable(request)


def _is_for_programs(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIX)


def _api_error(exc: exceptions.APIException) -> JsonResponse:
    error = {"code": exc.get_codes(), "detail": force_str(exc.detail), "attr": None}
    kind = "server_error" if exc.status_code >= SERVER_ERROR else "client_error"
    return JsonResponse({"type": kind, "errors": [error]}, status=exc.status_code)
