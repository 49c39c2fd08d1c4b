"""Training plans: when trainings start by themselves."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from recommendations.models import TrainingPlan
from recommendations.two_tower.config import ConfigInvalid, TwoTowerConfig


class TrainingPlanForm(forms.ModelForm):
    def clean_config(self) -> dict[str, Any]:
        config = self.cleaned_data["config"] or {}
        try:
            TwoTowerConfig.from_dict(config)
        except (ConfigInvalid, TypeError, ValueError) as error:
            raise forms.ValidationError(str(error)) from error
        return config

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("at") is None and not cleaned.get("after_ratings"):
            raise forms.ValidationError(_("Name a time of day, a number of new ratings, or both."))
        return cleaned


@admin.register(TrainingPlan)
class TrainingPlanAdmin(admin.ModelAdmin):
    form = TrainingPlanForm
    list_display = (
        "name",
        "is_active",
        "at",
        "every_days",
        "after_ratings",
        "promote",
        "warm_start",
        "last_started_at",
    )
    list_filter = ("is_active",)
    readonly_fields = ("last_started_at",)
