"""Experiments: start, watch, change the share, stop, promote the challenger."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from recommendations.admin.base import ReadOnlyAdmin
from recommendations.experiments import ending, lifecycle
from recommendations.experiments.assignment import arm_of, bucket_of
from recommendations.experiments.lifecycle import ExperimentRefused, check_share, start_experiment
from recommendations.experiments.models import Experiment
from recommendations.models import ModelVersion
from recommendations.panel.experiment import figures
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

LONGEST_REASON = 500


class ExperimentForm(forms.ModelForm):
    challenger = forms.ModelChoiceField(
        label=_("Challenger"),
        queryset=ModelVersion.objects.none(),
        to_field_name="number",
        help_text=_("Control is the version that is live."),
    )

    class Meta:
        model = Experiment
        fields = ("challenger", "mode", "share")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["challenger"].queryset = ModelVersion.objects.stored()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "share" in cleaned and "mode" in cleaned:
            try:
                check_share(cleaned["mode"], cleaned["share"])
            except ExperimentRefused as error:
                self.add_error("share", str(error))
        return cleaned

    def _post_clean(self) -> None:
        """The row is written by the service, from what is cleaned."""


@admin.register(Experiment)
class ExperimentAdmin(ReadOnlyAdmin):
    change_form_template = "admin/panel/experiment.html"
    buttons = ("change_share", "stop", "promote")
    list_display = ("id", "control", "challenger", "mode_name", "share", "state", "started_at", "stopped_at")
    list_filter = ("state", "mode")
    fields = (
        "control",
        "challenger",
        "mode",
        "state",
        "reason",
        "collection",
        "started_by",
        "created_at",
        "started_at",
        "stopped_by",
        "stopped_at",
    )

    @admin.display(description=_("mode"), ordering="mode")
    def mode_name(self, experiment: Experiment) -> str:
        """What its label says before it explains."""
        return experiment.get_mode_display().partition(":")[0]

    def may_operate(self, request: HttpRequest) -> bool:
        """Experiments change what people are served: as promotions do."""
        return request.user.has_perm("recommendations.change_modelversion")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_operate(request) or request.user.has_perm("recommendations.view_modelversion")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_operate(request)

    def get_fields(self, request: HttpRequest, obj: Experiment | None = None) -> Any:
        return self.fields if obj else ExperimentForm.Meta.fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs | ({} if change else {"form": ExperimentForm}))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        try:
            return super().add_view(request, form_url, extra_context)
        except (ExperimentRefused, VectorIndexInvalid, VectorIndexUnavailable) as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:
        asked = form.cleaned_data
        started = start_experiment(
            asked["challenger"],
            share=asked["share"],
            mode=asked["mode"],
            started_by=request.user.get_username(),
        )
        obj.pk, obj.control, obj.challenger = started.pk, started.control, started.challenger

    def response_add(self, request: HttpRequest, obj: Experiment, post_url_continue: Any = None) -> Any:
        self.message_user(request, _("A worker prepares the challenger's index."), messages.SUCCESS)
        return HttpResponseRedirect(self.url_of(obj))

    def get_urls(self) -> list[URLPattern]:
        live = self.admin_site.admin_view(self.live)
        return [path("<int:pk>/live/", live, name=self._url_name("live")), *super().get_urls()]

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asked for by the page every two seconds until the index is prepared; then it loads anew."""
        experiment = get_object_or_404(Experiment, pk=pk)
        if not self.has_view_permission(request, experiment):
            raise PermissionDenied
        answer = render(request, "admin/panel/_experiment_state.html", {"experiment": experiment})
        if experiment.state != Experiment.State.PREPARING:
            answer["HX-Refresh"] = "true"
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        experiment = self.get_object(request, object_id)
        context: dict[str, Any] = {
            "may_operate": self.may_operate(request),
            "longest_reason": LONGEST_REASON,
        }
        own = request.user.pk
        if experiment and own is not None:
            context |= {
                "experiment": experiment,
                "figures": figures(experiment),
                "own_bucket": bucket_of(experiment.pk, own),
                "own_arm": arm_of(experiment.pk, own, share=experiment.share_of_one),
            }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def change_share(self, request: HttpRequest, experiment: Experiment) -> None:
        try:
            share = Decimal(request.POST.get("share", "")).quantize(Decimal("0.01"))
        except InvalidOperation:
            self.message_user(request, _("The share is a number."), messages.ERROR)
            return
        lifecycle.change_share(experiment, share, changed_by=request.user.get_username())
        self.log_change(request, experiment, f"share {share} percent")
        self.message_user(request, _("The share is changed; figures are counted anew."), messages.SUCCESS)

    def stop(self, request: HttpRequest, experiment: Experiment) -> None:
        reason = _reason(request)
        ending.stop(experiment, stopped_by=request.user.get_username(), reason=reason)
        self.log_change(request, experiment, f"stopped: {reason}")
        self.message_user(
            request, _("The experiment is stopped; control serves everybody."), messages.SUCCESS
        )

    def promote(self, request: HttpRequest, experiment: Experiment) -> None:
        """Through the gate; to overrule it takes a reason."""
        reason, force = _reason(request), "force" in request.POST
        if force and not reason:
            self.message_user(request, _("Say why the gate is overruled."), messages.ERROR)
            return
        name = request.user.get_username()
        lifecycle.promote_challenger(experiment, force=force, promoted_by=name, reason=reason)
        self.log_change(request, experiment, f"challenger promoted: {reason}")
        self.message_user(request, _("The challenger is live."), messages.SUCCESS)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:LONGEST_REASON]
