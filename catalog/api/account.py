"""One's own account over HTTP: profile, password, all data to take along, the end."""

from typing import Any, TypeVar

from django.contrib.auth import password_validation, update_session_auth_hash
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.examples import answer
from catalog.api.person import person
from catalog.api.throttling import PasswordThrottle, UserThrottle
from catalog.export import everything_json, everything_zip, ratings_csv
from catalog.leaving import request_deletion
from catalog.models import AccessToken, User
from catalog.tokens import revoke_tokens
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery

PROFILE: dict[str, Any] = {
    "username": "ada",
    "email": "ada@example.org",
    "gender": "F",
    "age_group": 25,
    "occupation": 12,
    "zip_code": "55117",
    "date_joined": "2026-11-24T08:00:00Z",
}


@extend_schema_serializer(
    examples=[
        OpenApiExample("A profile", PROFILE, response_only=True),
        OpenApiExample("Change two fields", {"age_group": 25, "zip_code": "55117"}, request_only=True),
    ]
)
class ProfileSerializer(JsonBody, serializers.ModelSerializer):
    """What you told of yourself; all of it may be left out."""

    class Meta:
        model = User
        fields = ["username", "email", "gender", "age_group", "occupation", "zip_code", "date_joined"]
        read_only_fields = ["username", "date_joined"]


class PasswordSerializer(JsonBody):
    """Your password, to confirm that it is you."""

    password = serializers.CharField(
        max_length=4096, trim_whitespace=False, write_only=True, style={"input_type": "password"}
    )

    def validate_password(self, password: str) -> str:
        if not person(self.context["request"]).check_password(password):
            raise serializers.ValidationError(_("This is not your password."), code="password")
        return password


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Change it", {"password": "correct horse", "new_password": "battery staple"}, request_only=True
        )
    ]
)
class NewPasswordSerializer(PasswordSerializer):
    new_password = serializers.CharField(max_length=4096, trim_whitespace=False, write_only=True)

    def validate_new_password(self, password: str) -> str:
        try:
            password_validation.validate_password(password, person(self.context["request"]))
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages, code="weak_password") from error
        return password


@extend_schema_serializer(
    examples=[OpenApiExample("Confirm", {"password": "correct horse"}, request_only=True)]
)
class AccountDeletionSerializer(PasswordSerializer):
    """Your password."""


@extend_schema_serializer(examples=answer("Until when", {"deleted_at": "2026-12-08T08:00:00Z"}))
class DeletionDueSerializer(serializers.Serializer):
    deleted_at = serializers.DateTimeField(
        help_text="When the account is deleted for good. Until then logging in to the site restores it."
    )


Answer = TypeVar("Answer", bound=HttpResponseBase)


class Profile(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=ProfileSerializer)
    def get(self, request: Request) -> Response:
        """Your profile."""
        return Response(ProfileSerializer(person(request)).data)

    @extend_schema(request=ProfileSerializer, responses=ProfileSerializer)
    def patch(self, request: Request) -> Response:
        """Change fields of your profile; `null` or an empty string takes one back."""
        user = person(request)
        body = ProfileSerializer(user, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        for name, value in body.validated_data.items():
            setattr(user, name, value)
        if body.validated_data:
            user.save(update_fields=list(body.validated_data))
        return Response(ProfileSerializer(user).data)


class Password(StrictQuery):
    permission_classes = (IsAuthenticated,)
    throttle_classes = (UserThrottle, PasswordThrottle)

    @extend_schema(
        request=NewPasswordSerializer, responses={204: OpenApiResponse(description="It is changed")}
    )
    def post(self, request: Request) -> Response:
        """Change your password. All sessions and tokens end but the one that you ask with."""
        body = NewPasswordSerializer(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        user = person(request)
        user.set_password(body.validated_data["new_password"])
        User.objects.filter(pk=user.pk).update(password=user.password)  # save() would end this token, too
        if request.auth is None:
            update_session_auth_hash(request._request, user)
        revoke_tokens(user, besides=request.auth if isinstance(request.auth, AccessToken) else None)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AccountDeletion(StrictQuery):
    permission_classes = (IsAuthenticated,)
    throttle_classes = (UserThrottle, PasswordThrottle)

    @extend_schema(request=AccountDeletionSerializer, responses={202: DeletionDueSerializer})
    def post(self, request: Request) -> Response:
        """Delete your account, after a grace period. Sessions and tokens end at once."""
        body = AccountDeletionSerializer(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        due = request_deletion(person(request))
        return Response(DeletionDueSerializer({"deleted_at": due}).data, status=status.HTTP_202_ACCEPTED)


class OneForm(BaseContentNegotiation):
    """There is one form of the data, whatever the client accepts; errors are JSON as everywhere."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class ExportJson(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        responses=OpenApiTypes.OBJECT,
        examples=[OpenApiExample("The beginning", {"account": PROFILE, "ratings": []}, response_only=True)],
    )
    def get(self, request: Request) -> HttpResponse:
        """Everything that is kept about you, as one JSON document."""
        return _private(HttpResponse(everything_json(person(request)), "application/json"), "data", "json")


class ExportRatings(StrictQuery):
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = OneForm

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> StreamingHttpResponse:
        """Your ratings as a CSV table, oldest first, which other sites can read."""
        table = StreamingHttpResponse(ratings_csv(person(request)), content_type="text/csv; charset=utf-8")
        return _private(table, "ratings", "csv")


class ExportZip(StrictQuery):
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = OneForm

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """Everything that is kept about you, as a zip file of CSV tables."""
        return _private(HttpResponse(everything_zip(person(request)), "application/zip"), "data", "zip")


def _private(answer: Answer, name: str, suffix: str) -> Answer:
    answer["Content-Disposition"] = f'attachment; filename="movierec-{name}.{suffix}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
