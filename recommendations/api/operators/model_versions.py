"""Model versions over HTTP: list, metrics, protection, promotion, the way back."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.history import note_in_history
from catalog.api.pagination import NumberedPages
from movierec.api_schema import Error409ResponseSerializer
from movierec.api_types import JsonBody
from recommendations import promotion, vector_index
from recommendations.api.operators.access import OperatorView, operator, refusals_told
from recommendations.models import ModelVersion
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

LISTED = {
    "number": 3,
    "live": True,
    "created_at": "2026-11-24T02:10:00Z",
    "promoted_at": "2026-11-24T02:11:30Z",
    "checksum": "5f2c" * 16,
    "seed": 7,
    "is_protected": False,
    "removed_at": None,
    "held_out": {
        "ndcg@10": 0.1893,
        "popularity_ndcg@10": 0.0181,
        "users": 500,
        "differences": {"popularity": {"mean": 0.1712, "low": 0.1523, "high": 0.1901}},
    },
    "gate": {"passed": True, "reason": "its nDCG@10 0.1893 beats popularity's 0.0181"},
}
WHOLE = LISTED | {
    "metrics": {"held_out": LISTED["held_out"], "seconds": 95.2, "log": [{"epoch": 1, "loss": 6.1}]},
    "config": {"epochs": 20},
    "data_snapshot": {"ratings": 100000, "users": 943, "movies": 1682},
}


@extend_schema_serializer(examples=[OpenApiExample("The live version", LISTED, response_only=True)])
class ModelVersionSerializer(serializers.ModelSerializer):
    live = serializers.SerializerMethodField(
        help_text="Whether it is the one that is served; `null` while the vector index does not answer."
    )
    held_out = serializers.SerializerMethodField(
        help_text="nDCG@10 on ratings held out from its training, beside popularity's and the live version's;"
        " `differences` to both with bootstrap intervals."
    )
    gate = serializers.DictField(
        help_text="What the gate said when it was last promoted, and who overruled it."
    )

    class Meta:
        model = ModelVersion
        fields = ["number", "live", "created_at", "promoted_at", "checksum", "seed", "is_protected"]
        fields += ["removed_at", "held_out", "gate"]
        read_only_fields = fields

    def get_live(self, version: ModelVersion) -> bool | None:
        live: int | None = self.context["live"]
        return None if live is None else version.number == live

    def get_held_out(self, version: ModelVersion) -> dict[str, Any]:
        return version.metrics.get("held_out", {})


@extend_schema_serializer(examples=[OpenApiExample("A version", WHOLE, response_only=True)])
class ModelVersionDetailSerializer(ModelVersionSerializer):
    metrics = serializers.DictField(help_text="All metrics, with the loss and nDCG of each epoch in `log`.")
    config = serializers.DictField()
    data_snapshot = serializers.DictField(help_text="What it was trained on.")

    class Meta(ModelVersionSerializer.Meta):
        fields = [*ModelVersionSerializer.Meta.fields, "metrics", "config", "data_snapshot"]
        read_only_fields = fields


@extend_schema_serializer(
    examples=[
        OpenApiExample("Through the gate", {}, request_only=True),
        OpenApiExample(
            "Overruling it", {"force": True, "reason": "The test users were too few."}, request_only=True
        ),
    ]
)
class PromotionSerializer(JsonBody):
    force = serializers.BooleanField(default=False, help_text="Overrule the gate; then say why in `reason`.")
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["force"] and not attrs["reason"].strip():
            message = _("Say why the gate is overruled.")
            raise serializers.ValidationError({"reason": message}, code="required")
        return attrs


@extend_schema_serializer(
    examples=[
        OpenApiExample("Protect it", {"is_protected": True}, request_only=True),
        OpenApiExample("No longer", {"is_protected": False}, request_only=True),
    ]
)
class ProtectionSerializer(JsonBody):
    is_protected = serializers.BooleanField(
        help_text="Whether it is kept however many newer versions there are."
    )


class ModelVersions(generics.GenericAPIView, OperatorView):
    serializer_class: type[ModelVersionSerializer] = ModelVersionDetailSerializer
    queryset = ModelVersion.objects.order_by("-number")
    lookup_field = "number"
    filter_backends = ()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "live": _live_number()}

    def told(self, version: ModelVersion) -> Response:
        version.refresh_from_db()
        return Response(self.get_serializer(version).data)


class ModelVersionList(ModelVersions, generics.ListAPIView):
    """Model versions, newest first. For operators."""

    serializer_class = ModelVersionSerializer
    pagination_class = NumberedPages


class ModelVersionDetail(ModelVersions, generics.RetrieveAPIView):
    """One model version with its metrics, configuration and what it was trained on. For operators."""

    @extend_schema(request=ProtectionSerializer, responses=ModelVersionDetailSerializer)
    def patch(self, request: Request, number: int) -> Response:
        """Protect a version from being removed as an old one, or no longer. For operators.

        What was removed already (`removed_at`) does not come back by it.
        """
        version: ModelVersion = self.get_object()
        body = ProtectionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data["is_protected"]
        if ModelVersion.objects.filter(pk=version.pk, is_protected=not wanted).update(is_protected=wanted):
            note_in_history(
                request, [version], f"{'protected' if wanted else 'no longer protected'} over the API"
            )
        return self.told(version)


class ModelVersionPromotion(ModelVersions):
    @extend_schema(
        request=PromotionSerializer,
        responses={200: ModelVersionDetailSerializer, 409: Error409ResponseSerializer},
    )
    def post(self, request: Request, number: int) -> Response:
        """Make a version live. For operators.

        It passes the gate first: 409 `refused` unless it beats popularity and keeps up with the live
        version; `force` with a `reason` overrules that, which is recorded. Its index is built if it has
        none, which takes a while; `POST index/jobs/` has it done by a worker instead.
        """
        version: ModelVersion = self.get_object()
        body = PromotionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        force, reason = body.validated_data["force"], body.validated_data["reason"]
        with refusals_told():
            promotion.promote(
                version,
                force=force,
                overruled_by=operator(request).get_username(),
                overrule_reason=reason,
            )
        note_in_history(request, [version], f"made live over the API{': ' + reason if force else ''}")
        return self.told(version)


class Rollback(ModelVersions):
    queryset = ModelVersion.objects.all()

    @extend_schema(
        operation_id="model_versions_rollback",
        request=None,
        responses={200: ModelVersionDetailSerializer, 409: Error409ResponseSerializer},
    )
    def post(self, request: Request) -> Response:
        """Go back to the version that was live before; 409 `refused` if there is none. For operators."""
        with refusals_told():
            version = promotion.roll_back()
        note_in_history(request, [version], "made live again over the API")
        return self.told(version)


def _live_number() -> int | None:
    """The version that is served, 0 for none; None while Milvus does not tell."""
    try:
        live = vector_index.live_collection()
    except (VectorIndexUnavailable, VectorIndexInvalid):
        return None
    return live.version if live else 0
