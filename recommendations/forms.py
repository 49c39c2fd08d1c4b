"""The filters of the personal list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms import YearsMixin
from recommendations.serving import ListRequest

STEP, MOST = 20, 100  # movies added by "show more", and the longest list


class ListForm(YearsMixin):
    diversity = forms.IntegerField(label=_("Variety"), min_value=0, max_value=100, required=False)
    limit = forms.IntegerField(min_value=1, max_value=MOST, required=False)

    def list_request(self) -> ListRequest:
        filled = self.filled()
        return ListRequest(
            limit=filled.get("limit", STEP),
            genre=filled.get("genre"),
            year_min=filled.get("year_min"),
            year_max=filled.get("year_max"),
            diversity=filled.get("diversity", 0) / 100,
        )
