"""Parts of the OpenAPI schema that belong to the whole API: the errors beyond those that DRF knows."""

from rest_framework import serializers


class Error413Serializer(serializers.Serializer):
    code = serializers.ChoiceField(choices=["request_too_large"])
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class Error413ResponseSerializer(serializers.Serializer):
    type = serializers.ChoiceField(choices=["client_error"])
    errors = Error413Serializer(many=True)


class Error503Serializer(serializers.Serializer):
    code = serializers.ChoiceField(choices=["unavailable"])
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class Error503ResponseSerializer(serializers.Serializer):
    type = serializers.ChoiceField(choices=["server_error"])
    errors = Error503Serializer(many=True)
