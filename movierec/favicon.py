"""The icon for what names none: a browser that opens JSON or plain text asks for /favicon.ico."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.cache import cache_control

A_DAY = 24 * 60 * 60


@cache_control(public=True, max_age=A_DAY)
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("icons/favicon.svg"))
