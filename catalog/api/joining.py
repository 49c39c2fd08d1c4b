"""Coming and coming back: sign-up, and the end of a deletion within its grace period."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.account import ProfileSerializer
from catalog.api.throttling import FailedNameThrottle, LoginThrottle
from catalog.forms import SignUpForm
from catalog.leaving import leaving_user, restore_account
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery

NEWCOMER = {"username": "ada", "password": "correct horse battery"}


@extend_schema_serializer(examples=examples.body("Name and password", NEWCOMER))
class CredentialsSerializer(JsonBody):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False, write_only=True)


@extend_schema_serializer(examples=examples.body("Name and password", NEWCOMER))
class SignUpSerializer(CredentialsSerializer):
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """By the rules of the site's own form."""
        password = attrs["password"]
        self.form = SignUpForm({"username": attrs["username"], "password1": password, "password2": password})
        found = self.form.errors.as_data()
        errors = {
            "password" if name.startswith("password") else name: [
                ErrorDetail(message, code=fault.code or "invalid")
                for fault in faults
                for message in fault.messages
            ]
            for name, faults in found.items()
        }
        if errors:
            raise ValidationError(errors)
        return attrs


class SignUp(StrictQuery):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (LoginThrottle,)

    @extend_schema(
        operation_id="account_sign_up",
        request=SignUpSerializer,
        responses={201: ProfileSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make an account. Log in with `auth/token/`, and tell more of yourself with `account/profile/`."""
        body = SignUpSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                user = body.form.save()
        except IntegrityError as error:  # somebody took the name this very moment
            raise ValidationError({"username": [_("It is taken.")]}, code="unique") from error
        return Response(ProfileSerializer(user).data, status=status.HTTP_201_CREATED)


class Restoration(StrictQuery):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (LoginThrottle, FailedNameThrottle)

    @extend_schema(
        operation_id="account_restore",
        request=CredentialsSerializer,
        responses={204: OpenApiResponse(description="It is as before; log in again")},
    )
    def post(self, request: Request) -> Response:
        """Take the deletion of your account back, with its name and password, in the grace period."""
        body = CredentialsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = leaving_user(body.validated_data["username"], body.validated_data["password"])
        if user is None:
            FailedNameThrottle().note_failure(request, self)
            raise ValidationError(_("No account that is to be deleted has these."), code="authorization")
        restore_account(user)
        return Response(status=status.HTTP_204_NO_CONTENT)
