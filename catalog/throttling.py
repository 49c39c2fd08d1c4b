"""Slows down whoever guesses passwords."""

import hashlib

from django.core.cache import cache

MOST_FAILURES = 8
WINDOW_SECONDS = 300


def too_many_failures(address: str, username: str) -> bool:
    """Whether log-ins under this name from this address failed too often of late."""
    return int(cache.get(_key(address, username), 0)) >= MOST_FAILURES


def note_failure(address: str, username: str) -> None:
    key = _key(address, username)
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        cache.incr(key)
    except ValueError:  # it expired between the two calls
        cache.set(key, 1, WINDOW_SECONDS)


def _key(address: str, username: str) -> str:
    digest = hashlib.sha256(f"{address}|{username.casefold()}".encode()).hexdigest()
    return f"failed-log-ins:{digest}"
