"""The site's addresses, and one for each fault, so that the pages of faults can be looked at."""

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from movierec.urls import handler500
from movierec.urls import urlpatterns as site

__all__ = ["handler500", "urlpatterns"]

FAULTS = {403: PermissionDenied(), 500: ZeroDivisionError(), 503: OperationalError("the database is away")}


def fault(request: HttpRequest, status: int) -> HttpResponse:
    if status == 429:
        return render(request, "429.html", status=429)
    raise FAULTS[status]


urlpatterns = [path("faults/<int:status>/", fault), *site]
