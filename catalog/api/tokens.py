"""Access tokens over HTTP: log in, list, name, rotate, revoke."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.exceptions import ErrorDetail, PermissionDenied, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import tokens
from catalog.api.person import person
from catalog.api.throttling import FailedNameThrottle, LoginThrottle
from catalog.models import AccessToken, Scope, User
from movierec.api_parsers import BoundedJSONParser
from movierec.api_schema import Error409ResponseSerializer
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery
from movierec.faults import Conflict

SECRET = "movierec_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg"  # noqa: S105  (an example)
TOKEN: dict[str, Any] = {
    "id": 7,
    "name": "nightly export",
    "scopes": ["read"],
    "hint": "defg",
    "created_at": "2026-11-24T08:00:00Z",
    "expires_at": "2027-02-22T08:00:00Z",
    "last_used_at": "2026-11-24T08:00:00Z",
    "current": False,
}


class TokenWishes(JsonBody):
    """What a new token should be."""

    name = serializers.CharField(
        max_length=60, default="", allow_blank=True, help_text="To tell tokens apart. Log-ins need none."
    )
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices),
        min_length=1,
        max_length=len(Scope),
        required=False,
        help_text="What the token is for; without this, all that you may do.",
    )
    expires_in_days = serializers.IntegerField(
        min_value=1,
        max_value=3650,
        allow_null=True,
        default=tokens.DEFAULT_DAYS,
        help_text="`null` for a token that does not expire.",
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample("Log in", {"username": "ada", "password": "correct horse"}, request_only=True),
        OpenApiExample(
            "Log in to read only",
            {"username": "ada", "password": "correct horse", "scopes": ["read"], "expires_in_days": 7},
            request_only=True,
        ),
    ]
)
class LogInSerializer(TokenWishes, AuthTokenSerializer):
    """User name and password, and what the token should be."""


@extend_schema_serializer(
    examples=[
        OpenApiExample("To read only", {"name": "nightly export", "scopes": ["read"]}, request_only=True)
    ]
)
class NewTokenSerializer(TokenWishes):
    name = serializers.CharField(max_length=60, help_text="To tell tokens apart.")


@extend_schema_serializer(examples=[OpenApiExample("A token", TOKEN, response_only=True)])
class AccessTokenSerializer(serializers.ModelSerializer):
    """A token without its secret, which nobody can read again."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), read_only=True)
    current = serializers.SerializerMethodField(help_text="Whether this request was made with it.")

    class Meta:
        model = AccessToken
        fields = [
            "id",
            "name",
            "scopes",
            "hint",
            "created_at",
            "expires_at",
            "last_used_at",
            "current",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "hint": {"help_text": "The last letters of the secret."},
            "last_used_at": {"help_text": "To within an hour."},
        }

    def get_current(self, token: AccessToken) -> bool:
        current = self.context["request"].auth
        return isinstance(current, AccessToken) and current.pk == token.pk


@extend_schema_serializer(
    examples=[OpenApiExample("A new token", {"token": SECRET} | TOKEN, response_only=True)]
)
class NewSecretSerializer(AccessTokenSerializer):
    """A token with its secret, this once."""

    token = serializers.CharField(
        read_only=True, source="secret", help_text="Send it as `Authorization: Token <token>`."
    )

    class Meta(AccessTokenSerializer.Meta):
        fields = ["token", *AccessTokenSerializer.Meta.fields]
        read_only_fields = fields


class LogIn(StrictQuery):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (LoginThrottle, FailedNameThrottle)
    parser_classes = [BoundedJSONParser, FormParser]

    @extend_schema(request={"application/json": LogInSerializer}, responses=NewSecretSerializer)
    def post(self, request: Request) -> Response:
        """User name and password in, token out: a new one at every log-in.

        At most 20 unnamed tokens are kept of a person; the oldest makes room for the next.
        """
        log_in = LogInSerializer(data=request.data, context={"request": request})
        try:
            log_in.is_valid(raise_exception=True)
        except ValidationError:
            FailedNameThrottle().note_failure(request, self)
            raise
        user = log_in.validated_data["user"]
        return _new_token(request, user, log_in.validated_data, tokens.scopes_allowed(user))


class OwnTokens(StrictQuery):
    """The tokens of whoever asks: another person's are not found."""

    permission_classes = (IsAuthenticated,)

    def own_tokens(self) -> QuerySet[AccessToken]:
        return AccessToken.objects.of(person(self.request))


class TokenList(OwnTokens):
    @extend_schema(responses=AccessTokenSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Your tokens, newest first, without their secrets."""
        newest_first = self.own_tokens().order_by("-pk")
        return Response(AccessTokenSerializer(newest_first, many=True, context={"request": request}).data)

    @extend_schema(request=NewTokenSerializer, responses={201: NewSecretSerializer})
    def post(self, request: Request) -> Response:
        """Make a named token. Made with a token, it has no more scopes and lasts no longer than that."""
        body = NewTokenSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        answer = _new_token(request, person(request), body.validated_data, _scopes_at_hand(request))
        answer.status_code = status.HTTP_201_CREATED
        return answer

    @extend_schema(
        operation_id="auth_tokens_revoke_all", responses={204: OpenApiResponse(description="Revoked")}
    )
    def delete(self, request: Request) -> Response:
        """Revoke all your tokens, this one too, and end your sessions in browsers: log out everywhere."""
        tokens.log_out_everywhere(person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokenDetail(OwnTokens):
    @extend_schema(responses=AccessTokenSerializer)
    def get(self, request: Request, token_id: int) -> Response:
        """One of your tokens, without its secret."""
        token = get_object_or_404(self.own_tokens(), pk=token_id)
        return Response(AccessTokenSerializer(token, context={"request": request}).data)

    @extend_schema(responses={204: OpenApiResponse(description="Revoked")})
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke one of your tokens; it may be the one that you ask with."""
        get_object_or_404(self.own_tokens(), pk=token_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokenRotation(OwnTokens):
    @extend_schema(
        request=None,
        responses={
            200: NewSecretSerializer,
            409: OpenApiResponse(Error409ResponseSerializer, "The token has expired"),
        },
    )
    def post(self, request: Request, token_id: int) -> Response:
        """Give a token a new secret and its whole lifetime anew; the old secret ends at once.

        Asked with another token, the lifetime ends with that one's at the latest.
        """
        token = get_object_or_404(self.own_tokens(), pk=token_id)
        if token.has_expired:
            raise Conflict(_("This token has expired."), code="token_expired")
        if not _scopes_at_hand(request).issuperset(token.scopes):
            raise PermissionDenied(_("That token has scopes that yours lacks."), code="insufficient_scope")
        until = None if token == request.auth else _end_at_hand(request)
        return _told_once(request, token, tokens.rotate_token(token, until=until))


def _scopes_at_hand(request: Request) -> set[str]:
    """Those of the token asked with; in a browser's session all that its user has."""
    if isinstance(request.auth, AccessToken):
        return set(request.auth.scopes)
    return set(tokens.scopes_allowed(person(request)))


def _end_at_hand(request: Request) -> datetime | None:
    """When the token asked with expires; None where it does not, or there is none."""
    return request.auth.expires_at if isinstance(request.auth, AccessToken) else None


def _new_token(request: Request, user: User, wishes: dict[str, Any], allowed: Any) -> Response:
    scopes = wishes.get("scopes", allowed)
    for place, scope in enumerate(scopes):
        if scope not in allowed:
            message = ErrorDetail(_("You may not give this scope."), code="scope_not_allowed")
            raise ValidationError({"scopes": {str(place): [message]}})
    try:
        token, secret = tokens.issue_token(
            user,
            scopes=scopes,
            name=wishes["name"],
            days=wishes["expires_in_days"],
            until=_end_at_hand(request),
        )
    except tokens.TooManyTokens as error:
        message = ErrorDetail(_("You have too many tokens. Revoke some first."), code="too_many_tokens")
        raise ValidationError({"name": [message]}) from error
    return _told_once(request, token, secret)


def _told_once(request: Request, token: AccessToken, secret: str) -> Response:
    token.secret = secret  # type: ignore[attr-defined]
    answer = Response(NewSecretSerializer(token, context={"request": request}).data)
    answer["Cache-Control"] = "no-store"
    return answer
