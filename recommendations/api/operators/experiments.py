"""Experiments over HTTP: list, start, change the share, stop, promote the challenger."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.history import note_in_history
from catalog.api.pagination import NumberedPages
from movierec.api_schema import Error409ResponseSerializer
from movierec.api_types import JsonBody
from recommendations.api.operators.access import OperatorView, operator, refusals_told
from recommendations.api.operators.model_versions import PromotionSerializer
from recommendations.experiments import lifecycle
from recommendations.experiments.assignment import arm_of
from recommendations.experiments.ending import stop
from recommendations.experiments.lifecycle import ExperimentRefused, check_share
from recommendations.experiments.models import Arm, Experiment
from recommendations.experiments.report import report
from recommendations.models import ModelVersion

LISTED = {
    "id": 4,
    "control": 3,
    "challenger": 5,
    "mode": "ab",
    "share": 10.0,
    "share_since": "2026-11-24T08:00:00Z",
    "state": "running",
    "started_by": "operator",
    "created_at": "2026-11-24T07:59:00Z",
    "started_at": "2026-11-24T08:00:00Z",
    "stopped_by": "",
    "stopped_at": None,
    "reason": "",
}
RATE = {"value": 0.21, "low": 0.19, "high": 0.23}
WHOLE = LISTED | {
    "your_arm": "control",
    "figures": {
        "arms": {
            "control": {
                "people": 900,
                "lists": 4100,
                "other_model": 0,
                "ratings": 800,
                "metrics": {"rating_rate": RATE},
            },
            "challenger": {
                "people": 101,
                "lists": 440,
                "other_model": 2,
                "ratings": 90,
                "metrics": {"rating_rate": RATE},
            },
        },
        "differences": {"rating_rate": {"value": 0.0, "low": -0.05, "high": 0.05}},
        "sample_ratio": {"expected": 0.1, "found": 0.1009, "p_value": 0.92, "is_suspicious": False},
    },
}


@extend_schema_serializer(examples=[OpenApiExample("One that runs", LISTED, response_only=True)])
class ExperimentSerializer(serializers.ModelSerializer):
    mode = serializers.ChoiceField(choices=Experiment.Mode.choices)
    state = serializers.ChoiceField(choices=Experiment.State.choices, help_text="The last three are final.")
    share = serializers.FloatField(help_text="Percent of the people, in shadow mode of the lists.")

    class Meta:
        model = Experiment
        fields = list(LISTED)
        read_only_fields = fields


@extend_schema_serializer(examples=[OpenApiExample("One that runs", WHOLE, response_only=True)])
class ExperimentDetailSerializer(ExperimentSerializer):
    your_arm = serializers.SerializerMethodField(help_text="Where you are yourself.")
    figures = serializers.SerializerMethodField(
        help_text="What it has shown since its share was last set; empty before it runs. Estimates come with "
        "their 95 % intervals; `people_needed` in each arm would show a change of a tenth."
    )

    class Meta(ExperimentSerializer.Meta):
        fields = list(WHOLE)
        read_only_fields = fields

    def get_your_arm(self, experiment: Experiment) -> str:
        if experiment.mode == Experiment.Mode.SHADOW:
            return Arm.CONTROL.value
        user_id = self.context["request"].user.pk
        return arm_of(experiment.pk, user_id, share=experiment.share_of_one).value

    def get_figures(self, experiment: Experiment) -> dict[str, Any]:
        return report(experiment)


class ShareField(serializers.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        bounds = {"min_value": lifecycle.LEAST_SHARE, "max_value": Decimal(100)}
        super().__init__(max_digits=5, decimal_places=2, coerce_to_string=False, **bounds | kwargs)


@extend_schema_serializer(
    examples=[
        OpenApiExample("A tenth of the people", {"challenger": 5, "share": 10}, request_only=True),
        OpenApiExample("In the shadow", {"challenger": 5, "share": 25, "mode": "shadow"}, request_only=True),
    ]
)
class NewExperimentSerializer(JsonBody):
    challenger = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="Number of a model version."
    )
    share = ShareField(help_text="Percent; in A/B mode below 100.")
    mode = serializers.ChoiceField(choices=Experiment.Mode.choices, default=Experiment.Mode.AB.value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            check_share(attrs["mode"], attrs["share"])
        except ExperimentRefused as error:
            raise serializers.ValidationError({"share": str(error)}, code="invalid") from error
        version = ModelVersion.objects.stored().filter(number=attrs["challenger"]).first()
        if version is None:
            message = _("There is no such version.")
            raise serializers.ValidationError({"challenger": message}, code="does_not_exist")
        return attrs | {"challenger": version}


@extend_schema_serializer(examples=[OpenApiExample("Half", {"share": 50}, request_only=True)])
class NewShareSerializer(JsonBody):
    share = ShareField()


@extend_schema_serializer(
    examples=[OpenApiExample("With a reason", {"reason": "Fewer lists lead to a rating."}, request_only=True)]
)
class StopSerializer(JsonBody):
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class Experiments(generics.GenericAPIView, OperatorView):
    serializer_class: type[ExperimentSerializer] = ExperimentDetailSerializer
    queryset = Experiment.objects.order_by("-pk")
    lookup_url_kwarg = "experiment_id"
    filter_backends = ()

    def told(self, experiment: Experiment, code: int = status.HTTP_200_OK) -> Response:
        experiment.refresh_from_db()
        serializer = ExperimentDetailSerializer(experiment, context=self.get_serializer_context())
        return Response(serializer.data, status=code)


CHANGED = {200: ExperimentDetailSerializer, 409: Error409ResponseSerializer}


class ExperimentList(Experiments, generics.ListAPIView):
    """Experiments, newest first. For operators."""

    serializer_class = ExperimentSerializer
    pagination_class = NumberedPages

    @extend_schema(
        request=NewExperimentSerializer,
        responses={201: ExperimentDetailSerializer, 409: Error409ResponseSerializer},
    )
    def post(self, request: Request) -> Response:
        """Compare the live version with a challenger. For operators.

        It is `preparing` until a worker has built and verified the challenger's index, then `running`, or
        `failed` with a reason. One at a time: 409 `refused` while another one is active.
        """
        body = NewExperimentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        name = operator(request).get_username()
        with refusals_told():
            experiment = lifecycle.start_experiment(started_by=name, **body.validated_data)
        note_in_history(request, [experiment], "started over the API")
        return self.told(experiment, status.HTTP_201_CREATED)


class ExperimentDetail(Experiments, generics.RetrieveAPIView):
    """One experiment with its figures. For operators."""

    @extend_schema(request=NewShareSerializer, responses=CHANGED)
    def patch(self, request: Request, experiment_id: int) -> Response:
        """Change the share; figures are counted anew from here. For operators.

        A larger share moves people to the challenger only. 409 `ended` unless it is running.
        """
        experiment: Experiment = self.get_object()
        body = NewShareSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        share, name = body.validated_data["share"], operator(request).get_username()
        with refusals_told():
            lifecycle.change_share(experiment, share, changed_by=name)
        note_in_history(request, [experiment], f"share {share} percent over the API")
        return self.told(experiment)


class ExperimentStop(Experiments):
    @extend_schema(operation_id="experiments_stop", request=StopSerializer, responses=CHANGED)
    def post(self, request: Request, experiment_id: int) -> Response:
        """Stop it: control serves everybody within seconds. 409 `ended` if it has. For operators."""
        experiment: Experiment = self.get_object()
        body = StopSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        reason = body.validated_data["reason"]
        with refusals_told():
            stop(experiment, stopped_by=operator(request).get_username(), reason=reason)
        note_in_history(request, [experiment], f"stopped over the API: {reason}")
        return self.told(experiment)


class ExperimentPromotion(Experiments):
    @extend_schema(operation_id="experiments_promote", request=PromotionSerializer, responses=CHANGED)
    def post(self, request: Request, experiment_id: int) -> Response:
        """Make the challenger live, which ends the experiment. For operators.

        Through the gate, as any promotion: 409 `refused`, and it goes on; `force` with a `reason` overrules.
        """
        experiment: Experiment = self.get_object()
        body = PromotionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        force, reason = body.validated_data["force"], body.validated_data["reason"]
        name = operator(request).get_username()
        with refusals_told():
            lifecycle.promote_challenger(experiment, force=force, promoted_by=name, reason=reason)
        note_in_history(request, [experiment], _("challenger promoted over the API: %s") % reason)
        return self.told(experiment)
