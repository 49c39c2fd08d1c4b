"""Faults that are nobody's bug, told to the client: the database is away (503), the body is too large (413).

How the API's views tell them; `movierec.fault_views` tells them elsewhere.
"""

import logging

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions, status
from rest_framework.response import Response

logger = logging.getLogger(__name__)

DATABASE_FAULTS = (OperationalError, InterfaceError)
RETRY_SECONDS = 5  # a restarted MySQL answers again within seconds


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
        if isinstance(exc, SuspiciousOperation):
            return exceptions.ParseError()
        return super().convert_known_exceptions(exc)

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        if isinstance(exc, ServiceUnavailable):
            logger.error("database unavailable: %s", self.exc)
        else:
            super().report_exception(exc, response)
