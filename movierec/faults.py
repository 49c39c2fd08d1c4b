"""Faults that are nobody's bug, told to the client: the database is away (503), the body is too large (413).

The page for people, the JSON of the API (in its one error shape) and the hooks into Django and DRF.
Nothing here reads the database.
"""

import logging
import sys
from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions, status
from rest_framework.response import Response

logger = logging.getLogger(__name__)

DATABASE_FAULTS = (OperationalError, InterfaceError)
RETRY_SECONDS = 5  # a restarted MySQL answers again within seconds
API_PREFIX = "/api/"


class ServiceUnavailable(exceptions.APIException):
    """The database does not answer; the same request may succeed in `wait` seconds."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = _("The database does not answer right now. Please try again in a few seconds.")
    wait = RETRY_SECONDS


class EngineUnavailable(ServiceUnavailable):
    """Another engine than the database does not answer, and the request cannot do without it."""


class Conflict(exceptions.APIException):
    """The request makes sense, but not as things stand; the code says what is in the way."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class RequestTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "request_too_large"
    default_detail = _("The request is larger than this server accepts.")


class ApiExceptionHandler(ExceptionHandler):
    """Gives faults that DRF does not know their status in the API."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, DATABASE_FAULTS):
            return ServiceUnavailable()
        if isinstance(exc, RequestDataTooBig):
            return RequestTooLarge()
        if isinstance(exc, OverflowError):  # an ID in the address that no database could hold
            return exceptions.NotFound()
        if isinstance(exc, SuspiciousOperation):
            return exceptions.ParseError()
        return super().convert_known_exceptions(exc)

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        if isinstance(exc, ServiceUnavailable):
            logger.error("database unavailable: %s", self.exc)
        else:
            super().report_exception(exc, response)


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


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After: JSON for the API, otherwise a page that needs no database."""
    if request.path.startswith(API_PREFIX):
        response: HttpResponse = _api_error(ServiceUnavailable())
    else:
        response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: what fails outside of views, in middleware, ends here."""
    if isinstance(sys.exc_info()[1], DATABASE_FAULTS):
        return unavailable(request)
    if request.path.startswith(API_PREFIX):
        return _api_error(exceptions.APIException("Server Error (500)"))
    return defaults.server_error(request)


def _api_error(exc: exceptions.APIException) -> JsonResponse:
    error = {"code": exc.get_codes(), "detail": str(exc.detail), "attr": None}
    return JsonResponse({"type": "server_error", "errors": [error]}, status=exc.status_code)
