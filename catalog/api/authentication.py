"""Who asks, by access token, and whether the token was made for what is asked.

Scopes are checked here rather than by a permission class: a view that names its own permissions would
lose a default one, and no view may forget this check.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, DjangoModelPermissions, IsAdminUser
from rest_framework.request import Request

from catalog.models import AccessToken, Scope, User
from catalog.models.access_token import digest_of
from catalog.prepared import Prepared
from catalog.tokens import note_use
from movierec.replica import read_from_primary


class AccessTokenAuthentication(TokenAuthentication):
    """`Authorization: Token <secret>`.

    Safe methods need the scope `read`, others `write`; a view may name methods that change nothing in
    `reading_methods`. What only operators may do needs `staff` besides.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        missing = _scopes_needed(request) - set(token.scopes)
        if missing:
            raise PermissionDenied(
                _("This token lacks the scope %(scope)s.") % {"scope": ", ".join(sorted(missing))},
                code="insufficient_scope",
            )
        note_use(token)
        return user, token

    def authenticate_credentials(self, key: str) -> tuple[User, AccessToken]:
        found: list[AccessToken] = _tokens.instances(digest=digest_of(key))
        if not found and read_from_primary():  # of a token that was just made, a replica may not know yet
            found = _tokens.instances(digest=digest_of(key))
        if not found:
            raise AuthenticationFailed(_("Invalid token."))
        token = found[0]
        if token.has_expired:
            raise AuthenticationFailed(_("This token has expired."), code="token_expired")
        if not token.user.is_active:
            raise AuthenticationFailed(_("User inactive or deleted."))
        return token.user, token


_tokens = Prepared(lambda digest: AccessToken.objects.filter(digest=digest).select_related("user"))


def _scopes_needed(request: Request) -> set[str]:
    view: Any = request.parser_context["view"] if request.parser_context else None
    method = request.method or ""
    reads = method in SAFE_METHODS or method in getattr(view, "reading_methods", ())
    needed: set[str] = {Scope.READ if reads else Scope.WRITE}
    if view is not None and _for_operators(view, method):
        needed.add(Scope.STAFF)
    return needed


def _for_operators(view: Any, method: str) -> bool:
    """Whether the view's permissions are those that only operators have."""
    return any(
        isinstance(permission, IsAdminUser)
        or (isinstance(permission, DjangoModelPermissions) and method not in SAFE_METHODS)
        for permission in view.get_permissions()
    )
