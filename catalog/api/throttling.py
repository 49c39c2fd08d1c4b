"""Slows down whoever guesses passwords over the API: by address, by user name and by account."""

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle


class LoginThrottle(AnonRateThrottle):
    """Log-ins, per address."""

    scope = "login"


class FailedNameThrottle(SimpleRateThrottle):
    """Failed log-ins under one user name, from whatever addresses; those that succeed do not count."""

    scope = "failed_login"
    duration: int

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        name = request.data.get("username") if isinstance(request.data, dict) else None
        if not isinstance(name, str):
            return None
        ident = hashlib.sha256(name.casefold().encode("utf-8", "surrogatepass")).hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": ident}

    def throttle_success(self) -> bool:
        return True

    def note_failure(self, request: Request, view: Any) -> None:
        if (key := self.get_cache_key(request, view)) is not None:
            failures = [self.timer(), *self.cache.get(key, [])]
            self.cache.set(key, failures, self.duration)


class PasswordThrottle(UserRateThrottle):
    """Requests that confirm a password, per account: a stolen token must not find it out."""

    scope = "password"
