"""Training runs: start, watch, stop, resume."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.admin.base import ReadOnlyAdmin, table
from recommendations.models import TrainingRun
from recommendations.panel.charts import line_chart
from recommendations.run_queue import create_run, resume_run, stop_run
from recommendations.tasks import run_training
from recommendations.two_tower.config import ConfigInvalid, TwoTowerConfig


class TrainingForm(forms.ModelForm):
    config = forms.JSONField(
        label=_("Configuration"),
        required=False,
        initial=dict,
        help_text=_("Hyperparameters that differ from the default, as JSON."),
    )
    seed = forms.IntegerField(
        label=_("Seed"), required=False, min_value=0, max_value=2**63 - 1, help_text=_("Empty for any.")
    )

    class Meta:
        model = TrainingRun
        fields = ("config", "seed", "warm_start", "promote")

    def clean_config(self) -> dict[str, Any]:
        config = self.cleaned_data["config"] or {}
        if not isinstance(config, dict):
            raise forms.ValidationError(_("Not a JSON object."))
        try:
            TwoTowerConfig.from_dict(config)
        except ConfigInvalid as error:
            raise forms.ValidationError(str(error)) from error
        return config

    def clean(self) -> dict[str, Any]:
        if active := TrainingRun.objects.active().first():
            raise forms.ValidationError(_("%(run)s, comes first."), params={"run": active})
        return super().clean() or self.cleaned_data


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    change_form_template = "admin/panel/training_run.html"
    buttons = ("stop", "resume")
    list_display = (
        "id",
        "state",
        "progress_text",
        "created_at",
        "finished_at",
        "started_by",
        "version_link",
        "error_line",
    )
    list_filter = ("state",)
    list_select_related = ("model_version",)
    fields = (
        "state",
        "error",
        "attempts",
        "started_by",
        "created_at",
        "started_at",
        "heartbeat_at",
        "finished_at",
        "version_link",
        "promote",
        "warm_start",
        "base_version",
        "seed",
        "config_table",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("recommendations.add_trainingrun")

    def get_fields(self, request: HttpRequest, obj: TrainingRun | None = None) -> Any:
        return self.fields if obj else TrainingForm.Meta.fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs | ({} if change else {"form": TrainingForm}))

    def save_model(self, request: HttpRequest, obj: TrainingRun, form: Any, change: bool) -> None:
        run = create_run(
            config=form.cleaned_data["config"],
            seed=form.cleaned_data["seed"],
            promote=form.cleaned_data["promote"],
            warm_start=form.cleaned_data["warm_start"],
            started_by=request.user.get_username(),
        )
        obj.pk, obj.seed = run.pk, run.seed

    def response_add(self, request: HttpRequest, obj: TrainingRun, post_url_continue: Any = None) -> Any:
        """A worker is told when the run is stored for it to find, still before the response is sent."""
        done = gettext("The training is queued.")
        transaction.on_commit(lambda: self.order(request, run_training, obj.pk, done=done))
        return HttpResponseRedirect(self.url_of(obj))

    def get_urls(self) -> list[URLPattern]:
        live = self.admin_site.admin_view(self.live)
        return [path("<int:pk>/live/", live, name=self._url_name("live")), *super().get_urls()]

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What changes while a run trains, asked for by its page every two seconds."""
        run = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, run):
            return HttpResponse(status=403)
        return render(request, "admin/panel/_run.html", run_context(run))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        context = run_context(run) if run else {}
        context["may_operate"] = self.may_operate(request)
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def stop(self, request: HttpRequest, run: TrainingRun) -> None:
        stop_run(run)
        self.log_change(request, run, "stopped")
        self.message_user(request, _("The training stops within seconds."), messages.SUCCESS)

    def resume(self, request: HttpRequest, run: TrainingRun) -> None:
        resume_run(run)
        self.log_change(request, run, "resumed")
        self.order(request, run_training, run.pk, done=gettext("The training goes on from its checkpoint."))

    @admin.display(description=_("progress"))
    def progress_text(self, run: TrainingRun) -> str:
        return progress_text(run)

    @admin.display(description=_("model version"))
    def version_link(self, run: TrainingRun) -> str | SafeString:
        if run.model_version is None:
            return "–"
        url = reverse("admin:recommendations_modelversion_change", args=[run.model_version.pk])
        return format_html('<a href="{}">{}</a>', url, run.model_version)

    @admin.display(description=_("error"))
    def error_line(self, run: TrainingRun) -> str:
        return run.error.partition("\n")[0][:120]

    @admin.display(description=_("configuration"))
    def config_table(self, run: TrainingRun) -> SafeString:
        return table(run.config)


def progress_text(run: TrainingRun) -> str:
    shown = {name: run.progress.get(name) for name in ("epoch", "epochs", "loss")}
    if shown["epoch"] is None:
        return "–"
    text = _("epoch %(epoch)s of %(epochs)s") % shown
    return text if shown["loss"] is None else f"{text}, " + _("loss %(loss).4f") % shown


def run_context(run: TrainingRun) -> dict[str, Any]:
    """What the page of a run shows beside its fields."""
    losses = {"": [(step, loss) for step, loss, _metric in run.curve]}
    metrics = {"": [(step, metric) for step, _loss, metric in run.curve if metric is not None]}
    left = run.progress.get("eta_seconds")
    return {
        "run": run,
        "progress_text": progress_text(run),
        "time_left": None if left is None else timedelta(seconds=round(left)),
        "loss_chart": line_chart(str(_("Training loss by step")), losses),
        "metric_chart": line_chart(str(_("nDCG@10 on held-out ratings by step")), metrics),
    }
