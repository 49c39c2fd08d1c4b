"""Reads from a replica of the database, where DATABASE_REPLICA_URL names one.

Only requests that just read go there. Commands and workers, requests that write, and for STICKY_SECONDS
whoever has just written use the primary, so that everybody sees their own rating at once. With several
processes that needs a shared CACHE_URL; a replica that lags for longer than STICKY_SECONDS should be taken
out of service.
"""

import hashlib
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse

REPLICA = "replica"
STICKY_SECONDS = 10
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OPERATORS = ("/admin/", "/readyz")  # decide by what they read

_reads_from = ContextVar("reads_from", default=DEFAULT_DB_ALIAS)


class ReplicaRouter:
    """For DATABASE_ROUTERS."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        if connections[DEFAULT_DB_ALIAS].in_atomic_block:
            return DEFAULT_DB_ALIAS
        return _reads_from.get()

    def db_for_write(self, model: type, **hints: Any) -> str:
        _reads_from.set(DEFAULT_DB_ALIAS)  # what follows may want to see it
        return DEFAULT_DB_ALIAS

    def allow_relation(self, left: Any, right: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def read_from_primary() -> bool:
    """For the rest of the request; whether it was otherwise until now."""
    was_on_replica = _reads_from.get() != DEFAULT_DB_ALIAS
    _reads_from.set(DEFAULT_DB_ALIAS)
    return was_on_replica


class ReplicaMiddleware:
    """Decides for each request where it reads; remembers who has just sent one that writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = _key(request)
        if request.method not in SAFE_METHODS:
            response = self.get_response(request)
            for changed in {key, _key(request, response)} - {None}:  # a log-in comes with a new session
                cache.set(changed, True, timeout=STICKY_SECONDS)
            return response
        is_sticky = request.path.startswith(OPERATORS) or (key and cache.get(key))
        token = _reads_from.set(DEFAULT_DB_ALIAS if is_sticky else REPLICA)
        try:
            return self.get_response(request)
        finally:
            _reads_from.reset(token)


def _key(request: HttpRequest, response: HttpResponse | None = None) -> str | None:
    """Names whoever asks, by session or token, without keeping either; None for who has neither."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if response is not None and settings.SESSION_COOKIE_NAME in response.cookies:
        session = response.cookies[settings.SESSION_COOKIE_NAME].value
    token = request.headers.get("Authorization", "")
    if not session and not token:
        return None
    who = f"{session} {token}"
    return f"wrote:{hashlib.sha256(who.encode()).hexdigest()}"
