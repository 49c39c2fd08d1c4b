"""Slows down who asks too often: by address, by account, and by user name whoever guesses passwords."""

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

from catalog.user_names import account_key


class CountingThrottle(SimpleRateThrottle):
    """Counts the requests of each minute (or hour) of the clock: one step in the cache for each request.

    DRF's own keep the time of every request of the last minute, and read and write all of them each time.
    """

    num_requests: int
    duration: int

    def allow_request(self, request: Request, view: Any) -> bool:
        if (who := self.get_cache_key(request, view)) is None:
            return True
        self.now = self.timer()
        return self._count(f"{who}:{int(self.now // self.duration)}") <= self.num_requests

    def wait(self) -> float:
        return self.duration - self.now % self.duration

    def _count(self, key: str) -> int:
        try:
            return self.cache.incr(key) or 0  # None from a cache that is down
        except ValueError:  # nobody has asked yet, or the cache was emptied
            return 1 if self.cache.add(key, 1, self.duration) else self._count(key)


class AddressThrottle(CountingThrottle, AnonRateThrottle):
    """Requests of people who are not logged in, per address."""


class UserThrottle(CountingThrottle, UserRateThrottle):
    """Requests of people who are logged in, per account; of others, AddressThrottle allows fewer."""

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return super().get_cache_key(request, view) if request.user.is_authenticated else None


class LoginThrottle(AnonRateThrottle):
    """Log-ins, per address."""

    scope = "login"


class FailedNameThrottle(SimpleRateThrottle):
    """Failed log-ins to one account, from whatever addresses; those that succeed do not count."""

    scope = "failed_login"
    duration: int

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        name = request.data.get("username") if isinstance(request.data, dict) else None
        if not isinstance(name, str):
            return None
        ident = hashlib.sha256(account_key(name).encode()).hexdigest()
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


class RatingsFileThrottle(UserRateThrottle):
    """Ratings files to look at, per account: each is compared with the whole catalogue."""

    scope = "ratings_file"
