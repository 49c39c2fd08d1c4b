"""Jobs over HTTP: start a training or work on the index, ask how far it is, cancel it."""

from typing import Any

from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.examples import answer
from catalog.api.history import note_in_history
from movierec.api_schema import Error409ResponseSerializer
from movierec.api_types import JsonBody
from movierec.broker import BrokerUnavailable
from movierec.converters import LARGEST_ID
from recommendations.api.operators.access import OperatorView, operator, refusals_told
from recommendations.index_jobs import cancel_job, start_index_job
from recommendations.models import IndexJob, ModelVersion, TrainingRun
from recommendations.promotion import version_to_rebuild
from recommendations.run_queue import create_run, stop_run
from recommendations.tasks import run_training
from recommendations.two_tower.config import ConfigInvalid
from recommendations.work_orders import order

LATEST = 50
STATES = [*IndexJob.State.values]

JOB = {
    "id": "training-12",
    "kind": "training",
    "state": "running",
    "progress": 0.35,
    "detail": {"epoch": 7, "epochs": 20, "loss": 5.12, "eta_seconds": 61.0},
    "error": "",
    "result": {"model_version": None},
    "started_by": "operator",
    "created_at": "2026-11-24T08:00:00Z",
    "started_at": "2026-11-24T08:00:01Z",
    "finished_at": None,
}


@extend_schema_serializer(examples=answer("A training under way", JOB))
class JobSerializer(serializers.Serializer):
    """Work of a worker. It survives restarts: what a process that died had begun, another one takes up."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=["training", *IndexJob.Kind.values])
    state = serializers.ChoiceField(choices=STATES, help_text="The last three are final.")
    progress = serializers.FloatField(help_text="From 0 to 1, an estimate.", min_value=0, max_value=1)
    detail = serializers.DictField(help_text="How far it is, in its own figures.")
    error = serializers.CharField(help_text="Why it failed, or why its version was not made live.")
    result = serializers.DictField(help_text="`model_version`; for the index, the differences found.")
    started_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


@extend_schema_serializer(examples=answer("One job", {"results": [JOB]}))
class JobListSerializer(serializers.Serializer):
    results = JobSerializer(many=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample("With the defaults", {"promote": True}, request_only=True),
        OpenApiExample("A short one", {"config": {"epochs": 3}, "seed": 7}, request_only=True),
    ]
)
class NewTrainingSerializer(JsonBody):
    config = serializers.DictField(default=dict, help_text="Hyperparameters that differ from the defaults.")
    seed = serializers.IntegerField(min_value=0, max_value=LARGEST_ID, required=False)
    promote = serializers.BooleanField(default=False, help_text="Make the version live if the gate agrees.")
    warm_start = serializers.BooleanField(
        default=False, help_text="Go on from the live version's weights, which takes a fraction of the time."
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample("Compare", {"kind": "compare"}, request_only=True),
        OpenApiExample("Rebuild", {"kind": "rebuild", "model_version": 3}, request_only=True),
    ]
)
class NewIndexJobSerializer(JsonBody):
    kind = serializers.ChoiceField(choices=IndexJob.Kind.values)
    model_version = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="Of a rebuild: the version to build and make live. Without it the live one.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        number = attrs.get("model_version")
        if number is not None and attrs["kind"] != IndexJob.Kind.REBUILD:
            raise serializers.ValidationError({"model_version": _("Only a rebuild names a version.")})
        if number is not None and not ModelVersion.objects.filter(number=number).exists():
            message = _("There is no such version.")
            raise serializers.ValidationError({"model_version": message}, code="does_not_exist")
        return attrs


ACCEPTED = {202: JobSerializer, 409: Error409ResponseSerializer}


class Trainings(OperatorView):
    @extend_schema(operation_id="trainings_create", request=NewTrainingSerializer, responses=ACCEPTED)
    def post(self, request: Request) -> Response:
        """Start a training; ask for the job in `Location` how far it is. For operators.

        One training at a time: 409 `busy` while another one is queued or running.
        """
        body = NewTrainingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        try:
            with refusals_told():
                run = create_run(
                    config=asked["config"],
                    seed=asked.get("seed"),
                    promote=asked["promote"],
                    warm_start=asked["warm_start"],
                    started_by=operator(request).get_username(),
                )
        except ConfigInvalid as error:
            message = ErrorDetail(str(error), code="config_invalid")
            raise serializers.ValidationError({"config": [message]}) from error
        note_in_history(request, [run], "started over the API", action=ADDITION)
        transaction.on_commit(lambda: _send(run))
        return _accepted(run)


class IndexJobs(OperatorView):
    @extend_schema(operation_id="index_jobs_create", request=NewIndexJobSerializer, responses=ACCEPTED)
    def post(self, request: Request) -> Response:
        """Compare the index with the catalogue, repair what differs, or rebuild it. For operators.

        A rebuild stands beside the live index, is verified, and only then goes live. One job at a time:
        409 `busy` while another one is queued or running.
        """
        body = NewIndexJobSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked, version = body.validated_data, None
        with refusals_told():
            if asked["kind"] == IndexJob.Kind.REBUILD:
                version = _version_to_build(asked.get("model_version"))
            username = operator(request).get_username()
            job = start_index_job(asked["kind"], version=version, started_by=username)
        note_in_history(request, [job], "started over the API", action=ADDITION)
        return _accepted(job)


class JobList(OperatorView):
    @extend_schema(operation_id="jobs_list", responses=JobListSerializer)
    def get(self, request: Request) -> Response:
        """The latest jobs of all kinds, newest first. For operators."""
        numbers = Prefetch("model_version", ModelVersion.objects.only("number"))
        jobs: list[TrainingRun | IndexJob] = [
            *TrainingRun.objects.prefetch_related(numbers).order_by("-pk")[:LATEST],
            *IndexJob.objects.order_by("-pk")[:LATEST],
        ]
        jobs.sort(key=lambda job: job.created_at, reverse=True)
        return Response({"results": [_told(job) for job in jobs[:LATEST]]})


JOB_ID = OpenApiParameter(
    "job_id", {"type": "string", "pattern": "^(training|index)-[1-9][0-9]{0,17}$"}, "path"
)


class JobDetail(OperatorView):
    @extend_schema(operation_id="jobs_retrieve", parameters=[JOB_ID], responses=JobSerializer)
    def get(self, request: Request, job_id: str) -> Response:
        """One job: its state, how far it is, its error or its result. For operators."""
        return Response(_told(_find(job_id)))

    @extend_schema(
        operation_id="jobs_cancel",
        parameters=[JOB_ID],
        responses={202: JobSerializer, 409: Error409ResponseSerializer},
    )
    def delete(self, request: Request, job_id: str) -> Response:
        """Cancel a job: at once while it waits, within seconds while it runs. For operators.

        What was live stays live. 409 `ended` if there is nothing left to cancel.
        """
        job = _find(job_id)
        with refusals_told():
            stop_run(job) if isinstance(job, TrainingRun) else cancel_job(job)
        job.refresh_from_db()
        note_in_history(request, [job], "cancelled over the API")
        return _accepted(job)


def _find(job_id: str) -> TrainingRun | IndexJob:
    kind, _dash, pk = job_id.partition("-")
    model: Any = {"training": TrainingRun, "index": IndexJob}.get(kind)
    job = model.objects.filter(pk=int(pk)).first() if model and pk.isdecimal() and len(pk) < 19 else None
    if job is None:
        raise Http404
    return job


def _version_to_build(number: int | None) -> ModelVersion:
    found = version_to_rebuild() if number is None else ModelVersion.objects.filter(number=number).first()
    if found is None:
        message = _("There is no model version yet.")
        raise serializers.ValidationError({"model_version": message}, code="does_not_exist")
    return found


def _send(run: TrainingRun) -> None:
    """Where the broker is away, the run waits: every minute a worker looks for such runs."""
    try:
        order(run_training, run.pk)
    except BrokerUnavailable:
        return


def _accepted(job: TrainingRun | IndexJob) -> Response:
    told = _told(job)
    location = reverse("api-job", args=[told["id"]])
    return Response(told, status=status.HTTP_202_ACCEPTED, headers={"Location": location})


def _told(job: TrainingRun | IndexJob) -> dict[str, Any]:
    own = _told_training(job) if isinstance(job, TrainingRun) else _told_index_job(job)
    if job.state == IndexJob.State.DONE:
        own["progress"] = 1.0
    common = ("state", "error", "started_by", "created_at", "started_at", "finished_at")
    return dict(JobSerializer(own | {name: getattr(job, name) for name in common}).data)


def _told_training(run: TrainingRun) -> dict[str, Any]:
    return {
        "id": f"training-{run.pk}",
        "kind": "training",
        "progress": _share(run.progress.get("step", 0), run.progress.get("steps", 0)),
        "detail": run.progress,
        "result": {"model_version": run.model_version.number if run.model_version else None},
    }


def _told_index_job(job: IndexJob) -> dict[str, Any]:
    return {
        "id": f"index-{job.pk}",
        "kind": job.kind,
        "progress": _share(job.done, job.total),
        "detail": {"done": job.done, "total": job.total},
        "result": {"model_version": job.model_version} | job.findings,
    }


def _share(done: float, total: float) -> float:
    return min(done / total, 1.0) if total else 0.0
