"""Parts of the OpenAPI schema that belong to the whole API: errors in words that fit every operation."""

from typing import Any

from drf_standardized_errors.openapi import AutoSchema
from drf_standardized_errors.openapi_serializers import ClientErrorEnum
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS, DjangoModelPermissionsOrAnonReadOnly


class ApiSchema(AutoSchema):
    """Says also of catalogue reads that they need no account."""

    def get_auth(self) -> list[dict[str, list[str]]]:
        auth: list[dict[str, list[str]]] = super().get_auth()
        permissions = self.view.get_permissions()
        is_open = any(isinstance(one, DjangoModelPermissionsOrAnonReadOnly) for one in permissions)
        return [*auth, {}] if is_open and self.method in SAFE_METHODS and {} not in auth else auth

    def get_override_parameters(self) -> list[Any]:
        """The query of a view that names its serializer; see movierec.api_views."""
        query = getattr(self.view, "query_serializer", None)
        return [query] if query is not None and self.method == "GET" else []

    def _should_add_http403_error_response(self) -> bool:
        """A token may lack the scope for any operation that reads tokens."""
        return self._should_add_http401_error_response()


class Error400Serializer(serializers.Serializer):
    code = serializers.CharField(help_text="What is wrong, for programs.")
    detail = serializers.CharField(help_text="What is wrong, for people.")
    attr = serializers.CharField(allow_null=True, help_text="The parameter or field, a path if nested.")


class Error400ResponseSerializer(serializers.Serializer):
    type = serializers.ChoiceField(choices=["validation_error", "client_error"])
    errors = Error400Serializer(many=True)  # type: ignore[assignment]


class RefusalSerializer(serializers.Serializer):
    """Who asks may not have what they ask for."""

    code = serializers.CharField(help_text="Such as `token_expired` or `insufficient_scope`.")
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class RefusalResponseSerializer(serializers.Serializer):
    type = serializers.ChoiceField(choices=ClientErrorEnum.choices)
    errors = RefusalSerializer(many=True)  # type: ignore[assignment]


class Error409Serializer(serializers.Serializer):
    code = serializers.CharField(help_text="What stands against it, for programs.")
    detail = serializers.CharField(help_text="What stands against it, for people.")
    attr = serializers.CharField(allow_null=True)


class Error409ResponseSerializer(serializers.Serializer):
    type = serializers.ChoiceField(choices=ClientErrorEnum.choices)
    errors = Error409Serializer(many=True)  # type: ignore[assignment]


class Error413Serializer(serializers.Serializer):
    code = serializers.ChoiceField(choices=["request_too_large"])
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class Error413ResponseSerializer(serializers.Serializer):
    type = serializers.ChoiceField(choices=ClientErrorEnum.choices)
    errors = Error413Serializer(many=True)  # type: ignore[assignment]


class Error503Serializer(serializers.Serializer):
    code = serializers.ChoiceField(choices=["unavailable"])
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class Error503ResponseSerializer(serializers.Serializer):
    type = serializers.ChoiceField(choices=["server_error"])
    errors = Error503Serializer(many=True)  # type: ignore[assignment]
