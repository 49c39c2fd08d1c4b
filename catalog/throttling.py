"""Slows down whoever guesses passwords, on the site and in the operator's panel."""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.throttling import BaseThrottle

from catalog.user_names import account_key

MOST_FAILURES = 8
WINDOW_SECONDS = 300


def too_many_failures(request: HttpRequest) -> bool:
    """Whether log-ins to this account from this address failed too often of late."""
    return int(cache.get(_key(request), 0)) >= MOST_FAILURES


def note_failure(request: HttpRequest) -> None:
    key = _key(request)
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        cache.incr(key)
    except ValueError:  # it expired between the two calls
        cache.set(key, 1, WINDOW_SECONDS)


def refusal(request: HttpRequest) -> HttpResponse:
    """The page for whoever failed too often."""
    answer = render(request, "429.html", status=429)
    answer["Retry-After"] = str(WINDOW_SECONDS)
    return answer


def _key(request: HttpRequest) -> str:
    """Of the account, and of the address as the API's throttles see it: behind a proxy the client's."""
    address = BaseThrottle().get_ident(request)  # type: ignore[arg-type]  # reads headers alone
    account = account_key(request.POST.get("username", ""))
    digest = hashlib.sha256(f"{address}|{account}".encode()).hexdigest()
    return f"failed-log-ins:{digest}"
