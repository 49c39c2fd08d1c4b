"""The invitation link that somebody opened before they had an account: kept until they have answered it."""

from django.http import HttpRequest

KEY = "group_link"  # in the session; the token of the link
LONGEST = 200  # letters of a token that are kept


def remember_link(request: HttpRequest, token: str) -> None:
    request.session[KEY] = token[:LONGEST]


def forget_link(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
